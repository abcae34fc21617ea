// CHECK stays on in production: a broken invariant is a bug, and a bug stops the process (clients
// resume). Input from outside never reaches a CHECK; it gets a Result.
#pragma once

namespace conclave {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace conclave

#define CHECK(condition) \
    (static_cast<bool>(condition) ? void(0) : ::conclave::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(condition) (void)sizeof(condition)
#else
#define DCHECK(condition) CHECK(condition)
#endif

// Owners of what OpenSSL gives away: std::unique_ptr<X, FreeWith<X_free>>.
#pragma once

namespace conclave::crypto {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};

}  // namespace conclave::crypto

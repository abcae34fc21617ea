// Result<T, E>: a value or an error, for code compiled without exceptions. Named as std::expected
// (C++23) so that it can become an alias of it. TRY(expr) unwraps or returns the error.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace conclave {

// The default error: what was wrong, in words for a log or an API answer. `what` names no personal
// data.
struct Error {
    std::string what;
};

template <class E>
struct Unexpected {
    E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

inline Unexpected<Error> failure(std::string what) {
    return Unexpected<Error>{Error{std::move(what)}};
}

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
    using value_type = T;
    using error_type = E;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
    template <class G>
    requires std::is_convertible_v<G, E> Result(Unexpected<G> unexpected)  // NOLINT: implicit by design
        : state_(std::in_place_index<1>, std::move(unexpected.error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        CHECK(has_value());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        CHECK(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const E& error() const {
        CHECK(!has_value());
        return *std::get_if<1>(&state_);
    }
    T value_or(T other) const { return has_value() ? value() : std::move(other); }

 private:
    std::variant<T, E> state_;
};

// For operations that have no value: `Status s = ...; if (!s) ... s.error()`.
using Ok = std::monostate;
template <class E = Error>
using StatusOf = Result<Ok, E>;
using Status = Result<Ok, Error>;

}  // namespace conclave

#define TRY(expression)                                                                \
    __extension__({                                                                    \
        auto&& try_result = (expression);                                              \
        if (!try_result) return ::conclave::Unexpected{std::move(try_result).error()}; \
        std::move(try_result).value();                                                 \
    })

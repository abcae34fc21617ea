// People who sign in, and what kinds of participant there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::account {

enum class Role : uint8_t {
    Administrator,
    Agent,
};

struct Account {
    std::string id;    // opaque
    std::string name;  // as clean_line() leaves it
    Role role = Role::Agent;
    std::string email = {};  // as clean_email() leaves it, unique; empty: none
};

// What others see of how somebody came in: participant attribute `conclave.kind`.
enum class Kind : uint8_t {
    Guest,  // typed a name; nobody vouches for it
    Agent,  // signed in; the name is the account's
};

inline constexpr std::string_view kKindAttribute = "conclave.kind";
// Of random_id(): 93 bits.
inline constexpr size_t kIdSize = 16;

// As long as the longest names that are printed on badges; a tile shows no more.
inline constexpr size_t kNameCharactersMax = 80;

constexpr std::string_view text_of(Role role) {
    return role == Role::Administrator ? "administrator" : "agent";
}
constexpr std::string_view text_of(Kind kind) {
    return kind == Kind::Guest ? "guest" : "agent";
}
constexpr std::optional<Role> parse_role(std::string_view text) {
    if (text == text_of(Role::Administrator)) return Role::Administrator;
    if (text == text_of(Role::Agent)) return Role::Agent;
    return std::nullopt;
}

}  // namespace conclave::account

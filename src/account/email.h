// E-mail addresses, as far as accounts have them: the ASCII dot-atoms that organisations hand out
// (RFC 5322 3.4.1 without quoting, comments and literals; RFC 5321 4.5.3.1 for the sizes).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conclave::account {

inline constexpr size_t kEmailBytesMax = 254;

// Without white space around it and in lower case throughout: no mail system that hands out addresses tells
// ada@ from Ada@, whatever RFC 5321 2.4 allows. Nothing when it is no such address.
std::optional<std::string> clean_email(std::string_view text);

// A domain as it stands in an address, in lower case; at least two labels.
std::optional<std::string> clean_domain(std::string_view text);

// Whether the clean address is of one of these clean domains itself, not of a domain under it.
bool is_of_domain(std::string_view email, const std::vector<std::string>& domains);

// "jean-paul.martin@..." -> "Jean-Paul Martin", for whom no better name is known.
std::string name_of_email(std::string_view email);

}  // namespace conclave::account

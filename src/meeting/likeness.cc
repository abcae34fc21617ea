#include "meeting/likeness.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace conclave::meeting {
namespace {

// One space where there are several: a page shows them as one.
std::string with_single_spaces(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

// "Anna (2)" is what the second Anna is called on every page.
std::string_view without_number(std::string_view name) {
    if (!name.ends_with(')')) return name;
    const size_t last = name.find_last_not_of("0123456789", name.size() - 2);
    if (last == std::string_view::npos || last + 2 >= name.size() || name[last] != '(') return name;
    name = name.substr(0, last);
    while (name.ends_with(' ')) name.remove_suffix(1);
    return name;
}

}  // namespace

std::string likeness(std::string_view name) {
    // UAX #15 form KC, with case folded and what is default ignorable left out (UTS #39 asks for the same).
    constexpr auto kOptions =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                       UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_LUMP);
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                               static_cast<utf8proc_ssize_t>(name.size()), &mapped, kOptions);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (size < 0) return std::string(name);
    const std::string line =
        with_single_spaces({reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)});
    std::string_view rest = line;
    for (std::string_view shorter = without_number(rest); shorter != rest && !shorter.empty();
         shorter = without_number(rest)) {
        rest = shorter;
    }
    return std::string(rest);
}

}  // namespace conclave::meeting

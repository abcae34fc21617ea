// Whether two names can be taken for one another.
#pragma once

#include <string>
#include <string_view>

namespace conclave::meeting {

// The same for names that look the same but for the case of their letters: composed or not, with joiners and
// other characters that show nothing, of another width or style, with other spaces or dashes, and with the
// number in brackets by which namesakes are told apart. Letters of different scripts stay different. For
// comparing, not to be shown. `name` as clean_line() leaves it.
std::string likeness(std::string_view name);

}  // namespace conclave::meeting

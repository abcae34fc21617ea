// Whatever comes in: a line that was accepted is UTF-8, short enough, and accepted again unchanged.
#include "base/check.h"
#include "base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kCharactersMax = 80;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = conclave::clean_line(text, kCharactersMax);
    if (!line) return 0;
    CHECK(conclave::is_utf8(text));
    CHECK(!line->empty() && line->size() <= kCharactersMax * 4);
    const auto again = conclave::clean_line(*line, kCharactersMax);
    CHECK(again && *again == *line);
    return 0;
}

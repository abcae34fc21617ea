#include "base/base64.h"

#include <array>

namespace conclave {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(ByteView bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t count = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = static_cast<uint32_t>(bytes[i]) << 16;
        if (count > 1) group |= static_cast<uint32_t>(bytes[i + 1]) << 8;
        if (count > 2) group |= bytes[i + 2];
        for (size_t k = 0; k <= count; ++k) out += alphabet[group >> (18 - 6 * k) & 63];
        if (pad) out.append(3 - count, '=');
    }
    return out;
}

constexpr std::array<int8_t, 256> reverse(std::string_view alphabet) {
    std::array<int8_t, 256> table{};
    table.fill(-1);
    for (size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<uint8_t>(alphabet[i])] = static_cast<int8_t>(i);
    return table;
}

std::optional<std::vector<uint8_t>> decode(std::string_view text, const std::array<int8_t, 256>& table) {
    if (text.size() % 4 == 0) {
        for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
    }
    if (text.size() % 4 == 1) return std::nullopt;
    std::vector<uint8_t> out;
    out.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int8_t value = table[static_cast<uint8_t>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<uint8_t>(bits >> count));
        }
    }
    if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return out;
}

}  // namespace

std::string base64_encode(ByteView bytes) {
    return encode(bytes, kStandard, true);
}
std::string base64url_encode(ByteView bytes) {
    return encode(bytes, kUrl, false);
}

std::optional<std::vector<uint8_t>> base64_decode(std::string_view text) {
    static constexpr auto kTable = reverse(kStandard);
    return decode(text, kTable);
}

std::optional<std::vector<uint8_t>> base64url_decode(std::string_view text) {
    static constexpr auto kTable = reverse(kUrl);
    return decode(text, kTable);
}

}  // namespace conclave

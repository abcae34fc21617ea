// What a stranger's request line and fields pass through before anybody has authenticated: the first byte
// chooses.
#include "net/forwarded.h"
#include "net/http_rules.h"

namespace conclave::net {
namespace {

void check_path(std::string_view target) {
    const auto path = normalize_path(target);
    if (!path) return;
    CHECK(path->front() == '/' && (path->size() == 1 || (*path)[1] != '/'));
    CHECK((*path + "/").find("/../") == std::string::npos);
    CHECK((*path + "/").find("/./") == std::string::npos);
    for (const char c : *path) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != '\\');
}

void check_query(std::string_view text) {
    const Query query = Query::parse(text);
    size_t pairs = 0, bytes = 0;
    for (const auto& [name, value] : query) {
        ++pairs;
        bytes += name.size() + value.size();
        CHECK(query.has(name));
    }
    CHECK(pairs <= Query::kPairsMax && bytes <= text.size());
}

// "name: value" lines, without a parser's strictness.
Headers fields_of(std::string_view text) {
    Headers headers;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const size_t colon = std::min(line.find(':'), line.size());
        headers.add(std::string(line.substr(0, colon)),
                    std::string(line.substr(std::min(colon + 1, line.size()))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return headers;
}

void check_rules(std::string_view text) {
    const Headers headers = fields_of(text);
    for (const bool is_chunked : {false, true}) {
        const RequestLine line{"/", 11, is_chunked, headers.has("Content-Length")};
        if (judge_request({}, line, headers) != 0) continue;
        // What is let through has one meaning (RFC 9112 6.3).
        CHECK(!(headers.has("Transfer-Encoding") && headers.has("Content-Length")));
        CHECK(headers.count("Content-Length") <= 1 && headers.count("Host") == 1);
        if (asks_for_websocket("GET", 11, headers)) (void)judge_upgrade(line, headers);
    }
    const IpPrefix everyone{{}, 0};
    (void)resolve_client({&everyone, 1}, SocketAddress::v4(127, 0, 0, 1, 1), headers);
    // Fields of a response cannot add lines: three of ours, one each at most, and the empty one.
    const std::string head = response_head({200, headers, {}}, 0, false);
    size_t lines = 0, fields = 0;
    for (size_t at = 0; (at = head.find("\r\n", at)) != std::string::npos; at += 2) ++lines;
    for (auto i = headers.begin(); i != headers.end(); ++i) ++fields;
    CHECK(lines <= 5 + fields);
    CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

}  // namespace
}  // namespace conclave::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace conclave;
    if (size == 0) return 0;
    const std::string_view text = as_text({data + 1, size - 1});
    switch (data[0] % 4) {
        case 0:
            net::check_path(text);
            break;
        case 1:
            net::check_query(text);
            break;
        case 2:
            net::check_rules(text);
            break;
        default: {
            const auto prefix = net::IpPrefix::parse(text);
            if (prefix) CHECK(prefix->contains(prefix->network));
        }
    }
    return 0;
}

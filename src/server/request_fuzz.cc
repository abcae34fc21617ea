// Bodies, cookies and origins as strangers send them. The first byte chooses the reader.
#include "base/check.h"
#include "base/text.h"
#include "server/api_json.h"
#include "server/web_rules.h"

using namespace conclave;
using namespace conclave::server;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            if (const auto join = parse_join(text))
                CHECK(is_utf8(join->name.value_or("")) && is_utf8(join->rejoin.value_or("")));
            (void)parse_sign_in(text);
            (void)parse_code(text);
            if (const auto asked = parse_code_request(text)) CHECK(is_utf8(asked->email));
            if (const auto tried = parse_password_sign_in(text)) CHECK(is_utf8(tried->password));
            break;
        case 1: {
            const WallTime now = WallTime::from_unix_seconds(1'000);
            if (const auto flow = parse_flow_claims(text, now)) CHECK(is_utf8(flow->next));
            const std::string next = own_path(text);
            CHECK(next == "/" || (next == text && next.find_first_of("\\:\r\n?#") == std::string::npos));
            const auto rejoin = parse_rejoin_claims(text, now);
            if (!rejoin) break;
            const auto again =
                parse_rejoin_claims(rejoin_claims_json(*rejoin, now + Duration::seconds(9)), now);
            CHECK(again && again->identity == rejoin->identity && again->meeting_id == rejoin->meeting_id);
            break;
        }
        case 2: {
            net::HttpRequest request;
            request.headers.add("Cookie", text);
            CHECK(session_cookie(request).find(';') == std::string_view::npos);
            break;
        }
        default: {
            const size_t split = text.find('\n');
            net::HttpRequest request;
            request.secure = true;
            request.headers.add("Host", text.substr(0, split));
            if (split != std::string::npos) request.headers.add("Origin", text.substr(split + 1));
            (void)is_own_page(request);
            net::HttpResponse response;
            add_security_headers(request, response);
            add_page_headers(request, response);
            CHECK(response.headers.get("Content-Security-Policy").find_first_of("\r\n*") ==
                  std::string_view::npos);
        }
    }
    return 0;
}

// Rows A1 and A6 of docs/security.md: tokens that mean something else to another reader, messages that two
// readers would read differently.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "crypto/certificate.h"
#include "crypto/hmac.h"
#include "crypto/jws.h"
#include "livekit/join.h"
#include "livekit/responses.h"
#include "livekit/session.h"
#include "livekit/token.h"

namespace conclave::livekit {
namespace {

using std::string;

constexpr Instant kStart = Instant::from_ms(1000);
constexpr WallTime kNow = WallTime::from_unix_seconds(1'750'000'000);
constexpr std::string_view kSecret = "secret-of-key-1";

std::optional<ByteView> secret_of(std::string_view key_id) {
    if (key_id == "APIkey1") return as_bytes(kSecret);
    return std::nullopt;
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kPayload =
    R"({"iss":"APIkey1","sub":"eve","exp":1750000600,"video":{"roomJoin":true,"room":"r"}})";

// Signed as HS256 with `key`, whatever the header says.
string token(std::string_view header, std::string_view payload, std::string_view key = kSecret) {
    string text = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(payload));
    return text + "." + base64url_encode(crypto::hmac_sha256(as_bytes(key), as_bytes(text)));
}
string with_header(std::string_view header) {
    return token(header, kPayload);
}
string with_payload(std::string_view payload) {
    return token(kHeader, payload);
}
string with_member(std::string_view member) {
    return with_payload(string(kPayload.substr(0, kPayload.size() - 1)) + "," + string(member) + "}");
}

TEST(TokenConfusion, A1_TheTableStartsFromATokenThatIsGood) {
    EXPECT_TRUE(verify_token(with_header(kHeader), secret_of, kNow));
    EXPECT_TRUE(verify_token(with_member(R"("nbf":1749999999)"), secret_of, kNow));
}

TEST(TokenConfusion, A1_EveryOtherTokenIsRefusedWith401) {
    const string pem = crypto::Certificate::create_for_dtls({{}, WallTime::from_unix_seconds(4'000'000'000)})
                           ->certificate_pem();
    const std::vector<std::pair<const char*, string>> table{
        {"none", with_header(R"({"alg":"none"})")},
        {"None", with_header(R"({"alg":"None"})")},
        {"none, unsigned",
         base64url_encode(as_bytes(R"({"alg":"none"})")) + "." + base64url_encode(as_bytes(kPayload)) + "."},
        {"HS256 with a public key", token(kHeader, kPayload, pem)},
        {"HS256 with an empty key", token(kHeader, kPayload, "")},
        {"HS384", with_header(R"({"alg":"HS384","typ":"JWT"})")},
        {"RS256", with_header(R"({"alg":"RS256","typ":"JWT"})")},
        {"PS256", with_header(R"({"alg":"PS256","typ":"JWT"})")},
        {"ES256", with_header(R"({"alg":"ES256","typ":"JWT"})")},
        {"alg twice", with_header(R"({"alg":"HS256","alg":"none"})")},
        {"alg as a list", with_header(R"({"alg":["HS256"]})")},
        {"jku", with_header(R"({"alg":"HS256","jku":"https://evil.example/keys"})")},
        {"x5u", with_header(R"({"alg":"HS256","x5u":"https://evil.example/cert"})")},
        {"jwk", with_header(R"({"alg":"HS256","jwk":{"kty":"oct","k":"AA"}})")},
        {"crit", with_header(R"({"alg":"HS256","crit":["exp"]})")},
        {"typ of an access token", with_header(R"({"alg":"HS256","typ":"at+jwt"})")},
        {"typ of an ID token", with_header(R"({"alg":"HS256","typ":"id+jwt"})")},
        {"claims twice", with_member(R"("sub":"alice")")},
        {"issuer twice", with_member(R"("iss":"APIkey2")")},
        {"another issuer", with_payload(R"({"iss":"APIkey2","sub":"eve","exp":1750000600})")},
        {"issuer that is SQL", with_payload(R"({"iss":"' OR 1=1 --","sub":"eve","exp":1750000600})")},
        {"issuer that is a path", with_payload(R"({"iss":"../../etc/passwd","sub":"eve","exp":1750000600})")},
        {"no expiry", with_payload(R"({"iss":"APIkey1","sub":"eve"})")},
        {"expired", with_payload(R"({"iss":"APIkey1","sub":"eve","exp":1749999940})")},
        {"expiry as text", with_payload(R"({"iss":"APIkey1","sub":"eve","exp":"1750000600"})")},
        {"expiry beyond numbers", with_payload(R"({"iss":"APIkey1","sub":"eve","exp":1e309})")},
        {"not yet", with_member(R"("nbf":1750000061)")},
        {"a megabyte", with_member(R"("metadata":")" + string(1 << 20, 'm') + "\"")},
        {"four parts", with_header(kHeader) + ".x"},
        {"padded", with_header(kHeader) + "="},
        {"nothing", ""},
        {"UTF-8 BOM", with_payload("\xef\xbb\xbf" + string(kPayload))},
    };
    for (const auto& [what, text] : table) {
        const auto claims = verify_token(text, secret_of, kNow);
        ASSERT_FALSE(claims) << what;
        EXPECT_EQ(claims.error().http_status, 401) << what;
    }
}

// Who has no secret cannot tell by the answers whether a key exists.
TEST(TokenConfusion, A1_ForgedTokensAreAnsweredAlikeWhateverKeyTheyName) {
    const auto known = verify_token(token(kHeader, kPayload, "guess"), secret_of, kNow);
    const auto unknown = verify_token(
        token(kHeader, R"({"iss":"APInobody","sub":"eve","exp":1750000600})", "guess"), secret_of, kNow);
    ASSERT_FALSE(known || unknown);
    EXPECT_EQ(known.error().text, unknown.error().text);
}

// Names are names: nothing in them is expanded.
TEST(TokenConfusion, A1_ARoomOfAsterisksIsARoomOfThatName) {
    for (const char* room : {"*", "%", "../r", "r*"}) {
        const auto claims = verify_token(
            with_payload(
                R"({"iss":"APIkey1","sub":"eve","exp":1750000600,"video":{"roomJoin":true,"room":")" +
                string(room) + "\"}}"),
            secret_of, kNow);
        ASSERT_TRUE(claims);
        EXPECT_EQ(claims->video.room, room);
    }
}

// ---- A6: text frames

// The request, or nothing when the message was refused. Whatever is accepted can be written and read again:
// no invalid UTF-8 has come in that would go out.
std::optional<pb::SignalRequest> read_text(std::string_view text) {
    pb::ClientInfo client;
    client.set_protocol(17);
    Session session{kStart, client};
    Outbox outbox;
    session.send(join_response({}), outbox);
    const auto input = session.handle_text(kStart, kNow, text, outbox);
    if (!input || !std::holds_alternative<pb::SignalRequest>(*input)) return std::nullopt;
    pb::SignalRequest again;
    EXPECT_TRUE(again.ParseFromString(std::get<pb::SignalRequest>(*input).SerializeAsString())) << text;
    return again;
}

TEST(ParserDifferentials, A6_TextThatReadersDisagreeAboutIsRefused) {
    const string deep = string(10'000, '[') + string(10'000, ']');
    for (const string& text : {
             string("\xef\xbb\xbf") + R"({"mute":{"sid":"TR_x"}})",
             string(R"({"mute":{"sid":"TR_x"},"leave":{}})"),      // two members of one oneof
             string("{\"mute\":{\"sid\":\"\xc0\xaf\"}}"),          // overlong
             string("{\"mute\":{\"sid\":\"\xed\xa0\x80\"}}"),      // a surrogate in UTF-8
             string("{\"mute\":{\"sid\":\"\xf5\x80\x80\x80\"}}"),  // beyond U+10FFFF
             string("{\"mute\":{\"sid\":\"\xe2\x82\"}}"),          // cut off
             string(R"({"pingReq":{"timestamp":NaN}})"),
             string(R"({"pingReq":{"timestamp":1e309}})"),
             string(R"({"addTrack":{"width":-1}})"),
             string(R"({"addTrack":{"width":4294967296}})"),
             string(R"({"mute":{"sid":"TR_x"}} {"leave":{}})"),
             string(R"({"syncState":)") + deep + "}",
             deep,
         }) {
        EXPECT_FALSE(read_text(text)) << text.substr(0, 60);
    }
}

TEST(ParserDifferentials, A6_TextWithAMemberTwiceHasOneMeaning) {
    const auto request =
        read_text(R"({"mute":{"sid":"TR_first","sid":"TR_second","muted":true,"muted":false}})");
    if (request) {
        EXPECT_EQ(request->mute().sid(), "TR_second");
        EXPECT_FALSE(request->mute().muted());
    }
}

TEST(ParserDifferentials, A6_ALoneSurrogateInAnEscapeDoesNotComeThrough) {
    for (const char* escape :
         {R"(\xed\xa0\x80)", R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\udc00\ud800)"}) {
        const auto request = read_text(R"({"updateMetadata":{"name":")" + string(escape) + "\"}}");
        if (request) {
            EXPECT_EQ(request->update_metadata().name().find("\xed"), string::npos) << escape;
        }
    }
}

TEST(ParserDifferentials, A6_BinaryMessagesWithTextThatIsNoUtf8AreRefused) {
    for (const std::string_view bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
        pb::ClientInfo client;
        Session session{kStart, client};
        Outbox outbox;
        session.send(join_response({}), outbox);
        // mute (field 5) with sid (field 1).
        string message{'\x2a', static_cast<char>(bad.size() + 2), '\x0a', static_cast<char>(bad.size())};
        message += bad;
        EXPECT_EQ(session.handle_message(kStart, kNow, as_bytes(message), outbox).error(),
                  ProtocolError::Malformed);
    }
}

TEST(ParserDifferentials, A6_OfAOneofGivenTwiceTheLastCounts) {
    pb::SignalRequest first;
    first.mutable_mute()->set_sid("TR_x");
    pb::SignalRequest second;
    second.mutable_ping_req()->set_timestamp(1);
    second.clear_ping_req();
    second.mutable_subscription()->set_subscribe(true);
    pb::SignalRequest both;
    ASSERT_TRUE(both.ParseFromString(first.SerializeAsString() + second.SerializeAsString()));
    EXPECT_TRUE(both.has_subscription());
    EXPECT_EQ(both.SerializeAsString(), second.SerializeAsString()) << "nothing of the first is left";
}

// What this server does not know it cannot have measured, and another reader may act upon it.
TEST(ParserDifferentials, A6_FieldsThatNobodyKnowsHereAreLeftOut) {
    pb::SignalRequest request;
    request.mutable_add_track()->add_layers()->set_width(1);
    const string known = request.SerializeAsString();
    // Field 100 of the layer, of a hundred bytes.
    const auto& reflection = *pb::VideoLayer::GetReflection();
    pb::VideoLayer& layer = *request.mutable_add_track()->mutable_layers(0);
    reflection.MutableUnknownFields(&layer)->AddLengthDelimited(100, string(100, 'u'));
    ASSERT_GT(request.SerializeAsString().size(), known.size() + 100);
    Session session{kStart, {}};
    Outbox outbox;
    session.send(join_response({}), outbox);
    const auto input = session.handle_message(kStart, kNow, as_bytes(request.SerializeAsString()), outbox);
    ASSERT_TRUE(input);
    EXPECT_EQ(std::get<pb::SignalRequest>(*input).SerializeAsString(), known);
}

TEST(ParserDifferentials, A6_MessagesNestedTooDeeplyAreRefused) {
    // Groups (wire type 3) of an unknown field, each in the other.
    const string nested(10'000, '\xfb');
    pb::SignalRequest request;
    EXPECT_FALSE(request.ParseFromString(nested));
    string attributes = "{\"a\":";
    for (int i = 0; i < 10'000; ++i) attributes += "{\"a\":";
    const string value = base64url_encode(as_bytes(attributes));
    const QueryParameter parameter{"attributes", value};
    EXPECT_FALSE(join_request_from_query({&parameter, 1}));
}

}  // namespace
}  // namespace conclave::livekit

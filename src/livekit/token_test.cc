#include "livekit/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "crypto/hmac.h"
#include "crypto/jws.h"

namespace conclave::livekit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kKeyId = "APIkey1";
constexpr std::string_view kSecret = "secret-of-key-1";
// The clock at which the tokens in testdata/livekit were made with livekit-server-sdk 2.19.2.
constexpr WallTime kNow = WallTime::from_unix_seconds(1'750'000'000);

std::optional<ByteView> secret_of(std::string_view key_id) {
    if (key_id == kKeyId) return as_bytes(kSecret);
    if (key_id == "empty") return ByteView{};
    return std::nullopt;
}

std::string fixture(const std::string& name) {
    std::ifstream file(std::string{TESTDATA} + "/livekit/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string signed_token(std::string_view payload) {
    return crypto::sign_hs256(payload, as_bytes(kSecret));
}

nlohmann::json base_claims() {
    return {{"iss", kKeyId},
            {"sub", "alice"},
            {"exp", 1'750'000'600},
            {"video", {{"roomJoin", true}, {"room", "r"}}}};
}

Result<Claims, TokenError> verify(const nlohmann::json& claims, WallTime now = kNow) {
    return verify_token(signed_token(claims.dump()), secret_of, now);
}

TokenRefusal token_refusal(std::string_view token, WallTime now = kNow) {
    const auto result = verify_token(token, secret_of, now);
    if (result) ADD_FAILURE() << "token was accepted";
    return result ? TokenRefusal::Missing : result.error().refusal;
}
TokenRefusal refusal_of(const nlohmann::json& claims, WallTime now = kNow) {
    return token_refusal(signed_token(claims.dump()), now);
}

TEST(Token, MinimalOneOfTheServerSdkIsRead) {
    const auto claims = verify_token(fixture("token_minimal.jwt"), secret_of, kNow);
    ASSERT_TRUE(claims) << claims.error().text;
    EXPECT_EQ(claims->issuer, kKeyId);
    EXPECT_EQ(claims->identity, "alice");
    EXPECT_TRUE(claims->video.room_join);
    EXPECT_EQ(claims->video.room, "standup");
    EXPECT_FALSE(claims->video.can_publish.has_value());
    EXPECT_EQ(claims->expires, WallTime::from_unix_seconds(1'750'000'600));
    EXPECT_EQ(claims->not_before, kNow);
    EXPECT_EQ(claims->kind, pb::ParticipantInfo::STANDARD);
    EXPECT_TRUE(check_join(*claims));
}

TEST(Token, EveryClaimOfTheServerSdkIsRead) {
    const auto claims = verify_token(fixture("token_full.jwt"), secret_of, kNow);
    ASSERT_TRUE(claims) << claims.error().text;
    EXPECT_EQ(claims->identity, "élodie");
    EXPECT_EQ(claims->name, "Élodie D.");
    EXPECT_EQ(claims->metadata, R"({"desk":7})");
    EXPECT_THAT(claims->attributes, ElementsAre(Pair("lang", "fr"), Pair("team", "ops")));
    EXPECT_EQ(claims->kind, pb::ParticipantInfo::AGENT);
    EXPECT_EQ(claims->room_preset, "preset");
    EXPECT_EQ(nlohmann::json::parse(claims->room_config)["maxParticipants"], 12);
    const VideoGrant& video = claims->video;
    EXPECT_TRUE(video.room_create && video.room_list && video.room_record && video.room_admin &&
                video.room_join);
    EXPECT_TRUE(video.ingress_admin && video.hidden && video.recorder && video.agent);
    EXPECT_EQ(video.destination_room, "hall");
    EXPECT_EQ(video.can_publish, true);
    EXPECT_EQ(video.can_subscribe, false);
    EXPECT_EQ(video.can_publish_data, false);
    EXPECT_EQ(video.can_update_own_metadata, true);
    EXPECT_EQ(video.can_subscribe_metrics, true);
    EXPECT_FALSE(video.can_manage_agent_session.has_value());
    EXPECT_THAT(video.can_publish_sources,
                ElementsAre(pb::CAMERA, pb::MICROPHONE, pb::SCREEN_SHARE, pb::SCREEN_SHARE_AUDIO));
}

TEST(Token, ForTheServerApiNeedsNoIdentityButCannotJoin) {
    const auto claims = verify_token(fixture("token_server.jwt"), secret_of, kNow);
    ASSERT_TRUE(claims) << claims.error().text;
    EXPECT_TRUE(claims->video.room_admin);
    EXPECT_EQ(claims->sha256, "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
    const auto joined = check_join(*claims);
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().refusal, TokenRefusal::PermissionDenied);
    EXPECT_EQ(joined.error().http_status, 401);
    EXPECT_EQ(joined.error().text, "permissions denied");
}

TEST(Token, ExpiresAfterItsLeewayOf60Seconds) {
    const std::string token = fixture("token_minimal.jwt");
    const WallTime expiry = WallTime::from_unix_seconds(1'750'000'600);
    EXPECT_TRUE(verify_token(token, secret_of, expiry + Duration::seconds(59)));
    EXPECT_EQ(token_refusal(token, expiry + Duration::seconds(60)), TokenRefusal::Expired);
}

TEST(Token, IsNotValidBeforeNbfLess60Seconds) {
    auto claims = base_claims();
    claims["nbf"] = 1'750'000'060;
    EXPECT_TRUE(verify(claims));
    claims["nbf"] = 1'750'000'061;
    EXPECT_EQ(refusal_of(claims), TokenRefusal::NotYetValid);
}

TEST(Token, WithoutExpiryIsRefused) {
    auto claims = base_claims();
    claims.erase("exp");
    EXPECT_EQ(refusal_of(claims), TokenRefusal::NoExpiry);
}

TEST(Token, DatesMayHaveFractionsButMustBeNumbersInRange) {  // RFC 7519 2
    auto claims = base_claims();
    claims["exp"] = 1'750'000'600.75;
    ASSERT_TRUE(verify(claims));
    EXPECT_EQ(verify(claims)->expires, WallTime::from_unix_seconds(1'750'000'600));
    for (const auto& bad : {nlohmann::json("1750000600"), nlohmann::json(-1), nlohmann::json(1e300),
                            nlohmann::json(9'000'000'000'001), nlohmann::json(true)}) {
        claims["exp"] = bad;
        EXPECT_EQ(refusal_of(claims), TokenRefusal::Malformed) << bad;
    }
}

TEST(Token, A1_OfAnotherAlgorithmIsRefusedEvenWithTheRightKey) {  // RFC 8725 3.1
    const std::string payload = base64url_encode(as_bytes(base_claims().dump()));
    for (const std::string_view header : {R"({"alg":"none"})", R"({"alg":"HS512"})", R"({"alg":"RS256"})"}) {
        const std::string text = base64url_encode(as_bytes(header)) + "." + payload;
        const auto mac = crypto::hmac_sha256(as_bytes(kSecret), as_bytes(text));
        EXPECT_EQ(token_refusal(text + "." + base64url_encode(mac)), TokenRefusal::Malformed) << header;
        EXPECT_FALSE(verify_token(text + ".", secret_of, kNow)) << header;
    }
}

TEST(Token, WithoutIssuerOrWithAnUnknownOneHasNoKey) {
    auto claims = base_claims();
    claims["iss"] = "APIother";
    EXPECT_EQ(refusal_of(claims), TokenRefusal::UnknownKey);
    claims["iss"] = "";
    EXPECT_EQ(refusal_of(claims), TokenRefusal::UnknownKey);
    claims["iss"] = "empty";
    EXPECT_EQ(refusal_of(claims), TokenRefusal::UnknownKey);
    claims.erase("iss");
    EXPECT_EQ(refusal_of(claims), TokenRefusal::UnknownKey);
    EXPECT_EQ(verify(claims).error().text, "invalid API key or signature");
}

TEST(Token, SignedByAnotherSecretOrChangedIsRefused) {
    const std::string other = crypto::sign_hs256(base_claims().dump(), as_bytes("another secret"));
    EXPECT_EQ(token_refusal(other), TokenRefusal::BadSignature);

    auto claims = base_claims();
    claims["video"]["roomAdmin"] = true;
    const std::string good = signed_token(base_claims().dump());
    const std::string forged = good.substr(0, good.find('.') + 1) +
                               base64url_encode(as_bytes(claims.dump())) + good.substr(good.rfind('.'));
    EXPECT_EQ(token_refusal(forged), TokenRefusal::BadSignature);
}

TEST(Token, OfTheWrongFormIsRefused) {
    EXPECT_EQ(token_refusal(""), TokenRefusal::Missing);
    for (const std::string_view token : {"a", "a.b", "..", "a.b.c.d", "e30.e30.e30", "{}.{}.{}"}) {
        EXPECT_EQ(token_refusal(token), TokenRefusal::Malformed) << token;
    }
}

TEST(Token, SizeLimitIsExact) {
    auto claims = base_claims();
    claims["metadata"] = "";
    // base64url: three bytes of payload are four of the token.
    const size_t empty_size = signed_token(claims.dump()).size();
    claims["metadata"] = std::string((kTokenMax - empty_size) / 4 * 3, 'm');
    std::string token = signed_token(claims.dump());
    while (token.size() < kTokenMax) {
        claims["metadata"] = claims["metadata"].get<std::string>() + "m";
        token = signed_token(claims.dump());
    }
    ASSERT_EQ(token.size(), kTokenMax);
    EXPECT_TRUE(verify_token(token, secret_of, kNow));
    token += "A";
    EXPECT_EQ(token_refusal(token), TokenRefusal::TooLong);
}

TEST(Token, NamesMayHave256BytesAndNoMore) {
    for (const char* path : {"/sub", "/name", "/video/room", "/video/destinationRoom"}) {
        auto claims = base_claims();
        claims[nlohmann::json::json_pointer(path)] = std::string(kNameMax, 'x');
        EXPECT_TRUE(verify(claims)) << path;
        claims[nlohmann::json::json_pointer(path)] = std::string(kNameMax + 1, 'x');
        EXPECT_EQ(refusal_of(claims), TokenRefusal::TooLongName) << path;
        EXPECT_EQ(verify(claims).error().http_status, 400);
    }
}

TEST(Token, IdentityFallsBackToJti) {
    auto claims = base_claims();
    claims["jti"] = "old-style";
    EXPECT_EQ(verify(claims)->identity, "alice");
    claims.erase("sub");
    EXPECT_EQ(verify(claims)->identity, "old-style");
}

TEST(Token, JoinNeedsGrantIdentityAndRoom) {
    auto claims = base_claims();
    claims.erase("video");
    EXPECT_EQ(check_join(*verify(claims)).error().refusal, TokenRefusal::PermissionDenied);
    claims = base_claims();
    claims["video"]["roomJoin"] = false;
    EXPECT_EQ(check_join(*verify(claims)).error().refusal, TokenRefusal::PermissionDenied);
    claims = base_claims();
    claims.erase("sub");
    EXPECT_EQ(check_join(*verify(claims)).error().refusal, TokenRefusal::NoIdentity);
    EXPECT_EQ(check_join(*verify(claims)).error().http_status, 400);
    claims = base_claims();
    claims["video"].erase("room");
    EXPECT_EQ(check_join(*verify(claims)).error().refusal, TokenRefusal::NoRoom);
}

TEST(Token, ClaimsOfTheWrongTypeAreRefused) {
    const std::pair<const char*, nlohmann::json> bad[] = {
        {"/iss", 1},
        {"/sub", 1},
        {"/name", nlohmann::json::array()},
        {"/metadata", nlohmann::json::object()},
        {"/attributes", "x"},
        {"/attributes", {{"a", 1}}},
        {"/kind", 4},
        {"/kindDetails", "x"},
        {"/roomConfig", "x"},
        {"/nbf", "x"},
        {"/video", "x"},
        {"/video/roomJoin", "true"},
        {"/video/room", 1},
        {"/video/canPublish", 1},
        {"/video/canPublishSources", "camera"},
        {"/video/canPublishSources", {1}},
    };
    for (const auto& [path, value] : bad) {
        auto claims = base_claims();
        claims[nlohmann::json::json_pointer(path)] = value;
        EXPECT_EQ(refusal_of(claims), TokenRefusal::Malformed) << path << " = " << value;
    }
}

TEST(Token, NullClaimsAndUnknownClaimsCountAsAbsent) {
    auto claims = base_claims();
    claims["name"] = nullptr;
    claims["video"]["canPublish"] = nullptr;
    claims["sip"] = {{"admin", true}};
    claims["kind"] = "hologram";
    claims["kindDetails"] = {"cloud_agent", "hologram"};
    const auto verified = verify(claims);
    ASSERT_TRUE(verified);
    EXPECT_FALSE(verified->video.can_publish.has_value());
    EXPECT_EQ(verified->kind, pb::ParticipantInfo::STANDARD);
    EXPECT_THAT(verified->kind_details, ElementsAre(pb::ParticipantInfo::CLOUD_AGENT));
}

TEST(Token, UnknownPublishSourceIsRefusedRatherThanReadAsEverySource) {
    auto claims = base_claims();
    claims["video"]["canPublishSources"] = {"hologram"};
    EXPECT_EQ(refusal_of(claims), TokenRefusal::Malformed);
}

TEST(Token, A6_DeepNestingIsRefused) {
    std::string config = R"({"a":1})";
    for (int i = 0; i < 1000; ++i) config = "{\"a\":" + config + "}";
    const std::string payload = R"({"iss":"APIkey1","exp":1750000600,"roomConfig":)" + config + "}";
    EXPECT_EQ(token_refusal(signed_token(payload)), TokenRefusal::Malformed);
}

TEST(Token, MintedOneIsReadBackWithEveryClaim) {
    Claims claims = *verify_token(fixture("token_full.jwt"), secret_of, kNow);
    claims.kind_details = {pb::ParticipantInfo::FORWARDED};
    claims.video.can_manage_agent_session = false;
    const std::string token = mint_token(claims, kKeyId, as_bytes(kSecret), kNow, Duration::minutes(10));
    const auto read = verify_token(token, secret_of, kNow);
    ASSERT_TRUE(read) << read.error().text;
    claims.issued_at = kNow;
    claims.not_before = kNow;
    claims.expires = kNow + Duration::minutes(10);
    EXPECT_EQ(*read, claims);
}

TEST(Token, MintedOneSpellsItsClaimsAsTheServerSdkDoes) {
    const auto payload_of = [](std::string_view token) {
        return nlohmann::json::parse(*crypto::peek_unverified_payload(token));
    };
    const std::string original = fixture("token_full.jwt");
    const Claims claims = *verify_token(original, secret_of, kNow);
    auto minted = payload_of(mint_token(claims, kKeyId, as_bytes(kSecret), kNow, Duration::minutes(120)));
    EXPECT_EQ(minted["iat"], 1'750'000'000);
    minted.erase("iat");
    EXPECT_EQ(minted, payload_of(original));
}

TEST(Token, MintsNothingThatCouldNotBeUsed) {
    Claims claims;
    claims.metadata = std::string(kTokenMax, 'm');
    EXPECT_THAT(mint_token(claims, kKeyId, as_bytes(kSecret), kNow, Duration::minutes(1)), IsEmpty());
}

TEST(Token, MintReplacesWhatIsNotUtf8) {
    Claims claims;
    claims.name = "a\xff";
    const auto read = verify_token(mint_token(claims, kKeyId, as_bytes(kSecret), kNow, Duration::minutes(1)),
                                   secret_of, kNow);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "a\xef\xbf\xbd");
}

TEST(Token, BearerHeaderNeedsItsScheme) {
    EXPECT_EQ(*bearer_token("Bearer abc"), "abc");
    EXPECT_EQ(bearer_token("").error().refusal, TokenRefusal::Missing);
    EXPECT_EQ(bearer_token("Basic abc").error().refusal, TokenRefusal::Malformed);
    EXPECT_EQ(bearer_token("Basic abc").error().text, "invalid authorization token");
}

TEST(Grant, AbsentRightsHaveTheirDefaults) {
    VideoGrant grant;
    EXPECT_TRUE(may_publish(grant));
    EXPECT_TRUE(may_publish(grant, pb::SCREEN_SHARE));
    EXPECT_TRUE(may_publish_data(grant));
    EXPECT_TRUE(may_subscribe(grant));
    EXPECT_FALSE(may_update_own_metadata(grant));
    grant.can_publish = false;
    EXPECT_FALSE(may_publish_data(grant));
    grant.can_publish_data = true;
    EXPECT_TRUE(may_publish_data(grant));
}

TEST(Grant, ListOfSourcesRestrictsButCannotAllowWithoutPublish) {
    VideoGrant grant;
    grant.can_publish_sources = {pb::MICROPHONE};
    EXPECT_TRUE(may_publish(grant, pb::MICROPHONE));
    EXPECT_FALSE(may_publish(grant, pb::CAMERA));
    EXPECT_FALSE(may_publish(grant, pb::UNKNOWN));
    grant.can_publish = false;
    EXPECT_FALSE(may_publish(grant, pb::MICROPHONE));
}

TEST(Grant, PermissionSurvivesTheWayThereAndBack) {
    const VideoGrant grant = verify_token(fixture("token_full.jwt"), secret_of, kNow)->video;
    VideoGrant other;
    other.room = "r";
    ASSERT_TRUE(apply_permission(other, permission_from(grant)));
    EXPECT_EQ(permission_from(other).SerializeAsString(), permission_from(grant).SerializeAsString());
    EXPECT_EQ(other.room, "r");
}

TEST(Grant, PermissionWithAnUnknownSourceChangesNothing) {
    VideoGrant grant;
    pb::ParticipantPermission permission;
    permission.set_can_publish(true);
    permission.add_can_publish_sources(static_cast<pb::TrackSource>(77));
    EXPECT_FALSE(apply_permission(grant, permission));
    EXPECT_EQ(grant, VideoGrant{});
}

}  // namespace
}  // namespace conclave::livekit

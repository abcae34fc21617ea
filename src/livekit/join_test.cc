#include "livekit/join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

#include "base/base64.h"
#include "base/bytes.h"

namespace conclave::livekit {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string fixture(const std::string& name) {
    std::ifstream file(std::string{TESTDATA} + "/livekit/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string wrap(std::string bytes, pb::WrappedJoinRequest::Compression compression) {
    pb::WrappedJoinRequest wrapped;
    wrapped.set_compression(compression);
    wrapped.set_join_request(std::move(bytes));
    return base64url_encode(as_bytes(wrapped.SerializeAsString()));
}
std::string wrap_gzip(std::string_view bytes) {
    return wrap(gzip(bytes), pb::WrappedJoinRequest::GZIP);
}

void expect_refused(std::string_view parameter) {
    const auto result = parse_join_request(parameter);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().http_status, 400);
    EXPECT_FALSE(result.error().text.empty());
}

TEST(JoinRequest, OfRtcNodeIsRead) {
    const auto request = parse_join_request(fixture("join_request_rtc_node_1.1.0.txt"));
    ASSERT_TRUE(request) << request.error().text;
    EXPECT_EQ(request->client_info().sdk(), pb::ClientInfo::NODE);
    EXPECT_EQ(request->client_info().protocol(), 17);
    EXPECT_EQ(request->client_info().client_protocol(), 2);
    EXPECT_THAT(request->client_info().capabilities(),
                ElementsAre(pb::ClientInfo::CAP_PACKET_TRAILER, pb::ClientInfo::CAP_COMPRESSION_DEFLATE_RAW));
    EXPECT_TRUE(request->connection_settings().auto_subscribe());
    EXPECT_FALSE(request->connection_settings().has_subscriber_allow_pause());
    EXPECT_EQ(request->publisher_offer().type(), "offer");
    EXPECT_EQ(request->publisher_offer().id(), 0U);
    EXPECT_THAT(request->publisher_offer().sdp(), StartsWith("v=0\r\n"));
}

TEST(JoinRequest, OfLivekitClientInChromiumIsRead) {
    const auto request = parse_join_request(fixture("join_request_livekit_client_2.23.0.txt"));
    ASSERT_TRUE(request) << request.error().text;
    EXPECT_EQ(request->client_info().sdk(), pb::ClientInfo::JS);
    EXPECT_EQ(request->client_info().version(), "2.23.0");
    EXPECT_TRUE(request->connection_settings().adaptive_stream());
    EXPECT_EQ(request->publisher_offer().id(), 1U);
    EXPECT_EQ(request->publisher_offer().sdp().size(), 18507U);
}

TEST(JoinRequest, PaddingOfBase64MayBeMissing) {
    std::string parameter = fixture("join_request_rtc_node_1.1.0.txt");
    ASSERT_TRUE(parameter.ends_with("=="));
    parameter.resize(parameter.size() - 2);
    EXPECT_TRUE(parse_join_request(parameter));
}

TEST(JoinRequest, MayComeUncompressed) {
    pb::JoinRequest request;
    request.set_reconnect(true);
    request.set_participant_sid("PA_x");
    const auto read = parse_join_request(wrap(request.SerializeAsString(), pb::WrappedJoinRequest::NONE));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->reconnect());
    EXPECT_EQ(read->participant_sid(), "PA_x");
}

TEST(JoinRequest, MissingOrGarbledIsRefused) {
    EXPECT_EQ(parse_join_request("").error().text, "join_request is required");
    expect_refused("not base64!");
    expect_refused("AA+/");  // the other alphabet
    expect_refused(base64url_encode(as_bytes("garbage")));
    expect_refused(wrap("garbage", pb::WrappedJoinRequest::NONE));
    expect_refused(wrap("garbage", pb::WrappedJoinRequest::GZIP));
    expect_refused(wrap("", pb::WrappedJoinRequest::GZIP));
    expect_refused(wrap("", static_cast<pb::WrappedJoinRequest::Compression>(2)));
}

TEST(JoinRequest, CutOrTrailingGzipIsRefused) {
    const std::string good = gzip("");
    EXPECT_TRUE(parse_join_request(wrap(good, pb::WrappedJoinRequest::GZIP)));
    expect_refused(wrap(good.substr(0, good.size() - 1), pb::WrappedJoinRequest::GZIP));
    expect_refused(wrap(good + "x", pb::WrappedJoinRequest::GZIP));
}

// A JoinRequest of exactly `size` bytes.
std::string request_of_size(size_t size) {
    pb::JoinRequest request;
    request.mutable_publisher_offer()->set_sdp(std::string(size - 64, 'a'));
    std::string bytes = request.SerializeAsString();
    while (bytes.size() < size) {
        request.mutable_publisher_offer()->mutable_sdp()->push_back('a');
        bytes = request.SerializeAsString();
    }
    EXPECT_EQ(bytes.size(), size);
    return bytes;
}

TEST(JoinRequest, MayExpandToOneMebibyteAndNoMore) {
    EXPECT_TRUE(parse_join_request(wrap_gzip(request_of_size(kJoinRequestMax))));
    expect_refused(wrap_gzip(request_of_size(kJoinRequestMax + 1)));
}

TEST(JoinRequest, GzipBombIsRefused) {
    const std::string bomb = gzip(std::string(60 * 1024 * 1024, 'a'));
    ASSERT_LT(bomb.size(), 64U * 1024);
    expect_refused(wrap(bomb, pb::WrappedJoinRequest::GZIP));
}

TEST(JoinRequest, ParameterLimitIsExact) {
    const std::string tail(kJoinParameterMax, 'A');
    EXPECT_EQ(parse_join_request(tail).error().text, "join_request is malformed");
    EXPECT_EQ(parse_join_request(tail + "A").error().text, "join_request is too long");
}

TEST(JoinRequest, TextsAndListsAreLimited) {
    const auto accepts = [](const pb::JoinRequest& request) {
        return parse_join_request(wrap_gzip(request.SerializeAsString())).has_value();
    };
    pb::JoinRequest request;
    request.set_metadata(std::string(kMetadataMax, 'm'));
    (*request.mutable_participant_attributes())["k"] = std::string(kAttributesMax - 1, 'v');
    request.mutable_client_info()->set_os(std::string(kNameMax, 'o'));
    for (int i = 0; i < kCapabilitiesMax; ++i) request.mutable_client_info()->add_capabilities({});
    for (int i = 0; i < kJoinTracksMax; ++i) request.add_add_track_requests()->set_cid("c");
    EXPECT_TRUE(accepts(request));

    pb::JoinRequest over = request;
    over.mutable_metadata()->push_back('m');
    EXPECT_FALSE(accepts(over));
    over = request;
    (*over.mutable_participant_attributes())["k"].push_back('v');
    EXPECT_FALSE(accepts(over));
    over = request;
    over.mutable_client_info()->mutable_os()->push_back('o');
    EXPECT_FALSE(accepts(over));
    over = request;
    over.mutable_client_info()->add_capabilities({});
    EXPECT_FALSE(accepts(over));
    over = request;
    over.add_add_track_requests();
    EXPECT_FALSE(accepts(over));
    over = request;
    over.set_participant_sid(std::string(kNameMax + 1, 's'));
    EXPECT_FALSE(accepts(over));
}

TEST(JoinQuery, OfRtcNodeIsRead) {
    const QueryParameter query[] = {
        {"sdk", "node"},
        {"os", "Debian"},
        {"os_version", "12.0.0"},
        {"device_model", "Unknown"},
        {"protocol", "17"},
        {"client_protocol", "2"},
        {"auto_subscribe", "1"},
        {"adaptive_stream", "0"},
        {"version", "1.1.0"},
        {"capabilities", "CAP_PACKET_TRAILER,CAP_HOLOGRAM,CAP_COMPRESSION_DEFLATE_RAW"}};
    const auto request = join_request_from_query(query);
    ASSERT_TRUE(request);
    const pb::ClientInfo& client = request->client_info();
    EXPECT_EQ(client.sdk(), pb::ClientInfo::NODE);
    EXPECT_EQ(client.os(), "Debian");
    EXPECT_EQ(client.os_version(), "12.0.0");
    EXPECT_EQ(client.device_model(), "Unknown");
    EXPECT_EQ(client.version(), "1.1.0");
    EXPECT_EQ(client.protocol(), 17);
    EXPECT_EQ(client.client_protocol(), 2);
    EXPECT_THAT(client.capabilities(),
                ElementsAre(pb::ClientInfo::CAP_PACKET_TRAILER, pb::ClientInfo::CAP_COMPRESSION_DEFLATE_RAW));
    EXPECT_TRUE(request->connection_settings().auto_subscribe());
    EXPECT_FALSE(request->connection_settings().adaptive_stream());
}

TEST(JoinQuery, DefaultsAreSubscribeToEverythingAndNothingElse) {
    const auto request = join_request_from_query({});
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->connection_settings().auto_subscribe());
    EXPECT_FALSE(request->connection_settings().has_subscriber_allow_pause());
    EXPECT_FALSE(request->connection_settings().has_auto_subscribe_data_track());
    EXPECT_FALSE(request->reconnect());
}

TEST(JoinQuery, ResumeNamesTheParticipant) {
    const QueryParameter query[] = {{"reconnect", "1"},
                                    {"sid", "PA_x"},
                                    {"reconnect_reason", "2"},
                                    {"auto_subscribe", "0"},
                                    {"subscriber_allow_pause", "true"},
                                    {"auto_subscribe_data_track", "0"},
                                    {"disable_ice_lite", "1"},
                                    {"browser", "Firefox"},
                                    {"browser_version", "153"},
                                    {"network", "wifi"},
                                    {"sdk", "hologram"}};
    const auto request = join_request_from_query(query);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->reconnect());
    EXPECT_EQ(request->participant_sid(), "PA_x");
    EXPECT_EQ(request->reconnect_reason(), pb::RR_PUBLISHER_FAILED);
    const pb::ConnectionSettings& settings = request->connection_settings();
    EXPECT_FALSE(settings.auto_subscribe());
    EXPECT_TRUE(settings.subscriber_allow_pause());
    EXPECT_TRUE(settings.has_auto_subscribe_data_track() && !settings.auto_subscribe_data_track());
    EXPECT_TRUE(settings.disable_ice_lite());
    EXPECT_EQ(request->client_info().browser(), "Firefox");
    EXPECT_EQ(request->client_info().sdk(), pb::ClientInfo::UNKNOWN);
}

TEST(JoinQuery, AttributesAreABase64ObjectOfStrings) {
    const auto with = [](std::string_view json) {
        const std::string value = base64url_encode(as_bytes(json));
        const QueryParameter query[] = {{"attributes", value}};
        return join_request_from_query(query);
    };
    const auto request = with(R"({"lang":"fr"})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->participant_attributes().at("lang"), "fr");
    EXPECT_FALSE(with(R"({"lang":1})"));
    EXPECT_FALSE(with(R"([])"));
    EXPECT_FALSE(with(R"({)"));
    const QueryParameter not_base64[] = {{"attributes", "!"}};
    EXPECT_FALSE(join_request_from_query(not_base64));
}

TEST(JoinQuery, PublishingUnderASecondIdentityIsRefused) {
    const QueryParameter query[] = {{"publish", "screen"}};
    EXPECT_FALSE(join_request_from_query(query));
}

TEST(JoinQuery, LimitsHoldToTheLastByte) {
    const auto with = [](std::string_view name, size_t size) {
        const std::string value(size, 'x');
        const QueryParameter query[] = {{name, value}};
        return join_request_from_query(query).has_value();
    };
    for (const char* name :
         {"version", "os", "os_version", "device_model", "browser", "browser_version", "network", "sid"}) {
        EXPECT_TRUE(with(name, kNameMax)) << name;
        EXPECT_FALSE(with(name, kNameMax + 1)) << name;
    }
    EXPECT_TRUE(with("unknown", kJoinParameterMax));
    EXPECT_FALSE(with("unknown", kJoinParameterMax + 1));
}

TEST(JoinQuery, ManyCapabilitiesAreRefusedAndOddNumbersAreZero) {
    std::string names;
    for (int i = 0; i <= kCapabilitiesMax; ++i) names += "CAP_UNUSED,";
    const QueryParameter many[] = {{"capabilities", names}};
    EXPECT_FALSE(join_request_from_query(many));
    const QueryParameter odd[] = {{"protocol", "99999999999999"}, {"client_protocol", "x"}};
    EXPECT_EQ(join_request_from_query(odd)->client_info().protocol(), 0);
}

}  // namespace
}  // namespace conclave::livekit

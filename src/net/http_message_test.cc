#include "net/http_message.h"

#include <gtest/gtest.h>

#include "net/ip_prefix.h"

namespace conclave::net {
namespace {

TEST(Headers, NamesAndTokensCompareWithoutCase_Rfc9110_5_1) {
    const Headers headers{
        {"Content-Type", "a"}, {"connection", "keep-alive,  UPGRADE"}, {"X", "1"}, {"x", "2"}};
    EXPECT_EQ(headers.get("content-TYPE"), "a");
    EXPECT_EQ(headers.get("x"), "1");
    EXPECT_EQ(headers.count("X"), 2u);
    EXPECT_FALSE(headers.has("y"));
    EXPECT_TRUE(headers.has_token("Connection", "upgrade"));
    EXPECT_FALSE(headers.has_token("Connection", "up"));
}

TEST(Query, DecodesPairsInOrder) {
    const Query query = Query::parse("a=1&b=x%20y+z&&c&a=2&d=%zz&e=%4&%66=%3D=");
    EXPECT_EQ(query.get("a"), "1");
    EXPECT_EQ(query.get("b"), "x y z");
    EXPECT_TRUE(query.has("c"));
    EXPECT_EQ(query.get("c"), "");
    EXPECT_EQ(query.get("d"), "%zz");
    EXPECT_EQ(query.get("e"), "%4");
    EXPECT_EQ(query.get("f"), "==");
    EXPECT_FALSE(query.has("g"));
}

TEST(Query, IsBounded) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "a&";
    const Query query = Query::parse(text);
    EXPECT_EQ(static_cast<size_t>(query.end() - query.begin()), Query::kPairsMax);
}

TEST(NormalizePath, CollapsesLeadingSlashesAndDecodes) {
    EXPECT_EQ(normalize_path("/"), "/");
    EXPECT_EQ(normalize_path("//"), "/");
    EXPECT_EQ(normalize_path("//rtc/v1?x=/"), "/rtc/v1");
    EXPECT_EQ(normalize_path("/a//b/"), "/a//b/");
    EXPECT_EQ(normalize_path("/caf%C3%A9?"), "/caf\xc3\xa9");
    EXPECT_EQ(normalize_path("/...a/.b"), "/...a/.b");
}

TEST(NormalizePath, RefusesWhatHides_Rfc3986_5_2_4) {
    for (const char* bad :
         {"", "*", "http://x/", "a", "/%", "/%4", "/%zz", "/a%2fb", "/a%2Fb", "/%00", "/a%0d", "/..", "/../a",
          "/a/..", "/a/./b", "/%2e%2e/x", "/a\\b", "/a%5cb", "?"}) {
        EXPECT_FALSE(normalize_path(bad)) << bad;
    }
}

TEST(IpPrefix, ContainsByBits) {
    const auto in = [](const char* prefix, const char* ip) {
        return IpPrefix::parse(prefix)->contains(*SocketAddress::parse(ip, 9));
    };
    EXPECT_TRUE(in("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(in("192.168.1.128/25", "192.168.1.200"));
    EXPECT_FALSE(in("192.168.1.128/25", "192.168.1.127"));
    EXPECT_TRUE(in("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(in("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(in("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::"));
    EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::"));
    EXPECT_TRUE(in("::/0", "8.8.8.8"));
    for (const char* bad :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8x", "x/8"}) {
        EXPECT_FALSE(IpPrefix::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace conclave::net

#include "server/interfaces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace conclave::server {
namespace {

SocketAddress ip(const char* text) {
    return SocketAddress::parse(text, 0).value();
}

std::string announced(const Config::Media& media, const std::vector<SocketAddress>& interfaces) {
    std::string list;
    for (const SocketAddress& address : announced_addresses(media, interfaces))
        list += (list.empty() ? "" : " ") + address.ip_text();
    return list;
}

Config::Media media(std::initializer_list<const char*> addresses, bool keep_private = false) {
    Config::Media media;
    for (const char* text : addresses) media.public_addresses.push_back(*parse_public_address(text));
    media.keep_private = keep_private;
    return media;
}

const std::vector<SocketAddress> kInterfaces = {ip("10.0.0.5"), ip("192.168.1.2"), ip("2001:db8::5")};

TEST(AnnouncedAddresses, AreThoseOfTheInterfacesOfBothFamilies) {
    EXPECT_EQ(announced({}, kInterfaces), "10.0.0.5 192.168.1.2 2001:db8::5");
    EXPECT_EQ(announced({}, {}), "");
}

TEST(AnnouncedAddresses, AreTheConfiguredOnesAloneInTheirOrder) {
    EXPECT_EQ(announced(media({"2001:db8::7", "203.0.113.7"}), kInterfaces), "2001:db8::7 203.0.113.7");
}

TEST(AnnouncedAddresses, HideWhatIsBehindTheNatUnlessItIsKept) {
    EXPECT_EQ(announced(media({"203.0.113.7=10.0.0.5", "2001:db8::7"}), kInterfaces),
              "203.0.113.7 2001:db8::7");
    EXPECT_EQ(announced(media({"203.0.113.7=10.0.0.5", "2001:db8::7"}, true), kInterfaces),
              "203.0.113.7 2001:db8::7 10.0.0.5");
}

TEST(AnnouncedAddresses, KeepAllInterfacesWhereNoneIsNamed) {
    EXPECT_EQ(announced(media({"203.0.113.7"}, true), kInterfaces),
              "203.0.113.7 10.0.0.5 192.168.1.2 2001:db8::5");
}

TEST(AnnouncedAddresses, AreNeverToldTwiceNorMoreThanTheLimit) {
    EXPECT_EQ(announced(media({"10.0.0.5", "10.0.0.5"}, true), kInterfaces),
              "10.0.0.5 192.168.1.2 2001:db8::5");
    std::vector<SocketAddress> many;
    for (uint8_t i = 0; i < kAnnouncedMax; ++i) many.push_back(SocketAddress::v4(10, 0, 0, i, 0));
    EXPECT_EQ(announced_addresses({}, many).size(), kAnnouncedMax);
    many.push_back(ip("10.0.1.1"));
    EXPECT_EQ(announced_addresses({}, many).size(), kAnnouncedMax);
}

TEST(PublicAddress, IsOneThatCanBeSentTo) {
    EXPECT_EQ(parse_public_address("203.0.113.7")->address, ip("203.0.113.7"));
    EXPECT_EQ(parse_public_address("2001:db8::7=fd00::7")->behind, ip("fd00::7"));
    for (const char* text :
         {"", "=", "host", "203.0.113.7=", "=10.0.0.5", "203.0.113.7=fd00::1", "0.0.0.0", "::", "224.0.0.1",
          "ff02::1", "fe80::1", "203.0.113.7:5", "203.0.113.7=10.0.0.5=1"})
        EXPECT_FALSE(parse_public_address(text)) << text;
}

TEST(PublicAddress, IsWhatPrivateOnesAreKeptBeside) {
    EXPECT_EQ(parse_config("[media]\nkeep_private = true", "c.toml").error().what,
              "c.toml:2: media.keep_private: needs media.public_addresses\n");
    std::string seventeen = "[media]\npublic_addresses = [\"192.0.2.1\"";
    for (size_t i = 1; i < kAnnouncedMax; ++i) seventeen += ", \"192.0.2.1\"";
    EXPECT_TRUE(parse_config(seventeen + "]", "c.toml"));
    EXPECT_FALSE(parse_config(seventeen + ", \"192.0.2.1\"]", "c.toml"));
}

TEST(PrivateAddress, IsWhatTheInternetDoesNotRoute) {
    for (const char* text : {"127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1",
                             "100.64.0.1", "100.127.255.255", "169.254.1.1", "fd12::1", "fc00::1", "fe80::1"})
        EXPECT_TRUE(is_private(ip(text))) << text;
    for (const char* text : {"203.0.113.7", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1",
                             "100.128.0.1", "2001:db8::1", "11.0.0.1", "169.253.0.1"})
        EXPECT_FALSE(is_private(ip(text))) << text;
}

TEST(InterfaceAddresses, HaveLoopbackWhenAskedFor) {
    const auto with = interface_addresses(true);
    EXPECT_NE(std::find(with.begin(), with.end(), ip("127.0.0.1")), with.end());
    EXPECT_FALSE(interface_addresses(false).empty());
}

}  // namespace
}  // namespace conclave::server

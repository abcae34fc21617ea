#include "conference/routes.h"

#include <gtest/gtest.h>

namespace conclave::conference {
namespace {

const Route kOne{nullptr, 1, Target::Publisher};
const Route kOnesSecond{nullptr, 1, Target::Subscriber};
const Route kTwo{nullptr, 2, Target::Publisher};

Path path(uint16_t port) {
    return {.socket = 0, .remote = SocketAddress::v4(10, 0, 0, 1, port)};
}

class RoutesTest : public testing::Test {
 protected:
    RoutesTest() {
        routes_.add_ufrag("one", kOne);
        routes_.add_ufrag("second", kOnesSecond);
        routes_.add_ufrag("two", kTwo);
        routes_.add_path(path(1), kOne);
        routes_.add_path(path(2), kTwo);
    }
    bool leads_to(std::string_view ufrag, Route route) const {
        const Route* found = routes_.find(ufrag);
        return found && *found == route;
    }
    bool leads_to(uint16_t port, Route route) const {
        const Route* found = routes_.find(path(port));
        return found && *found == route;
    }
    Routes routes_;
};

TEST_F(RoutesTest, WhoIsRemovedIsFoundByNothingAndNobodyElseIsConcerned) {
    routes_.remove(nullptr, 1);
    EXPECT_EQ(routes_.find("one"), nullptr);
    EXPECT_EQ(routes_.find("second"), nullptr);
    EXPECT_EQ(routes_.find(path(1)), nullptr);
    EXPECT_TRUE(leads_to("two", kTwo));
    EXPECT_TRUE(leads_to(2, kTwo));
    EXPECT_TRUE(routes_.paths(kOne).empty());
}

TEST_F(RoutesTest, APathThatHasMovedIsNotTakenFromItsNewOwner) {
    routes_.add_path(path(1), kTwo);
    EXPECT_TRUE(routes_.paths(kOne).empty());
    EXPECT_EQ(routes_.paths(kTwo).size(), 2U);
    routes_.remove(nullptr, 1);
    EXPECT_TRUE(leads_to(1, kTwo));
    routes_.remove_path(path(1));
    EXPECT_EQ(routes_.find(path(1)), nullptr);
    EXPECT_EQ(routes_.paths(kTwo).size(), 1U);
}

TEST_F(RoutesTest, NamesThatAPeerNoLongerAnswersToAreForgotten) {
    routes_.add_ufrag("again", kOne);
    routes_.keep_ufrags(kOne, [](const std::string& ufrag) { return ufrag == "again"; });
    EXPECT_EQ(routes_.find("one"), nullptr);
    EXPECT_TRUE(leads_to("again", kOne));
    EXPECT_TRUE(leads_to("second", kOnesSecond));
    EXPECT_TRUE(leads_to("two", kTwo));
}

TEST_F(RoutesTest, StreamsLeadToWhoSendsThemAndNoLonger) {
    const auto leads_stream_to = [&](uint32_t ssrc, Route route) {
        const Route* found = routes_.find_stream(ssrc);
        return found && *found == route;
    };
    routes_.keep_streams(kOne, {1, 2});
    routes_.keep_streams(kTwo, {2, 3});
    EXPECT_TRUE(leads_stream_to(1, kOne));
    EXPECT_TRUE(leads_stream_to(2, kOne)) << "nobody takes what another had first";
    EXPECT_TRUE(leads_stream_to(3, kTwo));
    routes_.keep_streams(kOne, {1, 4});
    EXPECT_EQ(routes_.find_stream(2), nullptr);
    EXPECT_TRUE(leads_stream_to(4, kOne));
    routes_.remove(nullptr, 2);
    EXPECT_EQ(routes_.find_stream(3), nullptr);
    EXPECT_TRUE(leads_stream_to(1, kOne));
}

}  // namespace
}  // namespace conclave::conference

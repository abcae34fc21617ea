#include "server/route_table.h"

#include "server/test_site.h"

namespace conclave::server {
namespace {

using Items = std::vector<std::string>;

TEST(MatchPath, NamesTakeOneSegmentEach) {
    EXPECT_EQ(match_path("/a/{x}/b/{y}", "/a/1/b/2"), (Items{"1", "2"}));
    EXPECT_EQ(match_path("/a", "/a"), Items{});
    for (const char* path :
         {"/a/1/b", "/a/1/b/", "/a//b/2", "/a/1/c/2", "/a/1/b/2/3", "/a/1/b/2/", "a/1/b/2", "/"})
        EXPECT_FALSE(match_path("/a/{x}/b/{y}", path)) << path;
    EXPECT_FALSE(match_path("/a", "/ab"));
    EXPECT_FALSE(match_path("/a", "/a/"));
}

TEST(MatchPath, AStarTakesTheRest) {
    for (const char* path : {"/a/", "/a/b", "/a/b/c"}) EXPECT_EQ(match_path("/a/*", path), Items{}) << path;
    for (const char* path : {"/a", "/ab", "/"}) EXPECT_FALSE(match_path("/a/*", path)) << path;
}

class RouteTableTest : public SiteTest {
 protected:
    RouteTableTest() { start(); }
};

TEST_F(RouteTableTest, NothingIsDeclaredTwice) {
    std::vector<std::string> seen;
    for (const Route& route : site_->table().routes())
        seen.push_back(std::string(route.method) + " " + route.pattern);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(RouteTableTest, WhatThereIsForOtherMethodsSaysSo) {
    const Answer answer = ask("PUT", "/api/v1/meetings", own_page());
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, POST");
    EXPECT_EQ(ask("POST", "/healthz").header("allow"), "GET, HEAD");
    EXPECT_EQ(ask("PUT", "/api/v1/nothing", own_page()).status, 404);
}

TEST_F(RouteTableTest, ASocketWithoutAnUpgradeIsNotThere) {
    EXPECT_EQ(ask("GET", "/api/v1/meetings/x/live").status, 404);
    EXPECT_EQ(ask("GET", "/rtc/v1").status, 404);
}

}  // namespace
}  // namespace conclave::server

#include "server/meeting_rules.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

using conference::MediaRights;

conference::MeetingMedia rules_of(const std::string& room, MediaRights others = {}) {
    return {room, others, {}};
}
bool everybody_has_left(const std::string&) {
    return true;
}

TEST(MeetingRules, WhatIsSaidReplacesWhatWasSaid) {
    MeetingRules rules;
    EXPECT_FALSE(rules.find("a"));
    conference::MeetingMedia first = rules_of("a");
    first.named["alice"] = MediaRights::all();
    rules.keep(first, everybody_has_left);
    ASSERT_TRUE(rules.find("a"));
    EXPECT_EQ(rules.find("a")->named.size(), 1u);
    rules.keep(rules_of("a", MediaRights::all()), everybody_has_left);
    EXPECT_EQ(rules.find("a")->others, MediaRights::all());
    EXPECT_TRUE(rules.find("a")->named.empty());
    rules.forget("a");
    EXPECT_FALSE(rules.find("a"));
}

TEST(MeetingRules, TheOldestOfThoseThatNobodyIsInAreForgotten) {
    MeetingRules rules;
    const auto is_idle = [](const std::string& room) { return room != "0"; };
    for (size_t i = 0; i < MeetingRules::kIdleMax; ++i) rules.keep(rules_of(std::to_string(i)), is_idle);
    rules.keep(rules_of("1"), is_idle);  // once more: the oldest is 2 now
    rules.keep(rules_of("new"), is_idle);
    EXPECT_EQ(rules.size(), MeetingRules::kIdleMax);
    EXPECT_TRUE(rules.find("0"));
    EXPECT_TRUE(rules.find("1"));
    EXPECT_FALSE(rules.find("2"));
    EXPECT_TRUE(rules.find("new"));
}

TEST(MeetingRules, NoneIsForgottenWhileSomebodyIsIn) {
    MeetingRules rules;
    const auto is_idle = [](const std::string&) { return false; };
    for (size_t i = 0; i <= MeetingRules::kIdleMax; ++i) rules.keep(rules_of(std::to_string(i)), is_idle);
    EXPECT_EQ(rules.size(), MeetingRules::kIdleMax + 1);
}

}  // namespace
}  // namespace conclave::server

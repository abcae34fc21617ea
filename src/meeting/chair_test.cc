// No meeting runs without a chair: who follows, when, and what happens when nobody can.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

// The owner gave the chair to dan; ada, a deputy, and others are here.
Sitting chaired_by_dan() {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    EXPECT_EQ(s.run("ada", SetRole{"dan", Role::Chair}), std::nullopt);
    return s;
}

TEST(Succession, ADeputyFollowsWithinFiveSeconds) {
    Sitting s = chaired_by_dan();
    s.pass(Duration::seconds(90));
    s.drop("dan");
    s.pass(kSuccessionAfter - Duration::millis(1));
    EXPECT_EQ(s.chair(), "dan") << "may come back";
    s.pass(Duration::millis(1));
    EXPECT_EQ(s.chair(), "ada");
    EXPECT_EQ(s.role("dan"), Role::Deputy);
    EXPECT_EQ(s.run("dan", Connect{}), std::nullopt);
    EXPECT_EQ(s.chair(), "ada") << "it is not taken back by coming back";
}

TEST(Succession, AChairWhoIsBackInTimeKeepsIt) {
    Sitting s = chaired_by_dan();
    s.drop("dan");
    s.pass(kSuccessionAfter - Duration::millis(100));
    EXPECT_EQ(s.run("dan", Connect{}), std::nullopt);
    s.pass(Duration::minutes(2));
    EXPECT_EQ(s.chair(), "dan");
}

TEST(Succession, AChairWhoLeavesIsFollowedAtOnce) {
    Sitting s = chaired_by_dan();
    EXPECT_EQ(s.run("dan", Leave{}), std::nullopt);
    EXPECT_EQ(s.chair(), "ada");
}

TEST(Succession, GoesToDeputiesThenOwnerThenPresentersThenAgentsTheFirstComeFirst) {
    Sitting s = chaired_by_dan();
    s.come("guest");
    for (const char* id : {"zoe", "leo"}) s.come(id, agent(id));  // zoe came first, leo sorts first
    s.come("pia");
    s.come("max", agent("max"));
    ASSERT_EQ(s.run("ada", SetRole{"pia", Role::Presenter}), std::nullopt);
    ASSERT_EQ(s.run("ada", SetRole{"max", Role::Deputy}), std::nullopt);
    ASSERT_EQ(s.run("dan", SetRole{"ada", Role::Observer}), std::nullopt);
    for (const char* next : {"max", "ada", "pia", "zoe", "leo"}) {
        EXPECT_EQ(s.run(s.chair(), Leave{}), std::nullopt);
        EXPECT_EQ(s.chair(), next);
    }
    EXPECT_EQ(s.run("leo", Leave{}), std::nullopt);
    EXPECT_EQ(s.role("guest"), Role::Participant) << "a guest who only takes part never chairs";
}

TEST(Succession, WhoIsNotHereDoesNotFollow) {
    Sitting s = chaired_by_dan();
    s.come("eve", agent("eve"));
    s.drop("ada");
    EXPECT_EQ(s.run("dan", Leave{}), std::nullopt);
    EXPECT_EQ(s.chair(), "eve");
}

// Nobody can follow: after a minute nobody is heard.
TEST(Suspension, ComesAMinuteAfterTheChairWasLostWhetherTheSeatIsKeptOrNot) {
    for (const bool leaves : {false, true}) {
        Sitting s = Sitting::begun();
        s.come("bob");
        s.pass(Duration::minutes(3));
        if (leaves) {
            EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
        } else {
            s.drop("ada");
        }
        s.pass(kSuspendAfter - Duration::millis(1));
        EXPECT_FALSE(s.state.is_suspended);
        EXPECT_TRUE(s.right("bob").microphone);
        s.pass(Duration::millis(1));
        EXPECT_TRUE(s.state.is_suspended) << leaves;
        EXPECT_EQ(s.right("bob"), Rights{});
    }
}

TEST(Suspension, EndsWhenTheChairOrASuccessorComes) {
    for (const char* saviour : {"ada", "dan"}) {
        Sitting s = Sitting::begun();
        s.come("bob");
        EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
        s.pass(Duration::minutes(2));
        ASSERT_TRUE(s.state.is_suspended);
        s.come("eve");
        EXPECT_TRUE(s.state.is_suspended) << "a guest saves nobody";
        s.come(saviour, saviour == std::string("ada") ? owner() : agent("dan"));
        EXPECT_FALSE(s.state.is_suspended);
        EXPECT_EQ(s.chair(), saviour);
        EXPECT_TRUE(s.right("bob").microphone);
        EXPECT_EQ(s.count<Suspended>(), 2u);
    }
}

TEST(Suspension, TheTimeGoesOn) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    s.pass(Duration::minutes(41));
    EXPECT_FALSE(s.state.is_running());
    EXPECT_EQ(s.state.closing, Closing::Time);
}

TEST(Succession, TheOwnerWhoComesBackToAChairedMeetingIsNoSecondChair) {
    Sitting s = chaired_by_dan();
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    s.come("ada", owner());
    EXPECT_EQ(s.chair(), "dan");
    EXPECT_EQ(s.run("ada", SetRole{"ada", Role::Chair}), std::nullopt);
    EXPECT_EQ(s.chair(), "ada");
    EXPECT_EQ(s.role("dan"), Role::Deputy);
}

}  // namespace
}  // namespace conclave::meeting

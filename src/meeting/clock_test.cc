// Forty minutes are forty minutes.
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

using Minutes = std::vector<int64_t>;

Extend extend(Duration by, std::string reason = "one more point") {
    return {by, std::move(reason)};
}

TEST(Clock, WarnsAtTenFiveOneAndTheEndAndClosesAfterTheGrace) {
    Sitting s = Sitting::begun();
    s.pass(Duration::minutes(30) - Duration::millis(1));
    EXPECT_EQ(s.warnings(), Minutes{});
    s.pass(Duration::millis(1));
    EXPECT_EQ(s.warnings(), (Minutes{10}));
    s.pass(Duration::minutes(5));
    EXPECT_EQ(s.warnings(), (Minutes{10, 5}));
    s.pass(Duration::minutes(4));
    EXPECT_EQ(s.warnings(), (Minutes{10, 5, 1}));
    s.pass(Duration::minutes(1));
    EXPECT_EQ(s.warnings(), (Minutes{10, 5, 1, 0}));
    s.pass(Duration::minutes(1) - Duration::millis(1));
    EXPECT_TRUE(s.state.is_running()) << "the grace";
    EXPECT_TRUE(s.right("ada").microphone);
    s.pass(Duration::millis(1));
    EXPECT_FALSE(s.state.is_running());
    EXPECT_EQ(s.state.closing, Closing::Time);
    EXPECT_EQ(s.state.closed_at, kStart + Duration::minutes(41));
    EXPECT_TRUE(rights(s.state).empty());
}

TEST(Clock, AShortMeetingGoesWithoutTheWarningsItHasNoRoomFor) {
    Sitting s = Sitting::begun({.length = Duration::minutes(5)});
    s.pass(Duration::minutes(6));
    EXPECT_EQ(s.warnings(), (Minutes{1, 0}));
    Sitting longer = Sitting::begun({.length = Duration::minutes(5)});
    EXPECT_EQ(longer.run("ada", extend(Duration::minutes(10))), std::nullopt);
    longer.pass(Duration::minutes(16));
    EXPECT_EQ(longer.warnings(), (Minutes{10, 5, 1, 0})) << "extended it has";
}

TEST(Clock, WarnsOnceOfWhatIsLeftWhenTimeWasMissed) {
    Sitting s = Sitting::begun();
    s.now = kStart + Duration::seconds(39 * 60 + 30);  // the process was stopped
    s.settle();
    EXPECT_EQ(s.warnings(), (Minutes{1}));
    s.now = kStart + Duration::minutes(90);
    s.settle();
    EXPECT_EQ(s.state.closing, Closing::Time);
}

TEST(Clock, IsExtendedWithAReasonWithinTheBound) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run("bob", extend(Duration::minutes(5))), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(5), "")), Refusal::TextRequired);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(5), std::string(201, 'x'))), Refusal::TextTooLong);
    EXPECT_EQ(s.run("ada", extend(Duration::seconds(59))), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(21))), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(15))), std::nullopt);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(6))), Refusal::TooMuch) << "all together";
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(5))), std::nullopt);
    EXPECT_EQ(s.state.ends_at, kStart + Duration::minutes(60));
    s.pass(Duration::minutes(61));
    EXPECT_EQ(s.state.closed_at, kStart + Duration::minutes(61));
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(5))), Refusal::NotInMeeting);
}

TEST(Clock, AnExtensionInTheGraceStillCounts) {
    Sitting s = Sitting::begun();
    s.pass(Duration::seconds(40 * 60 + 30));
    EXPECT_EQ(s.warnings().back(), 0);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(10))), std::nullopt);
    s.pass(Duration::minutes(9));
    EXPECT_TRUE(s.state.is_running());
    EXPECT_EQ(s.warnings().back(), 1);
}

TEST(Clock, APauseStopsItAndWhatIsLeftOfItIsGivenBack) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.pass(Duration::minutes(30));
    EXPECT_EQ(s.run("bob", Pause{Duration::minutes(5)}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(21)}), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", Pause{Duration::seconds(59)}), Refusal::TooMuch);
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(15)}), std::nullopt);
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(1)}), Refusal::NotNow);
    s.pass(Duration::minutes(5));
    EXPECT_EQ(s.warnings(), (Minutes{10})) << "no warning in a pause";
    EXPECT_EQ(s.run("bob", Continue{}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", Continue{}), std::nullopt);
    EXPECT_EQ(s.state.ends_at, kStart + Duration::minutes(45));
    EXPECT_EQ(s.state.paused, Duration::minutes(5));
    EXPECT_EQ(s.run("ada", Continue{}), std::nullopt);
    EXPECT_TRUE(s.last.empty());
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(15)}), std::nullopt) << "five of twenty are used";
    s.pass(Duration::minutes(15));
    EXPECT_FALSE(s.state.paused_until) << "ends of itself";
    EXPECT_EQ(s.state.ends_at, kStart + Duration::minutes(60));
    EXPECT_EQ(s.run("ada", Pause{Duration::minutes(1)}), Refusal::TooMuch);
}

TEST(Clock, AMeetingThatEverybodyLeftIsClosedAfterFiveMinutes) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.pass(Duration::minutes(10));
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    EXPECT_EQ(s.run("bob", Leave{}), std::nullopt);
    s.pass(Duration::minutes(3));
    EXPECT_EQ(s.arrive("eve", knocking()), std::nullopt);
    EXPECT_EQ(s.run("eve", Leave{}), std::nullopt);
    s.pass(Duration::minutes(2) - Duration::millis(1));
    EXPECT_TRUE(s.state.is_running());
    s.pass(Duration::millis(1));
    EXPECT_EQ(s.state.closing, Closing::Abandoned) << "knocking at an empty room keeps it from nothing";
    EXPECT_EQ(next_tick(s.state, s.now), std::nullopt);
}

TEST(Clock, ComingBackInTimeSavesIt) {
    Sitting s = Sitting::begun();
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    s.pass(kAbandonAfter - Duration::seconds(1));
    s.come("ada", owner());
    s.pass(Duration::minutes(10));
    EXPECT_TRUE(s.state.is_running());
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    s.pass(kAbandonAfter - Duration::millis(1));
    EXPECT_TRUE(s.state.is_running()) << "counted anew";
}

TEST(Rest, LastsAsLongAsTheTermsSayAlsoWhenOneSkipsIt) {
    Sitting s = Sitting::begun();
    EXPECT_FALSE(s.state.rests(s.now));
    EXPECT_EQ(s.run("ada", Close{}), std::nullopt);
    EXPECT_TRUE(s.state.rests(s.now + Duration::millis(299'999)));
    EXPECT_FALSE(s.state.rests(s.now + Duration::minutes(5)));
    EXPECT_EQ(s.run("", OverrideRest{kOwner, ""}), Refusal::TextRequired);
    EXPECT_EQ(s.run("", OverrideRest{kOwner, "fire"}), std::nullopt);
    EXPECT_TRUE(s.state.rests(s.now)) << "for everybody else";
}

TEST(Sitting, TheNextOneBeginsAnew) {
    Sitting s = Sitting::begun();
    s.come("bob");
    s.come("dan", agent("dan"));
    ASSERT_EQ(s.run("bob", RaiseHand{}), std::nullopt);
    ASSERT_EQ(s.run("ada", Stop{"dan", Source::Microphone, true}), std::nullopt);
    ASSERT_EQ(s.run("ada", Say{{}, "hello"}), std::nullopt);
    ASSERT_EQ(s.run("ada", Lock{true}), std::nullopt);
    ASSERT_EQ(s.run("ada", extend(Duration::minutes(20))), std::nullopt);
    ASSERT_EQ(s.run("ada", Close{}), std::nullopt);
    EXPECT_FALSE(s.state.find("bob")) << "guests are nobody after it";
    s.pass(Duration::minutes(10));
    s.come("ada", owner());
    EXPECT_EQ(s.state.started_at, s.now);
    EXPECT_EQ(s.state.ends_at, s.now + Duration::minutes(40));
    EXPECT_TRUE(s.state.messages.empty());
    EXPECT_TRUE(s.queue().empty());
    EXPECT_FALSE(s.state.is_locked);
    EXPECT_EQ(s.run("ada", extend(Duration::minutes(20))), std::nullopt);
    s.come("dan", agent("dan"));
    EXPECT_TRUE(s.right("dan").microphone);
    EXPECT_EQ(s.person("dan").namesake, 1);
    EXPECT_EQ(text_of_state(s.replayed), text_of_state(s.state));
}

}  // namespace
}  // namespace conclave::meeting

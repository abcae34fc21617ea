// Random people, commands and delays on a fake clock. What must hold after every event is checked by Sitting.
#include "meeting/test_chance.h"
#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

const std::vector<PersonId> kPeople = {"ada", "dan", "eve", "bob", "kim", "leo", "pia", "nobody"};

Who who_is(Chance& chance, const PersonId& id) {
    Who who;
    if (id == "ada") who = owner();
    if (id == "dan" || id == "eve") who = agent(id);
    who.name = chance.one_in(4) ? "Bob" : id;
    who.needs_admission = chance.one_in(3);
    if (id == "pia") who.invitation = "i0";
    return who;
}

// One step: by whom, and what.
Command any_command(Chance& chance, const State& state) {
    const PersonId id = chance.of(kPeople);
    switch (chance.below(10)) {
        case 0:
        case 1: {
            const Who who = who_is(chance, id);
            return {"", Arrive{.person = id,
                               .kind = who.kind,
                               .account = who.account,
                               .name = who.name,
                               .invitation = who.invitation,
                               .needs_admission = who.needs_admission}};
        }
        case 2:
        case 3:
            return {id, Connect{}};
        case 4:
            if (chance.one_in(2)) return {id, Disconnect{}};
            return {"",
                    NoteAirtime{
                        .shares = {{id, Duration::micros(static_cast<int64_t>(chance.below(40'000'000)))}},
                        .overlap = Duration::micros(static_cast<int64_t>(chance.below(5'000'000)))}};
        case 5:
            if (chance.one_in(2)) {
                Invite wish;
                wish.id = "i" + std::to_string(chance.below(4));
                wish.role = chance.any(Role::Chair);
                if (chance.one_in(2)) wish.email = "eve@ailleurs.fr";
                return {chance.one_in(2) ? kOwner : id, wish};
            }
            if (chance.one_in(3)) return {id, RevokeInvitation{"i" + std::to_string(chance.below(4))}};
            if (chance.one_in(9)) return {"", OverrideRest{kOwner, "because"}};
            if (chance.one_in(9))
                return {kOwner, Plan{{static_cast<int64_t>(chance.below(1000)) * 60'000'000},
                                     Duration::minutes(40),
                                     Duration::minutes(60),
                                     "Europe/Paris"}};
            if (chance.one_in(60)) return {kOwner, End{}};
            break;
        default:
            break;
    }
    return {chance.one_in(3) ? "ada" : id, any_wish(chance, state, kPeople)};
}

TEST(Property, WhatMustHoldHoldsAndTheRecordMakesTheSameMeeting) {
    constexpr uint64_t kRuns = 2000;
    constexpr int kSteps = 60;
    size_t events = 0;
    std::set<std::string_view> kinds;
    for (uint64_t seed = 1; seed <= kRuns; ++seed) {
        SCOPED_TRACE(seed);
        Chance chance(seed);
        Sitting s(any_terms(chance));
        if (chance.one_in(2)) s.come("ada", owner());
        for (int step = 0; step < kSteps; ++step) {
            const Command command = any_command(chance, s.state);
            (void)s.run(command.by, command.wanted);
            if (chance.one_in(2)) s.pass(chance.delay());
        }
        ASSERT_EQ(text_of_state(s.replayed), text_of_state(s.state));
        events += s.events.size();
        for (const Event& event : s.events) kinds.insert(kind_of(event));
        if (testing::Test::HasFailure()) return;
    }
    std::string seen;
    for (const std::string_view kind : kinds) seen += std::string(kind) + " ";
    EXPECT_EQ(kinds.size(), std::variant_size_v<What>) << "every kind of event came about: " << seen;
    RecordProperty("events", static_cast<int>(events));
}

// Ticking exactly when next_tick says so leads to the same events as ticking all the time.
TEST(Property, NextTickNeverLies) {
    constexpr Duration kOften = Duration::millis(100);
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Chance chance(seed);
        const policy::Terms terms = any_terms(chance);
        Sitting seldom(terms);
        Sitting often(terms);
        for (int step = 0; step < 60; ++step) {
            const Command command = any_command(chance, seldom.state);
            const Duration delay = chance.delay();
            ASSERT_EQ(seldom.run(command.by, command.wanted), often.run(command.by, command.wanted));
            seldom.pass(delay);
            for (const WallTime end = often.now + delay; often.now < end;) {
                often.now = often.now + kOften;
                const Decision due = decide(often.state, {{}, Tick{}}, often.now);
                if (due && !due->empty()) often.settle();
            }
        }
        ASSERT_EQ(seldom.events.size(), often.events.size());
        for (size_t i = 0; i < seldom.events.size(); ++i) {
            const Record a = record_of(seldom.events[i]);
            const Record b = record_of(often.events[i]);
            ASSERT_EQ(a.at, b.at) << a.kind << " instead of " << b.kind << " at " << i;
            ASSERT_EQ(a.kind + a.body + a.personal, b.kind + b.body + b.personal);
        }
    }
}

// What is personal may be forgotten at any time: the record still makes a meeting, and only texts are
// missing.
TEST(Property, ARecordWithoutWhatWasPersonalStillReplays) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        Chance chance(seed);
        Sitting s(any_terms(chance));
        for (int step = 0; step < 60; ++step) {
            const Command command = any_command(chance, s.state);
            (void)s.run(command.by, command.wanted);
            s.pass(chance.delay());
        }
        State forgetful;
        for (const Event& event : s.events) {
            Record record = record_of(event);
            record.personal.clear();
            const Result<Event, RecordFault> read = event_of(record);
            ASSERT_TRUE(read) << record.kind;
            evolve(forgetful, *read);
            check_always(forgetful);
        }
        EXPECT_EQ(forgetful.number, s.state.number);
        EXPECT_EQ(forgetful.messages.size(), s.state.messages.size());
        EXPECT_EQ(text_of(json_of(forgetful.floor)), text_of(json_of(s.state.floor)));
        for (const auto& [id, person] : s.state.people) {
            ASSERT_TRUE(forgetful.find(id));
            EXPECT_EQ(forgetful.find(id)->role, person.role);
            EXPECT_EQ(forgetful.find(id)->presence, person.presence);
        }
    }
}

}  // namespace
}  // namespace conclave::meeting

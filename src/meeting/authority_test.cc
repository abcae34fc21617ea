// Who may do what: the table as people would write it down, beside the one that decides.
#include "meeting/authority.h"

#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

// Each line: the act, then observer, participant, presenter, deputy, chair, and the owner as an observer.
// y: yes, -: no, a: agents only, m: in a meeting only, not in a webinar.
struct Line {
    Act act;
    const char* roles;
};
constexpr Line kTable[] = {
    {Act::Admit, "---yyy"},      {Act::Remove, "---yyy"},   {Act::SetRole, "----yy"},
    {Act::Lock, "---yyy"},       {Act::Invite, "-aaaaa"},   {Act::LeadFloor, "---yyy"},
    {Act::StopOthers, "---yyy"}, {Act::Extend, "---yyy"},   {Act::Pause, "---yyy"},
    {Act::LeadAgenda, "---yyy"}, {Act::Moderate, "---yyy"}, {Act::GoLive, "---yyy"},
    {Act::Close, "----yy"},      {Act::Speak, "yyyyyy"},    {Act::Write, "mmyyyy"},
    {Act::Ask, "yyyyyy"},        {Act::TakePart, "-yyyyy"},
};

TEST(Authority, IsAsTheTableSays) {
    size_t cells = 0;
    for (const auto format : {policy::Format::Meeting, policy::Format::Webinar}) {
        for (const Line& line : kTable) {
            for (size_t column = 0; column < 6; ++column) {
                for (const Kind kind : {Kind::Guest, Kind::Agent}) {
                    for (int presence = 0; presence <= static_cast<int>(Presence::Banned); ++presence) {
                        State state;
                        state.owner = kOwner;
                        state.terms.format = format;
                        Person person;
                        person.id = "x";
                        person.kind = kind;
                        person.role = column == 5 ? Role::Observer : static_cast<Role>(column);
                        person.account = column == 5 ? kOwner : kind == Kind::Agent ? "other" : "";
                        person.presence = static_cast<Presence>(presence);
                        const char cell = line.roles[column];
                        const bool is_meeting = format == policy::Format::Meeting;
                        const bool yes = cell == 'y' || (cell == 'a' && kind == Kind::Agent) ||
                                         (cell == 'm' && is_meeting);
                        EXPECT_EQ(may(state, person, line.act), yes && person.presence == Presence::In)
                            << static_cast<int>(line.act) << " column " << column << " presence " << presence;
                        ++cells;
                    }
                }
            }
        }
    }
    EXPECT_EQ(cells, 17u * 6 * 2 * 2 * 5);
}

TEST(Authority, NobodyOwnsByHavingNoAccount) {
    State state;
    Person person;
    EXPECT_FALSE(is_owner(state, person)) << "an empty account is not the empty owner's";
}

TEST(Roles, AreGivenByTheChairAndTheOwnerOnly) {
    Sitting s = Sitting::begun();
    for (const char* id : {"dan", "eve", "bob"}) s.come(id, agent(id));
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Deputy}), std::nullopt);
    EXPECT_EQ(s.run("dan", SetRole{"bob", Role::Deputy}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("bob", SetRole{"bob", Role::Chair}), Refusal::NotAllowed);
    EXPECT_EQ(s.run("ada", SetRole{"nobody", Role::Deputy}), Refusal::NoSuchPerson);
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Participant}), std::nullopt);
    EXPECT_TRUE(s.last.empty());
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Observer}), std::nullopt);
    EXPECT_EQ(s.role("bob"), Role::Observer);
    EXPECT_EQ(s.run("ada", Leave{}), std::nullopt);
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Chair}), Refusal::NotInMeeting);
}

TEST(Roles, WaitingOnesAreGivenNone) {
    Sitting s = Sitting::begun();
    s.come("bob", knocking());
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Deputy}), Refusal::NoSuchPerson);
}

TEST(Roles, TheChairIsHandedOverNeverPutDown) {
    Sitting s = Sitting::begun();
    s.come("bob");
    EXPECT_EQ(s.run("ada", SetRole{"ada", Role::Participant}), Refusal::ChairNeeded);
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Chair}), std::nullopt);
    EXPECT_EQ(s.chair(), "bob");
    EXPECT_EQ(s.role("ada"), Role::Deputy);
    EXPECT_EQ(s.run("ada", SetRole{"bob", Role::Observer}), Refusal::ChairNeeded);
    EXPECT_EQ(s.run("ada", SetRole{"ada", Role::Chair}), std::nullopt) << "the owner takes it back";
    EXPECT_EQ(s.chair(), "ada");
    EXPECT_EQ(s.role("bob"), Role::Deputy);
}

TEST(Roles, OfAgentsOutliveASitting) {
    Sitting s = Sitting::begun();
    s.come("dan", agent("dan"));
    ASSERT_EQ(s.run("ada", SetRole{"dan", Role::Presenter}), std::nullopt);
    ASSERT_EQ(s.run("ada", Close{}), std::nullopt);
    s.pass(Duration::minutes(10));
    s.come("dan", agent("dan"));
    EXPECT_EQ(s.role("dan"), Role::Presenter);
    s.come("ada", owner());
    EXPECT_EQ(s.chair(), "ada");
}

}  // namespace
}  // namespace conclave::meeting

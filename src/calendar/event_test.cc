// What is written is read back by the library's own parser, and held against RFC 5546's tables by it.
#include "calendar/event.h"

#include <gtest/gtest.h>
#include <libical/ical.h>

#include <memory>

namespace conclave::calendar {
namespace {

struct Free {
    void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, Free>;

Event event() {
    return {.uid = "abcde-fghij@visio.ville.fr",
            .sequence = 3,
            .stamp = WallTime::from_unix_seconds(1'795'651'200),
            .begin = WallTime::from_unix_seconds(1'795'651'200 + 9 * 3600),
            .length = Duration::minutes(40),
            .summary = "Budget",
            .description = "Bonjour,\nhttps://visio.ville.fr/m/abc\n",
            .url = "https://visio.ville.fr/m/abc#secret",
            .organizer = Person{"Ada Lovelace", "ada@ville.fr"},
            .attendee = Person{"", "bob@ailleurs.fr"}};
}

Component parse(const std::string& text) {
    return Component(icalparser_parse_string(text.c_str()));
}
icalcomponent* entry(const Component& calendar) {
    return icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
}

TEST(Event, IsWhatWasAskedFor_RFC5545) {
    const std::string text = *compose(Method::Request, event());
    const Component calendar = parse(text);
    ASSERT_TRUE(calendar);
    EXPECT_EQ(icalcomponent_count_errors(calendar.get()), 0);
    EXPECT_TRUE(icalrestriction_check(calendar.get())) << text;
    EXPECT_EQ(icalcomponent_get_method(calendar.get()), ICAL_METHOD_REQUEST);
    icalcomponent* one = entry(calendar);
    ASSERT_TRUE(one);
    EXPECT_STREQ(icalcomponent_get_uid(one), "abcde-fghij@visio.ville.fr");
    EXPECT_EQ(icalcomponent_get_sequence(one), 3);
    EXPECT_STREQ(icalcomponent_get_summary(one), "Budget");
    EXPECT_STREQ(icalcomponent_get_description(one), "Bonjour,\nhttps://visio.ville.fr/m/abc\n");
    EXPECT_NE(text.find("DTSTART:20261126T090000Z\r\n"), std::string::npos) << text;
    EXPECT_NE(text.find("DTEND:20261126T094000Z\r\n"), std::string::npos);
    EXPECT_NE(text.find("DTSTAMP:20261126T000000Z\r\n"), std::string::npos);
    EXPECT_NE(text.find("TRIGGER:-PT5M\r\n"), std::string::npos);
    icalproperty* organizer = icalcomponent_get_first_property(one, ICAL_ORGANIZER_PROPERTY);
    EXPECT_STREQ(icalproperty_get_organizer(organizer), "mailto:ada@ville.fr");
    icalproperty* attendee = icalcomponent_get_first_property(one, ICAL_ATTENDEE_PROPERTY);
    EXPECT_STREQ(icalproperty_get_attendee(attendee), "mailto:bob@ailleurs.fr");
    EXPECT_FALSE(icalcomponent_get_next_property(one, ICAL_ATTENDEE_PROPERTY));
}

TEST(Event, ACancellationIsOne_RFC5546_3_2_5) {
    const std::string text = *compose(Method::Cancel, event());
    const Component calendar = parse(text);
    EXPECT_TRUE(icalrestriction_check(calendar.get())) << text;
    EXPECT_EQ(icalcomponent_get_method(calendar.get()), ICAL_METHOD_CANCEL);
    EXPECT_EQ(icalcomponent_get_status(entry(calendar)), ICAL_STATUS_CANCELLED);
    EXPECT_EQ(text.find("VALARM"), std::string::npos);
}

TEST(Event, AFileNamesNobody) {
    Event plain = event();
    plain.organizer.reset();
    plain.attendee.reset();
    const std::string text = *compose(Method::Publish, plain);
    const Component calendar = parse(text);
    EXPECT_EQ(icalcomponent_get_method(calendar.get()), ICAL_METHOD_PUBLISH);
    EXPECT_EQ(text.find("mailto:"), std::string::npos);
}

// Row A19 for calendars: no value becomes a line, a property or a component of its own.
TEST(Event, A19_NoTextBecomesAProperty) {
    for (const char* evil : {"x\r\nATTENDEE:mailto:eve@x.fr", "x\nATTENDEE:mailto:eve@x.fr", "x\rATTENDEE:x",
                             "\t", "\x7f", "\xff"}) {
        for (std::string Event::*const field : {&Event::uid, &Event::summary, &Event::url}) {
            Event one = event();
            one.*field = evil;
            EXPECT_FALSE(compose(Method::Request, one)) << evil;
        }
        Event named = event();
        named.organizer->name = evil;
        EXPECT_FALSE(compose(Method::Request, named)) << evil;
        Event addressed = event();
        addressed.attendee->email = evil;
        EXPECT_FALSE(compose(Method::Request, addressed)) << evil;
    }
    Event described = event();
    described.description = "a\r\nb";
    EXPECT_FALSE(compose(Method::Request, described));
}

TEST(Event, TextsThatLookLikeSyntaxAreOnlyText) {
    Event sly = event();
    sly.summary = "a;b,c:d\\n\"e\" BEGIN:VEVENT é";
    sly.description = "END:VEVENT\nBEGIN:VEVENT\nATTENDEE:mailto:eve@x.fr\n;,\\\n";
    sly.organizer->name = "A\"; X=\"B:mailto:eve@x.fr";
    const std::string text = *compose(Method::Request, sly);
    const Component calendar = parse(text);
    EXPECT_EQ(icalcomponent_count_components(calendar.get(), ICAL_VEVENT_COMPONENT), 1);
    EXPECT_EQ(icalcomponent_count_errors(calendar.get()), 0) << text;
    icalcomponent* one = entry(calendar);
    EXPECT_EQ(icalcomponent_count_properties(one, ICAL_ATTENDEE_PROPERTY), 1);
    EXPECT_EQ(icalcomponent_get_summary(one), sly.summary);
    EXPECT_EQ(icalcomponent_get_description(one), sly.description);
    icalproperty* organizer = icalcomponent_get_first_property(one, ICAL_ORGANIZER_PROPERTY);
    EXPECT_STREQ(icalproperty_get_organizer(organizer), "mailto:ada@ville.fr");
}

TEST(Event, LongLinesAreFolded_RFC5545_3_1) {
    Event wordy = event();
    wordy.summary.clear();
    for (int i = 0; i < 60; ++i) wordy.summary += "éà,";
    const std::string text = *compose(Method::Request, wordy);
    size_t column = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        column = text[i] == '\n' ? 0 : column + 1;
        EXPECT_LE(column, 76u) << "75 and the CR";
        if (text[i] == '\n') {
            EXPECT_EQ(text[i - 1], '\r');
        }
    }
    EXPECT_EQ(icalcomponent_get_summary(entry(parse(text))), wordy.summary);
}

}  // namespace
}  // namespace conclave::calendar

#include "meeting/record.h"

#include "meeting/test_sitting.h"

namespace conclave::meeting {
namespace {

TEST(Record, KeepsWhatIsPersonalApart) {
    const Record said = record_of({7, kStart, "bob", Said{"eve", "a secret"}});
    EXPECT_EQ(said.kind, "said");
    EXPECT_EQ(said.body, R"({"to":"eve"})");
    EXPECT_EQ(said.personal, R"({"text":"a secret"})");
    const Record arrived = record_of({7, kStart, "", Arrived{.person = "g1", .name = "Bob"}});
    EXPECT_EQ(arrived.body.find("Bob"), std::string::npos);
    EXPECT_EQ(record_of({7, kStart, "", Started{}}).personal, "");
}

TEST(Record, WhatIsNoRecordIsAFaultNotACrash) {
    const auto fault = [](std::string kind, std::string body, std::string personal = {}) {
        const Result<Event, RecordFault> event =
            event_of({.number = 1, .at = kStart, .by = {}, .kind = kind, .body = body, .personal = personal});
        return event ? std::nullopt : std::optional(event.error());
    };
    EXPECT_EQ(fault("started", "{}"), std::nullopt);
    EXPECT_EQ(fault("unheard_of", "{}"), RecordFault::UnknownKind);
    EXPECT_EQ(fault("started", ""), RecordFault::BadJson);
    EXPECT_EQ(fault("started", "[]"), RecordFault::BadJson);
    EXPECT_EQ(fault("said", R"({"to":""})", "nonsense"), RecordFault::BadJson);
    EXPECT_EQ(fault("locked", "{}"), RecordFault::BadField);
    EXPECT_EQ(fault("locked", R"({"locked":1})"), RecordFault::BadField);
    EXPECT_EQ(fault("role", R"({"person":"a","role":"king"})"), RecordFault::BadField);
    EXPECT_EQ(fault("warned", R"({"minutes":1e99})"), RecordFault::BadField);
    EXPECT_EQ(fault("warned", R"({"minutes":18446744073709551615})"), RecordFault::BadField);
    EXPECT_EQ(fault("hand_moved", R"({"person":"a","position":-1})"), RecordFault::BadField);
}

TEST(Record, TextThatIsNoUtf8StaysReadable) {
    const Record record = record_of({1, kStart, "", Said{{}, "a\xff"}});
    ASSERT_TRUE(event_of(record));
    EXPECT_EQ(std::get<Said>(event_of(record)->what).text, "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace conclave::meeting

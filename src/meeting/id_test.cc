#include "meeting/id.h"

#include <gtest/gtest.h>

#include <set>

namespace conclave::meeting {
namespace {

TEST(MeetingId, IsReadableAndUsesTheWholeAlphabet) {
    SeededRng rng(1);
    std::set<std::string> ids;
    std::set<char> letters;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = make_id(rng);
        EXPECT_TRUE(is_id(id)) << id;
        EXPECT_EQ(id.size(), 23u);
        letters.insert(id.begin(), id.end());
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 1000u);
    EXPECT_EQ(letters.size(), 33u);  // 32 symbols and the hyphen
}

// With ten thousand meetings open a guess is right once in 2^86.
TEST(MeetingId, A14_AMillionGuessesFindNothing) {
    SeededRng server(1), stranger(2);
    std::set<std::string> open;
    for (int i = 0; i < 10'000; ++i) open.insert(make_id(server));
    EXPECT_EQ(open.size(), 10'000u);
    int hits = 0;
    for (int i = 0; i < 1'000'000; ++i) hits += open.contains(make_id(stranger)) ? 1 : 0;
    EXPECT_EQ(hits, 0);
}

TEST(MeetingId, OtherTextIsNoId) {
    for (const char* text :
         {"", "00000", "00000-00000-00000-0000", "00000-00000-00000-000000", "00000000000000000000000",
          "0000-000000-00000-00000", "00000-00000-00000-0000I", "00000-00000-00000-0000A",
          "00000-00000-00000-0000u", "00000/00000/00000/00000"}) {
        EXPECT_FALSE(is_id(text)) << text;
    }
}

}  // namespace
}  // namespace conclave::meeting

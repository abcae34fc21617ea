#include "base/text.h"

#include <gtest/gtest.h>

namespace conclave {
namespace {

TEST(CleanLine, TrimsAndKeepsWhatPeopleAreCalled) {
    EXPECT_EQ(*clean_line("  Zoé O'Brien-Müller \t\n", 80), "Zoé O'Brien-Müller");
    EXPECT_EQ(*clean_line("\xe3\x80\x80山田 太郎\xc2\xa0", 80), "山田 太郎");
    EXPECT_EQ(*clean_line("नि\xe2\x80\x8dम", 80), "नि\xe2\x80\x8dम");  // zero width joiner
    EXPECT_EQ(*clean_line("👩\xe2\x80\x8d🚀", 80), "👩\xe2\x80\x8d🚀");
}

TEST(CleanLine, CountsCodePointsNotBytes) {
    EXPECT_TRUE(clean_line("éééé", 4));
    EXPECT_EQ(clean_line("ééééé", 4).error(), TextFault::TooLong);
    EXPECT_TRUE(clean_line("   abcd   ", 4));
}

TEST(CleanLine, NothingVisibleIsEmpty) {
    for (const char* text : {"", " ", "\t\r\n", "\xe2\x80\x83", "\xe2\x80\x8d", "\xe2\x80\x8d\xef\xb8\x8f",
                             "\xe1\xa0\x8b", "\xe2\xa0\x80"}) {
        ASSERT_FALSE(clean_line(text, 80)) << text;
        EXPECT_EQ(clean_line(text, 80).error(), TextFault::Empty) << text;
    }
}

TEST(CleanLine, A8_RefusesWhatHidesOrReorders) {
    for (const char* text : {
             "a\nb",
             "a\tb",
             "a\x01",
             "\x7f"
             "b",
             "a\xc2\x85"
             "b",  // controls
             "a\xe2\x80\xae"
             "b",
             "\xe2\x80\xaa"
             "b",
             "a\xe2\x81\xa6",
             "a\xe2\x80\x8f",
             "\xd8\x9c"
             "a",  // bidi
             "a\xe2\x80\xa8"
             "b",
             "a\xe2\x80\x8b",
             "\xef\xbb\xbf"
             "a",
             "a\xc2\xad"
             "b",  // separators, invisible
             "\xe1\x9e\xb4",
             "\xef\xbf\xb0",
             "\xf0\x9b\xb2\xa0",
             "\xf0\x9d\x85\xb3",  // default ignorable
             "\xee\x80\x80",
             "\xef\xbf\xbe",
             "\xf3\xa0\x81\x81",  // private, noncharacter, tag
         }) {
        ASSERT_FALSE(clean_line(text, 80)) << text;
        EXPECT_EQ(clean_line(text, 80).error(), TextFault::Refused) << text;
    }
}

TEST(CleanLine, RefusesTextThatIsNotUtf8) {
    for (const char* text :
         {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe2\x82", "\x80"}) {
        EXPECT_EQ(clean_line(text, 80).error(), TextFault::Refused) << text;
        EXPECT_FALSE(is_utf8(text)) << text;
    }
    EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf\xef\xbf\xbd"));
}

}  // namespace
}  // namespace conclave

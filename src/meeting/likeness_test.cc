#include "meeting/likeness.h"

#include <gtest/gtest.h>

namespace conclave::meeting {
namespace {

TEST(Likeness, A8_NamesThatLookTheSameAreAlike) {
    const std::string anna = likeness("Zoé Martin");
    for (const char* name : {
             "zoé martin", "ZOÉ MARTIN", "Zoe\xcc\x81 Martin",             // case; composed or not
             "Zoé  Martin", "Zoé\xc2\xa0Martin", "Zoé\xe3\x80\x80Martin",  // spaces
             "Z\xe2\x80\x8doé Martin", "Zo\xe2\x80\x8cé Martin",
             "Zoé Martin\xef\xb8\x8f",                                  // joiners, selectors
             "Ｚoé Martin", "𝐙oé Martin",                               // width and style
             "Zoé Martin (2)", "Zoé Martin(13)", "Zoé Martin (2) (3)",  // what a namesake is called
         }) {
        EXPECT_EQ(likeness(name), anna) << name;
    }
    EXPECT_EQ(likeness("Jean\xe2\x80\x91Luc"), likeness("Jean-Luc")) << "dashes";
}

TEST(Likeness, OthersStayOthers) {
    for (const char* name :
         {"Zoe Martin", "Zoé Martine", "Martin Zoé", "Zoé (Martin)", "Zoé Martin ()", "ZM"})
        EXPECT_NE(likeness(name), likeness("Zoé Martin")) << name;
    EXPECT_EQ(likeness("(2)"), "(2)") << "a name is never nothing";
    EXPECT_EQ(likeness(")"), ")");
    EXPECT_EQ(likeness("12)"), "12)");
}

}  // namespace
}  // namespace conclave::meeting

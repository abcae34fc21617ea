#include "account/email.h"

#include <gtest/gtest.h>

namespace conclave::account {
namespace {

TEST(Email, IsFoldedToLowerCaseThroughout) {
    EXPECT_EQ(clean_email("Ada.Lovelace@Ministere.GOUV.fr"), "ada.lovelace@ministere.gouv.fr");
    EXPECT_EQ(clean_email(" ada@x.fr\n"), "ada@x.fr");
    EXPECT_EQ(clean_email("o'neil+conclave@x-y.example"), "o'neil+conclave@x-y.example");
}

TEST(Email, OtherTextIsNone) {
    for (const char* text : {"",
                             "@",
                             "ada",
                             "ada@",
                             "@x.fr",
                             "ada@x",
                             "ada@x.",
                             "ada@.fr",
                             "ada@x..fr",
                             ".ada@x.fr",
                             "ada.@x.fr",
                             "a..b@x.fr",
                             "ada@x.fr@y.fr",
                             "ada@-x.fr",
                             "ada@x-.fr",
                             "ada lovelace@x.fr",
                             "ada@x .fr",
                             "<ada@x.fr>",
                             "\"ada\"@x.fr",
                             "ada@[127.0.0.1]",
                             "ada@x.fr\r\nBcc: eve@y.fr",
                             "ada@x.fr,eve@y.fr",
                             "ada\x00@x.fr",
                             "adé@x.fr",
                             "ada@é.fr",
                             "ada(comment)@x.fr",
                             "ada@x_y.fr"}) {
        EXPECT_FALSE(clean_email(text)) << text;
    }
}

TEST(Email, SizesAreLimited_RFC5321_4_5_3_1) {
    const std::string domain = std::string(63, 'd') + ".fr";
    EXPECT_TRUE(clean_email(std::string(64, 'a') + "@" + domain));
    EXPECT_FALSE(clean_email(std::string(65, 'a') + "@" + domain));
    EXPECT_FALSE(clean_email("a@d" + domain));
    std::string longest;
    while (longest.size() < 300) longest += "abcdefghi.";
    EXPECT_TRUE(clean_email("a@" + longest.substr(0, 249)));
    EXPECT_FALSE(clean_email("ada@" + longest.substr(0, 251)));
}

TEST(Email, OnlyTheDomainItselfIsAllowed) {
    const std::vector<std::string> domains{"ville.fr", "region.example"};
    EXPECT_TRUE(is_of_domain("ada@ville.fr", domains));
    EXPECT_TRUE(is_of_domain("ada@region.example", domains));
    for (const char* email : {"ada@evil.fr", "ada@sub.ville.fr", "ada@xville.fr", "ada@ville.fr.evil.example",
                              "ville.fr", "", "@"}) {
        EXPECT_FALSE(is_of_domain(email, domains)) << email;
    }
    EXPECT_FALSE(is_of_domain("ada@ville.fr", {}));
}

TEST(Email, GivesANameWhereNoneIsKnown) {
    EXPECT_EQ(name_of_email("jean-paul.martin@x.fr"), "Jean-Paul Martin");
    EXPECT_EQ(name_of_email("ada_lovelace2@x.fr"), "Ada Lovelace2");
    EXPECT_EQ(name_of_email("x@y.fr"), "X");
}

}  // namespace
}  // namespace conclave::account

#include "live/request.h"

#include "live/test_hall.h"

namespace conclave::live {
namespace {

std::optional<meeting::Wanted> wanted(std::string_view text) {
    const Result<Request, RequestFault> request = parse_request(text);
    if (!request) return std::nullopt;
    const auto* wish = std::get_if<meeting::Wanted>(&request->wish);
    return wish ? std::optional(*wish) : std::nullopt;
}
bool is_refused(std::string_view text) {
    return !parse_request(text);
}

// Every command that names a word is read from its word, and is written as it was.
template <size_t I = 0>
size_t check_words() {
    if constexpr (I == std::variant_size_v<meeting::Wanted>) {
        return 0;
    } else {
        using Wish = std::variant_alternative_t<I, meeting::Wanted>;
        const std::string text = request_text(5, Wish{});
        if constexpr (requires { Wish::kDo; }) {
            const auto read = wanted(text);
            EXPECT_TRUE(read && std::holds_alternative<Wish>(*read)) << text;
            if (read) {
                EXPECT_EQ(request_text(5, *read), text);
            }
            return 1 + check_words<I + 1>();
        } else {
            EXPECT_TRUE(is_refused(text)) << "only the server may: " << text;
            return check_words<I + 1>();
        }
    }
}

TEST(Request, EveryWordIsReadAndWhatOnlyTheServerDoesHasNone) {
    EXPECT_EQ(check_words(), 30u);
    for (const char* word : {"create", "arrive", "connect", "disconnect", "tick", "note_airtime", "invite",
                             "override_rest", "revoke_invitation", "end"})
        EXPECT_TRUE(is_refused(R"({"id":1,"do":")" + std::string(word) + "\"}")) << word;
}

TEST(Request, HelloAndReactions) {
    const auto hello = parse_request(R"({"id":7,"do":"hello","rejoin":"abc"})");
    ASSERT_TRUE(hello);
    EXPECT_EQ(hello->id, 7);
    EXPECT_EQ(std::get<Hello>(hello->wish).rejoin, "abc");
    EXPECT_TRUE(is_refused(R"({"id":7,"do":"hello"})"));
    EXPECT_TRUE(is_refused(R"({"id":7,"do":"hello","rejoin":5})"));
    for (const char* name : {"applause", "agree", "disagree", "laugh", "surprise", "thanks"}) {
        const auto react = parse_request(R"({"id":7,"do":"react","reaction":")" + std::string(name) + "\"}");
        ASSERT_TRUE(react) << name;
        EXPECT_EQ(name_of(std::get<React>(react->wish).reaction), name);
    }
    EXPECT_TRUE(is_refused(R"({"id":7,"do":"react","reaction":"<b>"})"));
    EXPECT_TRUE(is_refused(R"({"id":7,"do":"react"})"));
}

TEST(Request, A6_WhatParsersReadDifferentlyIsRefused) {
    for (const char* text : {"",
                             "[]",
                             "null",
                             "{",
                             "\"leave\"",
                             "{\"id\":1,\"do\":\"leave\"}x",
                             "\xef\xbb\xbf{\"id\":1,\"do\":\"leave\"}",              // byte order mark
                             R"({"id":1,"id":2,"do":"leave"})",                      // twice
                             R"({"id":1,"do":"leave","do":"close"})",                //
                             R"({"id":1,"do":"remove","person":"a","person":"b"})",  //
                             R"({"id":1,"do":"say","text":"\ud800"})",               // a lone surrogate
                             "{\"id\":1,\"do\":\"say\",\"text\":\"\xff\"}",          // no UTF-8
                             "{\"id\":1,\"do\":\"say\",\"text\":\"\xc0\xaf\"}",      // overlong
                             R"({"id":1.5,"do":"leave"})",
                             R"({"id":"1","do":"leave"})",  //
                             R"({"id":1e400,"do":"leave"})",
                             R"({"id":NaN,"do":"leave"})"  //
                             ,
                             R"({"id":18446744073709551615,"do":"leave"})",
                             R"({"do":"leave"})",
                             R"({"id":1})",
                             R"({"id":1,"do":"Leave"})",
                             R"({"id":1,"do":["leave"]})",
                             R"({"id":1,"do":"leave","x":[[[[[[1]]]]]]})"}) {
        EXPECT_TRUE(is_refused(text)) << text;
    }
    std::string deep = R"({"id":1,"do":"leave","x":)" + std::string(10'000, '[');
    EXPECT_TRUE(is_refused(deep));
    EXPECT_TRUE(is_refused(R"({"id":1,"do":"leave","x":")" + std::string(kRequestBytesMax, 'x') + "\"}"));
}

TEST(Request, ValuesOfAnotherKindAreRefusedWithTheIdThatCouldBeRead) {
    for (const char* text :
         {R"({"id":3,"do":"lock","locked":"yes"})", R"({"id":3,"do":"lock","locked":1})",
          R"({"id":3,"do":"set_role","person":"a","role":"king"})",
          R"({"id":3,"do":"set_role","person":5,"role":"chair"})",
          R"({"id":3,"do":"move_hand","person":"a","position":"first"})",
          R"({"id":3,"do":"move_hand","person":"a","position":1e300})",
          R"({"id":3,"do":"erase","number":9007199254740993})", R"({"id":3,"do":"pause","length":1.5})",
          R"({"id":3,"do":"vote"})", R"({"id":3,"do":"vote","yes":1})", R"({"id":3,"do":"vote","yes":"no"})",
          R"({"id":3,"do":"ask_time","length":60000})", R"({"id":3,"do":"call_vote","length":"long"})",
          R"({"id":3,"do":"set_agenda","items":[5]})", R"({"id":3,"do":"set_agenda","items":{}})",
          R"({"id":3,"do":"stop","source":"brain"})", R"({"id":3,"do":"unheard of"})"}) {
        const auto request = parse_request(text);
        ASSERT_FALSE(request) << text;
        EXPECT_EQ(request.error().id, 3) << text;
    }
    std::string items;
    for (int i = 0; i < 2001; ++i) items += i ? ",{}" : "{}";
    EXPECT_TRUE(is_refused(R"({"id":3,"do":"set_agenda","items":[)" + items + "]}"));
}

TEST(Request, WhatIsLeftOutIsAsIfEmptyAndWhatIsUnknownIsIgnored) {
    const auto floor = wanted(R"({"id":1,"do":"set_floor","mode":"strict","turn_limit":null,"later":1})");
    ASSERT_TRUE(floor);
    EXPECT_EQ(std::get<meeting::SetFloor>(*floor).mode, policy::FloorMode::Strict);
    EXPECT_EQ(std::get<meeting::SetFloor>(*floor).turn_limit, std::nullopt);
    EXPECT_EQ(std::get<meeting::GiveFloor>(*wanted(R"({"id":1,"do":"give_floor"})")).person, "");
}

TEST(Request, IdsComeBackAsTheyWere) {
    for (const int64_t id : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX})
        EXPECT_EQ(parse_request(request_text(id, meeting::Leave{}))->id, id);
}

}  // namespace
}  // namespace conclave::live

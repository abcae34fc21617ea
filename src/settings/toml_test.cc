#include "settings/toml.h"

#include <gtest/gtest.h>

namespace conclave::settings {
namespace {

Fault set(const Setter& setter, const std::string& value) {
    const toml::table table = toml::parse("key = " + value);
    return setter(*table.get("key"));
}

TEST(Toml, AWholeNumberLiesWithinItsBounds) {
    uint16_t target = 7;
    const Setter setter = number(target, 1, 65535);
    EXPECT_FALSE(set(setter, "1"));
    EXPECT_EQ(target, 1);
    EXPECT_FALSE(set(setter, "65535"));
    EXPECT_EQ(target, 65535);
    for (const char* outside : {"0", "65536", "-1", "9223372036854775807"}) {
        EXPECT_EQ(set(setter, outside), "must be between 1 and 65535") << outside;
    }
    for (const char* other : {"1.0", "true", "\"1\"", "[1]"}) {
        EXPECT_EQ(set(setter, other), "must be a whole number") << other;
    }
    EXPECT_EQ(target, 65535) << "what does not fit changes nothing";
}

TEST(Toml, TextAndBooleanAreTakenExactly) {
    std::string name = "before";
    EXPECT_EQ(set(text(name), "1"), "must be a string");
    EXPECT_EQ(name, "before");
    EXPECT_FALSE(set(text(name), "\"\""));
    EXPECT_EQ(name, "");
    bool flag = true;
    EXPECT_EQ(set(boolean(flag), "\"false\""), "must be true or false");
    EXPECT_EQ(set(boolean(flag), "0"), "must be true or false");
    EXPECT_TRUE(flag);
    EXPECT_FALSE(set(boolean(flag), "false"));
    EXPECT_FALSE(flag);
}

}  // namespace
}  // namespace conclave::settings

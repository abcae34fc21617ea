#include "bwe/link_capacity.h"

#include <gtest/gtest.h>

namespace conclave::bwe {
namespace {

TEST(LinkCapacityTest, KnowsWhatIsUsual) {
    LinkCapacity capacity;
    EXPECT_FALSE(capacity.is_known());
    for (const uint64_t kbps : {1000, 1020, 980, 1000}) capacity.add(DataRate::kbps(kbps));
    EXPECT_FALSE(capacity.is_above(DataRate::kbps(1040)));
    EXPECT_TRUE(capacity.is_above(DataRate::kbps(1200)));
    EXPECT_FALSE(capacity.is_below(DataRate::kbps(960)));
    EXPECT_TRUE(capacity.is_below(DataRate::kbps(800)));
    capacity.forget();
    EXPECT_FALSE(capacity.is_known());
}

}  // namespace
}  // namespace conclave::bwe

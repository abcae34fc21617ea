#include "server/affinity.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace conclave::server {
namespace {

TEST(Affinity, AThreadRunsWhereItWasPutAndNoOtherIsMoved) {
    const std::vector<int> before = allowed_processors();
    ASSERT_FALSE(before.empty());
    std::thread([&] {
        EXPECT_TRUE(pin_this_thread(before.back()));
        EXPECT_EQ(allowed_processors(), std::vector{before.back()});
        EXPECT_EQ(sched_getcpu(), before.back());
    }).join();
    EXPECT_EQ(allowed_processors(), before);
}

TEST(Affinity, AProcessorThatIsNotThereIsRefused) {
    std::thread([] {
        const std::vector<int> before = allowed_processors();
        EXPECT_FALSE(pin_this_thread(CPU_SETSIZE - 1));
        EXPECT_EQ(allowed_processors(), before);
    }).join();
}

}  // namespace
}  // namespace conclave::server

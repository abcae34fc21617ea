#include "server/worker_load.h"

#include <gtest/gtest.h>

namespace conclave::server {
namespace {

Instant at(int64_t ms) {
    return Instant::from_ms(ms);
}

TEST(WorkerLoad, IsTheShareOfTimeBetweenReports) {
    WorkerLoad load;
    EXPECT_EQ(load.figure(), 0u);
    load.handle_report(at(1000), 100.0, 10);
    EXPECT_EQ(load.figure(), 0u) << "what was before is nobody's";
    load.handle_report(at(2000), 100.25, 10);
    EXPECT_EQ(load.figure(), 25u);
    load.handle_report(at(4000), 101.25, 10);
    EXPECT_EQ(load.figure(), 50u);
    load.handle_report(at(5000), 101.25, 10);
    EXPECT_EQ(load.figure(), 0u);
}

TEST(WorkerLoad, CountsWhatWasPlacedUntilItIsMeasured) {
    WorkerLoad load;
    for (int i = 0; i < 11; ++i) load.handle_placed();
    EXPECT_EQ(load.figure(), 2u);
    load.handle_report(at(1000), 0, 10);
    load.handle_report(at(2000), 0.5, 10);
    load.handle_placed();
    load.handle_placed();
    EXPECT_EQ(load.figure(), 60u) << "as the others, on average";
    load.handle_report(at(3000), 1.105, 12);
    EXPECT_EQ(load.figure(), 60u);
}

TEST(WorkerLoad, ReportsThatMakeNoSenseAreNoLoad) {
    WorkerLoad load;
    load.handle_report(at(1000), 5, 1);
    load.handle_report(at(1000), 6, 1);
    EXPECT_EQ(load.figure(), 0u);
    load.handle_report(at(2000), 1, 1);
    EXPECT_EQ(load.figure(), 0u);
    load.handle_report(at(3000), 9, 1);
    EXPECT_EQ(load.figure(), 100u);
}

}  // namespace
}  // namespace conclave::server

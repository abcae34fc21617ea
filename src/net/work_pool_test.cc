#include "net/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

namespace conclave::net {
namespace {

// Keeps what the pool posts; the test is the front thread.
class Front {
 public:
    WorkPool::Post post() {
        return [this](std::function<void()> fn) {
            const std::lock_guard lock(mutex_);
            posted_.push_back(std::move(fn));
            wake_.notify_one();
        };
    }
    void run_one() {
        std::function<void()> fn;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return !posted_.empty(); });
            fn = std::move(posted_.front());
            posted_.erase(posted_.begin());
        }
        fn();
    }
    size_t posted() {
        const std::lock_guard lock(mutex_);
        return posted_.size();
    }

 private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::function<void()>> posted_;
};

TEST(WorkPool, WorksElsewhereAndAnswersOnTheFrontThread) {
    Front front;
    WorkPool pool(2, 4, front.post());
    std::thread::id worker;
    std::thread::id answerer;
    ASSERT_TRUE(pool.run([&] { worker = std::this_thread::get_id(); },
                         [&] { answerer = std::this_thread::get_id(); }));
    front.run_one();
    EXPECT_NE(worker, std::this_thread::get_id());
    EXPECT_EQ(answerer, std::this_thread::get_id());
}

// Row A15 of docs/security.md: however many come at once.
TEST(WorkPool, A15_NoMoreRunAtOnceThanThereAreThreadsAndFewWait) {
    Front front;
    WorkPool pool(2, 4, front.post());
    std::promise<void> gate;
    std::shared_future<void> opened = gate.get_future().share();
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::atomic<int> begun = 0;
    const auto work = [&, opened] {
        const int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        ++begun;
        opened.wait();
        --running;
    };
    int accepted = 0;
    for (int i = 0; i < 1000; ++i) accepted += pool.run(work, [] {}) ? 1 : 0;
    EXPECT_EQ(accepted, 2 + 4);
    while (begun < 2) std::this_thread::yield();
    gate.set_value();
    for (int i = 0; i < accepted; ++i) front.run_one();
    EXPECT_EQ(most, 2);
    EXPECT_EQ(begun, accepted);
    EXPECT_EQ(pool.load().running_peak, 2u);
    EXPECT_EQ(pool.load().waiting, 0u);
    EXPECT_TRUE(pool.run([] {}, [] {})) << "there is room again";
    front.run_one();
}

TEST(WorkPool, EndsWithWhatRunsAndDropsWhatWaits) {
    Front front;
    std::atomic<size_t> begun = 0;
    {
        WorkPool pool(1, 100, front.post());
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.run([&] { ++begun; }, [] {}));
    }
    EXPECT_LE(front.posted(), begun);
}

}  // namespace
}  // namespace conclave::net

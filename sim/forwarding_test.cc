// What the way of a packet may not ask for: memory of the heap, or a lock. Counted, since time varies: this
// program's malloc() and pthread_mutex_lock() stand in for the C library's own.
#include "sim/forwarding.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <mutex>

namespace {

struct Demands {
    size_t allocations = 0;
    size_t locks = 0;
};
// Of this thread, since it began.
thread_local Demands demanded;

using LockFunction = int(void*);

// The next definition of that name: the C library's.
LockFunction* real(const char* name) {
    return reinterpret_cast<LockFunction*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// These have names of their own in glibc.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
    ++demanded.allocations;
    return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
    ++demanded.allocations;
    return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
    ++demanded.allocations;
    return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
    ++demanded.allocations;
    return __libc_memalign(alignment, size);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
    static LockFunction* const lock = real("pthread_mutex_lock");
    ++demanded.locks;
    return lock(mutex);
}
int pthread_rwlock_rdlock(pthread_rwlock_t* rwlock) {
    static LockFunction* const lock = real("pthread_rwlock_rdlock");
    ++demanded.locks;
    return lock(rwlock);
}
int pthread_rwlock_wrlock(pthread_rwlock_t* rwlock) {
    static LockFunction* const lock = real("pthread_rwlock_wrlock");
    ++demanded.locks;
    return lock(rwlock);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)

namespace conclave::sim {
namespace {

template <class Code>
Demands demands_of(Code code) {
    const Demands before = demanded;
    code();
    return {demanded.allocations - before.allocations, demanded.locks - before.locks};
}

constexpr size_t kViewers = 20;
// Queues and tables have grown to what they need by then.
constexpr size_t kWarmUp = 60;
constexpr size_t kFrames = 60;

class ForwardingTest : public testing::Test {
 protected:
    void SetUp() override {
        forwarding_.prepare(kWarmUp);
        ASSERT_EQ(forwarding_.serve(), kWarmUp * (Forwarding::kFramePackets + 1) * kViewers);
    }
    Forwarding forwarding_{kViewers};
};

TEST_F(ForwardingTest, ForwardsWithoutHeapAndLocks) {
    forwarding_.prepare(kFrames);
    size_t sent = 0;
    const Demands demands = demands_of([&] { sent = forwarding_.serve(); });
    EXPECT_EQ(sent, kFrames * (Forwarding::kFramePackets + 1) * kViewers);
    EXPECT_EQ(demands.allocations, 0u);
    EXPECT_EQ(demands.locks, 0u);
}

TEST_F(ForwardingTest, RepairsWithoutHeapAndLocks) {
    // A stream remembers what was asked for from the first request on.
    forwarding_.prepare_requests();
    ASSERT_EQ(forwarding_.serve(), kViewers);
    forwarding_.prepare_requests();
    size_t sent = 0;
    const Demands demands = demands_of([&] { sent = forwarding_.serve(); });
    EXPECT_EQ(sent, kViewers);
    EXPECT_EQ(demands.allocations, 0u);
    EXPECT_EQ(demands.locks, 0u);
}

TEST(DemandsTest, AreCounted) {
    std::mutex mutex;
    const Demands demands = demands_of([&] {
        const std::lock_guard lock(mutex);
        int* volatile made = new int(1);
        delete made;
    });
    EXPECT_EQ(demands.allocations, 1u);
    EXPECT_EQ(demands.locks, 1u);
}

}  // namespace
}  // namespace conclave::sim

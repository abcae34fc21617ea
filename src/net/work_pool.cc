#include "net/work_pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace conclave::net {
namespace {

constexpr int kNice = 10;

struct Job {
    std::function<void()> work;
    std::function<void()> then;
};

}  // namespace

class WorkPool::Threads {
 public:
    Threads(size_t threads, size_t waiting_max, Post post)
        : waiting_max_(waiting_max), post_(std::move(post)), idle_(threads) {
        for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    }
    ~Threads() {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    bool submit(Job job) {
        {
            const std::lock_guard lock(mutex_);
            // A job for an idle thread does not wait.
            if (queue_.size() >= waiting_max_ + idle_) return false;
            queue_.push_back(std::move(job));
        }
        wake_.notify_one();
        return true;
    }

    Load load() {
        const std::lock_guard lock(mutex_);
        Load now = load_;
        now.waiting = queue_.size();
        return now;
    }

 private:
    void run() {
        // On Linux the priority is the calling thread's own; without it the work is done all the same.
        (void)setpriority(PRIO_PROCESS, 0, kNice);
        while (true) {
            Job job;
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
                if (is_stopping_) return;
                job = std::move(queue_.front());
                queue_.pop_front();
                --idle_;
                ++load_.running;
                load_.running_peak = std::max(load_.running_peak, load_.running);
            }
            job.work();
            bool is_wanted = false;
            {
                const std::lock_guard lock(mutex_);
                ++idle_;
                --load_.running;
                is_wanted = !is_stopping_;
            }
            if (is_wanted) post_(std::move(job.then));
        }
    }

    const size_t waiting_max_;
    const Post post_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;  // under mutex_, as are the following
    size_t idle_;
    Load load_;
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;  // last: they start when everything else is there
};

WorkPool::WorkPool(size_t threads, size_t waiting_max, Post post)
    : threads_(std::make_unique<Threads>(threads, waiting_max, std::move(post))) {}
WorkPool::~WorkPool() = default;

WorkPool::Load WorkPool::load() const {
    return threads_->load();
}

bool WorkPool::run(std::function<void()> work, std::function<void()> then) {
    return threads_->submit({std::move(work), std::move(then)});
}

}  // namespace conclave::net

// Threads for work that is too slow for a thread that serves: a few, with a bounded queue before them.
#pragma once

#include <functional>
#include <memory>

namespace conclave::net {

class WorkPool {
 public:
    // Runs a function on the thread that is to go on, soon; callable from any thread.
    using Post = std::function<void(std::function<void()>)>;

    // The threads run with less priority than those that serve.
    WorkPool(size_t threads, size_t waiting_max, Post post);
    // What runs is finished, what waits is dropped; neither is answered any more.
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    // `work` runs on one of the threads, then `then` by way of Post. False, and neither, when too many wait.
    [[nodiscard]] bool run(std::function<void()> work, std::function<void()> then);

    struct Load {
        size_t running = 0;
        size_t running_peak = 0;  // ever
        size_t waiting = 0;
    };
    Load load() const;

 private:
    class Threads;
    std::unique_ptr<Threads> threads_;
};

}  // namespace conclave::net

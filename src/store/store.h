// The database on a thread of its own.
//
//   front thread:  run(work, then) --queue-->  store thread: BEGIN, every queued work, COMMIT (one fsync for
//   all) front thread:  then(result)    <--post---  only after the commit: what `then` reports is durable
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "store/database.h"

namespace conclave::store {

class Store {
 public:
    // Runs a function on the front thread, soon; callable from any thread.
    using Post = std::function<void(std::function<void()>)>;

    // Requests waiting at most: at a tenth of a millisecond each, under half a second of work. A further one
    // is answered with an error at once, which the REST API tells as 503.
    static constexpr size_t kQueuedMax = 4096;

    static Result<std::unique_ptr<Store>> open(const std::string& path, Post post);
    // Finishes what is queued, then closes.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // `work` runs on the store thread inside a transaction that it may share with others; an error undoes
    // only its own changes. `then` runs on the front thread.
    template <class T>
    void run(std::function<Result<T>(Database&)> work, std::function<void(Result<T>)> then);

    struct Counters {
        uint64_t requests = 0;
        uint64_t commits = 0;
        uint64_t failures = 0;  // requests answered with an error
        size_t queued = 0;
    };
    Counters counters() const;

 private:
    // Executes, and keeps the outcome until `answer` is told whether it was committed.
    struct Job {
        virtual ~Job() = default;
        virtual bool execute(Database&) = 0;
        // The function to run on the front thread.
        virtual std::function<void()> answer(const Status& committed) = 0;
    };
    template <class T>
    struct JobOf;

    class Thread;
    explicit Store(std::unique_ptr<Thread> thread);
    void submit(std::unique_ptr<Job> job);

    std::unique_ptr<Thread> thread_;
};

template <class T>
struct Store::JobOf final : Store::Job {
    JobOf(std::function<Result<T>(Database&)> w, std::function<void(Result<T>)> t)
        : work(std::move(w)), then(std::move(t)) {}

    bool execute(Database& database) override {
        outcome = work(database);
        return outcome.has_value();
    }
    std::function<void()> answer(const Status& committed) override {
        // A request that failed by itself keeps its own error.
        if (!committed && outcome.has_value()) outcome = Unexpected<Error>{committed.error()};
        return [then = std::move(then), outcome = std::move(outcome)]() mutable { then(std::move(outcome)); };
    }

    std::function<Result<T>(Database&)> work;
    std::function<void(Result<T>)> then;
    Result<T> outcome = failure("not executed");
};

template <class T>
void Store::run(std::function<Result<T>(Database&)> work, std::function<void(Result<T>)> then) {
    submit(std::make_unique<JobOf<T>>(std::move(work), std::move(then)));
}

}  // namespace conclave::store

#include "store/store.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace conclave::store {

// The queue is the only thing that two threads touch. It is not net's Mailbox because siblings on a floor do
// not include each other, and because this consumer has nothing else to wait for.
class Store::Thread {
 public:
    Thread(std::unique_ptr<Database> database, Post post)
        : database_(std::move(database)), post_(std::move(post)), thread_([this] { run(); }) {}

    ~Thread() {
        {
            const std::lock_guard lock(mutex_);
            is_stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void submit(std::unique_ptr<Job> job) {
        {
            const std::lock_guard lock(mutex_);
            ++counters_.requests;
            if (queue_.size() < kQueuedMax) {
                queue_.push_back(std::move(job));
            } else {
                ++counters_.failures;
            }
        }
        if (job) {
            post_(job->answer(failure("the database is overloaded")));
        } else {
            wake_.notify_one();
        }
    }

    Counters counters() {
        const std::lock_guard lock(mutex_);
        Counters counters = counters_;
        counters.queued = queue_.size();
        return counters;
    }

 private:
    void run() {
        std::vector<std::unique_ptr<Job>> batch;
        while (true) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
                if (queue_.empty()) return;
                batch.swap(queue_);
            }
            execute(batch);
            batch.clear();
        }
    }

    // Group commit: the whole batch costs one fsync.
    void execute(std::vector<std::unique_ptr<Job>>& batch) {
        uint64_t failures = 0;
        Status done = database_->begin();
        for (size_t i = 0; done && i < batch.size(); ++i) done = step(*batch[i], failures);
        if (done) done = database_->commit();
        if (!done) database_->rollback();
        {
            const std::lock_guard lock(mutex_);
            ++counters_.commits;
            counters_.failures += done ? failures : batch.size();
        }
        for (const auto& job : batch) post_(job->answer(done));
    }

    // Fails only when the transaction as a whole is broken.
    Status step(Job& job, uint64_t& failures) {
        TRY(database_->begin_step());
        if (job.execute(*database_)) return database_->end_step();
        ++failures;
        return database_->undo_step();
    }

    std::unique_ptr<Database> database_;  // the store thread's
    Post post_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::unique_ptr<Job>> queue_;  // under mutex_, as are the following
    Counters counters_;
    bool is_stopping_ = false;
    std::thread thread_;  // last: starts when everything else is there
};

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Post post) {
    std::unique_ptr<Database> database = TRY(Database::open(path));
    return std::unique_ptr<Store>(new Store(std::make_unique<Thread>(std::move(database), std::move(post))));
}

Store::Store(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Store::~Store() = default;

void Store::submit(std::unique_ptr<Job> job) {
    thread_->submit(std::move(job));
}

Store::Counters Store::counters() const {
    return thread_->counters();
}

}  // namespace conclave::store

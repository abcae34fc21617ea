#include "net/transfers.h"

#include <atomic>
#include <map>
#include <thread>

#include "net/mailbox.h"

namespace conclave::net {
namespace {

constexpr long kConnectionsKept = 8;
constexpr int kPollMs = 10'000;

struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

struct Running {
    std::unique_ptr<Transfer> transfer;
    Easy easy;  // goes first: it points into the transfer
};

// What holds for every request of this server to somebody else.
bool prepare_alike(CURL* easy) {
    bool is_ok = true;
    const auto set = [&](CURLoption option, auto value) {
        is_ok = is_ok && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    return is_ok;
}

}  // namespace

Easy make_easy() {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    Easy easy(initialised == CURLE_OK ? curl_easy_init() : nullptr);
    if (easy && !prepare_alike(easy.get())) easy.reset();
    return easy;
}

bool append(Slist& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (!longer) return false;
    (void)list.release();
    list.reset(longer);
    return true;
}

class Transfers::Thread {
 public:
    Thread(size_t open_max, long connections_max, Post post, CURLM* multi)
        : post_(std::move(post)), multi_(multi), inbox_(open_max) {
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_max);
        thread_ = std::thread([this] { run(); });
    }
    ~Thread() {
        is_stopping_.store(true);
        curl_multi_wakeup(multi_.get());
        thread_.join();
        for (auto& [easy, running] : running_) curl_multi_remove_handle(multi_.get(), easy);
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // Front thread. False when too many wait.
    [[nodiscard]] bool send(std::unique_ptr<Transfer> transfer) {
        const bool is_posted = inbox_.post(std::move(transfer));
        curl_multi_wakeup(multi_.get());
        return is_posted;
    }

 private:
    void run() {
        while (!is_stopping_.load()) {
            std::vector<std::unique_ptr<Transfer>> fresh;
            inbox_.drain(fresh);
            for (auto& transfer : fresh) start(std::move(transfer));
            int count = 0;
            curl_multi_perform(multi_.get(), &count);
            collect();
            curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
        }
    }
    void start(std::unique_ptr<Transfer> transfer) {
        Easy easy = make_easy();
        if (!easy || !transfer->prepare(easy.get()))
            return post_(transfer->finish(nullptr, CURLE_FAILED_INIT));
        CURL* const handle = easy.get();
        curl_multi_add_handle(multi_.get(), handle);
        running_[handle] = {std::move(transfer), std::move(easy)};
    }
    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* easy = message->easy_handle;
            const CURLcode code = message->data.result;
            curl_multi_remove_handle(multi_.get(), easy);
            const auto node = running_.extract(easy);
            post_(node.mapped().transfer->finish(easy, code));
        }
    }

    const Post post_;
    std::unique_ptr<CURLM, MultiDeleter> multi_;
    Mailbox<std::unique_ptr<Transfer>> inbox_;
    std::map<CURL*, Running> running_;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

Result<std::unique_ptr<Transfers>> Transfers::create(size_t open_max, long connections_max, Post post) {
    CURLM* multi = make_easy() ? curl_multi_init() : nullptr;
    if (!multi) return failure("libcurl does not start");
    auto open = std::make_shared<size_t>(0);
    auto counted = [open, post = std::move(post)](std::function<void()> fn) {
        post([open, fn = std::move(fn)] {
            --*open;
            fn();
        });
    };
    auto thread = std::make_unique<Thread>(open_max, connections_max, std::move(counted), multi);
    return std::unique_ptr<Transfers>(new Transfers(open_max, std::move(open), std::move(thread)));
}

Transfers::Transfers(size_t open_max, std::shared_ptr<size_t> open, std::unique_ptr<Thread> thread)
    : open_max_(open_max), open_(std::move(open)), thread_(std::move(thread)) {}
Transfers::~Transfers() = default;

bool Transfers::start(std::unique_ptr<Transfer> transfer) {
    if (*open_ >= open_max_) return false;
    ++*open_;
    // The inbox holds as many as may be open.
    CHECK(thread_->send(std::move(transfer)));
    return true;
}

}  // namespace conclave::net

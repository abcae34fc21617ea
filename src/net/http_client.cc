#include "net/http_client.h"

#include <curl/curl.h>

#include <atomic>
#include <map>
#include <thread>

#include "net/mailbox.h"

namespace conclave::net {
namespace {

// A receiver answers with a few bytes or none; more is cut off.
constexpr size_t kAnswerMax = 64 << 10;
constexpr long kConnectionsKept = 8;
constexpr int kPollMs = 10'000;

struct SlistDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

struct Exchange {
    HttpClient::Request request;
    std::function<void(const HttpClient::Outcome&)> then;
    std::unique_ptr<curl_slist, SlistDeleter> headers = nullptr;
    std::unique_ptr<CURL, EasyDeleter> easy = nullptr;
    size_t received = 0;
};

size_t count_body(char* /*data*/, size_t size, size_t count, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    exchange.received += size * count;
    return exchange.received > kAnswerMax ? 0 : size * count;
}

bool add_header(Exchange& exchange, const std::string& line) {
    curl_slist* longer = curl_slist_append(exchange.headers.get(), line.c_str());
    if (!longer) return false;
    (void)exchange.headers.release();
    exchange.headers.reset(longer);
    return true;
}

bool prepare(Exchange& exchange, const HttpClient::Options& options) {
    exchange.easy.reset(curl_easy_init());
    CURL* easy = exchange.easy.get();
    if (!easy) return false;
    bool is_ok = add_header(exchange, "Expect:");
    for (const auto& [name, value] : exchange.request.headers)
        is_ok = is_ok && add_header(exchange, name + ": " + value);
    const auto set = [&](CURLoption option, auto value) {
        is_ok = is_ok && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_URL, exchange.request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.ms()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.ms()));
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, exchange.request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.request.body.size()));
    set(CURLOPT_HTTPHEADER, exchange.headers.get());
    set(CURLOPT_WRITEFUNCTION, &count_body);
    set(CURLOPT_WRITEDATA, &exchange);
    return is_ok;
}

}  // namespace

class HttpClient::Thread {
 public:
    Thread(Options options, Post post, CURLM* multi)
        : options_(std::move(options)), post_(std::move(post)), multi_(multi), inbox_(kExchangesMax) {
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
        thread_ = std::thread([this] { run(); });
    }
    ~Thread() {
        is_stopping_.store(true);
        curl_multi_wakeup(multi_.get());
        thread_.join();
        for (auto& [easy, exchange] : exchanges_) curl_multi_remove_handle(multi_.get(), easy);
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // Front thread. False when too many wait.
    [[nodiscard]] bool send(std::unique_ptr<Exchange> exchange) {
        const bool is_posted = inbox_.post(std::move(exchange));
        curl_multi_wakeup(multi_.get());
        return is_posted;
    }

 private:
    void run() {
        while (!is_stopping_.load()) {
            std::vector<std::unique_ptr<Exchange>> fresh;
            inbox_.drain(fresh);
            for (auto& exchange : fresh) start(std::move(exchange));
            int running = 0;
            curl_multi_perform(multi_.get(), &running);
            collect();
            curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
        }
    }
    void start(std::unique_ptr<Exchange> exchange) {
        if (!prepare(*exchange, options_)) return finish(*exchange, {0, "cannot prepare the request"});
        CURL* easy = exchange->easy.get();
        curl_multi_add_handle(multi_.get(), easy);
        exchanges_[easy] = std::move(exchange);
    }
    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* easy = message->easy_handle;
            const CURLcode code = message->data.result;
            Outcome outcome;
            if (code == CURLE_OK) {
                long status = 0;
                curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
                outcome.status = static_cast<unsigned>(status);
            } else {
                outcome.error = curl_easy_strerror(code);
            }
            curl_multi_remove_handle(multi_.get(), easy);
            auto node = exchanges_.extract(easy);
            finish(*node.mapped(), std::move(outcome));
        }
    }
    void finish(Exchange& exchange, Outcome outcome) {
        post_([then = std::move(exchange.then), outcome = std::move(outcome)] { then(outcome); });
    }

    const Options options_;
    const Post post_;
    std::unique_ptr<CURLM, MultiDeleter> multi_;
    Mailbox<std::unique_ptr<Exchange>> inbox_;
    std::map<CURL*, std::unique_ptr<Exchange>> exchanges_;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

Result<std::unique_ptr<HttpClient>> HttpClient::create(Options options, Post post) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM* multi = initialised == CURLE_OK ? curl_multi_init() : nullptr;
    if (!multi) return failure("libcurl does not start");
    return std::unique_ptr<HttpClient>(
        new HttpClient(std::make_unique<Thread>(std::move(options), std::move(post), multi)));
}

HttpClient::HttpClient(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(Request request, std::function<void(const Outcome&)> then) {
    if (*open_ >= kExchangesMax) return then({0, "too many requests at once"});
    ++*open_;
    auto counted = [open = open_, then = std::move(then)](const Outcome& outcome) {
        --*open;
        then(outcome);
    };
    // The inbox holds as many as may be open.
    CHECK(thread_->send(std::make_unique<Exchange>(Exchange{std::move(request), std::move(counted)})));
}

}  // namespace conclave::net

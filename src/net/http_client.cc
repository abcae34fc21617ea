#include "net/http_client.h"

#include "net/transfers.h"

namespace conclave::net {
namespace {

// A receiver of a webhook answers with a few bytes or none.
constexpr size_t kIgnoredMax = 64 << 10;

class Exchange final : public Transfer {
 public:
    Exchange(const HttpClient::Options& options, HttpClient::Request request,
             std::function<void(const HttpClient::Outcome&)> then)
        : options_(options), request_(std::move(request)), then_(std::move(then)) {}

    bool prepare(CURL* easy) override {
        bool is_ok = append(headers_, "Expect:");
        for (const auto& [name, value] : request_.headers)
            is_ok = is_ok && append(headers_, name + ": " + value);
        const auto set = [&](CURLoption option, auto value) {
            is_ok = is_ok && curl_easy_setopt(easy, option, value) == CURLE_OK;
        };
        set(CURLOPT_URL, request_.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.ms()));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.ms()));
        if (request_.is_get) {
            set(CURLOPT_HTTPGET, 1L);
        } else {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_POSTFIELDS, request_.body.data());
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        }
        set(CURLOPT_HTTPHEADER, headers_.get());
        set(CURLOPT_WRITEFUNCTION, &take_body);
        set(CURLOPT_WRITEDATA, this);
        return is_ok;
    }

    std::function<void()> finish(CURL* easy, CURLcode code) override {
        HttpClient::Outcome outcome;
        if (code == CURLE_OK) {
            long status = 0;
            const char* type = nullptr;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
            outcome.status = static_cast<unsigned>(status);
            outcome.body = std::move(body_);
            outcome.content_type = type ? type : "";
        } else {
            outcome.error = curl_easy_strerror(code);
        }
        return [then = std::move(then_), outcome = std::move(outcome)] { then(outcome); };
    }

 private:
    // Fewer bytes than came end the exchange with an error.
    static size_t take_body(char* data, size_t size, size_t count, void* context) {
        auto& exchange = *static_cast<Exchange*>(context);
        const size_t keep = exchange.request_.answer_max;
        exchange.received_ += size * count;
        if (exchange.received_ > (keep > 0 ? keep : kIgnoredMax)) return 0;
        if (keep > 0) exchange.body_.append(data, size * count);
        return size * count;
    }

    const HttpClient::Options& options_;
    HttpClient::Request request_;
    std::function<void(const HttpClient::Outcome&)> then_;
    Slist headers_;
    size_t received_ = 0;
    std::string body_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::create(Options options, Post post) {
    auto transfers = TRY(Transfers::create(kExchangesMax, kExchangesMax, std::move(post)));
    return std::unique_ptr<HttpClient>(new HttpClient(std::move(options), std::move(transfers)));
}

HttpClient::HttpClient(Options options, std::unique_ptr<Transfers> transfers)
    : options_(std::move(options)), transfers_(std::move(transfers)) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(Request request, std::function<void(const Outcome&)> then) {
    auto exchange = std::make_unique<Exchange>(options_, std::move(request), then);
    if (!transfers_->start(std::move(exchange))) then({0, "too many requests at once"});
}

}  // namespace conclave::net

#include "net/smtp_client.h"

#include <algorithm>
#include <cstring>

#include "net/transfers.h"

namespace conclave::net {
namespace {

// To one server; more is what such servers take for abuse.
constexpr long kConnectionsMax = 4;

// The server, how it is trusted, and as whom one comes.
bool address(CURL* easy, const SmtpClient::Options& options) {
    bool is_ok = true;
    const auto set = [&](CURLoption option, auto value) {
        is_ok = is_ok && curl_easy_setopt(easy, option, value) == CURLE_OK;
    };
    set(CURLOPT_URL, options.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_USE_SSL, static_cast<long>(options.must_encrypt ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    if (!options.user.empty()) {
        set(CURLOPT_USERNAME, options.user.c_str());
        set(CURLOPT_PASSWORD, options.password.c_str());
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.ms()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.ms()));
    return is_ok;
}

class Delivery final : public Transfer {
 public:
    Delivery(const SmtpClient::Options& options, SmtpClient::Message message,
             std::function<void(const Status&)> then)
        : options_(options), message_(std::move(message)), then_(std::move(then)) {}

    bool prepare(CURL* easy) override {
        bool is_ok = append(recipients_, "<" + message_.to + ">") && address(easy, options_);
        const std::string from = "<" + message_.from + ">";
        const auto set = [&](CURLoption option, auto value) {
            is_ok = is_ok && curl_easy_setopt(easy, option, value) == CURLE_OK;
        };
        set(CURLOPT_MAIL_FROM, from.c_str());  // copied, as all strings but POSTFIELDS
        set(CURLOPT_MAIL_RCPT, recipients_.get());
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, &give_text);
        set(CURLOPT_READDATA, this);
        return is_ok;
    }

    std::function<void()> finish(CURL* /*easy*/, CURLcode code) override {
        const Status status =
            code == CURLE_OK ? Status(Ok{}) : Status(failure(std::string(curl_easy_strerror(code))));
        return [then = std::move(then_), status] { then(status); };
    }

 private:
    static size_t give_text(char* out, size_t size, size_t count, void* context) {
        auto& delivery = *static_cast<Delivery*>(context);
        const size_t bytes = std::min(size * count, delivery.message_.text.size() - delivery.sent_);
        std::memcpy(out, delivery.message_.text.data() + delivery.sent_, bytes);
        delivery.sent_ += bytes;
        return bytes;
    }

    const SmtpClient::Options& options_;
    SmtpClient::Message message_;
    std::function<void(const Status&)> then_;
    Slist recipients_;
    size_t sent_ = 0;
};

}  // namespace

Result<std::unique_ptr<SmtpClient>> SmtpClient::create(Options options, Post post) {
    auto transfers = TRY(Transfers::create(kMessagesMax, kConnectionsMax, std::move(post)));
    return std::unique_ptr<SmtpClient>(new SmtpClient(std::move(options), std::move(transfers)));
}

SmtpClient::SmtpClient(Options options, std::unique_ptr<Transfers> transfers)
    : options_(std::move(options)), transfers_(std::move(transfers)) {}
SmtpClient::~SmtpClient() = default;

Status SmtpClient::greet(const Options& options) {
    const Easy easy = make_easy();
    // The protocol's part of connecting goes as far as signing in.
    if (!easy || !address(easy.get(), options) ||
        curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK)
        return failure("curl_easy_init");
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) return failure(curl_easy_strerror(code));
    return Ok{};
}

void SmtpClient::send(Message message, std::function<void(const Status&)> then) {
    auto delivery = std::make_unique<Delivery>(options_, std::move(message), then);
    if (!transfers_->start(std::move(delivery))) then(failure("too many messages at once"));
}

}  // namespace conclave::net

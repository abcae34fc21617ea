#include "server/oidc_provider.h"

#include "net/clock.h"

namespace conclave::server {
namespace {

using account::oidc::Provider;
using account::oidc::Tokens;
using crypto::KeySet;

constexpr Duration kKept = Duration::minutes(60);
// Also how often forged tokens with new key ids can make us ask.
constexpr Duration kAskInterval = Duration::seconds(5);
constexpr size_t kWaitingMax = 64;
constexpr size_t kAnswerMax = KeySet::kTextMax;

net::HttpClient::Request get(std::string url) {
    return {.url = std::move(url),
            .headers = {{"Accept", "application/json"}},
            .is_get = true,
            .answer_max = kAnswerMax};
}

// What is wrong with an answer, if anything.
Status judge(const net::HttpClient::Outcome& outcome) {
    if (outcome.status == 0) return failure("the provider does not answer: " + outcome.error);
    if (outcome.status != 200) return failure("the provider answers " + std::to_string(outcome.status));
    return Ok{};
}

std::string words_of(KeySet::Fault fault) {
    switch (fault) {
        case KeySet::Fault::Malformed:
            return "the token is malformed, or of an algorithm that is not accepted";
        case KeySet::Fault::UnknownKey:
            return "the provider has no such key";
        case KeySet::Fault::WrongSignature:
            break;
    }
    return "the signature is wrong";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

}  // namespace

OidcProvider::OidcProvider(const Config& config, std::string client_secret, net::HttpClient& client)
    : config_(config),
      http_(client),
      client_{config.oidc.client_id, std::move(client_secret), config.url() + "/api/v1/sign-in/oidc/callback",
              joined(config.oidc.scopes), config.url() + "/sign-in"} {}

std::string OidcProvider::label() const {
    if (!config_.oidc.label.empty()) return config_.oidc.label;
    const std::string host = config_.oidc.issuer.substr(config_.oidc.issuer.find("//") + 2);
    return host.substr(0, host.find('/'));
}

template <class T>
bool OidcProvider::is_fresh(const Kept<T>& kept) const {
    return kept.value && net::monotonic_now() - kept.fetched_at < kKept;
}

template <class T>
void OidcProvider::fetch(Kept<T>& kept, std::string url, std::function<Result<T>(const std::string&)> parse,
                         std::function<void(const Status&)> then) {
    const Instant now = net::monotonic_now();
    const bool is_under_way = !kept.waiting.empty();
    if (is_under_way && kept.waiting.size() >= kWaitingMax)
        return then(failure("too many wait for the provider"));
    if (!is_under_way && kept.asked_at && now - *kept.asked_at < kAskInterval)
        return then(failure("the provider was asked a moment ago"));
    kept.waiting.push_back(std::move(then));
    if (is_under_way) return;
    kept.asked_at = now;
    http_.send(get(std::move(url)),
               [&kept, parse = std::move(parse)](const net::HttpClient::Outcome& outcome) {
                   Status status = judge(outcome);
                   if (status) {
                       Result<T> parsed = parse(outcome.body);
                       if (parsed) {
                           kept.value = std::move(*parsed);
                           kept.fetched_at = net::monotonic_now();
                       } else {
                           status = Unexpected<Error>{parsed.error()};
                       }
                   }
                   for (const auto& waiting : std::exchange(kept.waiting, {})) waiting(status);
               });
}

void OidcProvider::discover(Then<Provider> then) {
    if (is_fresh(provider_)) return then(*provider_.value);
    fetch<Provider>(
        provider_, account::oidc::discovery_url(config_.oidc.issuer),
        [issuer = config_.oidc.issuer](const std::string& body) {
            return account::oidc::parse_discovery(body, issuer);
        },
        [this, then = std::move(then)](const Status& status) {
            if (!status) return then(Unexpected<Error>{status.error()});
            then(*provider_.value);
        });
}

void OidcProvider::with_keys(bool wants_newer, std::function<void(const Status&)> then) {
    if (!wants_newer && is_fresh(keys_)) return then(Ok{});
    discover([this, then = std::move(then)](const Result<Provider>& provider) {
        if (!provider) return then(Unexpected<Error>{provider.error()});
        fetch<KeySet>(
            keys_, provider->jwks_uri, [](const std::string& body) { return KeySet::parse(body); }, then);
    });
}

void OidcProvider::verify(std::string token, std::string type, Then<std::string> then) {
    with_keys(false, [this, token = std::move(token), type = std::move(type),
                      then = std::move(then)](const Status& status) {
        if (!status) return then(Unexpected<Error>{status.error()});
        Result<std::string, KeySet::Fault> payload = keys_.value->verify(token, type);
        if (payload) return then(std::move(*payload));
        if (payload.error() != KeySet::Fault::UnknownKey) return then(failure(words_of(payload.error())));
        // The provider may have turned its keys since.
        with_keys(true, [this, token, type, then](const Status& newer) {
            Result<std::string, KeySet::Fault> again =
                newer ? keys_.value->verify(token, type) : Unexpected{KeySet::Fault::UnknownKey};
            if (again) return then(std::move(*again));
            then(failure(words_of(again.error())));
        });
    });
}

void OidcProvider::redeem(const Provider& provider, std::string_view code, std::string_view verifier,
                          Then<Tokens> then) {
    account::oidc::TokenRequest form = account::oidc::token_request(provider, client_, code, verifier);
    net::HttpClient::Request request;
    request.url = provider.token_endpoint;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    if (!form.authorization.empty()) request.headers.emplace_back("Authorization", form.authorization);
    request.body = std::move(form.body);
    request.answer_max = kAnswerMax;
    http_.send(std::move(request), [then = std::move(then)](const net::HttpClient::Outcome& outcome) {
        if (const Status status = judge(outcome); !status) return then(Unexpected<Error>{status.error()});
        then(account::oidc::parse_tokens(outcome.body));
    });
}

void OidcProvider::userinfo(const Provider& provider, const std::string& access_token, Then<Userinfo> then) {
    net::HttpClient::Request request = get(provider.userinfo_endpoint);
    request.headers = {{"Authorization", "Bearer " + access_token},
                       {"Accept", "application/json, application/jwt"}};
    http_.send(std::move(request), [this, then = std::move(then)](const net::HttpClient::Outcome& outcome) {
        if (const Status status = judge(outcome); !status) return then(Unexpected<Error>{status.error()});
        if (!outcome.content_type.starts_with("application/jwt")) return then(Userinfo{outcome.body, false});
        verify(outcome.body, "JWT", [then](Result<std::string> payload) {
            if (!payload) return then(Unexpected<Error>{payload.error()});
            then(Userinfo{std::move(*payload), true});
        });
    });
}

}  // namespace conclave::server

// The identity provider, asked over the network: its discovery document and keys, kept for an hour, and what
// it says for a code. Front thread. Answers are bounded in size and time, redirects are not followed, and a
// provider that is away or turns its keys is not asked more often than every few seconds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "account/oidc.h"
#include "crypto/key_set.h"
#include "net/http_client.h"
#include "server/config.h"

namespace conclave::server {

class OidcProvider {
 public:
    template <class T>
    using Then = std::function<void(Result<T>)>;

    // `client` outlives this, or is gone before it answers.
    OidcProvider(const Config& config, std::string client_secret, net::HttpClient& client);

    const account::oidc::Client& client() const { return client_; }
    std::string label() const;

    void discover(Then<account::oidc::Provider> then);
    // The payload of a token that one of the provider's keys signed; with fresh keys when there is none of
    // its id.
    void verify(std::string token, std::string type, Then<std::string> then);
    void redeem(const account::oidc::Provider&, std::string_view code, std::string_view verifier,
                Then<account::oidc::Tokens> then);
    struct Userinfo {
        std::string json;
        bool was_signed = false;
    };
    void userinfo(const account::oidc::Provider&, const std::string& access_token, Then<Userinfo> then);

 private:
    // Something of the provider that is kept for a while, and asked for once at a time.
    template <class T>
    struct Kept {
        std::optional<T> value;
        Instant fetched_at;                    // the value
        std::optional<Instant> asked_at = {};  // last, whatever came of it
        std::vector<std::function<void(const Status&)>> waiting = {};
    };
    template <class T>
    bool is_fresh(const Kept<T>&) const;
    // Runs `then` once the answer to a request that is made now, or under way, is there.
    template <class T>
    void fetch(Kept<T>& kept, std::string url, std::function<Result<T>(const std::string&)> parse,
               std::function<void(const Status&)> then);
    void with_keys(bool wants_newer, std::function<void(const Status&)> then);

    const Config& config_;
    net::HttpClient& http_;
    account::oidc::Client client_;
    Kept<account::oidc::Provider> provider_;
    Kept<crypto::KeySet> keys_;
};

}  // namespace conclave::server

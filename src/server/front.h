// What the routes share. Lives and is used on the front thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "account/password.h"
#include "account/sign_in.h"
#include "base/rng.h"
#include "crypto/password_hash.h"
#include "net/http_message.h"
#include "net/work_pool.h"
#include "policy/terms.h"
#include "server/config.h"
#include "server/front_door.h"
#include "server/keys.h"
#include "server/rate_limit.h"
#include "store/store.h"

namespace conclave::server {

class Mailer;
class OidcProvider;
class MeetingPlane;
class NetworkTests;
class Webhooks;

// Plain numbers for /metrics.
struct FrontCounters {
    uint64_t sign_ins = 0;
    uint64_t sign_ins_refused = 0;
    uint64_t lockouts = 0;                             // attempts that had to wait
    uint64_t hashing_refused = 0;                      // passwords that found the queue full
    std::map<std::string_view, uint64_t> sso_refused;  // by code; the codes are constants
    uint64_t sso_logouts = 0;                          // by the provider
    uint64_t sso_logouts_refused = 0;
    uint64_t mails_sent = 0;
    uint64_t mails_failed = 0;
    uint64_t meetings_created = 0;
    uint64_t network_tests = 0;
    uint64_t admissions = 0;
    std::map<std::string_view, uint64_t> refusals;  // by code; the codes are constants
    uint64_t cross_site_refused = 0;
    uint64_t rate_limited = 0;
    uint64_t tokens_refused = 0;
    uint64_t store_failures = 0;
    uint64_t api_calls = 0;    // of the server API
    uint64_t api_refused = 0;  // without a key or the right to it
    uint64_t api_errors = 0;   // answered with an error
};

struct Front {
    Front(const Config& c, store::Store& s, Keys k, Rng& r)
        : config(c),
          store(s),
          keys(std::move(k)),
          rng(r),
          session_rules{c.session_idle(), c.session_age()},
          policy(c.rules()),
          joins(c.limits.joins_per_minute_per_address, c.limits.joins_per_minute),
          sockets(kSocketsPerJoin * c.limits.joins_per_minute_per_address,
                  kSocketsPerJoin * c.limits.joins_per_minute),
          sign_ins(c.limits.sign_ins_per_minute_per_address, c.limits.sign_ins_per_minute),
          mails(c.limits.mails_per_hour_per_account, c.limits.mails_per_hour, Duration::minutes(60)) {}

    const Config& config;
    store::Store& store;
    Keys keys;
    Rng& rng;
    account::SessionRules session_rules;
    const policy::Rules policy;
    RateLimiter joins;
    // A seat's socket comes back by itself when the network was lost.
    static constexpr int64_t kSocketsPerJoin = 4;
    RateLimiter sockets;
    RateLimiter sign_ins;
    account::Lockout lockout;  // of passwords, wherever they are asked for
    RateLimiter mails;         // of invitations, by account
    FrontCounters counters;
    MediaPlane* media = nullptr;         // set before requests come
    MeetingPlane* meetings = nullptr;    // set before requests come
    const Webhooks* webhooks = nullptr;  // when there are URLs
    net::WorkPool* hashing = nullptr;    // set before requests come
    crypto::PasswordCost password_cost = {};
    NetworkTests* network_tests = nullptr;  // set before requests come
    // On the front thread, later; set before requests come.
    std::function<void(Duration, std::function<void()>)> run_after;
    OidcProvider* oidc = nullptr;  // when there is single sign-on
    Mailer* mailer = nullptr;      // when codes or invitations are sent by e-mail
    bool is_stopping = false;

    account::Request::Capacity capacity(const std::string& room, const std::string& identity) const {
        using Capacity = account::Request::Capacity;
        if (media->participants() >= static_cast<size_t>(config.limits.participants)) return Capacity::Full;
        return media->has_time_for(room, identity) ? Capacity::Free : Capacity::Overloaded;
    }
    // In seconds, for whoever was refused as Overloaded: not the same for all, who would all come at once.
    std::string retry_after() const {
        const auto least = static_cast<uint64_t>(config.overload.retry_after);
        return std::to_string(least + rng.u64() % (least / 2 + 1));
    }
    // For the log.
    std::string client(const SocketAddress& address) const {
        return config.log.pii ? address.ip_text() : keys.address_hash(address);
    }
};

}  // namespace conclave::server

#include "server/serve.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <optional>

#include "crypto/aead.h"
#include "livekit/protobuf_log.h"
#include "net/clock.h"
#include "net/http_server.h"
#include "net/ip_prefix.h"
#include "net/system_rng.h"
#include "net/unique_fd.h"
#include "server/api_keys.h"
#include "server/first_run.h"
#include "server/log.h"
#include "server/mailer.h"
#include "server/meeting_plane.h"
#include "server/oidc_provider.h"
#include "server/site.h"
#include "server/webhooks.h"

namespace conclave::server {
namespace {

// After the goodbye on every signalling socket. With what the HTTP server and the store then need, the
// process ends within five seconds.
constexpr Duration kStopGrace = Duration::seconds(2);
// Passwords are hashed two at a time, 256 MiB each; those that wait have their turn within seconds.
constexpr size_t kHashingThreads = 2;
constexpr size_t kHashingQueue = 16;
constexpr Duration kPurgeInterval = Duration::minutes(60);
// Largest REST body: a join with its rejoin token. Signalling travels on WebSockets.
constexpr size_t kBodyBytesMax = 64 << 10;
// The server API: a room's metadata in JSON. Read before the key is known, hence few at a time.
constexpr size_t kApiBodyBytesMax = 1 << 20;
constexpr size_t kApiBodiesMax = 64;

// Before any thread starts, so that all inherit the mask and the signals arrive at one descriptor.
net::UniqueFd take_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return net::UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

net::HttpOptions http_options(const Config& config) {
    net::HttpOptions options;
    options.body_bytes_max = kBodyBytesMax;
    options.large_body_prefix = RoomService::kPrefix;
    options.large_body_bytes_max = kApiBodyBytesMax;
    options.large_bodies_max = kApiBodiesMax;
    for (const std::string& text : config.http.trusted_proxies) {
        if (const auto prefix = net::IpPrefix::parse(text)) options.trusted_proxies.push_back(*prefix);
    }
    return options;
}

struct Prepared {
    std::string master_key;
    std::optional<std::string> sign_in_link;  // at the first run
    TlsFiles tls;
    std::string metrics_token;
};

Result<Prepared> prepare(const Config& config, Rng& rng) {
    const WallTime now = net::wall_now();
    TRY(make_data_dir(config));
    const std::unique_ptr<store::Database> database = TRY(store::Database::open(config.database_path()));
    Prepared prepared;
    prepared.master_key = TRY(master_key(*database, rng));
    prepared.sign_in_link = TRY(first_administrator_link(*database, config, rng, now));
    prepared.tls = TRY(tls_files(config, now));
    if (!config.webhooks.urls.empty() && !TRY(find_key(*database, config.dev, config.webhooks.key)))
        return failure("webhooks.key names no active API key");
    if (!config.metrics.token_file.empty())
        prepared.metrics_token = TRY(read_secret(config.metrics.token_file));
    return prepared;
}

Status listen(net::HttpServer& http, const Config& config) {
    const auto report = [](const char* kind, const SocketAddress& address) {
        log_info("http", "listening", {{"kind", kind}, {"address", address.text()}});
    };
    for (const SocketAddress& local : config.http.listen) {
        Result<SocketAddress> bound = http.listen_tls(local);
        // A kernel without IPv6 still serves everybody who can reach it.
        if (!bound && local.is_unspecified() && !local.is_v4())
            bound = http.listen_tls(SocketAddress::v4(0, 0, 0, 0, local.port));
        if (!bound) return failure("cannot listen on " + local.text() + ": " + bound.error().what);
        report("https", *bound);
    }
    if (config.http.plain_listen.port != 0) {
        const Result<SocketAddress> bound = http.listen_plain(config.http.plain_listen);
        if (!bound)
            return failure("cannot listen on " + config.http.plain_listen.text() + ": " + bound.error().what);
        report("http", *bound);
    }
    return Ok{};
}

struct SingleSignOn {
    std::unique_ptr<net::HttpClient> client;
    OidcProvider provider;
};

// Nothing when it is not configured.
Result<std::unique_ptr<SingleSignOn>> make_single_sign_on(const Config& config, net::HttpServer& http) {
    if (config.oidc.issuer.empty()) return std::unique_ptr<SingleSignOn>();
    std::string secret;
    if (!config.oidc.client_secret_file.empty()) secret = TRY(read_secret(config.oidc.client_secret_file));
    std::unique_ptr<net::HttpClient> client = TRY(net::HttpClient::create(
        {.ca_file = config.oidc.ca_file}, [&http](std::function<void()> fn) { http.post(std::move(fn)); }));
    net::HttpClient& there = *client;
    return std::unique_ptr<SingleSignOn>(
        new SingleSignOn{std::move(client), OidcProvider(config, std::move(secret), there)});
}

void purge_regularly(net::HttpServer& http, Front& front) {
    http.run_after(kPurgeInterval, [&http, &front] {
        front.store.run<Ok>([rules = front.session_rules, now = net::wall_now()](
                                store::Database& database) { return database.purge(rules, now); },
                            [](const Status& status) {
                                if (!status)
                                    log_error("store", "purge_failed", {{"what", status.error().what}});
                            });
        purge_regularly(http, front);
    });
}

// Where people look, and nowhere else: the link is as good as a password.
void greet(const Config& config, const std::optional<std::string>& sign_in_link) {
    if (config.dev) {
        std::fprintf(
            stderr,
            "\n*** DEVELOPMENT MODE: anybody who reaches this server may use API key %s with secret %s.\n"
            "*** Never on a server that people rely on.\n\n",
            std::string(kDevKeyId).c_str(), std::string(kDevKeySecret).c_str());
    }
    std::printf("Conclave is ready: %s\n", config.url().c_str());
    if (sign_in_link) {
        std::printf("Sign in as administrator, once, within %lld hours:\n  %s\n",
                    static_cast<long long>(config.sessions.sign_in_link_hours), sign_in_link->c_str());
    }
    std::fflush(stdout);
}

Status run(const Config& config, const net::UniqueFd& signals) {
    net::SystemRng rng;
    Prepared prepared = TRY(prepare(config, rng));
    // Destroyed from the bottom up: the store finishes what is queued before the HTTP server goes.
    Site* site_of_handlers = nullptr;
    net::HttpServer http(
        http_options(config),
        [&](net::HttpRequest request, net::Respond respond) {
            site_of_handlers->handle(std::move(request), std::move(respond));
        },
        [&](net::HttpRequest request, std::shared_ptr<net::Upgrade> upgrade) {
            site_of_handlers->upgrade(std::move(request), std::move(upgrade));
        });
    const std::unique_ptr<store::Store> store = TRY(store::Store::open(
        config.database_path(), [&http](std::function<void()> fn) { http.post(std::move(fn)); }));
    Front front(config, *store, Keys(prepared.master_key, rng), rng);
    front.run_after = [&http](Duration delay, std::function<void()> fn) {
        http.run_after(delay, std::move(fn));
    };
    Site site(front, std::move(prepared.metrics_token));
    MeetingPlane meetings(front);
    front.meetings = &meetings;
    site_of_handlers = &site;
    site.watch(http);
    net::WorkPool hashing(kHashingThreads, kHashingQueue,
                          [&http](std::function<void()> fn) { http.post(std::move(fn)); });
    front.hashing = &hashing;
    std::optional<Mailer> mailer;
    if (config.sign_in.email_codes || !config.mail.server.empty()) {
        mailer.emplace(front, TRY(make_smtp_client(
                                  config, [&http](std::function<void()> fn) { http.post(std::move(fn)); })));
        front.mailer = &*mailer;
    }
    const std::unique_ptr<SingleSignOn> single_sign_on = TRY(make_single_sign_on(config, http));
    if (single_sign_on) front.oidc = &single_sign_on->provider;
    const std::unique_ptr<net::HttpClient> client =
        TRY(net::HttpClient::create({.ca_file = config.webhooks.ca_file},
                                    [&http](std::function<void()> fn) { http.post(std::move(fn)); }));
    Webhooks webhooks(front, *client, front.run_after);
    EventListener listener;
    if (!config.webhooks.urls.empty()) {
        front.webhooks = &webhooks;
        listener = [&webhooks](std::vector<livekit::pb::WebhookEvent> events) {
            webhooks.notify(std::move(events));
        };
    }
    const std::unique_ptr<MediaPlane> media =
        TRY(make_media_plane(config, site.door(), http, std::move(listener),
                             [&meetings](const conference::Voices& voices) { meetings.hear(voices); }));
    front.media = media.get();

    TRY(http.set_certificate(prepared.tls.chain_pem, prepared.tls.key_pem));
    TRY(listen(http, config));
    purge_regularly(http, front);
    http.watch_mailbox(signals.get(), [&] {
        signalfd_siginfo info;
        if (::read(signals.get(), &info, sizeof info) != sizeof info || front.is_stopping) return;
        log_info("server", "stopping", {{"clients", std::to_string(site.door().clients())}});
        front.is_stopping = true;
        media->leave_all();
        http.stop(kStopGrace);
    });
    log_info("server", "started",
             {{"self_signed", prepared.tls.is_self_signed ? "yes" : "no"},
              {"aes_gcm", std::string(crypto::gcm_engine_name(crypto::fastest_gcm_engine()))}});
    greet(config, prepared.sign_in_link);
    http.run();
    return Ok{};
}

}  // namespace

int serve(const Config& config) {
    livekit::silence_protobuf();
    open_log(config.log);
    const net::UniqueFd signals = take_signals();
    const Status done = signals ? run(config, signals) : failure("signalfd is not available");
    if (!done) {
        log_error("server", "cannot_start", {{"what", done.error().what}});
    } else {
        log_info("server", "stopped");
    }
    close_log();
    return done ? 0 : 1;
}

}  // namespace conclave::server

// For tests: the whole front (routes, store, HTTP server) over loopback, with a media plane that only notes
// what it is told, and a small blocking client.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "account/secret.h"
#include "net/clock.h"
#include "net/http_server.h"
#include "net/system_rng.h"
#include "server/mailer.h"
#include "server/meeting_plane.h"
#include "server/site.h"

namespace conclave::server {

class NotingMedia final : public MediaPlane {
 public:
    explicit NotingMedia(Signalling& signalling) : signalling_(signalling) {}

    void join(JoinOrder order) override {
        const uint64_t connection = order.connection;
        joins.push_back(std::move(order));
        if (refuse_with != 0) return signalling_.refused(connection, refuse_with, "no");
        signalling_.accepted(connection);
        signalling_.send(connection, "welcome", false);
    }
    void message(uint64_t connection, std::string bytes, bool text) override {
        signalling_.send(connection, "echo " + bytes, text);
        if (bytes == "bye") signalling_.close(connection);
    }
    void closed(uint64_t connection) override { closes.push_back(connection); }
    void command(livekit::RoomCall call, conference::Owner by, PendingCommands::Then then) override {
        (by == conference::Owner::Meetings ? meeting_calls : calls).push_back(std::move(call));
        then(api_outcome);
    }
    bool has_time_for(const std::string&, const std::string&) const override { return has_time; }
    void govern(conference::MeetingMedia said) override { rules.push_back(std::move(said)); }
    void leave_all() override {}
    size_t participants() const override { return participants_now; }
    std::string metrics() const override { return "conclave_test 1\n"; }

    std::vector<JoinOrder> joins;
    std::vector<uint64_t> closes;
    int refuse_with = 0;
    size_t participants_now = 0;
    bool has_time = true;
    std::vector<livekit::RoomCall> calls;  // about rooms of applications
    std::vector<livekit::RoomCall> meeting_calls;
    std::vector<conference::MeetingMedia> rules;
    PendingCommands::Outcome api_outcome = livekit::RoomReply(Ok{});

 private:
    Signalling& signalling_;
};

struct Answer {
    int status = 0;
    std::multimap<std::string, std::string> headers;  // names in lower case
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
    // A string member of the JSON body, for bodies without escapes.
    std::string member(const std::string& name) const {
        const std::string key = "\"" + name + "\":\"";
        const size_t begin = body.find(key);
        if (begin == std::string::npos) return "";
        return body.substr(begin + key.size(), body.find('"', begin + key.size()) - begin - key.size());
    }
};

using Fields = std::vector<std::pair<std::string, std::string>>;

// One TCP connection; blocking, with a deadline so that a test fails instead of hanging.
class Connection {
 public:
    explicit Connection(const SocketAddress& server) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval deadline{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    ~Connection() { ::close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(const std::string& bytes) {
        EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    // False at the end of the connection.
    bool read_more() {
        char chunk[4096];
        const ssize_t size = ::recv(fd_, chunk, sizeof chunk, 0);
        if (size > 0) buffer_.append(chunk, static_cast<size_t>(size));
        return size > 0;
    }
    std::string take(size_t size) {
        while (buffer_.size() < size && read_more()) {
        }
        std::string taken = buffer_.substr(0, size);
        buffer_.erase(0, taken.size());
        return taken;
    }
    // Status line and fields, then what Content-Length says.
    Answer read_answer(bool has_body = true) {
        size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!read_more()) return {};
        }
        const std::string head = take(end + 4);
        Answer answer;
        answer.status = std::stoi(head.substr(9, 3));
        for (size_t at = head.find("\r\n") + 2; at < end; at = head.find("\r\n", at) + 2) {
            const size_t colon = head.find(": ", at);
            std::string name = head.substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](char c) { return static_cast<char>(std::tolower(c)); });
            answer.headers.emplace(name, head.substr(colon + 2, head.find("\r\n", colon) - colon - 2));
        }
        const std::string length = answer.header("content-length");
        if (has_body && !length.empty()) answer.body = take(std::stoul(length));
        return answer;
    }

    // RFC 6455 5.2, for messages under 64 KiB. Opcode 1 text, 2 binary, 8 close.
    void send_frame(int opcode, const std::string& payload) {
        std::string frame{static_cast<char>(0x80 | opcode)};
        if (payload.size() < 126) {
            frame += static_cast<char>(0x80 | payload.size());
        } else {
            frame += static_cast<char>(0x80 | 126);
            frame += static_cast<char>(payload.size() >> 8);
            frame += static_cast<char>(payload.size());
        }
        send(frame + std::string(4, '\0') + payload);  // a mask of zeros
    }
    std::pair<int, std::string> read_frame() {
        const std::string head = take(2);
        if (head.size() < 2) return {-1, ""};
        size_t size = static_cast<size_t>(head[1]) & 127;
        if (size == 126) {
            const std::string length = take(2);
            size =
                static_cast<size_t>(static_cast<uint8_t>(length[0])) << 8 | static_cast<uint8_t>(length[1]);
        }
        return {head[0] & 15, take(size)};
    }

 private:
    int fd_;
    std::string buffer_;
};

class SiteTest : public testing::Test {
 protected:
    SiteTest() {
        std::filesystem::create_directory(directory_);
        config_.data_dir = directory_;
    }
    ~SiteTest() override {
        if (thread_.joinable()) {
            http_->stop(Duration{});
            thread_.join();
        }
        media_.reset();
        hashing_.reset();
        meetings_.reset();
        site_.reset();
        mailer_.reset();
        front_.reset();
        store_.reset();
        http_.reset();
        std::filesystem::remove_all(directory_);
    }

    void start() {
        http_ = std::make_unique<net::HttpServer>(
            net::HttpOptions{},
            [this](net::HttpRequest request, net::Respond respond) {
                site_->handle(std::move(request), std::move(respond));
            },
            [this](net::HttpRequest request, std::shared_ptr<net::Upgrade> upgrade) {
                site_->upgrade(std::move(request), std::move(upgrade));
            });
        store_ = std::move(*store::Store::open(
            directory_ + "/test.db", [this](std::function<void()> fn) { http_->post(std::move(fn)); }));
        front_ =
            std::make_unique<Front>(config_, *store_, Keys(std::string(kMasterKeyBytes, 'k'), rng_), rng_);
        hashing_ = std::make_unique<net::WorkPool>(
            2, 4, [this](std::function<void()> fn) { http_->post(std::move(fn)); });
        front_->hashing = hashing_.get();
        front_->password_cost = kCheap;
        if (config_.sign_in.email_codes) {
            std::filesystem::create_directory(config_.spool_path());
            mailer_.emplace(*front_, nullptr);
            front_->mailer = &*mailer_;
        }
        front_->run_after = [this](Duration delay, std::function<void()> fn) {
            http_->run_after(delay, std::move(fn));
        };
        site_ = std::make_unique<Site>(*front_, "metrics-token");
        meetings_ = std::make_unique<MeetingPlane>(*front_);
        front_->meetings = meetings_.get();
        site_->watch(*http_);
        media_ = std::make_unique<NotingMedia>(site_->door());
        front_->media = media_.get();
        address_ = *http_->listen_plain(SocketAddress::v4(127, 0, 0, 1, 0));
        thread_ = std::thread([this] { http_->run(); });
    }

    // Runs on the front thread and waits.
    void on_front(std::function<void()> fn) {
        std::promise<void> done;
        http_->post([&] {
            fn();
            done.set_value();
        });
        done.get_future().wait();
    }
    // Asks on the front thread until it is so; the test's own time limit is what ends a wait in vain.
    void until(const std::function<bool()>& is_so) {
        for (bool done = false; !done;) {
            on_front([&] { done = is_so(); });
            if (!done) std::this_thread::yield();
        }
    }
    // Runs on the store thread and waits.
    void in_store(std::function<Status(store::Database&)> work) {
        std::promise<bool> done;
        store_->run<Ok>(std::move(work), [&](const Status& status) { done.set_value(status.has_value()); });
        ASSERT_TRUE(done.get_future().get());
    }

    // All mails so far, the newest last; those that were asked for before have been written then.
    std::vector<std::string> mails() {
        // One that needs the store asks it and comes back before it writes.
        for (int i = 0; i < 2; ++i) {
            in_store([](store::Database&) -> Status { return Ok{}; });
            on_front([] {});
        }
        std::vector<std::string> paths;
        for (const auto& entry : std::filesystem::directory_iterator(config_.spool_path()))
            paths.push_back(entry.path());
        std::sort(paths.begin(), paths.end());
        std::vector<std::string> texts;
        for (const std::string& path : paths) {
            std::ifstream stream(path);
            std::ostringstream text;
            text << stream.rdbuf();
            texts.push_back(text.str());
        }
        return texts;
    }

    std::string host() const { return "127.0.0.1:" + std::to_string(address_.port); }

    Answer ask(const std::string& method, const std::string& path, const Fields& fields = {},
               const std::string& body = {}) {
        Connection connection(address_);
        std::string request =
            method + " " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nConnection: close\r\n";
        for (const auto& [name, value] : fields) request += name + ": " + value + "\r\n";
        if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        connection.send(request + "\r\n" + body);
        return connection.read_answer(method != "HEAD");
    }
    Fields own_page(const std::string& cookie = {}) const {
        Fields fields{{"Origin", "http://" + host()}, {"Content-Type", "application/json"}};
        if (!cookie.empty()) fields.emplace_back("Cookie", cookie);
        return fields;
    }

    // Adds the account once, and a link for it.
    std::string link_for(const account::Account& account, Duration lifetime = Duration::minutes(60)) {
        const account::Secret secret = account::make_secret(client_rng_);
        const WallTime now = net::wall_now();
        in_store([&](store::Database& database) -> Status {
            if (!TRY(database.account(account.id))) TRY(database.insert_account(account, now));
            return database.insert_sign_in_link(
                {.hash = secret.hash, .account_id = account.id, .expires_at = now + lifetime});
        });
        return secret.text;
    }
    // Signs in and returns the Cookie field's value.
    std::string sign_in(const account::Account& account = {"acc1", "Ada", account::Role::Administrator}) {
        const Answer answer =
            ask("POST", "/api/v1/session", own_page(), R"({"secret":")" + link_for(account) + "\"}");
        EXPECT_EQ(answer.status, 200) << answer.body;
        const std::string cookie = answer.header("set-cookie");
        return cookie.substr(0, cookie.find(';'));
    }
    std::string create_meeting(const std::string& cookie, const std::string& title = "Budget") {
        const Answer answer = ask("POST", "/api/v1/meetings", own_page(cookie),
                                  R"({"lobby":"nobody","title":")" + title + "\"}");
        EXPECT_EQ(answer.status, 201) << answer.body;
        return answer.member("id");
    }
    // As if it had been recorded before this server started: the meeting must not go on yet.
    void record(const std::string& id, meeting::What what, const std::string& by = {}) {
        in_store([&](store::Database& database) -> Status {
            const auto state = TRY(database.replay(id));
            return database.append(id, {{state->number + 1, net::wall_now(), by, std::move(what)}});
        });
    }
    // A meeting that goes on, whose door is open.
    std::string begun_meeting(const std::string& cookie) {
        const std::string id = create_meeting(cookie);
        record(id, meeting::Started{});
        return id;
    }
    void seat(const std::string& id, const std::string& person) {
        record(id, meeting::Arrived{.person = person, .is_let_in = true});
    }
    Answer join(const std::string& id, const std::string& body, const std::string& cookie = {}) {
        return ask("POST", "/api/v1/meetings/" + id + "/join", own_page(cookie), body);
    }

    static constexpr crypto::PasswordCost kCheap{.passes = 1, .memory_kib = 8};
    std::string directory_ = testing::TempDir() + "site_test_" + std::to_string(getpid());
    Config config_;
    net::SystemRng rng_;  // the front thread's
    net::SystemRng client_rng_;
    SocketAddress address_;
    std::unique_ptr<net::HttpServer> http_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Front> front_;
    std::unique_ptr<net::WorkPool> hashing_;
    std::optional<Mailer> mailer_;  // into the spool folder
    std::unique_ptr<Site> site_;
    std::unique_ptr<MeetingPlane> meetings_;
    std::unique_ptr<NotingMedia> media_;
    std::thread thread_;
};

}  // namespace conclave::server

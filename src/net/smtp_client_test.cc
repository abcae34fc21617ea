#include "net/smtp_client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace conclave::net {
namespace {

// conclave and secret, as RFC 4616 has them.
constexpr const char* kCredentials = "AGNvbmNsYXZlAHNlY3JldA==";

// A mail server for one connection: notes what it is told, line by line.
class MailServer {
 public:
    explicit MailServer(std::string extensions = {}, std::string answer_to_rcpt = "250 ok")
        : extensions_(std::move(extensions)), answer_to_rcpt_(std::move(answer_to_rcpt)) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener_, 1) == 0);
        CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~MailServer() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    bool was_told(const std::string& line) {
        const auto all = lines();
        return std::find(all.begin(), all.end(), line) != all.end();
    }

 private:
    void serve() {
        const int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        say(fd, "220 test");
        std::string buffer;
        bool is_data = false;
        char chunk[4096];
        for (ssize_t size = 0; (size = recv(fd, chunk, sizeof chunk, 0)) > 0;) {
            buffer.append(chunk, static_cast<size_t>(size));
            for (size_t end = 0; (end = buffer.find("\r\n")) != std::string::npos;) {
                const std::string line = buffer.substr(0, end);
                buffer.erase(0, end + 2);
                {
                    const std::lock_guard lock(mutex_);
                    lines_.push_back(line);
                }
                if (is_data && line != ".") continue;
                answer(fd, line);
                is_data = line == "DATA";
            }
        }
        close(fd);
    }
    void answer(int fd, const std::string& line) {
        if (line.starts_with("EHLO")) return say(fd, extensions_ + "250 SIZE 100000");
        if (line == "AUTH PLAIN") return say(fd, "334 ");
        if (line == kCredentials) return say(fd, "235 welcome");
        if (line.starts_with("RCPT")) return say(fd, answer_to_rcpt_);
        if (line == "DATA") return say(fd, "354 go on");
        say(fd, line == "QUIT" ? "221 bye" : "250 ok");
    }
    static void say(int fd, const std::string& text) {
        const std::string line = text + "\r\n";
        (void)!send(fd, line.data(), line.size(), MSG_NOSIGNAL);
    }

    const std::string extensions_;
    const std::string answer_to_rcpt_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> lines_;
    std::thread thread_;
};

// What is posted runs on libcurl's thread: the test waits for it and touches nothing meanwhile.
std::string send_by(SmtpClient::Options options, const std::string& text = "Subject: x\r\n\r\nHello\r\n") {
    std::promise<std::string> outcome;
    const auto client =
        std::move(*SmtpClient::create(std::move(options), [](std::function<void()> fn) { fn(); }));
    client->send({"noreply@visio.fr", "ada@ville.fr", text},
                 [&](const Status& status) { outcome.set_value(status ? "sent" : status.error().what); });
    return outcome.get_future().get();
}

TEST(SmtpClient, HandsOverOneMessageToOneRecipient) {
    MailServer server;
    EXPECT_EQ(send_by({.url = server.url(), .must_encrypt = false}), "sent");
    EXPECT_TRUE(server.was_told("MAIL FROM:<noreply@visio.fr>") ||
                server.was_told("MAIL FROM:<noreply@visio.fr> SIZE=0"));
    EXPECT_TRUE(server.was_told("RCPT TO:<ada@ville.fr>"));
    EXPECT_TRUE(server.was_told("Subject: x"));
    EXPECT_TRUE(server.was_told("Hello"));
}

TEST(SmtpClient, ALineOfADotEndsNothing_RFC5321_4_5_2) {
    MailServer server;
    EXPECT_EQ(send_by({.url = server.url(), .must_encrypt = false}, "Subject: x\r\n\r\n.\r\nafter\r\n"),
              "sent");
    EXPECT_TRUE(server.was_told(".."));
    EXPECT_TRUE(server.was_told("after"));
}

TEST(SmtpClient, WithoutEncryptionNothingLeaves_RFC3207_4) {
    MailServer server("250-AUTH PLAIN\r\n");
    EXPECT_NE(send_by({.url = server.url(), .user = "conclave", .password = "secret"}), "sent");
    for (const std::string& line : server.lines())
        EXPECT_TRUE(line.starts_with("EHLO") || line == "QUIT" || line == "STARTTLS") << line;
}

TEST(SmtpClient, GreetsWithoutMail) {
    MailServer server("250-AUTH PLAIN\r\n");
    const Status greeted = SmtpClient::greet(
        {.url = server.url(), .user = "conclave", .password = "secret", .must_encrypt = false});
    EXPECT_TRUE(greeted) << (greeted ? "" : greeted.error().what);
    const std::vector<std::string> lines = server.lines();
    ASSERT_GE(lines.size(), 2U);
    EXPECT_TRUE(lines[0].starts_with("EHLO"));
    EXPECT_TRUE(server.was_told(kCredentials));
    for (const std::string& line : lines) {
        for (const char* word : {"MAIL", "RCPT", "DATA"}) EXPECT_FALSE(line.starts_with(word)) << line;
    }
}

TEST(SmtpClient, GreetsNobodyWhoIsNotThereOrDoesNotEncrypt_RFC3207_4) {
    EXPECT_FALSE(SmtpClient::greet({.url = "smtp://127.0.0.1:1", .must_encrypt = false}));
    MailServer server("250-AUTH PLAIN\r\n");
    EXPECT_FALSE(SmtpClient::greet({.url = server.url(), .user = "conclave", .password = "secret"}));
    for (const std::string& line : server.lines()) EXPECT_FALSE(line.starts_with("AUTH")) << line;
}

TEST(SmtpClient, ARefusalIsAnError) {
    MailServer server({}, "550 nobody here");
    EXPECT_NE(send_by({.url = server.url(), .must_encrypt = false}), "sent");
    EXPECT_FALSE(server.was_told("DATA"));
}

TEST(SmtpClient, NobodyThereAndOtherSchemesAreErrors) {
    EXPECT_NE(send_by({.url = "smtp://127.0.0.1:1", .must_encrypt = false}), "sent");
    EXPECT_NE(send_by({.url = "file:///etc/passwd", .must_encrypt = false}), "sent");
    EXPECT_NE(send_by({.url = "http://127.0.0.1:1", .must_encrypt = false}), "sent");
}

}  // namespace
}  // namespace conclave::net

// Outbound mail: hands a message to the organisation's own mail server (RFC 5321), by libcurl on a thread of
// its own. TLS verified, from the start (smtps) or by STARTTLS (RFC 3207); without it no message and no
// password leaves.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace conclave::net {

class Transfers;

class SmtpClient {
 public:
    struct Options {
        std::string url = {};  // "smtp://host:587" or "smtps://host"
        std::string user = {};
        std::string password = {};
        std::string ca_file = {};  // PEM; empty: the system's authorities
        bool must_encrypt = true;  // false: a server on this machine
        Duration connect_timeout = Duration::seconds(10);
        Duration timeout = Duration::seconds(30);
    };
    struct Message {
        std::string from;
        std::string to;
        std::string text;  // with its headers, lines ended by CRLF
    };
    // Runs a function on the front thread, soon; callable from any thread.
    using Post = std::function<void(std::function<void()>)>;

    // Messages that are under way or wait; a further one fails.
    static constexpr size_t kMessagesMax = 256;

    static Result<std::unique_ptr<SmtpClient>> create(Options options, Post post);
    // For `conclave doctor`, on this thread: connects, greets, encrypts, and signs in when there is a user.
    // No mail is sent.
    static Status greet(const Options& options);
    // What is under way is given up, without an outcome.
    ~SmtpClient();
    SmtpClient(const SmtpClient&) = delete;
    SmtpClient& operator=(const SmtpClient&) = delete;

    // Front thread; `then` runs there too, once. The error names nobody.
    void send(Message message, std::function<void(const Status&)> then);

 private:
    SmtpClient(Options options, std::unique_ptr<Transfers> transfers);
    const Options options_;
    std::unique_ptr<Transfers> transfers_;
};

}  // namespace conclave::net

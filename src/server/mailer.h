// Mail that this server writes: to the mail server of the configuration or, without one, into a folder.
#pragma once

#include <memory>
#include <string>

#include "net/smtp_client.h"
#include "server/front.h"
#include "server/sign_in_mail.h"

namespace conclave::server {

class Mailer {
 public:
    // `client` is nullptr when mail goes into the spool folder.
    Mailer(Front& front, std::unique_ptr<net::SmtpClient> client)
        : front_(front), client_(std::move(client)) {}

    // Later; how it ended is in the log and in the counters.
    void send(const std::string& to, Language language, const MailText& text);

 private:
    void ended(const Status&);

    Front& front_;
    std::unique_ptr<net::SmtpClient> client_;
};

// How the configured server is reached; reads the password.
Result<net::SmtpClient::Options> smtp_options(const Config&);
// Reads the password, makes the spool folder: whatever the configuration asks for.
Result<std::unique_ptr<net::SmtpClient>> make_smtp_client(const Config&, net::SmtpClient::Post post);

}  // namespace conclave::server

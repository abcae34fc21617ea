#include "server/mailer.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "net/clock.h"
#include "server/first_run.h"
#include "server/log.h"
#include "wire/mail.h"

namespace conclave::server {
namespace {

constexpr const char* kSenderName = "Conclave";
constexpr const char* kSpoolSender = "conclave@localhost.invalid";
constexpr size_t kIdSize = 20;
// A spool that nobody empties is no reason to fill the disk.
constexpr int kSpooledMax = 1000;

bool is_on_this_machine(std::string_view url) {
    std::string_view host = url.substr(url.find("//") + 2);
    host = host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
    const auto address = SocketAddress::parse(host, 0);
    return host == "localhost" || (address && address->is_loopback());
}

// The name orders them by time.
Status spool(const std::string& folder, WallTime now, const std::string& id, const std::string& message) {
    std::error_code error;
    int there = 0;
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        ++there;
    if (error) return failure("cannot read " + folder);
    if (there >= kSpooledMax) return failure(folder + " is full");
    const std::string path = folder + "/" + std::to_string(now.unix_ms()) + "-" + id + ".eml";
    TRY(write_private_file(path, message));
    std::fprintf(stderr, "Mail was put into %s\n", path.c_str());
    return Ok{};
}

}  // namespace

Result<net::SmtpClient::Options> smtp_options(const Config& config) {
    net::SmtpClient::Options options{.url = config.mail.server, .user = config.mail.user};
    options.ca_file = config.mail.ca_file;
    options.must_encrypt = !is_on_this_machine(config.mail.server);
    if (!config.mail.password_file.empty()) options.password = TRY(read_secret(config.mail.password_file));
    return options;
}

Result<std::unique_ptr<net::SmtpClient>> make_smtp_client(const Config& config, net::SmtpClient::Post post) {
    if (config.mail.server.empty()) {
        const std::string folder = config.spool_path();
        if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failure("cannot create " + folder);
        std::fprintf(stderr, "No mail server is configured: mail is put into %s\n", folder.c_str());
        return std::unique_ptr<net::SmtpClient>();
    }
    return net::SmtpClient::create(TRY(smtp_options(config)), std::move(post));
}

void Mailer::send(const std::string& to, Language language, const MailText& text) {
    const Config::Mail& settings = front_.config.mail;
    wire::Mail mail{.from_name = kSenderName,
                    .from = settings.from.empty() ? kSpoolSender : settings.from,
                    .to = to,
                    .subject = text.subject,
                    .text = text.text,
                    .language = std::string(text_of(language)),
                    .date = net::wall_now(),
                    .id = random_id(front_.rng, kIdSize),
                    .calendar = text.calendar};
    const std::optional<std::string> message = wire::compose_mail(mail);
    if (!message) return ended(failure("the message cannot be written"));
    if (!client_) return ended(spool(front_.config.spool_path(), mail.date, mail.id, *message));
    client_->send({mail.from, to, *message}, [this](const Status& status) { ended(status); });
}

void Mailer::ended(const Status& status) {
    ++(status ? front_.counters.mails_sent : front_.counters.mails_failed);
    if (status) return log_info("mail", "sent");
    log_error("mail", "not_sent", {{"why", status.error().what}});
}

}  // namespace conclave::server

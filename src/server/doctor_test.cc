#include "server/doctor.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "server/doctor_checks.h"

namespace conclave::server {
namespace {

using Grade = Finding::Grade;
using net::PortState;

constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
constexpr Duration kDay = Duration::minutes(60 * 24);

SocketAddress ip(const char* text, uint16_t port = 0) {
    return SocketAddress::parse(text, port).value();
}

// "good ports.tcp_free, bad ...": what was found, in order.
std::string summary(const Findings& findings) {
    const char* const kGrades[] = {"good", "note", "bad"};
    std::string text;
    for (const Finding& finding : findings) {
        EXPECT_FALSE(finding.what.fr.empty() || finding.what.en.empty()) << finding.code;
        EXPECT_EQ(finding.advice.fr.empty(), finding.advice.en.empty()) << finding.code;
        for (const Words& words : {finding.what, finding.advice})
            EXPECT_EQ((words.fr + words.en).find('{'), std::string::npos) << words.en;
        text += (text.empty() ? "" : ", ") + std::string(kGrades[static_cast<size_t>(finding.grade)]) + " " +
                std::string(finding.code);
    }
    return text;
}

PortFacts https(PortState state, bool is_ours = false) {
    return {PortFacts::Use::Https, ip("::", 8443), state, is_ours};
}
PortFacts http(PortState state) {
    return {PortFacts::Use::Http, ip("127.0.0.1", 8080), state};
}
PortFacts media(uint16_t port, PortState state) {
    return {PortFacts::Use::Media, ip("::", port), state};
}
std::string ports(const std::vector<PortFacts>& all) {
    return summary(check(all));
}

TEST(DoctorPorts, AreFreeBeforeTheStart) {
    EXPECT_EQ(ports({https(PortState::Free), media(7882, PortState::Free), media(7883, PortState::Free)}),
              "good ports.tcp_free, good ports.media_free");
}

TEST(DoctorPorts, BelongToTheServerThatRunsAndAnswers) {
    EXPECT_EQ(ports({https(PortState::Taken, true), http(PortState::Taken), media(7882, PortState::Taken)}),
              "good ports.https_ours, good ports.https_ours, good ports.media_ours");
    EXPECT_EQ(ports({https(PortState::Taken), http(PortState::Taken), media(7882, PortState::Taken)}),
              "bad ports.tcp_taken, bad ports.tcp_taken, bad ports.media_taken");
}

TEST(DoctorPorts, OneMediaPortOfAnotherIsEnough) {
    const Findings found =
        check({https(PortState::Free), media(7882, PortState::Free), media(7883, PortState::Taken)});
    EXPECT_EQ(summary(found), "good ports.tcp_free, bad ports.media_taken");
    EXPECT_NE(found[1].what.en.find("UDP 7883 cannot"), std::string::npos) << found[1].what.en;
}

TEST(DoctorPorts, SayWhatKeepsThemClosed) {
    EXPECT_EQ(ports({https(PortState::Denied)}), "bad ports.tcp_denied");
    EXPECT_EQ(ports({https(PortState::NoAddress)}), "bad ports.tcp_no_address");
    EXPECT_EQ(ports({https(PortState::Failed)}), "bad ports.tcp_failed");
}

CertificateFacts good_certificate() {
    CertificateFacts out{.host = "visio.example"};
    out.not_before = kNow + kDay * -1;
    out.not_after = kNow + kDay * 60;
    out.covers_host = true;
    out.certificates = 2;
    return out;
}

TEST(DoctorCertificate, IsGoodForItsHostAndItsTime) {
    CertificateFacts certificate = good_certificate();
    EXPECT_EQ(summary(check(certificate, kNow)), "good certificate.valid");
    EXPECT_EQ(summary(check(certificate, kNow + kDay * 50)), "note certificate.expires_soon");
    EXPECT_EQ(summary(check(certificate, kNow + kDay * 60)), "bad certificate.expired");
    EXPECT_EQ(summary(check(certificate, kNow + kDay * -2)), "bad certificate.not_yet");
    certificate.covers_host = false;
    EXPECT_EQ(summary(check(certificate, kNow)), "good certificate.valid, bad certificate.other_names");
}

TEST(DoctorCertificate, OfOurOwnIsRenewedByItself) {
    CertificateFacts certificate = good_certificate();
    certificate.is_made_by_us = certificate.is_self_signed = true;
    certificate.certificates = 1;
    EXPECT_EQ(summary(check(certificate, kNow + kDay * 50)),
              "good certificate.valid, note certificate.self_signed");
    certificate.is_there = false;
    EXPECT_EQ(summary(check(certificate, kNow)), "note certificate.none");
}

TEST(DoctorCertificate, WithoutItsAuthorityOrWithAnOpenKeyIsTold) {
    CertificateFacts certificate = good_certificate();
    certificate.certificates = 1;
    certificate.exposed_key = "/etc/key.pem";
    EXPECT_EQ(summary(check(certificate, kNow)),
              "good certificate.valid, note certificate.alone, bad certificate.key_exposed");
    certificate.fault = "cannot read";
    EXPECT_EQ(summary(check(certificate, kNow)), "bad certificate.unusable");
}

TEST(DoctorAddresses, OnThisMachineAndPublicAreGood) {
    AddressFacts facts;
    EXPECT_EQ(summary(check(facts)), "bad addresses.none");
    facts.announced = facts.interfaces = {ip("203.0.113.7"), ip("2001:db9::7")};
    facts.sources = facts.announced;
    facts.host = "visio.example";
    EXPECT_EQ(summary(check(facts)), "good addresses.announced");
}

TEST(DoctorAddresses, PrivateOnesDoNotGoWithAPublicUrl) {
    AddressFacts facts;
    facts.announced = facts.interfaces = {ip("10.0.0.5"), ip("fd00::5")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced");
    facts.host = "visio.example";
    EXPECT_EQ(summary(check(facts)), "good addresses.announced, note addresses.private_only");
    facts.announced = facts.interfaces = {ip("127.0.0.1")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced, note addresses.loopback_only");
}

TEST(DoctorAddresses, BehindANatAreToldApart) {
    AddressFacts facts;
    facts.interfaces = {ip("10.0.0.5")};
    facts.announced = {ip("203.0.113.7")};
    facts.configured = {*parse_public_address("203.0.113.7")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced, note addresses.needs_nat");
    facts.configured = {*parse_public_address("203.0.113.7=10.0.0.5")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced");
    facts.configured = {*parse_public_address("203.0.113.7=10.0.0.6")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced, bad addresses.behind_is_elsewhere");
}

TEST(DoctorAddresses, AnswersLeaveFromWhereTheyAreAwaited) {
    AddressFacts facts;
    facts.interfaces = {ip("2001:db9::7"), ip("2001:db9::8"), ip("203.0.113.7")};
    facts.announced = {ip("2001:db9::7"), ip("203.0.113.7")};
    facts.sources = {ip("2001:db9::8"), ip("203.0.113.7")};
    EXPECT_EQ(summary(check(facts)), "good addresses.announced, note addresses.other_source");
    facts.announced.push_back(ip("2001:db9::8"));
    EXPECT_EQ(summary(check(facts)), "good addresses.announced");
}

TEST(DoctorClock, IsOfOurTimeAndSynchronised) {
    EXPECT_EQ(summary(check(ClockFacts{kNow, true})), "good time.synchronised");
    EXPECT_EQ(summary(check(ClockFacts{kNow, false})), "note time.not_synchronised");
    EXPECT_EQ(summary(check(ClockFacts{kNow, {}})), "note time.unknown");
    EXPECT_EQ(summary(check(ClockFacts{WallTime::from_unix_seconds(0), true})), "bad time.wrong");
    EXPECT_EQ(summary(check(ClockFacts{kNow + kDay * 365 * 30, true})), "bad time.wrong");
}

TEST(DoctorDisk, HasRoomAndIsQuick) {
    DiskFacts disk{.folder = "/data", .free_bytes = 10ULL << 30};
    EXPECT_EQ(summary(check(disk)), "good disk.writable");
    disk.write_time = Duration::millis(400);
    EXPECT_EQ(summary(check(disk)), "good disk.writable, note disk.slow");
    disk.write_time = {};
    disk.free_bytes = 500 << 20;
    EXPECT_EQ(summary(check(disk)), "note disk.full");
    disk.free_bytes = 50 << 20;
    EXPECT_EQ(summary(check(disk)), "bad disk.full");
    disk.fault = "Permission denied";
    EXPECT_EQ(summary(check(disk)), "bad disk.not_writable");
    disk.is_there = false;
    EXPECT_EQ(summary(check(disk)), "note disk.none");
}

TEST(DoctorDatabase, IsSoundOursAndOfThisVersion) {
    DatabaseFacts database{.path = "/data/conclave.db"};
    database.inspection = store::Database::Inspection{5, 5, true, true};
    EXPECT_EQ(summary(check(database)), "good database.sound");
    database.inspection = store::Database::Inspection{4, 5, true, false};
    EXPECT_EQ(summary(check(database)), "note database.older, note database.no_administrator");
    database.inspection = store::Database::Inspection{6, 5, true, true};
    EXPECT_EQ(summary(check(database)), "bad database.newer");
    database.inspection = store::Database::Inspection{1, 5, false, false};
    EXPECT_EQ(summary(check(database)), "bad database.foreign");
    database.inspection = failure("malformed");
    EXPECT_EQ(summary(check(database)), "bad database.damaged");
    database.is_there = false;
    EXPECT_EQ(summary(check(database)), "note database.none");
}

TEST(DoctorMail, SaysWhetherItWouldLeave) {
    EXPECT_EQ(summary(check(MailFacts{})), "good mail.none");
    EXPECT_EQ(summary(check(MailFacts{.is_needed = true})), "note mail.nobody");
    EXPECT_EQ(summary(check(MailFacts{.server = "smtp://mx"})), "good mail.reachable");
    EXPECT_EQ(summary(check(MailFacts{.server = "smtp://mx", .fault = "refused"})), "bad mail.unreachable");
}

TEST(DoctorSecrets, AreReadableByUsAlone) {
    EXPECT_EQ(summary(check(SecretFacts{})), "");
    const SecretFacts secrets{
        {{"mail.password_file", "is empty"}}, {"/etc/secret"}, true, "https://localhost"};
    EXPECT_EQ(summary(check(secrets)),
              "bad secrets.unusable, bad secrets.exposed, note sign_in.no_public_url");
}

TEST(DoctorLimits, SayWhatRunsShort) {
    EXPECT_EQ(summary(check(LimitFacts{4096, 2000, 8 << 20, 8 << 20, true})), "good limits.open_files");
    EXPECT_EQ(summary(check(LimitFacts{1024, 2000, 8 << 20, 400'000, false})),
              "note limits.open_files, note limits.buffers, note limits.gso");
}

TEST(DoctorReport, SpeaksTheLanguageOfTheTerminal) {
    for (const char* lang : {"fr", "fr_FR.UTF-8", "fr_CA", "fr.UTF-8"})
        EXPECT_EQ(language_of_terminal(lang), Language::French) << lang;
    for (const char* lang : {"", "C", "C.UTF-8", "en_GB.UTF-8", "frr_DE", "de"})
        EXPECT_EQ(language_of_terminal(lang), Language::English) << lang;
    const Findings found = {{Grade::Good, "a", say("Bien {1}", "Well {1}", {"1"})},
                            {Grade::Bad, "b", say("Mal", "Bad"), say("Fais", "Do")}};
    EXPECT_EQ(report_text(found, Language::French), "bien     Bien 1\nMAUVAIS  Mal\n         -> Fais\n");
    EXPECT_EQ(report_text(found, Language::English), "ok     Well 1\nBAD    Bad\n       -> Do\n");
}

TEST(DoctorReport, IsJsonForMonitoring) {
    const Findings found = {{Grade::Note, "a", say("À voir", "Look")}};
    const auto report = nlohmann::json::parse(report_json(found, Language::English));
    EXPECT_EQ(report["ok"], true);
    EXPECT_EQ(report["findings"][0]["grade"], "note");
    EXPECT_EQ(report["findings"][0]["code"], "a");
    EXPECT_EQ(report["findings"][0]["text"], "Look");
    EXPECT_EQ(nlohmann::json::parse(report_json({{Grade::Bad, "a", {}}}, Language::English))["ok"], false);
}

TEST(DoctorReport, AValueIsNeverTakenForAMark) {
    EXPECT_EQ(say("{1} {2}", "{2} {1}", {"{2}", "b"}).fr, "{2} b");
}

// The machine itself.
class DoctorFacts : public testing::Test {
 protected:
    DoctorFacts() {
        std::string pattern = testing::TempDir() + "doctor_test_XXXXXX";
        config_.data_dir = mkdtemp(pattern.data());
        config_.media.workers = 1;
    }
    ~DoctorFacts() override { std::filesystem::remove_all(config_.data_dir); }

    Config config_;
};

TEST_F(DoctorFacts, APortThatSomebodyHasIsTaken) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    config_.http.listen = {ip("127.0.0.1", ntohs(address.sin_port))};
    EXPECT_EQ(read_ports(config_)[0].state, PortState::Taken);
    close(fd);
    EXPECT_EQ(read_ports(config_)[0].state, PortState::Free);
    config_.http.listen = {ip("203.0.113.99", 8443)};
    EXPECT_EQ(read_ports(config_)[0].state, PortState::NoAddress);
}

TEST_F(DoctorFacts, LookingChangesNothing) {
    (void)examine(config_);
    EXPECT_TRUE(std::filesystem::is_empty(config_.data_dir));
    std::filesystem::remove(config_.data_dir);
    EXPECT_FALSE(read_disk(config_).is_there);
    (void)examine(config_);
    EXPECT_FALSE(std::filesystem::exists(config_.data_dir));
}

TEST_F(DoctorFacts, TheDiskIsWrittenAndMeasured) {
    const DiskFacts disk = read_disk(config_);
    EXPECT_EQ(disk.fault, "");
    EXPECT_GT(disk.free_bytes, 0U);
    config_.data_dir += "/conclave.db";
    std::ofstream(config_.data_dir) << "a file";
    EXPECT_NE(read_disk(config_).fault, "");
}

TEST_F(DoctorFacts, AnOpenDatabaseAndAnOpenSecretAreSeen) {
    ASSERT_TRUE(store::Database::open(config_.database_path()));
    EXPECT_FALSE(read_database(config_).is_exposed);
    EXPECT_EQ(read_database(config_).inspection->version, read_database(config_).inspection->newest);
    chmod(config_.database_path().c_str(), 0644);
    EXPECT_TRUE(read_database(config_).is_exposed);
    config_.mail.password_file = config_.data_dir + "/password";
    EXPECT_EQ(read_secrets(config_).faults.size(), 1U);
    std::ofstream(config_.mail.password_file) << "secret\n";
    chmod(config_.mail.password_file.c_str(), 0640);
    EXPECT_EQ(read_secrets(config_).exposed.size(), 1U);
}

TEST_F(DoctorFacts, AMailServerThatIsNotThereIsAFault) {
    EXPECT_EQ(read_mail(config_).fault, "");
    config_.mail.server = "smtp://127.0.0.1:1";
    EXPECT_NE(read_mail(config_).fault, "");
}

}  // namespace
}  // namespace conclave::server

#include "load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace conclave::load {
namespace {

Outcome joined() {
    Outcome outcome;
    outcome.has_joined = true;
    outcome.join = Duration::millis(20);
    outcome.tracks = outcome.tracks_wanted = 2;
    outcome.verdict.expected = outcome.verdict.received = 1000;
    return outcome;
}

Report report_of(const std::vector<Outcome>& outcomes) {
    Report report;
    report.scenario = "test";
    report.participants = static_cast<uint32_t>(outcomes.size());
    for (const Outcome& outcome : outcomes) report.add(outcome);
    return report;
}

TEST(Report, FindsNoFaultWhenAllWentWell) {
    EXPECT_TRUE(faults(report_of({joined(), joined()}), 0).empty());
}

TEST(Report, JudgesLossByTheShareThatIsAllowed) {
    Outcome lossy = joined();
    lossy.verdict.received = 990;
    const Report report = report_of({joined(), lossy});
    EXPECT_DOUBLE_EQ(report.loss_percent(), 0.5);
    EXPECT_TRUE(faults(report, 0.5).empty());
    ASSERT_EQ(faults(report, 0.49).size(), 1u);
    EXPECT_EQ(faults(report, 0.49)[0], "10 packets lost (0.5000 %), allowed are 0.4900 %");
}

TEST(Report, NamesWhyParticipantsFailed) {
    Outcome refused;
    refused.failure = "signalling: 503 room full";
    const Report report = report_of({joined(), refused, refused});
    EXPECT_EQ(report.failed(), 2u);
    ASSERT_EQ(faults(report, 0).size(), 1u);
    EXPECT_EQ(faults(report, 0)[0], "2 of 3: signalling: 503 room full");
    EXPECT_NE(table(report).find("503 room full"), std::string::npos);
}

TEST(Report, MissesSubscriptionsThatStaySilent) {
    Outcome silent = joined();
    silent.tracks = 1;
    EXPECT_EQ(faults(report_of({silent}), 0),
              std::vector<std::string>{"nothing came of 1 of 2 subscriptions"});
}

TEST(Report, MindsParticipantsThatNeverCame) {
    Report report = report_of({joined()});
    report.participants = 3;
    EXPECT_EQ(faults(report, 0), std::vector<std::string>{"2 did not get to join"});
}

TEST(Report, MindsPacketsThatDoNotDecrypt) {
    Outcome outcome = joined();
    outcome.auth_failures = 4;
    EXPECT_EQ(faults(report_of({outcome}), 0), std::vector<std::string>{"4 packets could not be decrypted"});
}

TEST(Report, WritesARowForEachScenario) {
    const auto rows = nlohmann::json::parse(json({report_of({joined()}), report_of({joined(), joined()})}));
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1]["participants"], 2);
    EXPECT_EQ(rows[1]["expected"], 2000);
    EXPECT_EQ(rows[1]["loss"], 0);
    EXPECT_EQ(rows[1]["join_ms"]["p50"], 20);
    EXPECT_FALSE(rows[1].contains("server_cpu_cores"));
}

TEST(Report, CountsThePacketsOfTheTimeThatIsMeasured) {
    Report report = report_of({joined()});
    for (uint64_t i = 1; i <= 1000; ++i) report.all.traffic.latency_us.add(i <= 990 ? 10 : 50);
    report.all.server_cpu = 0.5;
    const auto row = nlohmann::json::parse(json({report}))[0];
    EXPECT_EQ(row["measured_packets"], 1000);
    EXPECT_EQ(row["latency_us"]["p50"], 10);
    EXPECT_EQ(row["latency_us"]["p999"], 50);
    EXPECT_EQ(row["server_cpu_cores"], 0.5);
    EXPECT_FALSE(row.contains("late"));
    EXPECT_FALSE(row.contains("during"));
}

TEST(Report, TellsTheLateOnesFromTheOthers) {
    Outcome late = joined();
    late.is_late = true;
    late.join = Duration::millis(50);
    Outcome refused;
    refused.is_late = true;
    refused.failure = "signalling: 503 room full";
    Report report = report_of({joined(), late, refused});
    report.late.participants = 2;
    report.lead.emplace();
    Measured& during = report.during.emplace();
    during.seconds = 4;
    during.expected = 1000;
    during.received = 990;
    during.traffic.packets_received = 400;
    const auto row = nlohmann::json::parse(json({report}))[0];
    EXPECT_EQ(row["late"]["participants"], 2);
    EXPECT_EQ(row["late"]["joined"], 1);
    EXPECT_EQ(row["late"]["join_ms"]["p50"], 50);
    EXPECT_EQ(row["during"]["measured_loss"], 10);
    EXPECT_EQ(row["during"]["packets_per_second"], 100.0);
    EXPECT_EQ(row["lead"]["measured_loss"], 0);
    EXPECT_NE(table(report).find("2, joined 1"), std::string::npos);
}

TEST(Report, ARepairOfWhatWasDueBeforeIsNoLoss) {
    Measured measured;
    measured.expected = 100;
    measured.received = 101;
    EXPECT_EQ(measured.lost(), 0u);
}

}  // namespace
}  // namespace conclave::load

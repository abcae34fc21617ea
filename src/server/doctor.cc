#include "server/doctor.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/clock.h"
#include "server/doctor_checks.h"
#include "server/doctor_facts.h"

namespace conclave::server {
namespace {

using Grade = Finding::Grade;

// What is put in is not looked at again: it may hold such marks itself.
std::string fill(std::string_view pattern, std::initializer_list<std::string_view> values) {
    std::string text;
    for (size_t i = 0; i < pattern.size(); ++i) {
        const bool is_mark = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}';
        const auto number = is_mark ? static_cast<size_t>(pattern[i + 1] - '1') : values.size();
        if (number < values.size()) {
            text += values.begin()[number];
            i += 2;
        } else {
            text += pattern[i];
        }
    }
    return text;
}

std::string_view name_of(Grade grade) {
    switch (grade) {
        case Grade::Good:
            return "good";
        case Grade::Note:
            return "note";
        case Grade::Bad:
            break;
    }
    return "bad";
}

// As wide as each other, so that the lines stand in one column.
std::string_view mark_of(Grade grade, Language language) {
    const bool is_french = language == Language::French;
    switch (grade) {
        case Grade::Good:
            return is_french ? "bien   " : "ok   ";
        case Grade::Note:
            return is_french ? "à voir " : "note ";
        case Grade::Bad:
            break;
    }
    return is_french ? "MAUVAIS" : "BAD  ";
}

}  // namespace

Words say(std::string_view fr, std::string_view en, std::initializer_list<std::string_view> values) {
    return {fill(fr, values), fill(en, values)};
}

Findings examine(const Config& config) {
    Findings all;
    const auto add = [&all](Findings some) { std::move(some.begin(), some.end(), std::back_inserter(all)); };
    add(check(read_ports(config)));
    add(check(read_certificate(config), net::wall_now()));
    add(check(read_addresses(config)));
    add(check(read_clock()));
    add(check(read_disk(config)));
    add(check(read_database(config)));
    add(check(read_mail(config)));
    add(check(read_secrets(config)));
    add(check(read_limits(config)));
    return all;
}

Language language_of_terminal(std::string_view lang) {
    const bool is_french = lang == "fr" || lang.starts_with("fr_") || lang.starts_with("fr.");
    return is_french ? Language::French : Language::English;
}

bool is_well(const Findings& findings) {
    return std::none_of(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.grade == Grade::Bad; });
}

std::string report_text(const Findings& findings, Language language) {
    std::string text;
    for (const Finding& finding : findings) {
        const std::string mark(mark_of(finding.grade, language));
        text += mark + "  " + finding.what.in(language) + "\n";
        const std::string& advice = finding.advice.in(language);
        if (!advice.empty())
            text += (language == Language::French ? "         -> " : "       -> ") + advice + "\n";
    }
    return text;
}

std::string report_json(const Findings& findings, Language language) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"grade", name_of(finding.grade)},
                        {"code", finding.code},
                        {"text", finding.what.in(language)},
                        {"advice", finding.advice.in(language)}});
    }
    const nlohmann::json report = {{"ok", is_well(findings)}, {"findings", std::move(list)}};
    // Paths of the configuration may be in any encoding.
    return report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace conclave::server

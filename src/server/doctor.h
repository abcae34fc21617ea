// `conclave doctor`: looks at everything that a server needs and says in plain words what is wrong and what
// to do about it. Nobody but the configured mail server, and this machine itself, is asked anything.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "server/sign_in_mail.h"

namespace conclave::server {

struct Words {
    std::string fr;
    std::string en;

    const std::string& in(Language language) const { return language == Language::French ? fr : en; }
};

// {1}, {2} in both languages are replaced by `values`.
Words say(std::string_view fr, std::string_view en, std::initializer_list<std::string_view> values = {});

struct Finding {
    enum class Grade : uint8_t { Good, Note, Bad };
    Grade grade = Grade::Good;
    std::string_view code;  // "ports.media_taken": the same for ever, for monitoring
    Words what;
    Words advice = {};  // empty: nothing is to be done
};
using Findings = std::vector<Finding>;

// Changes nothing: a file that is written to see whether that is possible has no name and is gone at once.
Findings examine(const Config&);

// Of LANG or what stands in its place: "fr_FR.UTF-8", "fr". All others read English.
Language language_of_terminal(std::string_view lang);

// One line a finding, and one more for each advice.
std::string report_text(const Findings&, Language);
// {"ok": ..., "findings": [{"grade": "good" | "note" | "bad", "code", "text", "advice"}]}
std::string report_json(const Findings&, Language);
bool is_well(const Findings&);  // nothing is Bad

}  // namespace conclave::server

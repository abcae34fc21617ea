#include "sim/link_text.h"

#include <charconv>
#include <string>
#include <vector>

namespace conclave::sim {
namespace {

// What no one means: above it a product would overflow.
constexpr double kRateMax = 1e12;
constexpr double kSecondsMax = 1e6;
constexpr double kBytesMax = 1e12;

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    for (size_t from = 0; from <= text.size();) {
        const size_t to = std::min(text.find_first_of(separators, from), text.size());
        if (to > from) parts.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return parts;
}

struct Quantity {
    double number = 0;
    std::string_view unit;
};

Result<Quantity> quantity(std::string_view text) {
    Quantity result;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result.number);
    if (error != std::errc{} || !(result.number >= 0)) return failure("no number: " + std::string(text));
    result.unit = text.substr(static_cast<size_t>(end - text.data()));
    return result;
}

Result<double> share(std::string_view text) {
    const Quantity value = TRY(quantity(text));
    const double share = value.unit == "%" ? value.number / 100 : value.number;
    if ((value.unit != "%" && !value.unit.empty()) || share > 1)
        return failure("no share: " + std::string(text));
    return share;
}

Result<double> scaled(std::string_view text, double max) {
    const Quantity value = TRY(quantity(text));
    constexpr std::string_view kUnits = "kMG";
    double number = value.number;
    const size_t power = value.unit.size() == 1 ? kUnits.find(value.unit) : std::string_view::npos;
    if (!value.unit.empty() && power == std::string_view::npos)
        return failure("no unit: " + std::string(text));
    for (size_t i = 0; !value.unit.empty() && i <= power; ++i) number *= 1000;
    if (number > max) return failure("too much: " + std::string(text));
    return number;
}

Result<Duration> time_span(std::string_view text) {
    const Quantity value = TRY(quantity(text));
    if (value.unit != "s" && value.unit != "ms" && !value.unit.empty())
        return failure("no time: " + std::string(text));
    const double seconds = value.unit == "s" ? value.number : value.number / 1000;
    if (seconds > kSecondsMax) return failure("too long: " + std::string(text));
    return Duration{static_cast<int64_t>(seconds * 1e6)};
}

Status set_queue(Link& link, std::string_view text) {
    if (text.ends_with('s')) {
        link.queue_time_max = TRY(time_span(text));
        link.queue_bytes_max = static_cast<size_t>(kBytesMax);
    } else {
        link.queue_time_max = {};
        link.queue_bytes_max = static_cast<size_t>(TRY(scaled(text, kBytesMax)));
    }
    return Ok{};
}

Status set_bursts(Link& link, std::string_view text) {
    const auto parts = split(text, "/");
    if (parts.size() != 2 && parts.size() != 4) return failure("bursts=P/R or bursts=P/R/1-H/1-K");
    Bursts bursts{TRY(share(parts[0])), TRY(share(parts[1])), 1, 0};
    if (parts.size() == 4) {
        bursts.loss_while_bad = TRY(share(parts[2]));
        bursts.loss_while_good = TRY(share(parts[3]));
    }
    link.bursts = bursts;
    return Ok{};
}

Status set_stragglers(Link& link, std::string_view text) {
    const auto parts = split(text, "/");
    if (parts.size() != 2) return failure("straggle=SHARE/TIME");
    link.stragglers = TRY(share(parts[0]));
    link.straggle = TRY(time_span(parts[1]));
    return Ok{};
}

Status set_rate(Link& link, std::string_view text) {
    link.bits_per_second = static_cast<int64_t>(TRY(scaled(text, kRateMax)));
    return Ok{};
}

}  // namespace

Status set_link(Link& link, std::string_view word) {
    if (word == "down" || word == "up") {
        link.is_down = word == "down";
        return Ok{};
    }
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) return set_rate(link, word);
    const std::string_view name = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    if (name == "rate") return set_rate(link, value);
    if (name == "queue") return set_queue(link, value);
    if (name == "bursts") return set_bursts(link, value);
    if (name == "straggle") return set_stragglers(link, value);
    if (name == "loss") {
        link.loss = TRY(share(value));
    } else if (name == "duplicate") {
        link.duplicates = TRY(share(value));
    } else if (name == "delay") {
        link.delay = TRY(time_span(value));
    } else if (name == "jitter") {
        link.jitter = TRY(time_span(value));
    } else if (name == "reorder") {
        link.reorders = TRY(scaled(value, 1)) != 0;
    } else if (name == "down") {
        link.is_down = TRY(scaled(value, 1)) != 0;
    } else if (name == "mtu") {
        link.mtu = static_cast<size_t>(TRY(scaled(value, kBytesMax)));
    } else {
        return failure("unknown word: " + std::string(word));
    }
    return Ok{};
}

Result<LinkSchedule> parse_schedule(std::string_view text, const Link& base) {
    LinkSchedule schedule{{{}, base}};
    const auto changes = split(text, ",");
    if (changes.size() > kLinkChangesMax) return failure("more than 1000 changes");
    for (size_t i = 0; i < changes.size(); ++i) {
        auto words = split(changes[i], " \t\n");
        if (words.empty()) return failure("an empty change");
        const bool has_time = words[0].ends_with('s') && words[0].find('=') == std::string_view::npos;
        if (!has_time && i > 0) return failure("a change without its time: " + std::string(changes[i]));
        const Duration after = has_time ? TRY(time_span(words[0])) : Duration{};
        if (after < schedule.back().after) return failure("times go back at " + std::string(words[0]));
        if (after > schedule.back().after) schedule.push_back({after, schedule.back().link});
        for (size_t word = has_time ? 1 : 0; word < words.size(); ++word) {
            (void)TRY(set_link(schedule.back().link, words[word]));
        }
    }
    return schedule;
}

}  // namespace conclave::sim

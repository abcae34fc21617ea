#include "load/scenario.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "settings/toml.h"

namespace conclave::load {
namespace {

using settings::boolean;
using settings::Fault;
using settings::number;
using settings::Setter;

struct Key {
    std::string_view name;
    Setter set;
};

Setter real(double& target, double low, double high, std::string_view range) {
    return [&target, low, high, range](const toml::node& node) -> Fault {
        const auto value = node.is_number() ? node.value<double>() : std::nullopt;
        if (!value || !(*value >= low && *value <= high))
            return "must be a number between " + std::string(range);
        target = *value;
        return {};
    };
}

Setter text(std::string& target) {
    return [set = settings::text(target), &target](const toml::node& node) -> Fault {
        const Fault fault = set(node);
        return !fault && target.empty() ? "must not be empty" : fault;
    };
}

Setter publish(Group& group) {
    return [&group](const toml::node& node) -> Fault {
        const toml::array* array = node.as_array();
        if (!array) return "must be a list of \"audio\", \"video\", \"data\"";
        for (const toml::node& entry : *array) {
            const auto kind = entry.value_exact<std::string>().value_or("");
            if (kind == "audio") {
                group.audio = true;
            } else if (kind == "video") {
                group.video = true;
            } else if (kind == "data") {
                group.data = true;
            } else {
                return "must be a list of \"audio\", \"video\", \"data\"";
            }
        }
        return {};
    };
}

Setter bitrates(Group& group) {
    return [&group](const toml::node& node) -> Fault {
        const toml::array* array = node.as_array();
        constexpr const char* kWanted =
            "must be a list of one to three whole numbers from 10 to 20000 (kbit/s)";
        if (!array || array->empty() || array->size() > kEncodingsMax) return kWanted;
        for (size_t i = 0; i < array->size(); ++i) {
            const auto value = array->at(i).value_exact<int64_t>();
            if (!value || *value < 10 || *value > 20'000) return kWanted;
            group.kbps[i] = static_cast<uint32_t>(*value);
        }
        group.encodings = static_cast<uint32_t>(array->size());
        return {};
    };
}

// true, false, or how many tracks of each kind.
Setter subscribe(Group& group) {
    return [&group](const toml::node& node) -> Fault {
        if (const auto value = node.value_exact<bool>()) {
            group.subscribe = *value;
            return {};
        }
        const auto value = node.value_exact<int64_t>();
        if (!value || *value < 1 || *value > 1000)
            return "must be true, false, or a number of tracks between 1 and 1000";
        group.tracks_max = static_cast<uint32_t>(*value);
        return {};
    };
}

Setter quality(QualityShares& shares) {
    return [&shares](const toml::node& node) -> Fault {
        const toml::table* table = node.as_table();
        if (!table) return "must be a table like { low = 0.2, high = 0.8 }";
        for (const auto& [key, value] : *table) {
            double* share = key == "low" ? &shares.low : key == "medium" ? &shares.medium : nullptr;
            if (key == "high") share = &shares.high;
            if (!share) return "has \"" + std::string(key.str()) + "\": low, medium and high are there";
            if (const Fault fault = real(*share, 0, 1, "0 and 1")(value))
                return "." + std::string(key) + " " + *fault;
        }
        if (shares.low + shares.medium + shares.high > 1.0001) return "has shares that sum up to more than 1";
        return {};
    };
}

std::vector<Key> keys_of(Group& group) {
    return {{"name", text(group.name)},
            {"count", number(group.count, 1, kParticipantsMax)},
            {"publish", publish(group)},
            {"bitrates", bitrates(group)},
            {"fps", number(group.fps, 1, 60)},
            {"temporal_layers", number(group.temporal_layers, 1, 3)},
            {"talk", real(group.talk, 0, 1, "0 and 1")},
            {"messages", number(group.messages, 1, 1000)},
            {"message_bytes", number(group.message_bytes, 64, 60'000)},
            {"reliable", boolean(group.reliable)},
            {"subscribe", subscribe(group)},
            {"quality", quality(group.quality)},
            {"reports", number(group.reports, 0, 100)},
            {"late", boolean(group.late)}};
}

Error fault_at(const std::string& source, const toml::source_region& at, const std::string& what) {
    return Error{source + ":" + std::to_string(at.begin.line) + ": " + what};
}

Status read_table(const toml::table& table, const std::vector<Key>& keys, const std::string& source) {
    for (const auto& [name, node] : table) {
        const std::string shown(name.str());
        const auto key =
            std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == shown; });
        if (key == keys.end()) return Unexpected{fault_at(source, name.source(), "unknown setting " + shown)};
        if (!key->set) continue;
        if (const Fault fault = key->set(node))
            return Unexpected{
                fault_at(source, node.source(), shown + (fault->starts_with('.') ? "" : " ") + *fault)};
    }
    return Ok{};
}

Status read_groups(const toml::table& root, Scenario& scenario, const std::string& source) {
    const toml::node* node = root.get("group");
    const toml::array* groups = node ? node->as_array() : nullptr;
    if (!groups || groups->empty() || !groups->is_homogeneous(toml::node_type::table)) {
        return failure(source + ": a scenario has at least one [[group]]");
    }
    for (const toml::node& entry : *groups) {
        Group group;
        group.name = "group " + std::to_string(scenario.groups.size() + 1);
        TRY(read_table(*entry.as_table(), keys_of(group), source));
        scenario.groups.push_back(std::move(group));
    }
    std::stable_partition(scenario.groups.begin(), scenario.groups.end(),
                          [](const Group& group) { return !group.late; });
    if (scenario.groups.front().late) return failure(source + ": nobody is there before the late groups");
    return Ok{};
}

}  // namespace

uint32_t Scenario::participants_per_room() const {
    return std::accumulate(groups.begin(), groups.end(), 0u,
                           [](uint32_t sum, const Group& group) { return sum + group.count; });
}

uint32_t Scenario::late_participants() const {
    return rooms * std::accumulate(groups.begin(), groups.end(), 0u, [](uint32_t sum, const Group& group) {
               return sum + (group.late ? group.count : 0);
           });
}

Result<Scenario> parse_scenario(std::string_view toml, const std::string& source) {
    toml::table root;
    try {
        root = toml::parse(toml);
    } catch (const toml::parse_error& error) {
        return Unexpected{fault_at(source, error.source(), std::string(error.description()))};
    }
    Scenario scenario;
    const std::vector<Key> keys = {
        {"name", text(scenario.name)},
        {"rooms", number(scenario.rooms, 1, kParticipantsMax)},
        {"join_rate", real(scenario.join_rate, 0.1, 10'000, "0.1 and 10000")},
        {"duration", real(scenario.duration, 1, 604'800, "1 and 604800 (seconds)")},
        {"lead", real(scenario.lead, 1, 604'800, "1 and 604800 (seconds)")},
        {"late_rate", real(scenario.late_rate, 0.1, 10'000, "0.1 and 10000")},
        {"group", nullptr}};
    TRY(read_table(root, keys, source));
    TRY(read_groups(root, scenario, source));
    uint64_t people = 0;
    for (const Group& group : scenario.groups) people += uint64_t{group.count} * scenario.rooms;
    if (people > kParticipantsMax) {
        return failure(source + ": " + std::to_string(people) + " participants, " +
                       std::to_string(kParticipantsMax) + " are the most");
    }
    return scenario;
}

Scenario webinar(uint32_t viewers) {
    Scenario scenario;
    scenario.name = "webinar";
    scenario.join_rate = 50;
    Group speaker;
    speaker.name = "speaker";
    speaker.audio = speaker.video = true;
    speaker.talk = 1;
    speaker.subscribe = false;
    Group viewer;
    viewer.name = "viewers";
    viewer.count = viewers;
    scenario.groups = {speaker, viewer};
    return scenario;
}

Scenario meeting(uint32_t people) {
    Scenario scenario;
    scenario.name = "meeting";
    Group group;
    group.name = "people";
    group.count = people;
    group.audio = group.video = true;
    group.encodings = 3;
    group.kbps = {150, 500, 1700};
    scenario.groups = {group};
    return scenario;
}

}  // namespace conclave::load

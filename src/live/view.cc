#include "live/view.h"

#include <algorithm>

#include "meeting/authority.h"
#include "meeting/names.h"
#include "meeting/rights.h"

namespace conclave::live {
namespace {

using meeting::name_of;
using meeting::Person;
using meeting::PersonId;
using meeting::State;

bool is_webinar(const State& state) {
    return state.terms.format == policy::Format::Webinar;
}

bool is_on_stage(const State& state, const Person& person) {
    return person.role >= meeting::Role::Presenter || state.floor.holder == person.id;
}

Json person_json(const State& state, const Person& person) {
    return {{"id", person.id},
            {"name", person.name},
            {"kind", name_of(person.kind)},
            {"role", name_of(person.role)},
            {"owner", meeting::is_owner(state, person)},
            {"namesake", person.namesake},
            {"here", person.is_connected},
            {"microphone", name_of(person.microphone)},
            {"camera", name_of(person.camera)},
            {"screen", name_of(person.screen)}};
}

Json optional_time(const std::optional<WallTime>& time) {
    return time ? Json(time->unix_ms()) : Json();
}

std::optional<bool> ballot_of(const State& state, const Person& person) {
    if (!state.is_voting()) return std::nullopt;
    const auto own = state.motion->ballots.find(person.id);
    return own == state.motion->ballots.end() ? std::nullopt : std::optional(own->second);
}

std::string name_in(const State& state, const PersonId& id) {
    const Person* person = state.find(id);
    return person ? person->name : std::string();
}

// Messages that were written before somebody was let in are theirs only if the terms say so; those of a
// rehearsal are for whoever was there; private ones for the two of them.
bool may_read(const State& state, const Person& reader, const meeting::Message& message) {
    if (!message.to.empty()) return message.to == reader.id || message.from == reader.id;
    if (message.number > reader.entered) return true;
    const bool is_rehearsal = is_webinar(state) && (!state.live_at || message.at < *state.live_at);
    return state.terms.has_history && (!is_rehearsal || reader.role >= meeting::Role::Presenter);
}

Json chat_snapshot(const State& state, const Person& reader) {
    Json messages = Json::array();
    for (const meeting::Message& message : state.messages) {
        if (may_read(state, reader, message)) messages.push_back(message_json(state, message));
    }
    return {{"messages", std::move(messages)}, {"erased", Json::array()}};
}

}  // namespace

Audience audience_of(const State& state, const Person& person) {
    if (meeting::leads(state, person)) return Audience::Leader;
    return is_webinar(state) && person.role == meeting::Role::Observer ? Audience::Viewer : Audience::Member;
}

bool may_see(const State& state, Audience audience, const Person& person) {
    return person.is_in() && (audience != Audience::Viewer || is_on_stage(state, person));
}

Json meeting_section(const State& state) {
    const auto people = std::count_if(state.people.begin(), state.people.end(),
                                      [](const auto& entry) { return entry.second.is_in(); });
    return {{"id", state.id},
            {"title", state.title},
            {"format", name_of(state.terms.format)},
            {"guests", name_of(state.terms.guests)},
            {"lobby", name_of(state.terms.lobby)},
            {"history", state.terms.has_history},
            {"locked", state.is_locked},
            {"extension_left", (state.terms.extension_max - state.extended).ms()},
            {"pause_left", (state.terms.pause_max - state.paused).ms()},
            {"people_count", people}};
}

Me me_of(const State& state, const Person& person) {
    const meeting::Rights rights = meeting::rights_of(state, person);
    return {.role = person.role,
            .is_owner = meeting::is_owner(state, person),
            .leads = meeting::leads(state, person),
            .may_vote = meeting::may(state, person, meeting::Act::TakePart),
            .may_write = meeting::may(state, person, meeting::Act::Write),
            .may_publish = rights.may_publish,
            .is_heard = rights.microphone,
            .microphone = person.microphone,
            .camera = person.camera,
            .screen = person.screen,
            .ballot = ballot_of(state, person)};
}

Json me_section(const PersonId& id, const Me& me) {
    return {{"id", id},
            {"role", name_of(me.role)},
            {"owner", me.is_owner},
            {"leads", me.leads},
            {"may_vote", me.may_vote},
            {"may_write", me.may_write},
            {"may_publish", me.may_publish},
            {"heard", me.is_heard},
            {"microphone", name_of(me.microphone)},
            {"camera", name_of(me.camera)},
            {"screen", name_of(me.screen)},
            {"ballot", me.ballot ? Json(*me.ballot) : Json()}};
}

Json floor_section(const State& state, Audience audience, const PersonId& of) {
    const meeting::Floor& floor = state.floor;
    Json queue = Json::array();
    int64_t place = 0;
    for (size_t i = 0; i < floor.queue.size(); ++i) {
        const meeting::FloorRequest& request = floor.queue[i];
        if (request.person == of) place = static_cast<int64_t>(i) + 1;
        const Person* person = state.find(request.person);
        if (request.person != of && !(person && may_see(state, audience, *person))) continue;
        queue.push_back({{"person", request.person},
                         {"reason", name_of(request.reason)},
                         {"since", request.since.unix_ms()}});
    }
    Json section = {{"mode", name_of(floor.mode)},
                    {"order", name_of(floor.order)},
                    {"turn_limit", floor.turn_limit.ms()},
                    {"holder", floor.holder.empty() ? Json() : Json(floor.holder)},
                    {"holder_since", floor.held_since.unix_ms()},
                    {"overlap", floor.overlap.ms()},
                    {"queue", std::move(queue)}};
    if (audience == Audience::Viewer && place > 0) {
        section["place"] = place;
        section["waiting"] = floor.queue.size();
    }
    return section;
}

Json clock_section(const State& state, WallTime now) {
    return {{"now", now.unix_ms()},
            {"started_at", state.started_at.value_or(now).unix_ms()},
            {"ends_at", state.ends_at.unix_ms()},
            {"grace", state.terms.grace.ms()},
            {"warned", state.warned == meeting::kNotWarned ? Json() : Json(state.warned)},
            {"paused_until", optional_time(state.paused_until)},
            {"suspended", state.is_suspended},
            {"live_at", optional_time(state.live_at)}};
}

Json motion_section(const State& state, Audience audience) {
    if (!state.motion) return {};
    const meeting::Motion& motion = *state.motion;
    return {{"person", audience == Audience::Viewer ? PersonId() : motion.by},
            {"length", motion.length.ms()},
            {"reason", motion.reason},
            {"stage", name_of(motion.stage)},
            {"until", motion.until.unix_ms()},
            {"yes", motion.yes},
            {"no", motion.no}};
}

Json agenda_section(const State& state) {
    Json items = Json::array();
    for (const auto& item : state.agenda)
        items.push_back({{"title", item.title}, {"length", item.length.ms()}});
    return {
        {"items", std::move(items)}, {"item", state.agenda_item}, {"since", state.agenda_since.unix_ms()}};
}

Json lobby_section(const State& state) {
    std::vector<const Person*> waiting;
    for (const auto& [id, person] : state.people) {
        const bool asks = person.presence == meeting::Presence::Waiting && person.needs_admission;
        if (asks && person.is_connected) waiting.push_back(&person);
    }
    std::sort(waiting.begin(), waiting.end(),
              [](const Person* a, const Person* b) { return a->number < b->number; });
    Json list = Json::array();
    for (const Person* person : waiting) {
        list.push_back({{"id", person->id},
                        {"name", person->name},
                        {"kind", name_of(person->kind)},
                        {"namesake", person->namesake},
                        {"since", person->since.unix_ms()}});
    }
    return list;
}

Json airtime_section(const State& state) {
    Json airtime = Json::object();
    for (const auto& [id, person] : state.people) {
        if (person.is_in() && person.spoken > Duration{}) airtime[id] = person.spoken.ms();
    }
    return airtime;
}

Json questions_section(const State& state, Audience audience, const PersonId& of) {
    Json list = Json::array();
    for (const meeting::Question& question : state.questions) {
        const bool is_public = question.state == meeting::QuestionState::Shown ||
                               question.state == meeting::QuestionState::Answered;
        const bool leads = audience == Audience::Leader;
        if (!leads && !is_public && question.from != of) continue;
        Json entry = {{"number", question.number},
                      {"at", question.at.unix_ms()},
                      {"name", name_in(state, question.from)},
                      {"text", question.text},
                      {"state", name_of(question.state)}};
        if (leads || question.from == of) entry["from"] = question.from;
        list.push_back(std::move(entry));
    }
    return list;
}

Json people_section(const State& state, Audience audience, const Changes& changes) {
    Json set = Json::array();
    Json gone = Json::array();
    for (const auto& [id, seen] : changes.people) {
        const Person* person = state.find(id);
        if (person && may_see(state, audience, *person)) {
            set.push_back(person_json(state, *person));
        } else if (audience == Audience::Viewer ? seen.by_viewers : seen.by_members) {
            gone.push_back(id);
        }
    }
    if (set.empty() && gone.empty()) return {};
    return {{"set", std::move(set)}, {"gone", std::move(gone)}};
}

Json everybody_section(const State& state, Audience audience) {
    Json set = Json::array();
    for (const auto& [id, person] : state.people) {
        if (may_see(state, audience, person)) set.push_back(person_json(state, person));
    }
    return {{"set", std::move(set)}, {"gone", Json::array()}};
}

Json message_json(const State& state, const meeting::Message& message) {
    Json json = {{"number", message.number},
                 {"at", message.at.unix_ms()},
                 {"from", message.from},
                 {"name", name_in(state, message.from)},
                 {"text", message.text}};
    if (!message.to.empty()) json["to"] = message.to;
    return json;
}

Json snapshot(const State& state, const Person& person, WallTime now) {
    const Audience audience = audience_of(state, person);
    Json all = {{"type", "meeting"},
                {"number", state.number},
                {"meeting", meeting_section(state)},
                {"me", me_section(person.id, me_of(state, person))},
                {"people", everybody_section(state, audience)},
                {"floor", floor_section(state, audience, person.id)},
                {"clock", clock_section(state, now)},
                {"motion", motion_section(state, audience)},
                {"agenda", agenda_section(state)},
                {"chat", chat_snapshot(state, person)},
                {"questions", questions_section(state, audience, person.id)}};
    if (audience == Audience::Leader) {
        all["lobby"] = lobby_section(state);
        all["airtime"] = airtime_section(state);
    }
    return all;
}

}  // namespace conclave::live

// A meeting as text: two are equal when their texts are.
#pragma once

#include <string>

#include "meeting/json_fields.h"
#include "meeting/state.h"

namespace conclave::meeting {

inline Json json_of(const Person& p) {
    return {{"id", p.id},
            {"name", p.name},
            {"kind", name_of(p.kind)},
            {"account", p.account},
            {"invitation", p.invitation},
            {"role", name_of(p.role)},
            {"presence", name_of(p.presence)},
            {"flags", {p.needs_admission, p.was_in, p.was_sent_out, p.is_connected}},
            {"numbers", {p.namesake, p.number, p.entered}},
            {"times", {p.since.us, p.connected_since.us, p.spoken.us}},
            {"sending", {name_of(p.microphone), name_of(p.camera), name_of(p.screen)}}};
}

inline Json json_of(const Floor& floor) {
    Json queue = Json::array();
    for (const FloorRequest& r : floor.queue)
        queue.push_back({r.person, name_of(r.reason), r.since.us, r.is_pinned});
    return {{"mode", name_of(floor.mode)},  {"order", name_of(floor.order)},
            {"limit", floor.turn_limit.us}, {"queue", queue},
            {"holder", floor.holder},       {"since", floor.held_since.us},
            {"overlap", floor.overlap.us}};
}

inline Json json_of(const State& s) {
    const auto time = [](const std::optional<WallTime>& t) { return t ? Json(t->us) : Json(); };
    policy::Terms terms = s.terms;
    Json json = {{"phase", static_cast<int>(s.phase)},
                 {"texts", {s.id, s.title, s.owner}},
                 {"terms", JsonWriter::json_of(terms)},
                 {"times",
                  {s.created_at.us, time(s.started_at), s.ends_at.us, time(s.live_at), time(s.paused_until),
                   time(s.ended_at), time(s.closed_at), s.empty_since.us, s.agenda_since.us}},
                 {"spans", {s.extended.us, s.paused.us, s.warned, s.agenda_item, s.number}},
                 {"flags", {s.is_suspended, s.is_locked}},
                 {"closing", name_of(s.closing)},
                 {"floor", json_of(s.floor)}};
    if (s.motion) {
        const Motion& m = *s.motion;
        json["motion"] = {m.by, m.length.us, m.reason, name_of(m.stage), m.until.us, m.ballots, m.yes, m.no};
    }
    for (const auto& [id, person] : s.people) json["people"][id] = json_of(person);
    for (const auto& [id, i] : s.invitations)
        json["invitations"][id] = {i.secret_hash, i.name,       name_of(i.role), i.expires_at.us,
                                   i.from,        i.is_revoked, i.used_by};
    for (const auto& item : s.agenda) json["agenda"].push_back({item.title, item.length.us});
    for (const Message& m : s.messages) json["messages"].push_back({m.number, m.at.us, m.from, m.to, m.text});
    for (const Question& q : s.questions)
        json["questions"].push_back({q.number, q.at.us, q.from, q.text, name_of(q.state)});
    return json;
}

inline std::string text_of_state(const State& state) {
    return text_of(json_of(state));
}

}  // namespace conclave::meeting

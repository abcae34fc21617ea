#include "meeting/meeting.h"

#include <algorithm>

#include "base/text.h"
#include "meeting/deciding.h"
#include "meeting/id.h"

namespace conclave::meeting {

Result<std::string, Refusal> clean(std::string_view text, size_t characters_max) {
    Result<std::string, TextFault> line = clean_line(text, characters_max);
    if (line) return std::move(*line);
    switch (line.error()) {
        case TextFault::Empty:
            return Unexpected{Refusal::TextRequired};
        case TextFault::TooLong:
            return Unexpected{Refusal::TextTooLong};
        case TextFault::Refused:
            break;
    }
    return Unexpected{Refusal::TextRefused};
}

namespace {

Decision decide(const Deciding& context, const Create& create) {
    if (context.state.phase != State::Phase::None) return deny(Refusal::AlreadyExists);
    if (!is_id(create.id)) return deny(Refusal::BadId);
    Result<std::string, Refusal> title = clean(create.title, kTitleCharactersMax);
    if (!title) {
        if (title.error() == Refusal::TextRequired) return deny(Refusal::TitleRequired);
        if (title.error() == Refusal::TextTooLong) return deny(Refusal::TitleTooLong);
        return deny(title.error());
    }
    if (create.owner.empty()) return deny(Refusal::NotOwner);
    return one(context, Created{create.id, std::move(*title), create.owner, create.terms});
}

// A name such as "Europe/Paris": only shown, never looked up.
bool is_zone(std::string_view zone) {
    return !zone.empty() && zone.size() <= kZoneBytesMax && std::all_of(zone.begin(), zone.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/_+-").find(c) != std::string_view::npos;
    });
}

Decision decide(const Deciding& context, const Plan& plan) {
    if (context.by != context.state.owner) return deny(Refusal::NotOwner);
    // Whoever is in it was told when it ends.
    if (context.state.is_running()) return deny(Refusal::NotNow);
    if (!is_zone(plan.zone)) return deny(Refusal::TextRefused);
    return one(context, Planned{plan.begin, plan.length, plan.utc_offset, plan.zone});
}

Decision decide(const Deciding& context, const End&) {
    const State& state = context.state;
    const bool is_owner = state.phase != State::Phase::None && context.by == state.owner;
    if (!is_owner && state.phase != State::Phase::Open) return deny(Refusal::NotOpen);
    if (!is_owner) return deny(Refusal::NotOwner);
    // To end it again changes nothing: the owner may not have heard that it worked.
    if (state.phase == State::Phase::Ended) return nothing();
    return one(context, Ended{});
}

// What needs a meeting that is there.
template <class Wish>
Decision in_open(const Deciding& context, const Wish& wish) {
    if (context.state.phase != State::Phase::Open) return deny(Refusal::NotOpen);
    if constexpr (std::is_same_v<Wish, Plan>) {
        return decide(context, wish);
    } else {
        return meeting::decide(context, wish);
    }
}

}  // namespace

Decision decide(const State& state, const Command& command, WallTime now) {
    const Deciding context{state, command.by, now};
    if (const auto* create = std::get_if<Create>(&command.wanted)) return decide(context, *create);
    if (const auto* end = std::get_if<End>(&command.wanted)) return decide(context, *end);
    const auto visitor = [&](const auto& wish) -> Decision {
        using Wish = std::decay_t<decltype(wish)>;
        if constexpr (std::is_same_v<Wish, Create> || std::is_same_v<Wish, End>) {
            return nothing();
        } else {
            return in_open(context, wish);
        }
    };
    return std::visit(visitor, command.wanted);
}

std::string_view code(Refusal refusal) {
    switch (refusal) {
        case Refusal::TitleRequired:
            return "title_required";
        case Refusal::TitleTooLong:
            return "title_too_long";
        case Refusal::TextRefused:
        case Refusal::BadId:
        case Refusal::AlreadyExists:
            return "bad_request";
        case Refusal::TextRequired:
            return "text_required";
        case Refusal::TextTooLong:
            return "text_too_long";
        case Refusal::NotOpen:
            return "meeting_not_found";
        case Refusal::NotOwner:
            return "not_owner";
        case Refusal::NotInMeeting:
            return "not_in_meeting";
        case Refusal::NotAllowed:
            return "not_allowed";
        case Refusal::NotNow:
            return "not_now";
        case Refusal::NoSuchPerson:
            return "no_such_person";
        case Refusal::NoSuchThing:
            return "no_such_thing";
        case Refusal::Full:
            return "meeting_full";
        case Refusal::QueueFull:
            return "queue_full";
        case Refusal::TooMuch:
            return "too_much";
        case Refusal::ChairNeeded:
            return "chair_needed";
    }
    return "bad_request";
}

}  // namespace conclave::meeting

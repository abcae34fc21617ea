#include "meeting/meeting.h"

#include "base/text.h"

namespace conclave::meeting {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kGroups = 4;
constexpr size_t kGroupSize = 5;
constexpr size_t kIdSize = kGroups * kGroupSize + kGroups - 1;
static_assert(kAlphabet.size() == 32, "5 bits a character");
static_assert(kGroups * kGroupSize * 5 >= 96, "unguessable: 96 random bits at least");

bool is_hyphen_at(size_t i) {
    return i % (kGroupSize + 1) == kGroupSize;
}

Result<Events, Refusal> decide_create(const State& state, const Create& create, WallTime now) {
    if (state.phase != State::Phase::None) return Unexpected{Refusal::AlreadyExists};
    if (!is_id(create.id)) return Unexpected{Refusal::BadId};
    Result<std::string, TextFault> title = clean_line(create.title, kTitleCharactersMax);
    if (!title) {
        switch (title.error()) {
            case TextFault::Empty:
                return Unexpected{Refusal::TitleRequired};
            case TextFault::TooLong:
                return Unexpected{Refusal::TitleTooLong};
            case TextFault::Refused:
                return Unexpected{Refusal::TitleRefused};
        }
    }
    if (create.owner.empty()) return Unexpected{Refusal::NotOwner};
    Events events;
    events.push_back(Created{create.id, std::move(*title), create.owner, now});
    return events;
}

Result<Events, Refusal> decide_end(const State& state, const End& end, WallTime now) {
    const bool is_owner = state.phase != State::Phase::None && end.by == state.owner;
    if (!is_owner && state.phase != State::Phase::Open) return Unexpected{Refusal::NotOpen};
    if (!is_owner) return Unexpected{Refusal::NotOwner};
    // To end it again changes nothing: the owner may not have heard that it worked.
    Events events;
    if (state.phase == State::Phase::Open) events.push_back(Ended{now});
    return events;
}

}  // namespace

Result<Events, Refusal> decide(const State& state, const Command& command, WallTime now) {
    if (const auto* create = std::get_if<Create>(&command)) return decide_create(state, *create, now);
    return decide_end(state, *std::get_if<End>(&command), now);
}

void evolve(State& state, const Event& event) {
    if (const auto* created = std::get_if<Created>(&event)) {
        state.phase = State::Phase::Open;
        state.id = created->id;
        state.title = created->title;
        state.owner = created->owner;
        state.created_at = created->at;
    } else if (const auto* ended = std::get_if<Ended>(&event)) {
        state.phase = State::Phase::Ended;
        state.ended_at = ended->at;
    }
}

std::string make_id(Rng& rng) {
    std::array<uint8_t, kGroups * kGroupSize> random;
    rng.fill(random);
    std::string id;
    id.reserve(kIdSize);
    for (const uint8_t byte : random) {
        if (is_hyphen_at(id.size())) id += '-';
        id += kAlphabet[byte % kAlphabet.size()];  // 32 divides 256: unbiased
    }
    return id;
}

bool is_id(std::string_view text) {
    if (text.size() != kIdSize) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool fits =
            is_hyphen_at(i) ? text[i] == '-' : kAlphabet.find(text[i]) != std::string_view::npos;
        if (!fits) return false;
    }
    return true;
}

}  // namespace conclave::meeting

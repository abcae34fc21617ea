// What is written: chat, and the questions of a webinar.
#include <algorithm>

#include "base/text.h"
#include "meeting/deciding.h"

namespace conclave::meeting {
namespace {

// A message has lines, a name has not: each line is checked like one, and line ends are ours.
Result<std::string, Refusal> clean_message(std::string_view text) {
    if (text.size() > kMessageCharactersMax * 4) return Unexpected{Refusal::TextTooLong};
    std::string out;
    size_t start = 0;
    while (start <= text.size()) {
        size_t end = text.find('\n', start);
        if (end == std::string_view::npos) end = text.size();
        std::string_view line = text.substr(start, end - start);
        if (line.ends_with('\r')) line.remove_suffix(1);
        Result<std::string, TextFault> checked = clean_line(line, kMessageCharactersMax);
        if (!checked && checked.error() == TextFault::TooLong) return Unexpected{Refusal::TextTooLong};
        if (!checked && checked.error() == TextFault::Refused) return Unexpected{Refusal::TextRefused};
        if (start > 0) out += '\n';
        if (checked) out += *checked;
        start = end + 1;
    }
    while (out.ends_with('\n')) out.pop_back();
    out.erase(0, std::min(out.find_first_not_of('\n'), out.size()));
    if (out.empty()) return Unexpected{Refusal::TextRequired};
    const auto characters = std::count_if(out.begin(), out.end(), [](char c) { return (c & 0xc0) != 0x80; });
    if (static_cast<size_t>(characters) > kMessageCharactersMax) return Unexpected{Refusal::TextTooLong};
    return out;
}

// « lever la main » or the chat: one queue.
bool asks_for_floor(std::string_view text) {
    return text == "/main" || text == "/hand" || text == "/parole";
}

template <class Things>
auto find_number(const Things& things, int64_t number) {
    return std::find_if(things.begin(), things.end(),
                        [&](const auto& thing) { return thing.number == number; });
}

}  // namespace

Decision decide(const Deciding& context, const Say& wish) {
    std::string text = TRY(clean_message(wish.text));
    if (asks_for_floor(text)) return decide(context, RaiseHand{});
    TRY(context.require(Act::Write));
    if (!wish.to.empty()) TRY(context.require_in(wish.to));
    return one(context, Said{wish.to, std::move(text)});
}

// One's own words, or by who moderates those to all; a private message stays between two.
Decision decide(const Deciding& context, const Erase& wish) {
    if (!context.actor()) return deny(Refusal::NotInMeeting);
    const auto message = find_number(context.state.messages, wish.number);
    const auto question = find_number(context.state.questions, wish.number);
    if (message != context.state.messages.end()) {
        const bool concerns = message->from == context.by || message->to.empty();
        if (!concerns) return deny(Refusal::NoSuchThing);
        if (message->from != context.by) TRY(context.require(Act::Moderate));
    } else if (question != context.state.questions.end()) {
        if (question->from != context.by) TRY(context.require(Act::Moderate));
    } else {
        return deny(Refusal::NoSuchThing);
    }
    return one(context, Erased{wish.number});
}

Decision decide(const Deciding& context, const Ask& wish) {
    TRY(context.require(Act::Ask));
    if (context.state.questions.size() >= kQuestionsMax) return deny(Refusal::Full);
    return one(context, Asked{TRY(clean_message(wish.text))});
}

Decision decide(const Deciding& context, const MoveQuestion& wish) {
    TRY(context.require(Act::Moderate));
    const auto question = find_number(context.state.questions, wish.number);
    if (question == context.state.questions.end()) return deny(Refusal::NoSuchThing);
    if (question->state == wish.state) return nothing();
    return one(context, QuestionMoved{wish.number, wish.state});
}

}  // namespace conclave::meeting

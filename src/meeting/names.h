// How the words of a meeting are written, in records and in messages.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "meeting/words.h"
#include "policy/terms.h"

namespace conclave::meeting {

// In the order of the enumerators.
template <class E>
inline constexpr int kNames = 0;
template <>
inline constexpr std::array<std::string_view, 2> kNames<Kind> = {"guest", "agent"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<Role> = {"observer", "participant", "presenter",
                                                                 "deputy", "chair"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<Presence> = {"waiting", "in", "left", "refused",
                                                                     "banned"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Source> = {"microphone", "camera", "screen"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Sending> = {"free", "stopped", "blocked"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<Reason> = {"speak", "question", "direct_reply",
                                                                   "technical"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<QuestionState> = {"asked", "shown", "answered",
                                                                          "dismissed"};
template <>
inline constexpr std::array<std::string_view, 6> kNames<MotionStage> = {"asked",   "voting",   "granted",
                                                                        "carried", "rejected", "withdrawn"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Closing> = {"chair", "time", "abandoned"};
template <>
inline constexpr std::array<std::string_view, 2> kNames<policy::Format> = {"meeting", "webinar"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<policy::Guests> = {"none", "invited", "link"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<policy::Lobby> = {"nobody", "guests", "everyone"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<policy::FloorMode> = {"open", "chaired", "strict"};
template <>
inline constexpr std::array<std::string_view, 2> kNames<policy::FloorOrder> = {"first_come", "least_airtime"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<policy::RestRule> = {"inform", "discourage", "block"};

template <class E>
constexpr std::string_view name_of(E value) {
    return kNames<E>[static_cast<size_t>(value)];
}
template <class E>
constexpr std::optional<E> parse_name(std::string_view text) {
    for (size_t i = 0; i < kNames<E>.size(); ++i) {
        if (kNames<E>[i] == text) return static_cast<E>(i);
    }
    return std::nullopt;
}

}  // namespace conclave::meeting

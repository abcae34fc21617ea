// The words of a meeting. Floor words are BFCP's (RFC 8855): request, holder, chair.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace conclave::meeting {

// A person in a meeting, whatever the device: also the participant's identity on the media plane.
using PersonId = std::string;

enum class Kind : uint8_t { Guest, Agent };  // typed a name / signed in
enum class Role : uint8_t { Observer, Participant, Presenter, Deputy, Chair };
enum class Presence : uint8_t {
    Waiting,  // at the door: knows nothing, receives nothing
    In,
    Left,
    Refused,  // at the door, or sent out; may knock again, and then waits
    Banned,
};
enum class Source : uint8_t { Microphone, Camera, Screen };
enum class Sending : uint8_t {
    Free,
    Stopped,  // by the chair; its owner may start again
    Blocked,  // by the chair, until the chair allows it again
};
enum class Reason : uint8_t { Speak, Question, DirectReply, Technical };  // of a floor request
enum class QuestionState : uint8_t { Asked, Shown, Answered, Dismissed };
// Of more time that somebody asked for.
enum class MotionStage : uint8_t {
    Asked,
    Voting,
    Granted,    // by who leads, without the vote
    Carried,    // by the vote
    Rejected,   // by the vote
    Withdrawn,  // by who leads, or before the vote by whoever asked
};
// Why a sitting was closed.
enum class Closing : uint8_t { Chair, Time, Abandoned };

// Limits. People: what one worker's signalling carries; the others bound what a meeting costs in memory.
inline constexpr size_t kPeopleMax = 1000;
inline constexpr size_t kWaitingMax = 200;
inline constexpr size_t kQueueMax = 500;
inline constexpr size_t kMessagesMax = 2000;  // kept for those who join late
inline constexpr size_t kQuestionsMax = 500;
inline constexpr size_t kInvitationsMax = 500;
inline constexpr size_t kAgendaMax = 50;
inline constexpr size_t kTitleCharactersMax = 200;  // proto/openapi.yaml, CreateMeetingRequest
inline constexpr size_t kMessageCharactersMax = 4000;
inline constexpr size_t kReasonCharactersMax = 200;
inline constexpr Duration kInvitationValidMax = Duration::minutes(90 * 24 * 60);
inline constexpr Duration kMoreTimeWithin = Duration::minutes(10);  // of the end it may be asked for
inline constexpr Duration kVoteLength = Duration::minutes(1);
inline constexpr Duration kVoteLengthMin = Duration::seconds(15);  // sooner before the hard end there is none
// What is mailed for a planned meeting opens it until a day after.
inline constexpr Duration kInvitationAfter = Duration::minutes(24 * 60);
inline constexpr size_t kZoneBytesMax = 64;
inline constexpr Duration kSuccessionAfter = Duration::seconds(5);  // of a chair who is away
inline constexpr Duration kSuspendAfter = Duration::minutes(1);     // without anybody to succeed
inline constexpr Duration kSeatKept = Duration::minutes(1);         // of whoever is away
inline constexpr Duration kRestAfter = Duration::minutes(10);       // whoever sat less needs no break
inline constexpr Duration kAbandonAfter = Duration::minutes(5);     // with nobody in it

}  // namespace conclave::meeting

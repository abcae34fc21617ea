// The events of meetings: appended, chained, read back; what is personal in them can be erased.
//
//   hash = SHA-256(hash before | number | at | by | kind | body | SHA-256(salt | personal))
//
// so that neither can an event be changed, left out or put in without breaking all hashes after it, nor does
// the chain break when personal text and its salt are forgotten: only the digest stays.
#include "crypto/hash.h"
#include "meeting/meeting.h"
#include "meeting/record.h"
#include "store/database.h"
#include "store/statement.h"

namespace conclave::store {
namespace {

using crypto::Sha256Digest;
using meeting::Record;

void add(std::string& text, std::string_view field) {
    const auto size = static_cast<uint64_t>(field.size());
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift);
    text += field;
}

Sha256Digest chain(std::string_view previous, const Record& record, std::string_view personal_digest) {
    std::string text;
    add(text, previous);
    add(text, std::to_string(record.number));
    add(text, std::to_string(record.at.us));
    for (const std::string_view field : {std::string_view(record.by), std::string_view(record.kind),
                                         std::string_view(record.body), personal_digest})
        add(text, field);
    return crypto::sha256(as_bytes(text));
}

std::string digest_of(std::string_view salt, std::string_view personal) {
    std::string text;
    add(text, salt);
    add(text, personal);
    const Sha256Digest digest = crypto::sha256(as_bytes(text));
    return std::string(as_text(digest));
}

// The meeting is over for those events: guests are nobody any more, what was said is forgotten.
constexpr const char* kForgetSitting =
    "UPDATE meeting_event SET personal = NULL, salt = NULL WHERE meeting_id = ? AND "
    "(kind IN ('said', 'asked', 'time_asked', 'vote_cast') OR (kind = 'arrived' AND json_extract(body, "
    "'$.kind') = 'guest'))";

// A vote is secret: what each voted is needed until it ends.
constexpr const char* kForgetBallots =
    "UPDATE meeting_event SET personal = NULL, salt = NULL WHERE meeting_id = ? AND kind = 'vote_cast'";

// For good: of all that was personal the title and the names of agents stay, for whose meetings these were.
constexpr const char* kForgetMeeting =
    "UPDATE meeting_event SET personal = NULL, salt = NULL WHERE meeting_id = ? AND kind != 'created' AND "
    "NOT (kind = 'arrived' AND json_extract(body, '$.kind') = 'agent')";

}  // namespace

Status Database::append(std::string_view meeting_id, const meeting::Events& events) {
    for (const meeting::Event& event : events) {
        // The row comes before the first event that refers to it.
        TRY(reflect(meeting_id, event));
        TRY(append_one(meeting_id, event));
    }
    return Ok{};
}

Status Database::append_one(std::string_view meeting_id, const meeting::Event& event) {
    const Record record = meeting::record_of(event);
    Statement last(handle_,
                   "SELECT number, hash, randomblob(16) FROM meeting_event WHERE meeting_id = ? "
                   "ORDER BY number DESC LIMIT 1");
    last.bind(meeting_id);
    int64_t number = 0;
    std::string previous, salt;
    if (TRY(last.step())) {
        number = last.number();
        previous = last.blob();
        salt = last.blob();
    } else {
        Statement random(handle_, "SELECT randomblob(16)");
        TRY(random.step());
        salt = random.blob();
    }
    if (record.number != number + 1) return failure("meeting log: an event is out of order");
    const bool is_personal = !record.personal.empty();
    const std::string digest = is_personal ? digest_of(salt, record.personal) : std::string();
    const Sha256Digest hash = chain(previous, record, digest);
    Statement insert(
        handle_, is_personal
                     ? "INSERT INTO meeting_event (meeting_id, number, at, by, kind, body, hash, personal, "
                       "salt, personal_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                     : "INSERT INTO meeting_event (meeting_id, number, at, by, kind, body, hash) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(meeting_id).bind(record.number).bind(record.at).bind(record.by).bind(record.kind);
    insert.bind(record.body).bind(ByteView(hash));
    if (is_personal) insert.bind(record.personal).bind(as_bytes(salt)).bind(as_bytes(digest));
    TRY(insert.finish());
    return Ok{};
}

// What the event means for the other tables, and for what was recorded before.
Status Database::reflect(std::string_view meeting_id, const meeting::Event& event) {
    if (const auto* created = std::get_if<meeting::Created>(&event.what)) {
        Statement insert(handle_, "INSERT INTO meeting (id, title, owner, created_at) VALUES (?, ?, ?, ?)");
        TRY(insert.bind(created->id).bind(created->title).bind(created->owner).bind(event.at).finish());
    } else if (const auto* planned = std::get_if<meeting::Planned>(&event.what)) {
        Statement update(
            handle_, "UPDATE meeting SET begins_at = ?, length = ?, utc_offset = ?, zone = ? WHERE id = ?");
        update.bind(planned->begin).bind(planned->length.us).bind(planned->utc_offset.us).bind(planned->zone);
        TRY(update.bind(meeting_id).finish());
    } else if (const auto* mailed = std::get_if<meeting::InvitationMailed>(&event.what)) {
        if (!mailed->account.empty()) {
            Statement insert(
                handle_, "INSERT INTO invited_agent (meeting_id, invitation, account_id) VALUES (?, ?, ?)");
            TRY(insert.bind(meeting_id).bind(mailed->id).bind(mailed->account).finish());
        }
    } else if (const auto* revoked = std::get_if<meeting::InvitationRevoked>(&event.what)) {
        Statement remove(handle_, "DELETE FROM invited_agent WHERE meeting_id = ? AND invitation = ?");
        TRY(remove.bind(meeting_id).bind(revoked->id).finish());
    } else if (std::holds_alternative<meeting::Ended>(event.what)) {
        Statement update(handle_, "UPDATE meeting SET ended_at = ? WHERE id = ?");
        if (TRY(update.bind(event.at).bind(meeting_id).finish()) != 1) return failure("no such meeting");
    } else if (const auto* erased = std::get_if<meeting::Erased>(&event.what)) {
        Statement forget(handle_,
                         "UPDATE meeting_event SET personal = NULL, salt = NULL WHERE meeting_id = ? AND "
                         "number = ?");
        TRY(forget.bind(meeting_id).bind(erased->event).finish());
        has_erased_ = true;
    }
    if (std::holds_alternative<meeting::MotionClosed>(event.what)) {
        Statement forget(handle_, kForgetBallots);
        TRY(forget.bind(meeting_id).finish());
        has_erased_ = true;
    }
    const bool is_ended = std::holds_alternative<meeting::Ended>(event.what);
    if (is_ended || std::holds_alternative<meeting::Closed>(event.what)) {
        Statement forget(handle_, is_ended ? kForgetMeeting : kForgetSitting);
        TRY(forget.bind(meeting_id).finish());
        has_erased_ = true;
    }
    return Ok{};
}

Result<std::optional<meeting::State>> Database::replay(std::string_view id) {
    std::optional<meeting::State> row = TRY(meeting(id));
    if (!row) return std::optional<meeting::State>();
    Statement query(handle_,
                    "SELECT number, at, by, kind, body, personal FROM meeting_event WHERE meeting_id = ? "
                    "ORDER BY number");
    query.bind(id);
    meeting::State state;
    while (TRY(query.step())) {
        Record record{.number = query.number(), .at = query.time()};
        record.by = query.text();
        record.kind = query.text();
        record.body = query.text();
        record.personal = query.text();
        const Result<meeting::Event, meeting::RecordFault> event = meeting::event_of(record);
        if (!event) return failure("meeting log: event " + std::to_string(record.number) + " is unreadable");
        meeting::evolve(state, *event);
    }
    if (state.number == 0) {
        // Created before meetings had a log.
        const meeting::Created created{row->id, row->title, row->owner, {}};
        const meeting::Event first{1, row->created_at, row->owner, created};
        meeting::Events events{first};
        if (row->ended_at) events.push_back({2, *row->ended_at, row->owner, meeting::Ended{}});
        for (const meeting::Event& event : events) {
            TRY(append_one(id, event));
            meeting::evolve(state, event);
        }
    }
    return std::optional(std::move(state));
}

Result<std::optional<int64_t>> Database::verify(std::string_view meeting_id) {
    Statement query(handle_,
                    "SELECT number, at, by, kind, body, personal, salt, personal_digest, hash FROM "
                    "meeting_event WHERE meeting_id = ? ORDER BY number");
    query.bind(meeting_id);
    std::string previous;
    for (int64_t expected = 1; TRY(query.step()); ++expected) {
        Record record{.number = query.number(), .at = query.time()};
        record.by = query.text();
        record.kind = query.text();
        record.body = query.text();
        record.personal = query.text();
        const std::string salt = query.blob();
        const std::string digest = query.blob();
        const std::string hash = query.blob();
        const bool is_whole = record.number == expected &&
                              (record.personal.empty() || digest_of(salt, record.personal) == digest) &&
                              as_text(chain(previous, record, digest)) == hash;
        if (!is_whole) return std::optional(expected);
        previous = hash;
    }
    return std::optional<int64_t>();
}

Status Database::set_rest(std::string_view account_id, const Rest& rest) {
    Statement upsert(handle_, "INSERT OR REPLACE INTO rest (account_id, until, meeting_id) VALUES (?, ?, ?)");
    TRY(upsert.bind(account_id).bind(rest.until).bind(rest.meeting_id).finish());
    return Ok{};
}

Result<std::optional<Database::Rest>> Database::rest(std::string_view account_id) {
    Statement query(handle_, "SELECT until, meeting_id FROM rest WHERE account_id = ?");
    query.bind(account_id);
    if (!TRY(query.step())) return std::optional<Rest>();
    Rest rest{.until = query.time(), .meeting_id = {}};
    rest.meeting_id = query.text();
    return std::optional(std::move(rest));
}

}  // namespace conclave::store

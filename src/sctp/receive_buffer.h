// The receiving half of an association: which TSNs have arrived (RFC 9260 6.2), fragments becoming
// messages (6.9), messages becoming a stream's order (6.5, 6.6), skipping (RFC 3758 3.6).
//
// Fragments of one message have consecutive TSNs. A *piece* is one chunk, or a run of chunks that
// starts with the beginning of a message: a run swallows the chunks that follow it, so each byte is
// copied once however the chunks arrive.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "sctp/config.h"
#include "wire/sctp.h"

namespace conclave::sctp {

// Runs of TSNs beyond the cumulative one. More than fit into one SACK: the sender would not learn
// of them.
constexpr size_t kGapsMax = 256;
// Duplicates reported in one SACK (RFC 9260 3.3.4); they are a hint only.
constexpr size_t kDuplicatesMax = 16;
// How far a TSN may be ahead: with small messages a sender counts 256 KiB of payload, we count this.
constexpr int64_t kTsnAheadMax = 8192;
// Held for each buffered chunk beyond its payload, so that tiny chunks cannot multiply the window.
constexpr size_t kPieceOverhead = 64;

// `payload` is valid until the association handles the next packet or timeout, and while the packet
// passed in is.
struct Message {
    uint16_t stream = 0;
    uint32_t ppid = 0;
    ByteView payload;
};

class ReceiveBuffer {
 public:
    enum class Verdict : uint8_t {
        Accepted,
        Duplicate,
        Dropped,    // no room or too far ahead: not acknowledged, it will come again
        Violation,  // fragments that contradict each other, or a message above the limit
    };

    ReceiveBuffer(size_t window, size_t max_message) : window_(window), max_message_(max_message) {}

    // Forgets everything; `initial_tsn` is the far side's first TSN.
    void start(uint32_t initial_tsn);

    // Appends the messages that became deliverable, in order.
    Verdict add(const wire::SctpData& data, std::vector<Message>& out);
    // Marks a chunk on a stream that does not exist as received, without its data (RFC 9260 6.5).
    Verdict discard(uint32_t tsn);
    // False when nothing was new (the sender's view is old: acknowledge at once).
    bool forward(const wire::SctpForwardTsn& forward, std::vector<Message>& out);
    // The next message of the stream has SSN 0 (RFC 6525 5.2.2).
    void reset(uint16_t stream);
    void reset_all();
    // Frees the payloads handed out by earlier calls.
    void release_delivered() { delivered_.clear(); }

    uint32_t cumulative_tsn() const { return static_cast<uint32_t>(cumulative_); }
    // What to announce: the window less what is buffered.
    uint32_t window() const;
    size_t buffered() const { return buffered_; }

    const std::vector<wire::SctpGap>& gaps();
    std::vector<uint32_t>& duplicates() { return duplicates_; }
    bool has_gaps() const { return !runs_.empty(); }

 private:
    struct Piece {
        int64_t last = 0;
        uint16_t stream = 0;
        uint16_t ssn = 0;
        uint32_t ppid = 0;
        bool unordered = false;
        bool begins = false;
        bool ends = false;
        std::vector<uint8_t> bytes;
    };
    struct Run {
        int64_t first = 0;
        int64_t last = 0;
    };
    struct Waiting {
        uint32_t ppid = 0;
        std::vector<uint8_t> bytes;
    };
    using Pieces = std::map<int64_t, Piece>;

    int64_t extend(uint32_t tsn) const;
    int64_t extend_ssn(uint16_t stream, uint16_t ssn);
    int64_t& next_ssn(uint16_t stream);
    Verdict admit(int64_t tsn, size_t size);
    void mark(int64_t tsn);
    void absorb_first_run();
    Verdict store(int64_t tsn, const wire::SctpData& data, std::vector<Message>& out);
    static bool continues(const Pieces::value_type& run, int64_t tsn, const wire::SctpData& data);
    bool append(Piece& run, int64_t last, bool ends, ByteView bytes);
    bool absorb_followers(Pieces::iterator run);
    void complete(Pieces::iterator run, std::vector<Message>& out);
    void deliver_waiting(uint16_t stream, std::vector<Message>& out);
    void hand_out(uint16_t stream, uint32_t ppid, std::vector<uint8_t>&& bytes, std::vector<Message>& out);
    void skip_ssn(wire::SctpSkip skip, std::vector<Message>& out);
    void drop_orphans();
    Pieces::iterator erase(Pieces::iterator piece);

    size_t window_;
    size_t max_message_;
    int64_t cumulative_ = 0;
    std::vector<Run> runs_;  // beyond the cumulative TSN, ascending, never adjacent
    Pieces pieces_;          // by first TSN
    std::map<std::pair<uint16_t, int64_t>, Waiting> waiting_;  // by stream and extended SSN
    std::vector<int64_t> next_ssn_;                            // by stream, extended
    size_t buffered_ = 0;
    std::vector<uint32_t> duplicates_;
    std::vector<wire::SctpGap> gaps_;
    std::vector<std::vector<uint8_t>> delivered_;
};

}  // namespace conclave::sctp

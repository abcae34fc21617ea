#include "sctp/receive_buffer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace conclave::sctp {

void ReceiveBuffer::start(uint32_t initial_tsn) {
    cumulative_ = (int64_t{1} << 32) + initial_tsn - 1;
    runs_.clear();
    pieces_.clear();
    waiting_.clear();
    next_ssn_.clear();
    duplicates_.clear();
    buffered_ = 0;
}

ReceiveBuffer::Verdict ReceiveBuffer::add(const wire::SctpData& data, std::vector<Message>& out) {
    const int64_t tsn = extend(data.tsn);
    const Verdict verdict = admit(tsn, data.payload.size());
    if (verdict != Verdict::Accepted) return verdict;
    mark(tsn);
    const Verdict stored = store(tsn, data, out);
    drop_orphans();
    return stored;
}

ReceiveBuffer::Verdict ReceiveBuffer::discard(uint32_t tsn) {
    const int64_t extended = extend(tsn);
    const Verdict verdict = admit(extended, 0);
    if (verdict != Verdict::Accepted) return verdict;
    mark(extended);
    drop_orphans();
    return Verdict::Accepted;
}

bool ReceiveBuffer::forward(const wire::SctpForwardTsn& forward, std::vector<Message>& out) {
    const int64_t target = extend(forward.new_cumulative_tsn);
    if (target <= cumulative_) return false;
    // What is still incomplete up to there was abandoned by the sender.
    while (!pieces_.empty() && pieces_.begin()->first <= target) erase(pieces_.begin());
    cumulative_ = target;
    const auto beyond = std::ranges::find_if(runs_, [&](const Run& r) { return r.last > target; });
    runs_.erase(runs_.begin(), beyond);
    absorb_first_run();
    for (size_t i = 0; i < forward.skip_count(); ++i) skip_ssn(forward.skip(i), out);
    drop_orphans();
    return true;
}

void ReceiveBuffer::reset(uint16_t stream) {
    if (stream < next_ssn_.size()) next_ssn_[stream] = 0;
    const auto from = waiting_.lower_bound({stream, std::numeric_limits<int64_t>::min()});
    const auto to = waiting_.upper_bound({stream, std::numeric_limits<int64_t>::max()});
    for (auto it = from; it != to; ++it) buffered_ -= it->second.bytes.size() + kPieceOverhead;
    waiting_.erase(from, to);
}

void ReceiveBuffer::reset_all() {
    next_ssn_.clear();
    for (const auto& [key, waiting] : waiting_) buffered_ -= waiting.bytes.size() + kPieceOverhead;
    waiting_.clear();
}

uint32_t ReceiveBuffer::window() const {
    return static_cast<uint32_t>(window_ - std::min(window_, buffered_));
}

const std::vector<wire::SctpGap>& ReceiveBuffer::gaps() {
    gaps_.clear();
    for (const Run& run : runs_)
        gaps_.push_back(
            {static_cast<uint16_t>(run.first - cumulative_), static_cast<uint16_t>(run.last - cumulative_)});
    return gaps_;
}

int64_t ReceiveBuffer::extend(uint32_t tsn) const {
    return cumulative_ + static_cast<int32_t>(tsn - static_cast<uint32_t>(cumulative_));
}

ReceiveBuffer::Verdict ReceiveBuffer::admit(int64_t tsn, size_t size) {
    const auto after = std::ranges::upper_bound(runs_, tsn, {}, &Run::first);
    const bool in_run = after != runs_.begin() && std::prev(after)->last >= tsn;
    if (tsn <= cumulative_ || in_run) {
        if (duplicates_.size() < kDuplicatesMax) duplicates_.push_back(static_cast<uint32_t>(tsn));
        return Verdict::Duplicate;
    }
    if (size > max_message_) return Verdict::Violation;
    // The next TSN is always taken, or a full buffer could never empty. An honest sender has no more
    // than one unfinished message in front of the window.
    if (tsn == cumulative_ + 1)
        return buffered_ + size > window_ + max_message_ ? Verdict::Violation : Verdict::Accepted;
    const bool extends_run = (after != runs_.end() && after->first == tsn + 1) ||
                             (after != runs_.begin() && std::prev(after)->last == tsn - 1);
    if (tsn - cumulative_ > kTsnAheadMax || (!extends_run && runs_.size() == kGapsMax) ||
        buffered_ + size + kPieceOverhead > window_)
        return Verdict::Dropped;
    return Verdict::Accepted;
}

void ReceiveBuffer::mark(int64_t tsn) {
    if (tsn == cumulative_ + 1) {
        cumulative_ = tsn;
        absorb_first_run();
        return;
    }
    const auto after = std::ranges::upper_bound(runs_, tsn, {}, &Run::first);
    const bool joins_after = after != runs_.end() && after->first == tsn + 1;
    const bool joins_before = after != runs_.begin() && std::prev(after)->last == tsn - 1;
    if (joins_before && joins_after) {
        std::prev(after)->last = after->last;
        runs_.erase(after);
    } else if (joins_before) {
        std::prev(after)->last = tsn;
    } else if (joins_after) {
        after->first = tsn;
    } else {
        runs_.insert(after, {tsn, tsn});
    }
}

void ReceiveBuffer::absorb_first_run() {
    if (runs_.empty() || runs_.front().first > cumulative_ + 1) return;
    cumulative_ = runs_.front().last;
    runs_.erase(runs_.begin());
}

ReceiveBuffer::Verdict ReceiveBuffer::store(int64_t tsn, const wire::SctpData& data,
                                            std::vector<Message>& out) {
    // Most messages are one chunk in its turn: handed out as it lies in the packet.
    if (data.begins && data.ends &&
        (data.unordered || extend_ssn(data.stream, data.ssn) == next_ssn(data.stream))) {
        out.push_back({data.stream, data.ppid, data.payload});
        if (!data.unordered) {
            ++next_ssn(data.stream);
            deliver_waiting(data.stream, out);
        }
        return Verdict::Accepted;
    }
    auto piece = pieces_.upper_bound(tsn);
    if (piece != pieces_.begin() && continues(*std::prev(piece), tsn, data)) {
        --piece;
        if (!append(piece->second, tsn, data.ends, data.payload)) return Verdict::Violation;
    } else {
        Piece fresh{tsn,
                    data.stream,
                    data.ssn,
                    data.ppid,
                    data.unordered,
                    data.begins,
                    data.ends,
                    {data.payload.begin(), data.payload.end()}};
        buffered_ += data.payload.size() + kPieceOverhead;
        piece = pieces_.emplace(tsn, std::move(fresh)).first;
    }
    if (!piece->second.begins) return Verdict::Accepted;
    if (!absorb_followers(piece)) return Verdict::Violation;
    if (piece->second.ends) complete(piece, out);
    return Verdict::Accepted;
}

bool ReceiveBuffer::continues(const Pieces::value_type& run, int64_t tsn, const wire::SctpData& data) {
    const Piece& p = run.second;
    return p.begins && !p.ends && p.last + 1 == tsn && !data.begins && p.stream == data.stream &&
           p.unordered == data.unordered && (p.unordered || p.ssn == data.ssn);
}

bool ReceiveBuffer::append(Piece& run, int64_t last, bool ends, ByteView bytes) {
    if (run.bytes.size() + bytes.size() > max_message_) return false;
    run.bytes.insert(run.bytes.end(), bytes.begin(), bytes.end());
    run.last = last;
    run.ends = ends;
    buffered_ += bytes.size();
    return true;
}

bool ReceiveBuffer::absorb_followers(Pieces::iterator run) {
    for (auto next = std::next(run); next != pieces_.end() && !run->second.ends; next = erase(next)) {
        Piece& p = next->second;
        const wire::SctpData like{0, p.stream, p.ssn, p.ppid, p.unordered, p.begins, p.ends, false, {}};
        if (!continues(*run, next->first, like)) break;
        if (!append(run->second, p.last, p.ends, p.bytes)) return false;
    }
    return true;
}

void ReceiveBuffer::complete(Pieces::iterator run, std::vector<Message>& out) {
    Piece piece = std::move(run->second);
    buffered_ -= piece.bytes.size() + kPieceOverhead;
    pieces_.erase(run);
    if (piece.unordered) return hand_out(piece.stream, piece.ppid, std::move(piece.bytes), out);
    const int64_t ssn = extend_ssn(piece.stream, piece.ssn);
    if (ssn < next_ssn(piece.stream)) return;  // skipped before (RFC 3758 3.6)
    if (ssn == next_ssn(piece.stream)) {
        hand_out(piece.stream, piece.ppid, std::move(piece.bytes), out);
        ++next_ssn(piece.stream);
        return deliver_waiting(piece.stream, out);
    }
    const size_t size = piece.bytes.size() + kPieceOverhead;
    if (waiting_.emplace(std::pair{piece.stream, ssn}, Waiting{piece.ppid, std::move(piece.bytes)}).second)
        buffered_ += size;
}

void ReceiveBuffer::deliver_waiting(uint16_t stream, std::vector<Message>& out) {
    int64_t& next = next_ssn(stream);
    for (auto it = waiting_.find({stream, next});
         it != waiting_.end() && it->first == std::pair{stream, next}; it = waiting_.erase(it)) {
        buffered_ -= it->second.bytes.size() + kPieceOverhead;
        hand_out(stream, it->second.ppid, std::move(it->second.bytes), out);
        ++next;
    }
}

void ReceiveBuffer::hand_out(uint16_t stream, uint32_t ppid, std::vector<uint8_t>&& bytes,
                             std::vector<Message>& out) {
    delivered_.push_back(std::move(bytes));
    out.push_back({stream, ppid, delivered_.back()});
}

// RFC 3758 3.6: what waits up to the skipped number is delivered, with holes.
void ReceiveBuffer::skip_ssn(wire::SctpSkip skip, std::vector<Message>& out) {
    if (skip.stream >= kStreamsMax) return;
    const int64_t last = extend_ssn(skip.stream, skip.ssn);
    int64_t& next = next_ssn(skip.stream);
    if (last < next) return;
    auto it = waiting_.lower_bound({skip.stream, next});
    while (it != waiting_.end() && it->first.first == skip.stream && it->first.second <= last) {
        buffered_ -= it->second.bytes.size() + kPieceOverhead;
        hand_out(skip.stream, it->second.ppid, std::move(it->second.bytes), out);
        it = waiting_.erase(it);
    }
    next = last + 1;
    deliver_waiting(skip.stream, out);
}

// Everything up to the cumulative TSN has arrived, so an unfinished piece there can only be the run
// that ends with it. The rest can never be finished: its sender contradicted itself or abandoned it.
void ReceiveBuffer::drop_orphans() {
    auto it = pieces_.begin();
    while (it != pieces_.end() && it->first <= cumulative_) {
        const bool unfinished = it->second.begins && it->second.last == cumulative_;
        it = unfinished ? std::next(it) : erase(it);
    }
}

ReceiveBuffer::Pieces::iterator ReceiveBuffer::erase(Pieces::iterator piece) {
    buffered_ -= piece->second.bytes.size() + kPieceOverhead;
    return pieces_.erase(piece);
}

int64_t& ReceiveBuffer::next_ssn(uint16_t stream) {
    if (stream >= next_ssn_.size()) next_ssn_.resize(size_t{stream} + 1);
    return next_ssn_[stream];
}

int64_t ReceiveBuffer::extend_ssn(uint16_t stream, uint16_t ssn) {
    const int64_t next = next_ssn(stream);
    return next + static_cast<int16_t>(static_cast<uint16_t>(ssn - static_cast<uint16_t>(next)));
}

}  // namespace conclave::sctp

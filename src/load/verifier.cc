#include "load/verifier.h"

#include <algorithm>

namespace conclave::load {

void Verdict::add(const Verdict& other) {
    expected += other.expected;
    received += other.received;
    duplicates += other.duplicates;
    reordered += other.reordered;
    frames += other.frames;
    freezes += other.freezes;
    switches += other.switches;
}

void StreamVerifier::open(uint8_t stream, int64_t counter) {
    Run& run = runs_[stream];
    run.is_open = true;
    run.first = run.newest = counter;
    run.seen.reset();
    current_ = stream;
}

void StreamVerifier::close(Run& run) {
    verdict_.expected += static_cast<uint64_t>(run.newest - run.first + 1);
    run.is_open = false;
}

void StreamVerifier::handle(Instant now, const Stamp& stamp) {
    const int64_t counter = stamp.counter;
    Run& run = runs_[stamp.stream];
    sender_ = stamp.sender;
    if (current_ == kNone) {
        open(stamp.stream, counter);
    } else if (stamp.stream != current_ && (!run.is_open || counter > run.newest)) {
        // The server switched. What came of the former encoding is all that it was to send of it; the run
        // stays open for stragglers until it is used again.
        if (run.is_open) close(run);
        open(stamp.stream, counter);
        ++verdict_.switches;
    } else if (counter > run.newest) {
        const int64_t gone = std::min(counter - run.newest, kWindow);
        for (int64_t i = 1; i <= gone; ++i)
            run.seen.reset(static_cast<size_t>((counter - gone + i) % kWindow));
        run.newest = counter;
    } else {
        // Before the first packet received nothing was expected.
        if (counter < run.first) return;
        if (counter <= run.newest - kWindow || run.seen.test(static_cast<size_t>(counter % kWindow))) {
            ++verdict_.duplicates;
            return;
        }
        ++verdict_.reordered;
    }
    run.seen.set(static_cast<size_t>(counter % kWindow));
    ++verdict_.received;
    complete_frame(now, stamp);
}

void StreamVerifier::complete_frame(Instant now, const Stamp& stamp) {
    Frame& frame = frames_[stamp.frame % kFramesKept];
    if (frame.number != stamp.frame || frame.stream != stamp.stream) frame = {stamp.frame, 0, stamp.stream};
    if (++frame.received != stamp.count) return;
    ++verdict_.frames;
    if (is_video_ && !last_frame_.is_never() && now - last_frame_ > kFreeze) ++verdict_.freezes;
    last_frame_ = now;
}

Verdict StreamVerifier::so_far() const {
    Verdict verdict = verdict_;
    for (const Run& run : runs_) {
        if (run.is_open) verdict.expected += static_cast<uint64_t>(run.newest - run.first + 1);
    }
    return verdict;
}

Verdict StreamVerifier::finish(uint32_t sent) {
    if (current_ == kNone) return verdict_;
    Run& run = runs_[current_];
    run.newest = std::max(run.newest, int64_t{sent} - 1);
    for (Run& each : runs_) {
        if (each.is_open) close(each);
    }
    return verdict_;
}

}  // namespace conclave::load

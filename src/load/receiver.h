// Everything that one participant receives: judged by stamp, repaired by NACK and RTX, reported to the
// server.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "load/thread_state.h"
#include "load/verifier.h"
#include "rtp/ingress_stream.h"

namespace conclave::load {

class Receiver {
 public:
    // `reports` a second tell the server how we receive and how much we can take. Repairs and pictures are
    // asked for anyway.
    Receiver(ThreadState& thread, uint32_t reports, Rng& rng);

    // The tracks of the newest description; those that are known go on. Returns the new ones.
    std::vector<const RemoteTrack*> add_tracks(Instant now, const std::vector<RemoteTrack>& tracks);
    // `arrived`: in the kernel.
    void handle_rtp(Instant now, Instant arrived, ByteView plain);
    void handle_rtcp(Instant now, ByteView plain);
    // A serialized DataPacket.
    void handle_message(Instant now, std::string_view bytes);
    void handle_timeout(Instant now, Transport& transport);
    Instant next_timeout() const { return soonest(next_report_, soonest(next_pli_, next_nack_)); }

    size_t tracks() const { return streams_.size(); }
    size_t silent_tracks() const;  // of which nothing has come
    bool has_media() const { return packets_ > 0; }
    Verdict so_far() const;
    // At the end: the judgement of all streams.
    Verdict finish(Run& run);

 private:
    struct Stream {
        Stream(const RemoteTrack& track, const rtp::IngressStream::Config& config)
            : remote(track), ingress(config), verifier(track.is_video) {}
        RemoteTrack remote;
        rtp::IngressStream ingress;
        StreamVerifier verifier;
        Instant next_pli = Instant::never();  // while there is no picture
    };
    void deliver(Instant arrived, Stream& stream, ByteView payload);
    void send_reports(Instant now, Transport& transport);
    void send_estimate(Transport& transport);
    void send_plis(Instant now, Transport& transport);
    void send_feedback(Instant now, Transport& transport);

    ThreadState& thread_;
    Duration report_interval_;
    uint32_t ssrc_;  // of our reports
    std::vector<std::unique_ptr<Stream>> streams_;
    std::unordered_map<uint32_t, Stream*> by_ssrc_;  // the RTX SSRCs too
    std::map<uint32_t, StreamVerifier> messages_;    // by sender
    uint64_t packets_ = 0;
    Instant next_report_ = Instant::never();
    Instant next_pli_ = Instant::never();  // of any stream
    Instant next_nack_ = Instant::never();
};

}  // namespace conclave::load

// Everything that one participant publishes: the RTP streams, and the data messages.
#pragma once

#include <string>
#include <vector>

#include "livekit/protocol.h"
#include "load/media_sender.h"
#include "load/thread_state.h"

namespace conclave::load {

namespace pb = ::livekit;

class Publisher {
 public:
    Publisher(ThreadState& thread, uint32_t sender, const Group& group);

    // What to announce (AddTrackRequest) and what to offer, in the same order.
    std::vector<pb::AddTrackRequest> announcements() const;
    std::vector<OfferedTrack> tracks() const;

    // The sections of tracks() were the first `tracks().size()` of the offer. Sends nothing before
    // is_connected().
    void handle_answer(const RemoteDescription& answer);
    void start(Instant now);
    void stop();  // for good
    void handle_rtcp(ByteView plain, Transport& transport);
    // Dynacast.
    void handle_wanted(Instant now, const pb::SubscribedQualityUpdate& update);
    void handle_timeout(Instant now, Transport& transport);
    Instant next_timeout() const;

 private:
    void send_media(Instant now, Transport& transport);
    void send_reports(Instant now, Transport& transport);
    void send_message(Instant now, Transport& transport);
    MediaSender* find(uint32_t ssrc);

    ThreadState& thread_;
    uint32_t sender_;
    const Group& group_;
    std::string name_;
    std::vector<MediaSender> senders_;  // audio, then the encodings of the video
    std::vector<AcceptedTrack> accepted_;
    bool is_started_ = false;
    bool is_stopped_ = false;  // for good
    Instant next_report_ = Instant::never();
    Instant next_message_ = Instant::never();
    uint32_t messages_ = 0;
};

}  // namespace conclave::load

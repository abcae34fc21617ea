// What happens by itself: consent, handshake and association timers, NACKs, reports, feedback.
#include <algorithm>

#include "peer/downlink.h"
#include "peer/peer.h"
#include "peer/streams.h"
#include "wire/rtcp.h"
#include "wire/transport_feedback.h"

namespace conclave::peer {
namespace {

constexpr int kFeedbackPerTurnMax = 4;

}  // namespace

Instant Peer::next_timeout() const {
    Instant next = soonest(ice_.next_timeout(), dtls_.next_timeout());
    next = soonest(next, data_.next_timeout());
    next = soonest(next, receiver_reports_.next_timeout());
    if (feedback_) next = soonest(next, feedback_->next_feedback());
    next = soonest(next, next_release());
    if (can_probe()) next = soonest(next, downlink_->estimator.next_probe());
    for (const auto& [id, ingress] : ingress_) {
        for (const auto& encoding : ingress->encodings) {
            if (encoding->stream) next = soonest(next, encoding->stream->next_nack());
        }
    }
    return next;
}

Events Peer::handle_timeout(Instant now, TransmitQueue& tx) {
    Events events;
    retransmissions_.clear();
    data_messages_.clear();
    handle_ice_events(ice_.handle_timeout(now, tx), events);
    handle_dtls_events(now, dtls_.handle_timeout(now, tx), tx, events);
    handle_sctp_events(now, data_.handle_timeout(now, sctp_out_), events, tx);
    flush_sctp(now, tx);
    for (auto& [id, ingress] : ingress_) {
        for (auto& encoding : ingress->encodings) {
            send_nacks(now, *encoding, tx, events);
            encoding->cache.expire(now);
        }
    }
    if (receiver_reports_.handle_timeout(now, rng_)) send_receiver_report(now, tx);
    send_feedback(now, tx);
    release(now, tx);
    send_probes(now, tx);
    events.data = data_messages_;
    return events;
}

void Peer::send_nacks(Instant now, Encoding& encoding, TransmitQueue& tx, Events& events) {
    if (!encoding.stream || encoding.stream->next_nack() > now) return;
    const auto lost = encoding.stream->nacks_due(now, rtt());
    std::array<uint8_t, 1200> buffer;
    size_t told = 0;
    while (told < lost.size()) {
        ByteWriter out(buffer);
        const size_t written = wire::write_nack(out, rtcp_ssrc_, encoding.stream->config().ssrc,
                                                {lost.data() + told, lost.size() - told});
        if (written == 0) break;
        told += written;
        send_rtcp(out.written(), tx);
    }
    if (encoding.stream->take_keyframe_needed() && !events.notices.full()) {
        events.notices.push_back({Signal::KeyframeLost, encoding.track.id, encoding.index});
    }
}

void Peer::send_receiver_report(Instant now, TransmitQueue& tx) {
    StaticVector<wire::ReportBlock, wire::kReportBlocksMax> blocks;
    const auto send = [&] {
        if (blocks.empty()) return;
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        if (wire::write_receiver_report(out, rtcp_ssrc_, {blocks.data(), blocks.size()}))
            send_rtcp(out.written(), tx);
        blocks.clear();
    };
    for (auto& [id, ingress] : ingress_) {
        for (auto& encoding : ingress->encodings) {
            const auto block = encoding->stream ? encoding->stream->report_block(now) : std::nullopt;
            if (!block) continue;
            encoding->fraction_lost = block->fraction_lost;
            blocks.push_back(*block);
            if (blocks.full()) send();
        }
    }
    send();
}

void Peer::send_feedback(Instant now, TransmitQueue& tx) {
    if (!feedback_ || feedback_->next_feedback() > now) return;
    // A turn's worth; what is left goes with the next.
    for (int i = 0; i < kFeedbackPerTurnMax; ++i) {
        std::array<uint8_t, 1200> buffer;
        ByteWriter out(buffer);
        if (!feedback_->write_feedback(now, out)) return;
        send_rtcp(out.written(), tx);
    }
}

}  // namespace conclave::peer

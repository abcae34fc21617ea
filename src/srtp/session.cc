#include "srtp/session.h"

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "srtp/cipher.h"
#include "srtp/index_window.h"
#include "wire/rtp.h"

namespace conclave::srtp {

namespace {

constexpr size_t kRtcpHeaderSize = 8;
constexpr uint64_t kRtcpIndexEnd = uint64_t{1} << 31;  // RFC 3711 3.4, 9.2
constexpr int64_t kRtpIndexEnd = int64_t{1} << 48;

// RTCP comes a few times a second; more reordering than this is a replay.
constexpr int64_t kRtcpReplayWindow = 128;

bool is_version_2(ByteView packet) {
    return packet[0] >> 6 == 2;
}

// RFC 3711 3.3.1: the roll-over counter that brings `sequence` closest to the newest index.
int64_t guess_index(int64_t newest, uint16_t sequence) {
    constexpr int64_t kHalf = 1 << 15;
    constexpr int64_t kCycle = 1 << 16;
    if (newest < 0) return sequence;
    const int64_t cycle = newest - newest % kCycle;
    const int64_t low = newest % kCycle;
    if (low < kHalf) return cycle + sequence - (sequence - low > kHalf ? kCycle : 0);
    return cycle + sequence + (low - kHalf > sequence ? kCycle : 0);
}

struct ReceiveStream {
    IndexWindow<Session::kReplayWindow> rtp;
    IndexWindow<kRtcpReplayWindow> rtcp;
};

std::optional<Drop> drop_of(IndexState state) {
    switch (state) {
        case IndexState::Unused:
            return std::nullopt;
        case IndexState::Used:
            return Drop::Replayed;
        case IndexState::TooOld:
            return Drop::TooOld;
    }
    return Drop::Malformed;
}

}  // namespace

struct Session::SendStream {
    uint32_t ssrc = 0;
    IndexWindow<kSendWindow> used;
};

struct Session::Impl {
    Cipher receive_rtp;
    Cipher receive_rtcp;
    Cipher send_rtp;
    Cipher send_rtcp;
    size_t receive_ssrc_max;
    std::vector<uint32_t> receive_ssrcs;  // of the streams at the same places: searched without touching them
    std::vector<ReceiveStream> receive_streams;
    std::unordered_map<uint32_t, std::unique_ptr<SendStream>> send_streams;
    // One counter for all SSRCs: a receiver sees gaps, which are legal, and no index can come twice.
    uint64_t send_rtcp_index = 0;

    ReceiveStream* find_receive(uint32_t ssrc) {
        for (size_t i = 0; i < receive_ssrcs.size(); ++i) {
            if (receive_ssrcs[i] == ssrc) return &receive_streams[i];
        }
        return nullptr;
    }
    // Only after a packet has authenticated, so that nobody else can fill the table.
    ReceiveStream& add_receive(uint32_t ssrc) {
        receive_ssrcs.push_back(ssrc);
        return receive_streams.emplace_back();
    }
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(crypto::SrtpProfile profile, const Keys& receive, const Keys& send,
                                size_t receive_ssrc_max) {
    if (receive == send) return failure("SRTP keys of the two directions are the same");
    return Session{std::unique_ptr<Impl>(new Impl{
        TRY(Cipher::create(profile, receive, Kind::Rtp)),
        TRY(Cipher::create(profile, receive, Kind::Rtcp)),
        TRY(Cipher::create(profile, send, Kind::Rtp)),
        TRY(Cipher::create(profile, send, Kind::Rtcp)),
        receive_ssrc_max,
        {},
        {},
        {},
        0,
    })};
}

Result<size_t, Drop> Session::unprotect_rtp(MutableBytes packet) {
    Cipher& cipher = impl_->receive_rtp;
    if (packet.size() < cipher.overhead()) return Unexpected{Drop::Malformed};
    const size_t plain_size = packet.size() - cipher.overhead();
    const auto header = wire::parse_rtp_header(packet.first(plain_size));
    if (!header) return Unexpected{Drop::Malformed};

    const uint32_t ssrc = header->ssrc;
    const uint16_t sequence = header->sequence_number.value;
    ReceiveStream* stream = impl_->find_receive(ssrc);
    if (!stream && impl_->receive_streams.size() == impl_->receive_ssrc_max)
        return Unexpected{Drop::TooManySsrcs};
    int64_t index = guess_index(stream ? stream->rtp.newest() : -1, sequence);
    // There is nothing before the first cycle: a stream that began low has jumped ahead.
    if (index < 0) index = sequence;
    if (index >= kRtpIndexEnd) return Unexpected{Drop::Malformed};
    if (stream) {
        if (const auto drop = drop_of(stream->rtp.state(index))) return Unexpected{*drop};
    }
    if (!cipher.open(ssrc, static_cast<uint64_t>(index), header->header_size, packet))
        return Unexpected{Drop::AuthenticationFailed};
    (stream ? *stream : impl_->add_receive(ssrc)).rtp.mark(index);
    return plain_size;
}

Result<size_t, Drop> Session::unprotect_rtcp(MutableBytes packet) {
    Cipher& cipher = impl_->receive_rtcp;
    if (packet.size() < kRtcpHeaderSize + cipher.overhead() || !is_version_2(packet))
        return Unexpected{Drop::Malformed};
    const uint32_t trailer = cipher.trailer(packet);
    if ((trailer & kEncryptedFlag) == 0) return Unexpected{Drop::NotEncrypted};

    const uint32_t ssrc = load_be32(packet.data() + 4);
    const int64_t index = trailer & ~kEncryptedFlag;
    ReceiveStream* stream = impl_->find_receive(ssrc);
    if (!stream && impl_->receive_streams.size() == impl_->receive_ssrc_max)
        return Unexpected{Drop::TooManySsrcs};
    if (stream) {
        if (const auto drop = drop_of(stream->rtcp.state(index))) return Unexpected{*drop};
    }
    if (!cipher.open(ssrc, static_cast<uint64_t>(index), kRtcpHeaderSize, packet))
        return Unexpected{Drop::AuthenticationFailed};
    (stream ? *stream : impl_->add_receive(ssrc)).rtcp.mark(index);
    return packet.size() - cipher.overhead();
}

void Session::prefetch(const SendStream& stream) const {
    impl_->send_rtp.prefetch();
    stream.used.prefetch();
}

Session::SendStream* Session::send_stream(uint32_t ssrc) {
    auto& streams = impl_->send_streams;
    const auto found = streams.find(ssrc);
    if (found != streams.end()) return found->second.get();
    if (streams.size() == kSendSsrcMax) return nullptr;
    return streams.emplace(ssrc, std::make_unique<SendStream>(SendStream{ssrc, {}})).first->second.get();
}

size_t Session::protect_rtp(SendStream& stream, SeqNo sequence, ByteView header, ByteParts payload,
                            MutableBytes out) {
    Cipher& cipher = impl_->send_rtp;
    DCHECK(header.size() >= wire::kRtpHeaderSize && load_be16(header.data() + 2) == sequence.value &&
           load_be32(header.data() + 8) == stream.ssrc);
    const size_t size = header.size() + total_size(payload) + cipher.overhead();
    if (out.size() < size) return 0;
    const int64_t index = guess_index(stream.used.newest(), sequence.value);
    if (index < 0 || index >= kRtpIndexEnd || stream.used.state(index) != IndexState::Unused) return 0;
    // Marked first: whatever happens below, this nonce is spent.
    stream.used.mark(index);
    return cipher.seal(stream.ssrc, static_cast<uint64_t>(index), header, payload, out) ? size : 0;
}

size_t Session::protect_rtp(ByteView plain, MutableBytes out) {
    const auto rtp = wire::parse_rtp_header(plain);
    SendStream* const stream = rtp ? send_stream(rtp->ssrc) : nullptr;
    if (!stream) return 0;
    const ByteView payload = plain.subspan(rtp->header_size);
    return protect_rtp(*stream, rtp->sequence_number, plain.first(rtp->header_size), ByteParts{&payload, 1},
                       out);
}

size_t Session::protect_rtcp(ByteView plain, MutableBytes out) {
    Cipher& cipher = impl_->send_rtcp;
    const size_t size = plain.size() + cipher.overhead();
    if (plain.size() < kRtcpHeaderSize || !is_version_2(plain) || out.size() < size ||
        impl_->send_rtcp_index == kRtcpIndexEnd)
        return 0;
    const uint64_t index = impl_->send_rtcp_index++;
    const ByteView body = plain.subspan(kRtcpHeaderSize);
    return cipher.seal(load_be32(plain.data() + 4), index, plain.first(kRtcpHeaderSize), ByteParts{&body, 1},
                       out)
               ? size
               : 0;
}

}  // namespace conclave::srtp

#include "net/datagram_session.h"

#include <chrono>

#include "net/clock.h"

namespace conclave::net {
namespace {

constexpr size_t kReadChunk = 16 << 10;
constexpr uint32_t kMagicCookie = 0x2112a442;  // RFC 8489 5
constexpr size_t kCookieOffset = 4;
constexpr size_t kLengthSize = 2;
constexpr size_t kStunHeaderSize = 20;
constexpr size_t kChannelHeaderSize = 4;
// What the kernel may hold unsent; the rest waits here, where it can grow too old. Enough to fill 10 ms of
// 50 Mbit/s.
constexpr int kNotSentMax = 64 << 10;

Frame frame(ByteView bytes, size_t header, size_t datagram, size_t padded) {
    if (datagram > kStreamDatagramMax) return {Frame::Kind::Illegal, 0, {}};
    if (bytes.size() < header + padded) return {Frame::Kind::Incomplete, 0, {}};
    return {Frame::Kind::Whole, header + padded, bytes.subspan(header, datagram)};
}

}  // namespace

std::optional<FirstBytes> judge_first_bytes(ByteView bytes) {
    if (bytes.size() < kCookieOffset + 4) return std::nullopt;
    if (load_be32(bytes.data() + kCookieOffset) == kMagicCookie) return FirstBytes::Stun;
    if (bytes.size() < kFirstBytesMax) return std::nullopt;
    const bool is_stun = load_be32(bytes.data() + kLengthSize + kCookieOffset) == kMagicCookie;
    return is_stun ? FirstBytes::Length : FirstBytes::Unknown;
}

Frame first_frame(Framing framing, ByteView bytes) {
    if (bytes.size() < kChannelHeaderSize) {
        const bool has_length = framing == Framing::Length && bytes.size() >= kLengthSize;
        return has_length ? frame(bytes, kLengthSize, load_be16(bytes.data()), load_be16(bytes.data()))
                          : Frame{};
    }
    if (framing == Framing::Length) {
        const size_t size = load_be16(bytes.data());
        return frame(bytes, kLengthSize, size, size);
    }
    const size_t length = load_be16(bytes.data() + 2);
    switch (bytes[0] >> 6) {
        case 0:
            return frame(bytes, 0, kStunHeaderSize + length, kStunHeaderSize + length);
        case 1:
            // RFC 8656 12.5: padded to four bytes, which the length does not count.
            return frame(bytes, 0, kChannelHeaderSize + length,
                         (kChannelHeaderSize + length + 3) & ~size_t{3});
        default:
            return {Frame::Kind::Illegal, 0, {}};
    }
}

bool DatagramStream::send(ByteView datagram) {
    const auto session = session_.lock();
    return session && session->send(datagram);
}

void DatagramStream::trust() {
    if (const auto session = session_.lock()) session->trust();
}

void DatagramStream::close() {
    if (const auto session = session_.lock()) session->close();
}

DatagramSession::DatagramSession(std::shared_ptr<HttpCore> core, Framing framing,
                                 asio::any_io_executor executor, std::function<void()> on_trusted)
    : core_(std::move(core)),
      framing_(framing),
      on_trusted_(std::move(on_trusted)),
      trust_by_(std::move(executor)) {}

bool DatagramSession::send(ByteView datagram) {
    if (is_closed_ || !stream_) return false;
    const size_t behind = waiting_.size() + writing_.size() - written_;
    const bool is_late = is_writing_ && monotonic_now() - writing_since_ > DatagramStream::kWaitingMax;
    if (is_late || behind + kLengthSize + datagram.size() > DatagramStream::kWaitingBytesMax) {
        ++core_->counters.datagrams_dropped;
        return false;
    }
    if (framing_ == Framing::Length) {
        std::array<uint8_t, kLengthSize> length;
        store_be16(length.data(), static_cast<uint16_t>(datagram.size()));
        waiting_.insert(waiting_.end(), length.begin(), length.end());
    }
    waiting_.insert(waiting_.end(), datagram.begin(), datagram.end());
    if (!is_writing_) write();
    return true;
}

void DatagramSession::trust() {
    if (std::exchange(is_trusted_, true) || !stream_) return;
    trust_by_.cancel();
    on_trusted_();
}

void DatagramSession::close() {
    if (std::exchange(is_closed_, true)) return;
    trust_by_.cancel();
    if (stream_) stream_->close();
}

// Not the stream's own deadline: that one cannot be taken back while a read is under way.
void DatagramSession::await_trust() {
    stream_->expires_never();
    trust_by_.expires_after(std::chrono::microseconds(core_->options.header_timeout.us));
    trust_by_.async_wait([weak = weak_from_this()](beast::error_code error) {
        const auto self = weak.lock();
        if (error || !self || self->is_trusted_) return;
        ++self->core_->counters.timeouts;
        self->close();
    });
}

// Everything that came together leaves together.
void DatagramSession::write() {
    if (written_ == writing_.size()) {
        writing_.clear();
        written_ = 0;
        if (waiting_.empty() || is_closed_) {
            is_writing_ = false;
            return;
        }
        writing_.swap(waiting_);
        writing_since_ = monotonic_now();
    }
    is_writing_ = true;
    const asio::const_buffer rest = asio::buffer(writing_) + written_;
    stream_->async_write_some(rest, [self = shared_from_this()](beast::error_code error, size_t size) {
        if (error) {
            self->is_writing_ = false;
            return self->close();
        }
        self->written_ += size;
        self->write();
    });
}

asio::awaitable<void> DatagramSession::run(Stream stream, const SocketAddress& peer,
                                           beast::flat_buffer buffer) {
    stream_.emplace(std::move(stream));
    await_trust();
    stream_->limit_unsent(kNotSentMax);
    const auto handle = std::make_shared<DatagramStream>(weak_from_this());
    callbacks_ = core_->on_datagram_stream({framing_, stream_->is_tls(), peer}, handle);
    if (callbacks_.on_datagrams) {
        ++core_->counters.datagram_streams;
        co_await read(buffer);
        --core_->counters.datagram_streams;
    }
    close();
    // Nothing that the owner keeps may keep this.
    const DatagramStreamCallbacks last = std::exchange(callbacks_, {});
    if (last.on_closed) last.on_closed();
}

asio::awaitable<void> DatagramSession::read(beast::flat_buffer& buffer) {
    while (deliver(buffer) && !is_closed_) {
        auto [error, size] = co_await stream_->async_read_some(buffer.prepare(kReadChunk), kAsTuple);
        if (error) co_return;
        buffer.commit(size);
    }
}

// False when the connection has to end.
bool DatagramSession::deliver(beast::flat_buffer& buffer) {
    const ByteView bytes(static_cast<const uint8_t*>(buffer.data().data()), buffer.size());
    datagrams_.clear();
    size_t taken = 0;
    Frame next;
    while ((next = first_frame(framing_, bytes.subspan(taken))).kind == Frame::Kind::Whole) {
        taken += next.size;
        if (!next.datagram.empty()) datagrams_.push_back(next.datagram);
    }
    if (!datagrams_.empty()) callbacks_.on_datagrams(datagrams_);
    buffer.consume(taken);
    if (next.kind != Frame::Kind::Illegal) return true;
    ++core_->counters.bad_datagram_streams;
    return false;
}

}  // namespace conclave::net

#include "sctp/data_channels.h"

#include <algorithm>
#include <array>

#include "wire/dcep.h"

namespace conclave::sctp {

using wire::DataChannelPpid;
using wire::DcepReliability;

namespace {

wire::DcepOpen open_message(const ChannelOptions& options) {
    wire::DcepOpen open;
    open.ordered = options.ordered;
    open.label = options.label;
    open.protocol = options.protocol;
    if (options.max_retransmits) {
        open.reliability = DcepReliability::Retransmits;
        open.limit = *options.max_retransmits;
    } else if (options.max_lifetime) {
        open.reliability = DcepReliability::Lifetime;
        open.limit = static_cast<uint32_t>(options.max_lifetime->ms());
    }
    return open;
}

ChannelOptions options_of(const wire::DcepOpen& open) {
    ChannelOptions options;
    options.ordered = open.ordered;
    options.label = open.label;
    options.protocol = open.protocol;
    if (open.reliability == DcepReliability::Retransmits) options.max_retransmits = open.limit;
    if (open.reliability == DcepReliability::Lifetime) options.max_lifetime = Duration::millis(open.limit);
    return options;
}

bool is_of(const Message& message, DataChannelPpid ppid) {
    return message.ppid == static_cast<uint32_t>(ppid);
}

}  // namespace

Events DataChannels::handle_packet(Instant now, ByteView packet, TransmitQueue& out) {
    return translate(now, association_.handle_packet(now, packet, out), out);
}

Events DataChannels::handle_timeout(Instant now, TransmitQueue& out) {
    return translate(now, association_.handle_timeout(now, out), out);
}

Result<uint16_t> DataChannels::open(Instant now, const ChannelOptions& options, TransmitQueue& out) {
    if (options.label.size() > kLabelMax || options.protocol.size() > kLabelMax)
        return failure("label too long");
    if (options.max_retransmits && options.max_lifetime) return failure("two limits of reliability");
    if (channels_.size() >= kChannelsMax) return failure("too many channels");
    const auto id = free_id();
    if (!id) return failure("no free stream");
    std::array<uint8_t, wire::kDcepOpenHeaderSize + 2 * kLabelMax> buffer;
    ByteWriter writer(buffer);
    CHECK(wire::write_dcep_open(writer, open_message(options)));
    if (!send_control(now, *id, writer.written(), out)) return failure("association is over");
    Channel& channel = channels_[*id];
    channel.options = options;
    channel.local = true;
    return *id;
}

Status DataChannels::send(Instant now, uint16_t id, bool binary, ByteView message, TransmitQueue& out) {
    const auto it = channels_.find(id);
    if (it == channels_.end() || it->second.closing) return failure("no such channel");
    const Channel& channel = it->second;
    OutgoingMessage outgoing;
    outgoing.stream = id;
    outgoing.unordered = !channel.options.ordered && channel.acknowledged;
    outgoing.max_retransmits = channel.options.max_retransmits;
    if (channel.options.max_lifetime) outgoing.expires = now + *channel.options.max_lifetime;
    if (!message.empty()) {
        outgoing.ppid = static_cast<uint32_t>(binary ? DataChannelPpid::Binary : DataChannelPpid::String);
        return association_.send(now, outgoing, message, out);
    }
    // SCTP cannot carry nothing: one byte that is ignored (RFC 8831 6.6).
    constexpr std::array<uint8_t, 1> kNothing{};
    outgoing.ppid =
        static_cast<uint32_t>(binary ? DataChannelPpid::BinaryEmpty : DataChannelPpid::StringEmpty);
    return association_.send(now, outgoing, kNothing, out);
}

Status DataChannels::close(Instant now, uint16_t id, TransmitQueue& out) {
    const auto it = channels_.find(id);
    if (it == channels_.end() || it->second.closing) return failure("no such channel");
    it->second.closing = true;
    association_.reset_stream(now, id, out);
    return Ok{};
}

void DataChannels::abort(TransmitQueue& out) {
    association_.abort(out);
    channels_.clear();
}

Events DataChannels::translate(Instant now, const AssociationEvents& received, TransmitQueue& out) {
    Events events;
    for (const AssociationEvent& event : received) {
        if (const auto* message = std::get_if<Message>(&event)) {
            on_message(now, *message, events, out);
        } else if (const auto* incoming = std::get_if<IncomingReset>(&event)) {
            on_incoming_reset(now, incoming->stream, events, out);
        } else if (const auto* outgoing = std::get_if<OutgoingReset>(&event)) {
            on_outgoing_reset(now, outgoing->stream, events, out);
        } else if (const auto* failed = std::get_if<Failed>(&event)) {
            channels_.clear();
            events.emplace_back(*failed);
        } else {
            if (std::holds_alternative<Restarted>(event))
                while (!channels_.empty()) finish(channels_.begin()->first, events);
            events.emplace_back(Connected{});
        }
    }
    drop_unusable(events);
    return events;
}

void DataChannels::on_message(Instant now, const Message& message, Events& events, TransmitQueue& out) {
    if (is_of(message, DataChannelPpid::Dcep) && !wire::is_dcep_ack(message.payload))
        return on_open(now, message, events, out);
    const auto it = channels_.find(message.stream);
    if (it == channels_.end() || it->second.closing) return;
    acknowledge(message.stream, it->second, events);
    const bool text = is_of(message, DataChannelPpid::String);
    const bool binary = is_of(message, DataChannelPpid::Binary);
    const bool empty_text = is_of(message, DataChannelPpid::StringEmpty);
    const bool empty_binary = is_of(message, DataChannelPpid::BinaryEmpty);
    if (text || binary) events.emplace_back(ChannelMessage{message.stream, binary, message.payload});
    if (empty_text || empty_binary) events.emplace_back(ChannelMessage{message.stream, empty_binary, {}});
}

void DataChannels::on_open(Instant now, const Message& message, Events& events, TransmitQueue& out) {
    const auto open = wire::parse_dcep_open(message.payload);
    const auto existing = channels_.find(message.stream);
    if (existing != channels_.end()) {
        // A repetition, or both sides chose one id against RFC 8832 6: what exists stays.
        if (!existing->second.remote_reset) return;
        // The far side has our reset; only its answer is missing.
        finish(message.stream, events);
    }
    const bool acceptable = open && open->label.size() <= kLabelMax && open->protocol.size() <= kLabelMax &&
                            channels_.size() < kChannelsMax &&
                            message.stream < association_.outgoing_streams();
    if (!acceptable) return association_.reset_stream(now, message.stream, out);
    Channel& channel = channels_[message.stream];
    channel.options = options_of(*open);
    if (association_.resetting(message.stream)) {
        channel.reply_due = true;
    } else {
        send_ack(now, message.stream, out);
    }
    acknowledge(message.stream, channel, events);
}

void DataChannels::on_incoming_reset(Instant now, uint16_t id, Events& events, TransmitQueue& out) {
    const auto it = channels_.find(id);
    if (it == channels_.end()) return;
    it->second.remote_reset = true;
    if (!it->second.closing) association_.reset_stream(now, id, out);
    it->second.closing = true;
    if (it->second.sent_reset) finish(id, events);
}

void DataChannels::on_outgoing_reset(Instant now, uint16_t id, Events& events, TransmitQueue& out) {
    const auto it = channels_.find(id);
    if (it == channels_.end()) return;
    Channel& channel = it->second;
    if (channel.reply_due) {
        send_ack(now, id, out);
        channel.reply_due = false;
        return;
    }
    // Also without our asking: the far side may request it (RFC 6525 5.2.3).
    channel.closing = true;
    channel.sent_reset = true;
    if (channel.remote_reset) finish(id, events);
}

// The far side acknowledged our channel, sent on it, or opened it.
void DataChannels::acknowledge(uint16_t id, Channel& channel, Events& events) {
    if (channel.acknowledged) return;
    channel.acknowledged = true;
    const ChannelOptions& o = channel.options;
    events.emplace_back(Opened{id, o.label, o.protocol, o.ordered, o.max_retransmits, o.max_lifetime});
}

void DataChannels::finish(uint16_t id, Events& events) {
    channels_.erase(id);
    events.emplace_back(Closed{id});
}

// Channels opened beyond what the far side turned out to allow; closed ones when it cannot reset.
void DataChannels::drop_unusable(Events& events) {
    if (!association_.connected()) return;
    for (auto it = channels_.begin(); it != channels_.end();) {
        const uint16_t id = it->first;
        const bool drained = it->second.closing && association_.buffered(id) == 0;
        ++it;
        if (id >= association_.outgoing_streams() || (drained && !association_.peer_resets()))
            finish(id, events);
    }
}

bool DataChannels::send_control(Instant now, uint16_t id, ByteView message, TransmitQueue& out) {
    OutgoingMessage outgoing;
    outgoing.stream = id;
    outgoing.ppid = static_cast<uint32_t>(DataChannelPpid::Dcep);
    outgoing.exempt = true;
    return association_.send(now, outgoing, message, out).has_value();
}

void DataChannels::send_ack(Instant now, uint16_t id, TransmitQueue& out) {
    std::array<uint8_t, 1> buffer;
    ByteWriter writer(buffer);
    wire::write_dcep_ack(writer);
    // Refused only when the association is over, which is reported on its own.
    (void)send_control(now, id, writer.written(), out);
}

std::optional<uint16_t> DataChannels::free_id() const {
    const uint16_t streams = association_.outgoing_streams();
    for (uint16_t id = dtls_client_ ? 0 : 1; id < streams; id = static_cast<uint16_t>(id + 2))
        if (!channels_.contains(id) && !association_.resetting(id)) return id;
    return std::nullopt;
}

}  // namespace conclave::sctp

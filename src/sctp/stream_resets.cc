#include "sctp/stream_resets.h"

#include <algorithm>
#include <utility>

namespace conclave::sctp {

using wire::SctpParameterType;
using wire::SctpResetResult;

void StreamResets::start(uint32_t local_initial_tsn, uint32_t peer_initial_tsn) {
    std::set<uint16_t> wanted = std::move(wanted_);
    *this = StreamResets();
    wanted_ = std::move(wanted);
    next_request_ = local_initial_tsn;
    expected_request_ = peer_initial_tsn;
}

bool StreamResets::pending(uint16_t stream) const {
    return wanted_.contains(stream) ||
           (in_flight_ && std::ranges::find(in_flight_->streams, stream) != in_flight_->streams.end());
}

std::optional<StreamResets::Outcome> StreamResets::handle(const wire::SctpChunk& chunk,
                                                          uint32_t cumulative_tsn) {
    Outcome outcome;
    wire::SctpParameters parameters(chunk.value);
    // RFC 6525 3.1 allows two parameters in a chunk.
    for (int i = 0; i < 2; ++i) {
        const auto parameter = parameters.next();
        if (!parameter) break;
        if (!handle_parameter(*parameter, cumulative_tsn, outcome)) return std::nullopt;
    }
    if (!parameters.ok()) return std::nullopt;
    return outcome;
}

bool StreamResets::handle_parameter(const wire::SctpParameter& parameter, uint32_t cumulative_tsn,
                                    Outcome& outcome) {
    switch (parameter.type) {
        case SctpParameterType::OutgoingReset: {
            const auto reset = wire::parse_sctp_outgoing_reset(parameter);
            if (!reset) return false;
            if (is_new(reset->request))
                answer(reset->request, reset_incoming(*reset, cumulative_tsn, outcome));
            return true;
        }
        case SctpParameterType::IncomingReset: {
            const auto reset = wire::parse_sctp_incoming_reset(parameter);
            if (!reset) return false;
            if (!is_new(reset->request)) return true;
            for (size_t s = 0; s < reset->stream_count(); ++s) outcome.requested.push_back(reset->stream(s));
            outcome.all_requested = reset->stream_count() == 0;
            answer(reset->request, SctpResetResult::Performed);
            return true;
        }
        case SctpParameterType::ReconfigResponse: {
            const auto response = wire::parse_sctp_reconfig_response(parameter);
            if (!response) return false;
            handle_response(*response, outcome);
            return true;
        }
        case SctpParameterType::SsnTsnReset:
        case SctpParameterType::AddOutgoingStreams:
        case SctpParameterType::AddIncomingStreams:
            // Not needed by data channels (RFC 8831 6.2): refused, so that the far side stops asking.
            if (parameter.value.size() < 4) return false;
            if (const uint32_t number = load_be32(parameter.value.data()); is_new(number))
                answer(number, SctpResetResult::Denied);
            return true;
        case SctpParameterType::HeartbeatInfo:
        case SctpParameterType::StateCookie:
        case SctpParameterType::UnrecognizedParameter:
        case SctpParameterType::SupportedExtensions:
        case SctpParameterType::ForwardTsnSupported:
            return true;
    }
    return true;
}

// RFC 6525 5.2.1: a repeated request gets its answer again, any other number is refused.
bool StreamResets::is_new(uint32_t number) {
    if (number == expected_request_) {
        ++expected_request_;
        return true;
    }
    const auto known = std::ranges::find(answered_, number, &Answer::number);
    respond({number, known == answered_.end() ? SctpResetResult::BadSequenceNumber : known->result});
    return false;
}

void StreamResets::answer(uint32_t number, SctpResetResult result) {
    if (answered_.size() == 2) answered_.erase(answered_.begin());
    answered_.push_back({number, result});
    respond({number, result});
}

void StreamResets::respond(Answer answer) {
    if (responses_.size() < kResponsesMax) responses_.push_back(answer);
}

SctpResetResult StreamResets::reset_incoming(const wire::SctpOutgoingReset& reset, uint32_t cumulative_tsn,
                                             Outcome& outcome) {
    Request request{reset.request, reset.last_tsn, {}};
    for (size_t s = 0; s < reset.stream_count(); ++s) {
        if (reset.stream(s) >= kStreamsMax) return SctpResetResult::WrongSsn;
        request.streams.push_back(reset.stream(s));
    }
    if (static_cast<int32_t>(reset.last_tsn - cumulative_tsn) <= 0) {
        add_incoming(request, outcome);
        return SctpResetResult::Performed;
    }
    if (deferred_) return SctpResetResult::RequestInProgress;
    deferred_ = std::move(request);
    return SctpResetResult::InProgress;
}

void StreamResets::add_incoming(const Request& request, Outcome& outcome) {
    outcome.incoming.insert(outcome.incoming.end(), request.streams.begin(), request.streams.end());
    outcome.all_incoming = outcome.all_incoming || request.streams.empty();
}

std::optional<StreamResets::Outcome> StreamResets::handle_progress(uint32_t cumulative_tsn) {
    if (!deferred_ || static_cast<int32_t>(deferred_->last_tsn - cumulative_tsn) > 0) return std::nullopt;
    Outcome outcome;
    add_incoming(*deferred_, outcome);
    const auto known = std::ranges::find(answered_, deferred_->number, &Answer::number);
    if (known != answered_.end()) known->result = SctpResetResult::Performed;
    respond({deferred_->number, SctpResetResult::Performed});
    deferred_.reset();
    return outcome;
}

void StreamResets::handle_response(const wire::SctpReconfigResponse& response, Outcome& outcome) {
    if (!in_flight_ || response.response != in_flight_->number) return;
    // The far side waits for data: the timer asks again.
    if (response.result == SctpResetResult::InProgress) return;
    const bool performed =
        response.result == SctpResetResult::Performed || response.result == SctpResetResult::NothingToDo;
    for (const uint16_t stream : in_flight_->streams) outcome.outgoing.push_back({stream, performed});
    in_flight_.reset();
    send_due_ = false;
}

void StreamResets::write(wire::SctpWriter& writer) {
    const size_t request_size = send_due_ && in_flight_ ? 16 + 2 * in_flight_->streams.size() + 2 : 0;
    if (!responses_.empty() && writer.room() >= 16 * responses_.size()) {
        // One chunk for each pair (RFC 6525 3.1).
        for (size_t i = 0; i < responses_.size(); i += 2) {
            writer.begin_chunk(wire::SctpChunkType::ReConfig, 0);
            for (size_t k = i; k < std::min(i + 2, responses_.size()); ++k)
                writer.reconfig_response(responses_[k].number, responses_[k].result);
            writer.end_chunk();
        }
        responses_.clear();
    }
    if (request_size > 0 && writer.room() >= wire::kSctpChunkHeaderSize + request_size) {
        writer.begin_chunk(wire::SctpChunkType::ReConfig, 0);
        writer.outgoing_reset(in_flight_->number, expected_request_ - 1, in_flight_->last_tsn,
                              in_flight_->streams);
        writer.end_chunk();
        send_due_ = false;
    }
}

}  // namespace conclave::sctp

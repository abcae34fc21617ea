#include <vector>

#include "base/check.h"
#include "wire/sctp.h"

using namespace conclave;
using namespace conclave::wire;

namespace {

// Every list is walked to its end: an index past the bytes would be found.
uint32_t walk_parameters(ByteView bytes) {
    uint32_t sum = 0;
    SctpParameters parameters(bytes);
    while (const auto parameter = parameters.next()) {
        if (const auto reset = parse_sctp_outgoing_reset(*parameter))
            for (size_t i = 0; i < reset->stream_count(); ++i) sum += reset->stream(i);
        if (const auto reset = parse_sctp_incoming_reset(*parameter))
            for (size_t i = 0; i < reset->stream_count(); ++i) sum += reset->stream(i);
        if (const auto response = parse_sctp_reconfig_response(*parameter)) sum += response->response;
    }
    return sum;
}

uint32_t walk(const SctpChunk& chunk) {
    uint32_t sum = walk_parameters(chunk.value);
    if (const auto init = parse_sctp_init(chunk)) sum += walk_parameters(init->parameters);
    if (const auto sack = parse_sctp_sack(chunk)) {
        for (size_t i = 0; i < sack->gap_count(); ++i) sum += sack->gap(i).last;
        for (size_t i = 0; i < sack->duplicate_count(); ++i) sum += sack->duplicate(i);
    }
    if (const auto forward = parse_sctp_forward_tsn(chunk))
        for (size_t i = 0; i < forward->skip_count(); ++i) sum += forward->skip(i).ssn;
    if (const auto tsn = parse_sctp_shutdown(chunk)) sum += *tsn;
    return sum;
}

}  // namespace

// The input is a packet whose checksum is taken as right: rewriting its chunks must give the same
// chunks again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView input{data, size};
    if (size < kSctpHeaderSize) {
        CHECK(!parse_sctp_packet(input));
        return 0;
    }
    (void)parse_sctp_packet(input);
    std::vector<uint8_t> buffer(size + 8);
    SctpWriter writer(buffer, {load_be16(data), load_be16(data + 2), load_be32(data + 4)});
    SctpChunks chunks(input.subspan(kSctpHeaderSize));
    std::vector<SctpChunk> seen;
    uint32_t sum = 0;
    while (const auto chunk = chunks.next()) {
        sum += walk(*chunk);
        seen.push_back(*chunk);
        if (chunk->type == SctpChunkType::Data && parse_sctp_data(*chunk))
            writer.data(*parse_sctp_data(*chunk));
        else
            writer.chunk(chunk->type, chunk->flags, chunk->value);
    }
    const auto again = parse_sctp_packet(writer.finish());
    CHECK(again);
    SctpChunks copies(again->chunks);
    uint32_t sum_again = 0;
    for (const SctpChunk& chunk : seen) {
        const auto copy = copies.next();
        CHECK(copy && copy->type == chunk.type && copy->value.size() == chunk.value.size());
        sum_again += walk(*copy);
    }
    CHECK(!copies.next() && copies.ok() && sum == sum_again);
    return 0;
}

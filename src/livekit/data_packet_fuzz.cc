// The first byte chooses channel and sender, the rest is a DataPacket.
#include <google/protobuf/stubs/logging.h>

#include "base/check.h"
#include "livekit/data_packet.h"

namespace {

using namespace conclave;
using namespace conclave::livekit;

auto* const kSilence = google::protobuf::SetLogHandler(nullptr);

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    (void)kSilence;
    if (size == 0) return 0;
    const DataChannel channel = data[0] & 1 ? DataChannel::Reliable : DataChannel::Lossy;
    const Sender sender{
        .sid = "PA_s", .identity = "sender", .is_hidden = (data[0] & 2) != 0, .is_agent = (data[0] & 4) != 0};
    const auto parsed = parse_client_packet({data + 1, size - 1}, channel, sender);
    if (!parsed) return 0;

    pb::DataPacket packet;
    CHECK(packet.ParseFromString(parsed->bytes));
    CHECK(packet.value_case() == parsed->kind);
    CHECK(packet.participant_sid() == "PA_s");
    CHECK(sender.is_agent || packet.participant_identity() == (sender.is_hidden ? "" : "sender"));
    CHECK(packet.destination_identities_size() == 0 && packet.user().destination_identities_size() == 0);
    CHECK(packet.sequence() == parsed->sequence);
    CHECK(parsed->destination_identities.size() + parsed->destination_sids.size() <= kDestinationsMax);
    // Parsing our own output changes nothing any more (but the order of maps).
    const auto again = parse_client_packet(as_bytes(parsed->bytes), channel, sender);
    CHECK(parsed->bytes.size() > kDataPacketMax || (again && again->bytes.size() == parsed->bytes.size()));
    return 0;
}

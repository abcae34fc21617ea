// Arbitrary client bytes. The first byte chooses the client; then come frames: one byte (bit 0: text), a
// length of two bytes, the payload.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>

#include "base/check.h"
#include "livekit/request_limits.h"
#include "livekit/responses.h"
#include "livekit/session.h"

namespace {

using namespace conclave;
using namespace conclave::livekit;

// protobuf writes a line for every text that is not UTF-8.
auto* const kSilence = google::protobuf::SetLogHandler(nullptr);

void check_frames(const std::vector<Frame>& frames) {
    for (const Frame& frame : frames) {
        pb::SignalResponse response;
        CHECK(frame.is_text || response.ParseFromString(frame.payload));
        CHECK(!frame.is_text || frame.payload.str().front() == '{');
    }
}

// What a conference does with a request: looks at it and refuses it.
void refuse(const pb::SignalRequest& request, Session& session, Outbox& outbox) {
    if (request.has_trickle()) (void)parse_candidate_init(request.trickle().candidateinit());
    const pb::SignalRequest again = request;
    CHECK(again.message_case() == request.message_case());
    session.send(request_response(1, pb::RequestResponse::NOT_ALLOWED, "no", request), outbox);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    (void)kSilence;
    ByteReader reader{{data, size}};
    const uint8_t choice = reader.u8();
    pb::ClientInfo client;
    client.set_sdk(choice & 1 ? pb::ClientInfo::RUST : pb::ClientInfo::JS);
    client.set_protocol(choice >> 3);
    Instant now = Instant::from_ms(0);
    Session session{now, client};
    Outbox outbox;
    if (!(choice & 2)) session.send(join_response({}), outbox);
    while (reader.remaining() > 0) {
        const bool is_text = reader.u8() & 1;
        const size_t length = std::min<size_t>(reader.u16(), reader.remaining());
        const ByteView frame = reader.bytes(length);
        const bool was_closed = session.is_closed();
        const auto input = is_text ? session.handle_text(now, {}, as_text(frame), outbox)
                                   : session.handle_message(now, {}, frame, outbox);
        CHECK(input || session.is_closed());
        CHECK(!was_closed || !input);
        if (input && std::holds_alternative<pb::SignalRequest>(*input)) {
            CHECK(is_within_limits(std::get<pb::SignalRequest>(*input)));
            refuse(*std::get_if<pb::SignalRequest>(&*input), session, outbox);
        }
        now = now + Duration::millis(1);
    }
    check_frames(outbox.frames());
    return 0;
}

// A participant may send any bytes on its signalling socket: nothing breaks, and the other stays in the room.
#include "base/check.h"
#include "conference/directory.h"
#include "conference/handshake.h"
#include "livekit/protobuf_log.h"

using namespace conclave;

namespace {

struct World {
    World()
        : certificate(std::move(*crypto::Certificate::create_for_dtls(
              {WallTime::from_unix_seconds(1'000'000'000), WallTime::from_unix_seconds(4'000'000'000)}))),
          dtls(std::move(*crypto::DtlsContext::create(certificate))) {
        conclave::livekit::silence_protobuf();
        settings.simulate = true;
        settings.peer.fingerprint_sha256 = certificate.fingerprint_sha256();
    }
    crypto::Certificate certificate;
    crypto::DtlsContext dtls;
    conference::Settings settings;
};

conference::Join join(conference::ConnectionId connection, const char* identity, bool is_classic = false) {
    conference::Join join;
    join.connection = connection;
    join.is_classic = is_classic;
    join.room = "room";
    join.claims.identity = identity;
    join.claims.video.room_join = true;
    join.claims.video.can_update_own_metadata = true;
    join.request.mutable_client_info()->set_protocol(17);
    join.request.mutable_connection_settings()->set_auto_subscribe(true);
    return join;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static World world;
    SeededRng rng(1);
    conference::Directory directory(0, world.settings, world.dtls, rng);
    TransmitQueue tx(1024, 1 << 20);
    std::vector<conference::ToClient> out;
    PacketPool pool(16);
    std::vector<conference::ToPart> relays;
    std::vector<conference::Vacancy> vacancies;
    std::vector<conference::Handshake> handshakes;
    conference::Turn turn{.now = Instant::from_ms(1000),
                          .wall = WallTime::from_unix_seconds(1'700'000'000),
                          .pool = pool,
                          .tx = tx,
                          .out = out,
                          .relays = relays,
                          .vacancies = vacancies,
                          .handshakes = handshakes};
    directory.join(turn, join(1, "honest"));
    directory.join(turn, join(2, "fuzz"));
    directory.join(turn, join(3, "classic fuzz", true));
    // A first byte each: whose message it is, whether it is text, and how long it takes; then its size.
    ByteReader reader({data, size});
    while (reader.remaining() > 2) {
        const uint8_t kind = reader.u8();
        const size_t length = std::min<size_t>(reader.u16(), reader.remaining());
        directory.handle_message(turn, (kind & 2) != 0 ? 3 : 2, reader.bytes(length), (kind & 1) != 0);
        turn.now = turn.now + Duration::millis(kind);
        directory.handle_timeout(turn);
    }
    CHECK(directory.totals().participants >= 1);
    for (const conference::ToClient& message : out) {
        CHECK(message.kind != conference::ToClient::Kind::Close || message.connection != 1);
    }
    return 0;
}

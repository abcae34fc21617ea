// Data channels after a finished handshake, fed a script: packets whose header and checksum are made
// right here, so that the fuzzer reaches the chunks; time; calls of the owner. Numbers are small (first
// TSNs, tags, request numbers), so that mutation finds the neighbours of the right ones.
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "sctp/data_channels.h"

using namespace conclave;
using namespace conclave::sctp;

namespace {

constexpr uint32_t kPeerTag = 7;
constexpr uint32_t kPeerTsn = 1;
// A packet of ours takes at most a flight of 32 and a few replies; more would be an amplifier.
constexpr size_t kRepliesMax = 40;

// 1, 2, 3...
class CountingRng final : public Rng {
 public:
    void fill(MutableBytes out) override {
        std::ranges::fill(out, uint8_t{0});
        out.back() = ++counter_;
    }

 private:
    uint8_t counter_ = 0;
};

class Script {
 public:
    explicit Script(ByteView input) : input_(input) {
        std::array<uint8_t, 64> buffer;
        wire::SctpWriter writer(buffer, {5000, 5000, 0});
        write_init(writer, kPeerTag);
        give(writer.finish());
        echo_cookie();
        CHECK(channels_.connected());
    }

    void run() {
        while (input_.remaining() > 0 && input_.ok()) step();
    }

 private:
    void step() {
        const uint8_t operation = input_.u8();
        const uint8_t argument = input_.u8();
        switch (operation % 8) {
            case 0:
            case 1:
            case 2:
                return packet(input_.bytes(std::min<size_t>(size_t{argument} * 4, input_.remaining())));
            case 3:
                now_ = now_ + Duration::millis(10) * argument;
                return tick();
            case 4: {
                const size_t size = size_t{argument} * argument;
                (void)channels_.send(now_, operation / 8, argument % 2 == 0, std::vector<uint8_t>(size, 's'),
                                     out_);
                return check();
            }
            case 5: {
                ChannelOptions options;
                options.label = "fuzz";
                options.ordered = argument % 2 == 0;
                if (argument % 4 == 2) options.max_retransmits = 0;
                if (argument % 4 == 3) options.max_lifetime = Duration::millis(50);
                (void)channels_.open(now_, options, out_);
                return check();
            }
            case 6:
                (void)channels_.close(now_, argument, out_);
                return check();
            default: {  // INIT once more, and perhaps its cookie
                std::array<uint8_t, 64> buffer;
                wire::SctpWriter writer(buffer, {5000, 5000, 0});
                write_init(writer, argument);
                give(writer.finish());
                if (operation >= 128) echo_cookie();
            }
        }
    }
    static void write_init(wire::SctpWriter& writer, uint32_t tag) {
        writer.begin_init(wire::SctpChunkType::Init, {tag, 65536, 64, 64, kPeerTsn, {}});
        const std::array<uint8_t, 2> extensions{130, 192};
        writer.parameter(wire::SctpParameterType::SupportedExtensions, extensions);
        writer.end_chunk();
    }
    void packet(ByteView chunks) {
        std::vector<uint8_t> buffer(wire::kSctpHeaderSize + chunks.size() + 4);
        wire::SctpWriter writer(buffer, {5000, 5000, tag_});
        wire::SctpChunks walk(chunks);
        while (const auto chunk = walk.next()) writer.chunk(chunk->type, chunk->flags, chunk->value);
        give(writer.finish());
    }
    void echo_cookie() {
        if (cookie_.empty()) return;
        std::vector<uint8_t> buffer(cookie_.size() + 32);
        wire::SctpWriter writer(buffer, {5000, 5000, offered_tag_});
        writer.chunk(wire::SctpChunkType::CookieEcho, 0, cookie_);
        const uint32_t offered = offered_tag_;
        const uint64_t refused = channels_.association().statistics().cookies_refused;
        give(writer.finish());
        if (channels_.connected() && refused == channels_.association().statistics().cookies_refused)
            tag_ = offered;
    }
    void give(ByteView bytes) {
        // Of its exact size on the heap: reading past the end is found.
        const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
        const Events events = channels_.handle_packet(now_, copy, out_);
        CHECK(out_.datagrams().size() <= kRepliesMax);
        read(events);
        check();
    }
    void tick() {
        for (int i = 0; i < 100 && channels_.next_timeout() <= now_; ++i) {
            read(channels_.handle_timeout(now_, out_));
            check();
        }
        // A timer that does not move would keep the owner's loop busy.
        CHECK(channels_.next_timeout() > now_);
    }
    void read(const Events& events) {
        for (const Event& event : events) {
            const auto* message = std::get_if<ChannelMessage>(&event);
            if (message == nullptr) continue;
            CHECK(message->payload.size() <= Config{}.max_receive_message);
            for (const uint8_t byte : message->payload) sum_ += byte;
        }
    }
    void check() {
        for (const auto& datagram : out_.datagrams()) {
            const auto packet = wire::parse_sctp_packet(out_.bytes(datagram));
            CHECK(packet);
            wire::SctpChunks chunks(packet->chunks);
            while (const auto chunk = chunks.next()) {
                if (chunk->type != wire::SctpChunkType::InitAck) continue;
                const auto init = wire::parse_sctp_init(*chunk);
                CHECK(init);
                offered_tag_ = init->tag;
                wire::SctpParameters parameters(init->parameters);
                while (const auto parameter = parameters.next())
                    if (parameter->type == wire::SctpParameterType::StateCookie)
                        cookie_.assign(parameter->value.begin(), parameter->value.end());
            }
            CHECK(chunks.ok());
        }
        out_.clear();
        const Association& a = channels_.association();
        CHECK(a.receive_buffer().buffered() <=
              Config{}.receive_window + Config{}.max_receive_message + 64 * kPieceOverhead);
        CHECK(a.send_queue().buffered() <= kSendBufferMax + 64 * 1024);
        CHECK(channels_.channel_count() <= kChannelsMax);
    }

    ByteReader input_;
    CountingRng rng_;
    DataChannels channels_ = DataChannels::create({}, rng_);
    TransmitQueue out_{128, 160 << 10};
    Instant now_ = Instant::from_ms(1'000'000);
    uint32_t tag_ = 0;
    uint32_t offered_tag_ = 0;
    std::vector<uint8_t> cookie_;
    uint64_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Script(ByteView{data, size}).run();
    return 0;
}

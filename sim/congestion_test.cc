// A conference on a link whose capacity changes: what is used of it, how long packets wait, what becomes of
// the sound. In virtual time, so the figures are the same on every machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <set>

#include "sim/world.h"
#include "wire/rtp.h"

namespace conclave::sim {
namespace {

constexpr size_t kPublishers = 10;
constexpr size_t kTracksEach = 6;
constexpr Duration kFrame = Duration::millis(50);
constexpr Duration kSound = Duration::millis(20);
// VP8 in three temporal layers, 40, 60 and 100 kbit/s in all: layer and size of each frame of a round.
constexpr std::pair<uint8_t, size_t> kRound[] = {{0, 1000}, {2, 500}, {1, 500}, {2, 500}};

struct Camera {
    Client* client = nullptr;
    std::string cid;
    size_t frame = 0;
    uint8_t base = 0;  // TL0PICIDX
    size_t keyframes_asked = 0;
    Instant next;
};

class CongestionTest : public testing::Test {
 protected:
    CongestionTest() {
        viewer_ = &world_.make("viewer");
        viewer_->tells_arrivals = true;
        viewer_->adjust_join = [](conference::Join& join) {
            join.request.mutable_connection_settings()->set_subscriber_allow_pause(true);
        };
        for (size_t i = 0; i < kPublishers; ++i) {
            Client& client = world_.make("publisher" + std::to_string(i));
            client.adjust_join = [](conference::Join& join) {
                join.request.mutable_connection_settings()->set_auto_subscribe(false);
            };
            world_.enter(client);
            for (size_t n = 0; n < kTracksEach; ++n) {
                const size_t before = client.sections();
                world_.publish(client, pb::VIDEO, pb::CAMERA);
                cameras_.push_back({&client, cid_of(client, before, pb::CAMERA), 0, 0, 0, {}});
            }
            if (i == 0) {
                speaker_ = &client;
                world_.publish(client, pb::AUDIO, pb::MICROPHONE);
            }
        }
        // Not all at once.
        for (size_t i = 0; i < cameras_.size(); ++i)
            cameras_[i].next = world_.now + Duration{static_cast<int64_t>(i * 7 % 60) * kFrame.us * 4 / 60};
        next_sound_ = world_.now;
    }
    static std::string cid_of(const Client& client, size_t section, pb::TrackSource source) {
        return client.identity() + "-" + std::to_string(section) + "-" + std::to_string(source);
    }
    void show(Camera& camera) {
        LocalTrack& track = camera.client->track(camera.cid);
        const bool is_keyframe = camera.frame == 0 || track.keyframes_asked > camera.keyframes_asked;
        if (is_keyframe) camera.frame = 0;
        camera.keyframes_asked = track.keyframes_asked;
        const auto [layer, bytes] = kRound[camera.frame % std::size(kRound)];
        if (layer == 0) ++camera.base;
        track.timestamp += 4500;
        std::array<uint8_t, 1000> rtp{};
        const wire::RtpHeader header{true, kVp8Type, {track.sequence++}, track.timestamp, track.ssrc, false};
        const size_t size = wire::write_rtp_header(rtp, header, {});
        // RFC 7741 4.2: X, S; picture id, TL0PICIDX, temporal layer, and Y: it needs the lowest alone.
        rtp[size] = 0x90;
        rtp[size + 1] = 0xe0;
        store_be16(&rtp[size + 2], static_cast<uint16_t>(0x8000 | (picture_ & 0x7fff)));
        rtp[size + 4] = camera.base;
        rtp[size + 5] = static_cast<uint8_t>(layer << 6 | (layer > 0 ? 0x20 : 0));
        rtp[size + 6] = is_keyframe ? 0 : 1;
        camera.client->send_plain(ByteView{rtp}.first(bytes), world_.outbox(*camera.client));
        ++picture_;
        ++camera.frame;
    }
    // Each packet has the frame before in it too, as RED has.
    void say() {
        ++spoken_;
        world_.say(*speaker_,
                   std::to_string(spoken_ - 1) + " " + std::to_string(spoken_) + std::string(60, ' '));
    }
    void listen() {
        for (const ReceivedPacket& packet : viewer_->packets) {
            if (packet.payload_type != kOpusType) continue;
            size_t before = 0;
            size_t now = 0;
            const std::string text(packet.payload.begin(), packet.payload.end());
            if (std::sscanf(text.c_str(), "%zu %zu", &before, &now) != 2) continue;
            heard_.insert(before);
            heard_.insert(now);
        }
        viewer_->packets.clear();
        viewer_->retransmissions.clear();
    }

    // What of the link was used in each second, of its capacity.
    std::vector<double> run(const Link& link, int seconds) {
        world_.change_downlink(*viewer_, link);
        std::vector<double> used;
        for (int second = 0; second < seconds; ++second) {
            const uint64_t before = world_.downlink(*viewer_).counters().delivered_bytes;
            for (const Instant end = world_.now + Duration::seconds(1); world_.now < end;) {
                for (Camera& camera : cameras_) {
                    if (camera.next > world_.now) continue;
                    show(camera);
                    camera.next = camera.next + kFrame;
                }
                for (; next_sound_ <= world_.now; next_sound_ = next_sound_ + kSound) say();
                world_.run(Duration::millis(1));
                waits_.push_back(world_.downlink(*viewer_).queueing_delay(world_.now));
            }
            listen();
            const uint64_t bytes = world_.downlink(*viewer_).counters().delivered_bytes - before;
            used.push_back(static_cast<double>(bytes) * 8 / static_cast<double>(link.bits_per_second));
        }
        return used;
    }
    Duration waited(double share) {
        std::sort(waits_.begin(), waits_.end());
        return waits_[static_cast<size_t>(share * static_cast<double>(waits_.size() - 1))];
    }

    double lost_sound() const {
        return 1 - static_cast<double>(heard_.size()) / static_cast<double>(spoken_);
    }

    World world_{1};
    Client* viewer_ = nullptr;
    Client* speaker_ = nullptr;
    std::vector<Camera> cameras_;
    size_t picture_ = 0;
    size_t spoken_ = 0;
    std::set<size_t> heard_;
    std::vector<Duration> waits_;
    Instant next_sound_;
};

// A deep queue, 80 ms there and back.
Link link_of(int64_t bits_per_second, double loss) {
    Link link;
    link.delay = Duration::millis(40);
    link.bits_per_second = bits_per_second;
    link.loss = loss;
    return link;
}

double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST_F(CongestionTest, FollowsTheCapacity) {
    world_.enter(*viewer_);
    const auto first = run(link_of(5'000'000, 0), 20);
    const auto less = run(link_of(1'000'000, 0), 20);
    const auto least = run(link_of(300'000, 0), 20);
    const auto risen = run(link_of(2'000'000, 0.02), 20);
    EXPECT_GT(mean(std::span(first).subspan(8)), 0.8);
    EXPECT_GT(mean(std::span(less).subspan(5)), 0.8);
    EXPECT_GT(mean(std::span(least).subspan(5)), 0.8);
    EXPECT_GT(risen[5], 0.8) << "five seconds after the rise";
    EXPECT_GT(mean(std::span(risen).subspan(5)), 0.8);
    EXPECT_LT(waited(0.95), Duration::millis(150));
    EXPECT_LT(lost_sound(), 0.01);
    EXPECT_GT(viewer_->padding_packets, 0u);
    std::printf("used %.2f %.2f %.2f %.2f, waiting p95 %ld ms, sound lost %.4f\n",
                mean(std::span(first).subspan(8)), mean(std::span(less).subspan(5)),
                mean(std::span(least).subspan(5)), mean(std::span(risen).subspan(5)), waited(0.95).ms(),
                lost_sound());
}

}  // namespace
}  // namespace conclave::sim

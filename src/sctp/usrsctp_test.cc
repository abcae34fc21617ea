// Differential tests: usrsctp, which browsers shipped for a decade, on the other side of the link. It
// runs without threads, and both its timers and its clock are driven by the test's fake time.
#include <gtest/gtest.h>
#include <sys/time.h>
#include <usrsctp.h>

#include <cstring>
#include <map>
#include <set>

#include "sctp/test_link.h"
#include "wire/dcep.h"
#include "wire/sctp.h"

namespace {
// Goes on from test to test, as clocks do.
conclave::Instant fake_now = conclave::Instant::from_ms(1'000'000);
}  // namespace

// The only clock usrsctp reads: it retransmits nothing that it believes it sent a moment ago.
extern "C" int gettimeofday(struct timeval* time, void*) noexcept {
    time->tv_sec = fake_now.us / 1'000'000;
    time->tv_usec = fake_now.us % 1'000'000;
    return 0;
}

namespace conclave::sctp {
namespace {

constexpr Duration kTick = Duration::millis(10);

class UsrsctpEnd final : public Endpoint {
 public:
    enum class Role : uint8_t { Active, Passive };

    explicit UsrsctpEnd(Role role) {
        initialize();
        living().insert(this);
        usrsctp_register_address(this);
        listener_ = open_socket();
        if (role == Role::Passive) {
            EXPECT_EQ(usrsctp_listen(listener_, 1), 0);
        } else {
            socket_ = std::exchange(listener_, nullptr);
        }
    }
    ~UsrsctpEnd() override {
        if (socket_) usrsctp_close(socket_);
        if (listener_) usrsctp_close(listener_);
        usrsctp_deregister_address(this);
        living().erase(this);
    }
    UsrsctpEnd(const UsrsctpEnd&) = delete;
    UsrsctpEnd& operator=(const UsrsctpEnd&) = delete;

    void connect() {
        sockaddr_conn address = own_address();
        EXPECT_TRUE(usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 ||
                    errno == EINPROGRESS);
    }
    void handle_packet(Instant now, ByteView packet) override {
        fake_now = now;
        usrsctp_conninput(this, packet.data(), packet.size(), 0);
        if (!socket_ && listener_) {
            socket_ = usrsctp_accept(listener_, nullptr, nullptr);
            if (socket_) configure(socket_);
        }
        receive();
    }
    void handle_timeout(Instant now) override {
        fake_now = now;
        usrsctp_handle_timers(static_cast<uint32_t>(kTick.ms()));
        last_tick_ = last_tick_ + kTick;
        receive();
        send_backlog();
    }
    Instant next_timeout() const override { return last_tick_ + kTick; }
    std::vector<std::vector<uint8_t>> take_sent() override { return std::exchange(sent_, {}); }

    void send(uint16_t stream, uint32_t ppid, std::string_view text, bool unordered = false,
              std::optional<uint32_t> max_retransmits = {}) {
        sctp_sendv_spa options{};
        options.sendv_flags = SCTP_SEND_SNDINFO_VALID;
        options.sendv_sndinfo.snd_sid = stream;
        options.sendv_sndinfo.snd_ppid = htonl(ppid);
        options.sendv_sndinfo.snd_flags = unordered ? SCTP_UNORDERED : 0;
        options.sendv_sndinfo.snd_flags |= SCTP_EOR;
        if (max_retransmits) {
            options.sendv_flags |= SCTP_SEND_PRINFO_VALID;
            options.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
            options.sendv_prinfo.pr_value = *max_retransmits;
        }
        backlog_.push_back({options, std::string(text)});
        send_backlog();
    }
    void open(uint16_t stream, std::string_view label) {
        std::vector<uint8_t> buffer(wire::kDcepOpenHeaderSize + label.size());
        ByteWriter writer(buffer);
        wire::DcepOpen message;
        message.label = label;
        EXPECT_TRUE(wire::write_dcep_open(writer, message));
        send(stream, 50, as_text(buffer));
    }
    void reset(uint16_t stream) {
        std::vector<uint8_t> buffer(sizeof(sctp_reset_streams) + sizeof(uint16_t));
        auto* request = reinterpret_cast<sctp_reset_streams*>(buffer.data());
        request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
        request->srs_number_streams = 1;
        request->srs_stream_list[0] = stream;
        EXPECT_EQ(usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, buffer.data(),
                                     static_cast<socklen_t>(buffer.size())),
                  0);
    }
    void shut_down() { EXPECT_EQ(usrsctp_shutdown(socket_, SHUT_RDWR), 0); }
    std::vector<std::string> texts(uint16_t stream) const {
        const auto it = received.find(stream);
        return it == received.end() ? std::vector<std::string>{} : it->second;
    }

    bool up = false;
    bool lost = false;
    std::map<uint16_t, std::vector<std::string>> received;  // user messages and DCEP alike
    std::vector<uint16_t> incoming_resets;
    std::vector<uint16_t> outgoing_resets;

 private:
    struct Waiting {
        sctp_sendv_spa options;
        std::string text;
    };

    static std::set<void*>& living() {
        static std::set<void*> ends;
        return ends;
    }
    static void initialize() {
        static const bool once = [] {
            usrsctp_init_nothreads(
                0,
                [](void* end, void* bytes, size_t size, uint8_t, uint8_t) {
                    const auto* p = static_cast<const uint8_t*>(bytes);
                    // Closed associations linger in usrsctp and still send.
                    if (living().contains(end))
                        static_cast<UsrsctpEnd*>(end)->sent_.emplace_back(p, p + size);
                    return 0;
                },
                nullptr);
            usrsctp_sysctl_set_sctp_ecn_enable(0);
            usrsctp_sysctl_set_sctp_pr_enable(1);
            return true;
        }();
        (void)once;
    }
    sockaddr_conn own_address() {
        sockaddr_conn address{};
        address.sconn_family = AF_CONN;
        address.sconn_port = htons(5000);
        address.sconn_addr = this;
        return address;
    }
    template <class T>
    static void set(struct socket* s, int option, const T& value) {
        EXPECT_EQ(usrsctp_setsockopt(s, IPPROTO_SCTP, option, &value, sizeof(value)), 0) << option;
    }
    struct socket* open_socket() {
        struct socket* s = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
        EXPECT_NE(s, nullptr);
        configure(s);
        sctp_initmsg streams{};
        streams.sinit_num_ostreams = 256;
        streams.sinit_max_instreams = 2048;
        set(s, SCTP_INITMSG, streams);
        sctp_paddrparams path{};
        path.spp_flags = SPP_PMTUD_DISABLE;
        path.spp_pathmtu = 1191;  // as libwebrtc set it
        set(s, SCTP_PEER_ADDR_PARAMS, path);
        // As impatient as we are; its own limit of 60 s only makes the tests long.
        sctp_rtoinfo rto{};
        rto.srto_initial = rto.srto_min = 1000;
        rto.srto_max = 2000;
        set(s, SCTP_RTOINFO, rto);
        // Closing aborts: nothing stays behind for the next test.
        const linger at_once{1, 0};
        EXPECT_EQ(usrsctp_setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
        const int buffer = 1 << 20;
        EXPECT_EQ(usrsctp_setsockopt(s, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)), 0);
        sockaddr_conn address = own_address();
        EXPECT_EQ(usrsctp_bind(s, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        return s;
    }
    static void configure(struct socket* s) {
        EXPECT_EQ(usrsctp_set_non_blocking(s, 1), 0);
        set(s, SCTP_NODELAY, uint32_t{1});
        set(s, SCTP_EXPLICIT_EOR, uint32_t{1});
        sctp_assoc_value resets{};
        resets.assoc_id = SCTP_ALL_ASSOC;
        resets.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ;
        set(s, SCTP_ENABLE_STREAM_RESET, resets);
        for (const uint16_t type :
             std::initializer_list<uint16_t>{SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT}) {
            sctp_event event{};
            event.se_assoc_id = SCTP_ALL_ASSOC;
            event.se_type = type;
            event.se_on = 1;
            set(s, SCTP_EVENT, event);
        }
        set(s, SCTP_RECVRCVINFO, uint32_t{1});
    }
    void receive() {
        while (socket_) {
            sctp_rcvinfo info{};
            socklen_t info_size = sizeof(info);
            unsigned int info_type = 0;
            int flags = 0;
            const ssize_t size = usrsctp_recvv(socket_, buffer_.data(), buffer_.size(), nullptr, nullptr,
                                               &info, &info_size, &info_type, &flags);
            if (size <= 0) return;
            if ((flags & MSG_NOTIFICATION) != 0) {
                notice(buffer_);
                continue;
            }
            std::string& partial = partial_[info.rcv_sid];
            partial.append(buffer_.data(), static_cast<size_t>(size));
            if ((flags & MSG_EOR) == 0) continue;
            received[info.rcv_sid].push_back(std::exchange(partial, {}));
        }
    }
    void notice(const std::vector<char>& bytes) {
        sctp_notification n;
        std::memcpy(&n, bytes.data(), sizeof(n));
        if (n.sn_header.sn_type == SCTP_ASSOC_CHANGE) {
            if (n.sn_assoc_change.sac_state == SCTP_COMM_UP) up = true;
            if (n.sn_assoc_change.sac_state == SCTP_COMM_LOST) lost = true;
        }
        if (n.sn_header.sn_type != SCTP_STREAM_RESET_EVENT) return;
        const auto& event = *reinterpret_cast<const sctp_stream_reset_event*>(bytes.data());
        const size_t count = (event.strreset_length - sizeof(event)) / 2;
        for (size_t i = 0; i < count; ++i) {
            if ((event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0)
                incoming_resets.push_back(event.strreset_stream_list[i]);
            if ((event.strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) != 0)
                outgoing_resets.push_back(event.strreset_stream_list[i]);
        }
    }
    void send_backlog() {
        while (socket_ && !backlog_.empty()) {
            Waiting& next = backlog_.front();
            const ssize_t size = usrsctp_sendv(socket_, next.text.data(), next.text.size(), nullptr, 0,
                                               &next.options, sizeof(next.options), SCTP_SENDV_SPA, 0);
            if (size < 0) return;
            next.text.erase(0, static_cast<size_t>(size));
            if (next.text.empty()) backlog_.pop_front();
        }
    }

    struct socket* listener_ = nullptr;
    struct socket* socket_ = nullptr;
    std::vector<char> buffer_ = std::vector<char>(1 << 18);
    Instant last_tick_ = fake_now;
    std::vector<std::vector<uint8_t>> sent_;
    std::map<uint16_t, std::string> partial_;
    std::deque<Waiting> backlog_;
};

using Role = UsrsctpEnd::Role;

struct Case {
    const char* name;
    Role role;
    bool both;  // both sides send INIT (RFC 9260 5.2.1)
    LinkConfig link;
    bool wrapping;
};

class Usrsctp : public testing::TestWithParam<Case> {
 protected:
    Usrsctp()
        : ours(Config{}, GetParam().wrapping ? static_cast<Rng&>(wrapping) : plain),
          theirs(GetParam().role),
          link(ours, theirs, {}, 11) {
        link.now = fake_now;
    }

    void connect() {
        if (GetParam().role == Role::Active) theirs.connect();
        if (GetParam().role == Role::Passive || GetParam().both) ours.channels.connect(link.now, ours.out);
        link.config() = GetParam().link;
        ASSERT_TRUE(link.run([&] { return ours.connected == 1 && theirs.up; }, Duration::minutes(2)));
    }

    SeededRng plain{5};
    WrappingRng wrapping{5};
    ChannelsEnd ours;
    UsrsctpEnd theirs;
    Link link;
};

std::string body(int i, size_t size) {
    return std::to_string(i) + ":" + std::string(size, static_cast<char>('a' + i % 26));
}

TEST_P(Usrsctp, ReliableMessagesOfAllSizesCrossBothWaysInOrder) {
    connect();
    theirs.open(2, "theirs");
    ASSERT_TRUE(link.run([&] { return ours.opened.size() == 1 && theirs.texts(2).size() == 1; },
                         Duration::minutes(2)));
    EXPECT_EQ(ours.opened[0].label, "theirs");
    EXPECT_EQ(theirs.texts(2)[0], "\x02");

    std::vector<std::string> sent;
    for (int i = 0; i < 300; ++i) sent.push_back(body(i, i % 30 == 0 ? 60000 : i * 37 % 2500));
    for (const std::string& text : sent) {
        theirs.send(2, 51, text);
        while (!ours.send(link.now, 2, text)) link.run(kTick);
        if (text.size() > 50000) link.run(Duration::millis(100));
    }
    ASSERT_TRUE(link.run(
        [&] { return ours.received.size() == sent.size() && theirs.texts(2).size() == sent.size() + 1; },
        Duration::minutes(20)));
    EXPECT_EQ(ours.texts(2), sent);
    const std::vector<std::string> crossed = theirs.texts(2);
    EXPECT_EQ(std::vector<std::string>(crossed.begin() + 1, crossed.end()), sent);
}

// Only towards usrsctp: as a sender it stops for good under such loss, against itself as well
// (sctplab/usrsctp issue 750).
TEST_P(Usrsctp, StreamResetWorksFromBothSidesAndTheIdIsUsedAgain) {
    connect();
    for (int round = 0; round < 6; ++round) {
        theirs.open(4, "round" + std::to_string(round));
        const size_t count = static_cast<size_t>(round) + 1;
        ASSERT_TRUE(link.run([&] { return ours.opened.size() == count; }, Duration::minutes(2))) << round;
        EXPECT_TRUE(ours.send(link.now, 4, body(round, 5000)));
        theirs.send(4, 51, body(round, 100));
        const size_t heard = theirs.texts(4).size();
        ASSERT_TRUE(
            link.run([&] { return ours.received.size() == count && theirs.texts(4).size() >= 2 * count; },
                     Duration::minutes(2)))
            << round << " " << heard;
        const size_t resets = theirs.incoming_resets.size();
        const size_t done = theirs.outgoing_resets.size();
        if (round % 2 == 0) {
            ASSERT_TRUE(ours.channels.close(link.now, 4, ours.out));
            ASSERT_TRUE(
                link.run([&] { return theirs.incoming_resets.size() > resets; }, Duration::minutes(2)));
            theirs.reset(4);
        } else {
            theirs.reset(4);
        }
        ASSERT_TRUE(link.run(
            [&] {
                return ours.closed.size() == count && theirs.incoming_resets.size() > resets &&
                       theirs.outgoing_resets.size() > done;
            },
            Duration::minutes(2)))
            << round;
    }
    EXPECT_FALSE(ours.failed);
}

TEST_P(Usrsctp, UnreliableMessagesMayBeSkippedBothWays) {
    connect();
    const auto lossy = ours.channels.open(link.now, {"_lossy", "", true, 0, {}}, ours.out);
    ASSERT_TRUE(lossy);
    theirs.open(6, "theirs");
    ASSERT_TRUE(link.run([&] { return ours.opened.size() == 1 && theirs.texts(*lossy).size() == 1; },
                         Duration::minutes(2)));
    theirs.send(*lossy, 50, "\x02");
    ASSERT_TRUE(link.run([&] { return ours.opened.size() == 2; }, Duration::minutes(2)));
    link.config().loss_percent = 10;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(ours.send(link.now, *lossy, body(i, i % 10 == 0 ? 4000 : 20)));
        theirs.send(6, 51, body(i, i % 10 == 0 ? 4000 : 20), i % 2 == 1, 0);
        if (i % 5 == 0) link.run(Duration::millis(50));
    }
    link.config().loss_percent = 0;
    link.run(Duration::seconds(20));
    // A reliable message shows that nothing is stuck behind what was skipped.
    theirs.send(6, 51, "9999:end");
    ASSERT_TRUE(link.run([&] { return !ours.received.empty() && ours.received.back().text == "9999:end"; },
                         Duration::minutes(2)));
    EXPECT_TRUE(ours.send(link.now, *lossy, "9999:end"));
    ASSERT_TRUE(link.run([&] { return theirs.texts(*lossy).back() == "9999:end"; }, Duration::minutes(2)));

    std::vector<std::string> crossed = theirs.texts(*lossy);
    crossed.erase(crossed.begin());  // DATA_CHANNEL_OPEN
    int last = -1;
    for (const std::string& text : crossed) {
        ASSERT_GT(std::stoi(text), last);
        last = std::stoi(text);
        if (last == 9999) continue;
        EXPECT_EQ(text, body(last, last % 10 == 0 ? 4000 : 20));
    }
    EXPECT_GT(crossed.size(), 400u);
    EXPECT_LT(crossed.size(), 1001u);
    EXPECT_GT(ours.channels.association().send_queue().abandoned(), 0u);
    last = -1;
    for (const std::string& text : ours.texts(6)) {
        const int i = std::stoi(text);
        if (i % 2 == 1 && i < 1000) continue;  // unordered
        ASSERT_GT(i, last);
        last = i;
    }
    EXPECT_GT(ours.received.size(), 400u);
    EXPECT_LT(ours.received.size(), 1001u);
    EXPECT_EQ(ours.channels.association().receive_buffer().buffered(), 0u);
}

TEST_P(Usrsctp, AGracefulShutdownIsCompleted) {
    connect();
    theirs.open(2, "x");
    ASSERT_TRUE(link.run([&] { return ours.opened.size() == 1; }, Duration::minutes(2)));
    theirs.send(2, 51, "last words");
    theirs.shut_down();
    ASSERT_TRUE(link.run([&] { return ours.failed.has_value(); }, Duration::minutes(2)));
    EXPECT_EQ(ours.received.back().text, "last words");
    EXPECT_EQ(*ours.failed, FailureReason::PeerShutDown);
}

TEST_P(Usrsctp, AnAbortIsUnderstood) {
    connect();
    link.run(Duration::seconds(1));
    link.config() = {};
    ours.channels.abort(ours.out);
    ASSERT_TRUE(link.run([&] { return theirs.lost; }, Duration::seconds(5)));
}

INSTANTIATE_TEST_SUITE_P(
    Links, Usrsctp,
    testing::Values(
        Case{"Active", Role::Active, false, {}, false}, Case{"Passive", Role::Passive, false, {}, false},
        Case{"BothSendInit", Role::Active, true, {}, false},
        Case{"ActiveLossy", Role::Active, false, {5, 2, Duration::millis(20), Duration::millis(10)}, true},
        Case{"PassiveLossy", Role::Passive, false, {5, 2, Duration::millis(20), Duration::millis(10)}, true},
        Case{"VeryLossy", Role::Active, true, {20, 5, Duration::millis(20), Duration::millis(30)}, false}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace conclave::sctp

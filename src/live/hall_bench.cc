// What one more viewer costs a webinar that N watch already: the decision, and everything that is told to
// all.
#include <benchmark/benchmark.h>

#include "live/hall.h"

namespace {

using namespace conclave;

constexpr WallTime kStart = WallTime::from_unix_seconds(1'800'000'000);

class Webinar {
 public:
    explicit Webinar(int64_t people) : hall_(created(), [](const auto&) { return std::string("token"); }) {
        come(meeting::Kind::Agent, "owner");
        (void)hall_.command({"p1", meeting::GoLive{}}, now_);
        while (count_ < people) come(meeting::Kind::Guest, {});
    }
    // The bytes that were told.
    size_t come(meeting::Kind kind, const std::string& account) {
        now_ = now_ + Duration::millis(10);
        const std::string id = "p" + std::to_string(++count_);
        meeting::Arrive arrive;
        arrive.person = id;
        arrive.kind = kind;
        arrive.account = account;
        arrive.name = id;
        size_t bytes = told(*hall_.command({{}, arrive}, now_));
        bytes += told(hall_.open(static_cast<live::ConnectionId>(count_), id, 0, now_));
        return bytes;
    }
    size_t leave() {
        const auto connection = static_cast<live::ConnectionId>(count_--);
        return told(hall_.receive(connection, R"({"id":1,"do":"leave"})", now_));
    }

 private:
    static meeting::State created() {
        meeting::State state;
        const meeting::Create create{
            "00000-00000-00000-00000", "Budget", "owner", {.format = policy::Format::Webinar}};
        for (const auto& event : *meeting::decide(state, {"owner", create}, kStart))
            meeting::evolve(state, event);
        return state;
    }
    static size_t told(const live::Output& output) {
        size_t bytes = 0;
        for (const live::Frame& frame : output.frames) bytes += frame.text.size();
        return bytes;
    }

    live::Hall hall_;
    WallTime now_ = kStart;
    int64_t count_ = 0;
};

void join(benchmark::State& state) {
    Webinar webinar(state.range(0));
    size_t bytes = 0;
    for (auto _ : state) {
        bytes += webinar.come(meeting::Kind::Guest, {});
        state.PauseTiming();
        (void)webinar.leave();
        state.ResumeTiming();
    }
    state.counters["bytes_told"] =
        benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(join)->Arg(10)->Arg(100)->Arg(999)->Unit(benchmark::kMicrosecond);

}  // namespace

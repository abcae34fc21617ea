// Whatever a client sends: read or refused; what was read is written and read again as the same; and a
// meeting survives it.
#include "base/check.h"
#include "base/text.h"
#include "live/hall.h"
#include "meeting/json_fields.h"

using namespace conclave;

namespace {

std::string written(int64_t id, meeting::Wanted wanted) {
    meeting::Json json = {{"id", id}};
    std::visit(
        [&](auto& wish) {
            if constexpr (requires { wish.kDo; }) {
                json["do"] = wish.kDo;
                meeting::JsonWriter writer(json);
                wish.fields(writer);
            }
        },
        wanted);
    return meeting::text_of(json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr WallTime kNow = WallTime::from_unix_seconds(1'800'000'000);
    const auto request = live::parse_request(text);
    if (request) {
        if (const auto* wanted = std::get_if<meeting::Wanted>(&request->wish)) {
            const std::string again = written(request->id, *wanted);
            const auto read = live::parse_request(again);
            CHECK(again.size() > live::kRequestBytesMax || read);
            if (read) CHECK(written(read->id, std::get<meeting::Wanted>(read->wish)) == again);
        }
    }
    meeting::State state;
    const meeting::Create create{"00000-00000-00000-00000", "t", "o", {}};
    const meeting::Decision created = meeting::decide(state, {"o", create}, kNow);
    for (const meeting::Event& event : *created) meeting::evolve(state, event);
    live::Hall hall(std::move(state), [](const meeting::Person&) { return std::string("t"); });
    meeting::Arrive arrive;
    arrive.person = "p";
    arrive.kind = meeting::Kind::Agent;
    arrive.account = "o";
    CHECK(hall.command({{}, arrive}, kNow));
    (void)hall.open(1, "p", 0, kNow);
    const live::Output output = hall.receive(1, text, kNow);
    CHECK(!output.frames.empty());
    for (const live::Frame& frame : output.frames) CHECK(is_utf8(frame.text));
    return 0;
}

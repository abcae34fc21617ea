// Packets that left together are judged together: how much later than its predecessor did each burst leave,
// and how much later did it arrive (draft-ietf-rmcat-gcc-02 5.2)?
#pragma once

#include <optional>

#include "base/time.h"
#include "bwe/packet_result.h"

namespace conclave::bwe {

struct GroupDelta {
    Duration sent;
    Duration arrived;
    Instant at;  // when the later group had arrived
    // By how much the way has become longer.
    Duration variation() const { return arrived - sent; }
};

class ArrivalGroups {
 public:
    // Received packets, in the order of sending. A group is told of when the one after it begins.
    std::optional<GroupDelta> add(const PacketResult&);

    static constexpr Duration kBurst = Duration::millis(5);

 private:
    struct Group {
        Instant first_sent;
        Instant last_sent;
        Instant first_arrived;
        Instant last_arrived;
    };
    static bool belongs(const Group&, const PacketResult&);

    std::optional<Group> current_;
    std::optional<Group> previous_;
};

}  // namespace conclave::bwe

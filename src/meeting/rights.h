// What a meeting's rules mean for its media: who may send what to the others, at this moment.
#pragma once

#include <map>

#include "meeting/state.h"

namespace conclave::meeting {

struct Rights {
    bool may_publish = false;
    bool microphone = false;  // is forwarded
    bool camera = false;
    bool screen = false;
    bool operator==(const Rights&) const = default;
};
// Whoever is not named may do nothing.
using RightsOfAll = std::map<PersonId, Rights>;

Rights rights_of(const State&, const Person&);
RightsOfAll rights(const State&);

}  // namespace conclave::meeting

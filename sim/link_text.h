// Links and their schedules as people write them:
//
//     rate=5M delay=40ms queue=1s, 20s 1M, 40s 300k, 60s 2M loss=2%, 80s down, 85s up
//
// Words, each for both ways of a link: a bare rate or `rate=`, in bits a second with k, M or G; `loss=`, a
// share or a percentage; `delay=` and `jitter=`, in ms or with ms or s; `reorder=`, 0 or 1: whether jitter
// lets packets overtake; `queue=`, bytes or a time; `bursts=P/R` or `bursts=P/R/1-H/1-K`; `duplicate=`;
// `straggle=SHARE/TIME`; `mtu=`, bytes; `down` and `up`, or `down=`, 0 or 1.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sim/channel.h"

namespace conclave::sim {

constexpr size_t kLinkChangesMax = 1000;

// Applies one word.
Status set_link(Link& link, std::string_view word);

// Changes are parted by commas and begin with their time; each begins with what held before. The first, which
// has no time, or time 0, changes `base`. In order of time.
Result<LinkSchedule> parse_schedule(std::string_view text, const Link& base);

}  // namespace conclave::sim

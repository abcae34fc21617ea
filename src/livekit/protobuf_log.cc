#include "livekit/protobuf_log.h"

#include <google/protobuf/stubs/logging.h>

namespace conclave::livekit {

void silence_protobuf() {
    google::protobuf::SetLogHandler(nullptr);
}

}  // namespace conclave::livekit

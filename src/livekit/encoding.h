// How responses look on the wire: binary protobuf, or proto3 JSON for those who write it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/shared_bytes.h"
#include "livekit/protocol.h"

namespace conclave::livekit {

SharedBytes encode(const pb::SignalResponse& response);
// nullopt: a text in it is no UTF-8.
std::optional<SharedBytes> encode_text(const pb::SignalResponse& response);

// What is told to many: encoded once in each form that somebody reads.
class SharedResponse {
 public:
    explicit SharedResponse(pb::SignalResponse response) : response_(std::move(response)) {}

    const pb::SignalResponse& response() const { return response_; }
    const SharedBytes& binary() const;
    const std::optional<SharedBytes>& text() const;

 private:
    pb::SignalResponse response_;
    mutable SharedBytes binary_;
    mutable std::optional<SharedBytes> text_;
    mutable bool has_text_ = false;
};

// A join response, to which those who were there before are added as they were encoded for others already:
// fields of a protobuf message may stand in any order and be concatenated.
SharedBytes encode_join(const pb::SignalResponse& response, const std::vector<const std::string*>& others);

}  // namespace conclave::livekit

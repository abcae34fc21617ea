// The media formats that we forward. RTX is not one: it belongs to the stream that it repairs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace conclave::peer {

enum class Codec : uint8_t { Opus, Red, Vp8, H264, Vp9, Av1 };
constexpr size_t kCodecsMax = 6;

constexpr bool is_audio(Codec codec) {
    return codec == Codec::Opus || codec == Codec::Red;
}

}  // namespace conclave::peer

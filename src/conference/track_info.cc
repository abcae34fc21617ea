#include "conference/track_info.h"

#include <algorithm>
#include <utility>

namespace conclave::conference {
namespace {

namespace pb = ::livekit;

// Names of media types are ASCII.
bool is_same(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

// "vp8", "VP8" and "video/VP8" are all in use. What is not enabled becomes the first that is.
std::string enabled_mime(std::string_view name, std::string_view kind, std::span<const pb::Codec> enabled) {
    const std::string full =
        name.find('/') == std::string_view::npos ? std::string(kind) + std::string(name) : std::string(name);
    const pb::Codec* first = nullptr;
    for (const pb::Codec& codec : enabled) {
        if (!codec.mime().starts_with(kind)) continue;
        if (is_same(codec.mime(), full)) return codec.mime();
        if (!first) first = &codec;
    }
    return first ? first->mime() : std::string{};
}

pb::VideoLayer::Mode mode_of(const pb::SimulcastCodec& wanted, std::string_view mime) {
    if (wanted.video_layer_mode() != pb::VideoLayer::MODE_UNUSED) return wanted.video_layer_mode();
    const bool is_scalable = mime == "video/VP9" || mime == "video/AV1";
    return is_scalable ? pb::VideoLayer::MULTIPLE_SPATIAL_LAYERS_PER_STREAM
                       : pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM;
}

pb::SimulcastCodecInfo* find_codec(pb::TrackInfo& info, std::string_view mime) {
    for (pb::SimulcastCodecInfo& codec : *info.mutable_codecs()) {
        if (codec.mime_type() == mime) return &codec;
    }
    return nullptr;
}

void add_codecs(const pb::AddTrackRequest& request, std::span<const pb::Codec> enabled, pb::TrackInfo& info) {
    const std::string_view kind = request.type() == pb::AUDIO ? "audio/" : "video/";
    for (const pb::SimulcastCodec& wanted : request.simulcast_codecs()) {
        const std::string mime = enabled_mime(wanted.codec(), kind, enabled);
        if (info.codecs_size() == kTrackCodecsMax) break;
        if (mime.empty() || find_codec(info, mime)) continue;
        pb::SimulcastCodecInfo& codec = *info.add_codecs();
        codec.set_mime_type(mime);
        codec.set_cid(wanted.cid());
        if (request.type() == pb::AUDIO) continue;
        set_layers(wanted.layers_size() > 0 ? wanted.layers() : request.layers(), codec);
        codec.set_video_layer_mode(mode_of(wanted, mime));
    }
    if (info.codecs_size() > 0) {
        if (info.codecs(0).cid().empty()) info.mutable_codecs(0)->set_cid(request.cid());
        return;
    }
    // Audio, and older clients: the codec shows in the offer.
    pb::SimulcastCodecInfo& only = *info.add_codecs();
    only.set_cid(request.cid());
    if (request.type() == pb::AUDIO) return;
    set_layers(request.layers(), only);
    only.set_video_layer_mode(pb::VideoLayer::ONE_SPATIAL_LAYER_PER_STREAM);
}

void add_feature(pb::TrackInfo& info, pb::AudioTrackFeature feature) {
    const auto& features = info.audio_features();
    if (std::find(features.begin(), features.end(), feature) == features.end())
        info.add_audio_features(feature);
}

// Browsers play in sync what belongs to one stream.
std::string stream_of(const pb::AddTrackRequest& request) {
    if (!request.stream().empty()) return request.stream();
    const pb::TrackSource source = request.source();
    if (source == pb::CAMERA || source == pb::MICROPHONE) return "camera";
    if (source == pb::SCREEN_SHARE || source == pb::SCREEN_SHARE_AUDIO) return "screen";
    return "unknown";
}

}  // namespace

std::string mime_of(peer::Codec codec) {
    switch (codec) {
        case peer::Codec::Opus:
            return "audio/opus";
        case peer::Codec::Red:
            return "audio/red";
        case peer::Codec::Vp8:
            return "video/VP8";
        case peer::Codec::H264:
            return "video/H264";
        case peer::Codec::Vp9:
            return "video/VP9";
        case peer::Codec::Av1:
            return "video/AV1";
    }
    return {};
}

std::optional<peer::Codec> video_codec(std::string_view mime) {
    for (const peer::Codec codec :
         {peer::Codec::Vp8, peer::Codec::H264, peer::Codec::Vp9, peer::Codec::Av1}) {
        if (is_same(mime, mime_of(codec))) return codec;
    }
    return std::nullopt;
}

void set_layers(const google::protobuf::RepeatedPtrField<pb::VideoLayer>& from, pb::SimulcastCodecInfo& to) {
    auto& layers = *to.mutable_layers();
    layers = from;
    std::sort(layers.begin(), layers.end(), [](const pb::VideoLayer& a, const pb::VideoLayer& b) {
        return std::make_pair(a.quality(), a.width()) < std::make_pair(b.quality(), b.width());
    });
    if (layers.size() > kTrackLayersMax)
        layers.DeleteSubrange(kTrackLayersMax, layers.size() - kTrackLayersMax);
}

// Packet trailers are not ours to strip for those who cannot read them: packet_trailer_features stay empty,
// and clients add none.
pb::TrackInfo track_info(const pb::AddTrackRequest& request, std::string sid, WallTime wall,
                         std::span<const pb::Codec> enabled) {
    pb::TrackInfo info;
    info.set_sid(std::move(sid));
    info.set_type(request.type());
    info.set_name(request.name());
    info.set_muted(request.muted());
    info.set_width(request.width());
    info.set_height(request.height());
    info.set_source(request.source());
    info.set_disable_red(request.disable_red());
    info.set_encryption(request.encryption());
    info.set_stream(stream_of(request));
    info.set_backup_codec_policy(request.backup_codec_policy());
    *info.mutable_audio_features() = request.audio_features();
    if (request.stereo()) add_feature(info, pb::TF_STEREO);
    if (request.disable_dtx()) add_feature(info, pb::TF_NO_DTX);
    add_codecs(request, enabled, info);
    info.set_mime_type(info.codecs(0).mime_type());
    *info.mutable_layers() = info.codecs(0).layers();
    info.set_simulcast(info.layers_size() > 1);
    info.mutable_version()->set_unix_micro(wall.us);
    return info;
}

std::optional<peer::Codec> backup_codec(const pb::TrackInfo& info) {
    if (info.type() != pb::VIDEO || info.codecs_size() < 2) return std::nullopt;
    const std::string& mime = info.codecs(1).mime_type();
    const auto codec = video_codec(mime);
    const bool is_plain = codec == peer::Codec::Vp8 || codec == peer::Codec::H264;
    return is_plain && !is_same(mime, info.mime_type()) ? codec : std::nullopt;
}

bool add_backup_codec(const pb::AddTrackRequest& request, pb::TrackInfo& info) {
    if (request.simulcast_codecs_size() != 1) return false;
    const pb::SimulcastCodec& wanted = request.simulcast_codecs(0);
    for (int i = 1; i < info.codecs_size(); ++i) {
        pb::SimulcastCodecInfo& codec = *info.mutable_codecs(i);
        if (!is_same(codec.mime_type(), wanted.codec()) &&
            !is_same(codec.mime_type(), "video/" + wanted.codec()))
            continue;
        codec.set_cid(wanted.cid());
        if (wanted.layers_size() > 0) set_layers(wanted.layers(), codec);
        if (wanted.video_layer_mode() != pb::VideoLayer::MODE_UNUSED)
            codec.set_video_layer_mode(wanted.video_layer_mode());
        return true;
    }
    return false;
}

}  // namespace conclave::conference

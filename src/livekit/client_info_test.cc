#include "livekit/client_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace conclave::livekit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kChromium =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
constexpr std::string_view kFirefox =
    "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
constexpr std::string_view kFirefoxWindows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0";
constexpr std::string_view kFirefoxAndroid =
    "Mozilla/5.0 (Android 14; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0";
constexpr std::string_view kSafari =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
    "Safari/605.1.15";
constexpr std::string_view kChromeIphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "CriOS/140.0.0.0 Mobile/15E148 Safari/604.1";
constexpr std::string_view kEdge =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36 Edg/140.0.1.2";

pb::ClientInfo browser(std::string_view user_agent) {
    pb::ClientInfo client;
    client.set_sdk(pb::ClientInfo::JS);
    client.set_protocol(17);
    apply_user_agent(client, user_agent);
    return client;
}

std::vector<std::string> mimes(const std::vector<pb::Codec>& codecs) {
    std::vector<std::string> out;
    for (const pb::Codec& codec : codecs) out.push_back(codec.mime());
    return out;
}

TEST(UserAgent, TellsBrowserAndSystem) {
    const auto names = [](std::string_view user_agent) {
        const pb::ClientInfo c = browser(user_agent);
        return c.browser() + " " + c.browser_version() + ", " + c.os() + " " + c.os_version();
    };
    EXPECT_EQ(names(kChromium), "chrome 156.0.0.0, linux ");
    EXPECT_EQ(names(kFirefox), "firefox 153.0, linux ");
    EXPECT_EQ(names(kFirefoxWindows), "firefox 153.0, windows 10.0");
    EXPECT_EQ(names(kFirefoxAndroid), "firefox 153.0, android 14");
    EXPECT_EQ(names(kSafari), "safari 18.4, macos 10.15.7");
    EXPECT_EQ(names(kChromeIphone), "safari 140.0.0.0, ios 18.3");
    EXPECT_EQ(names(kEdge), "edge 140.0.1.2, windows 10.0");
    EXPECT_EQ(names("curl/8"), " ,  ");
}

TEST(UserAgent, DoesNotOverruleTheClient) {
    pb::ClientInfo client;
    client.set_sdk(pb::ClientInfo::FLUTTER);
    client.set_browser("Firefox");
    apply_user_agent(client, kSafari);
    EXPECT_EQ(client.browser(), "Firefox");
    EXPECT_EQ(client.browser_version(), "");
    EXPECT_EQ(client.os(), "macos");
    pb::ClientInfo native;
    native.set_sdk(pb::ClientInfo::SWIFT);
    apply_user_agent(native, kSafari);
    EXPECT_EQ(native.browser(), "");
}

TEST(UserAgent, EndlessVersionIsCut) {
    EXPECT_EQ(browser("Firefox/" + std::string(5000, '1')).browser_version().size(), 32U);
}

TEST(Quirks, OfFirefoxAndSafari) {
    EXPECT_TRUE(is_firefox(browser(kFirefox)));
    EXPECT_FALSE(is_firefox(browser(kChromium)));
    EXPECT_TRUE(is_safari(browser(kSafari)));
    EXPECT_FALSE(is_safari(browser(kChromium)));
    EXPECT_FALSE(quirks_of(browser(kFirefox)).orders_codecs);
    EXPECT_FALSE(quirks_of(browser(kFirefoxAndroid)).orders_codecs);
    EXPECT_TRUE(quirks_of(browser(kFirefoxWindows)).orders_codecs);
    EXPECT_FALSE(quirks_of(browser(kFirefoxWindows)).plays_red);
    EXPECT_FALSE(quirks_of(browser(kSafari)).plays_red);
    EXPECT_FALSE(quirks_of(browser(kSafari)).reuses_transceivers);
    EXPECT_TRUE(quirks_of(browser(kChromium)).reuses_transceivers);
    EXPECT_TRUE(quirks_of(browser(kChromium)).plays_red);
    pb::ClientInfo old = browser(kChromium);
    old.set_protocol(3);
    EXPECT_FALSE(quirks_of(old).reuses_transceivers);
}

TEST(PublishCodecs, StartWithVp8AndEndWithAudio) {
    const CodecSupport all{.h264 = true, .vp9 = true, .av1 = true, .red = true};
    EXPECT_THAT(mimes(enabled_publish_codecs(browser(kChromium), all)),
                ElementsAre("video/VP8", "video/H264", "video/VP9", "video/AV1", "audio/opus", "audio/red"));
    const CodecSupport none{.h264 = false, .vp9 = false, .av1 = false, .red = false};
    EXPECT_THAT(mimes(enabled_publish_codecs(browser(kChromium), none)),
                ElementsAre("video/VP8", "audio/opus"));
}

TEST(PublishCodecs, LeaveOutWhatABrowserDoesBadly) {
    EXPECT_THAT(mimes(enabled_publish_codecs(browser(kFirefox), {})),
                ElementsAre("video/VP8", "video/VP9", "video/AV1", "audio/opus"));
    EXPECT_THAT(mimes(enabled_publish_codecs(browser(kSafari), {})),
                ElementsAre("video/VP8", "video/H264", "audio/opus"));
    pb::ClientInfo safari = browser(kSafari);
    safari.set_browser_version("18.3");
    EXPECT_THAT(mimes(enabled_publish_codecs(safari, {})),
                ElementsAre("video/VP8", "video/H264", "video/VP9", "audio/opus"));
    safari.set_browser_version("26");
    EXPECT_THAT(mimes(enabled_publish_codecs(safari, {})),
                ElementsAre("video/VP8", "video/H264", "audio/opus"));
    EXPECT_EQ(disabled_codecs(safari).codecs(0).mime(), "video/AV1");
    EXPECT_TRUE(is_disabled(safari, "video/AV1"));
    EXPECT_FALSE(is_disabled(safari, "video/VP9")) << "it receives it";
    EXPECT_THAT(disabled_codecs(browser(kChromium)).publish(), IsEmpty());
}

}  // namespace
}  // namespace conclave::livekit

#include "server/site.h"

#include "server/embedded.h"
#include "server/log.h"
#include "server/test_site.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

class RoutesTest : public SiteTest {
 protected:
    RoutesTest() { start(); }
};

TEST_F(RoutesTest, TheRootAnswersProbesOfLiveKitClients) {
    EXPECT_EQ(ask("GET", "/").status, 200);
    const Answer head = ask("HEAD", "/");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
}

TEST_F(RoutesTest, HealthAsksTheDatabase) {
    const Answer answer = ask("GET", "/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "ok\n");
}

TEST_F(RoutesTest, MetricsAreForLoopbackOrTheToken) {
    const Answer answer = ask("GET", "/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(answer.body.find("# TYPE conclave_http_requests_total counter\nconclave_http_requests_total "),
              std::string::npos);
    EXPECT_NE(answer.body.find("conclave_test 1\n"), std::string::npos);
    // A proxy nobody declared: its clients only look like loopback.
    EXPECT_EQ(ask("GET", "/metrics", {{"X-Forwarded-For", "192.0.2.1"}}).status, 403);
    EXPECT_EQ(
        ask("GET", "/metrics", {{"X-Forwarded-For", "192.0.2.1"}, {"Authorization", "Bearer wrong"}}).status,
        403);
    EXPECT_EQ(
        ask("GET", "/metrics", {{"X-Forwarded-For", "192.0.2.1"}, {"Authorization", "Bearer metrics-token"}})
            .status,
        200);
}

TEST_F(RoutesTest, RefusedAdmissionsAreCountedByCode) {
    (void)join("x", R"({"name":"a"})");
    EXPECT_NE(ask("GET", "/metrics").body.find("conclave_refusals_total{code=\"meeting_not_found\"} 1\n"),
              std::string::npos);
}

TEST_F(RoutesTest, EveryAnswerHasItsSecurityHeaders) {
    for (const char* path :
         {"/", "/m/abc", "/nothing", "/api/v1/session", "/api/nothing", "/rtc/validate", "/healthz"}) {
        const Answer answer = ask("GET", path);
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
        EXPECT_EQ(answer.header("referrer-policy"), "no-referrer") << path;
    }
}

TEST_F(RoutesTest, ThePageIsTheSameForEveryMeetingAndStrict) {
    ASSERT_FALSE(embedded_files().empty()) << "make web builds web/dist";
    const Answer page = ask("GET", "/");
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("cache-control"), "no-cache");
    const std::string policy = page.header("content-security-policy");
    for (const char* part : {"default-src 'self'", "object-src 'none'", "base-uri 'none'",
                             "frame-ancestors 'none'", "img-src 'self' blob:", "worker-src 'self' blob:"})
        EXPECT_NE(policy.find(part), std::string::npos) << part;
    EXPECT_NE(policy.find("connect-src 'self' ws://" + host() + ";"), std::string::npos) << policy;
    EXPECT_NE(policy.find("script-src 'self' 'wasm-unsafe-eval';"), std::string::npos) << policy;
    EXPECT_EQ(policy.find("'unsafe"), std::string::npos);
    EXPECT_EQ(page.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_NE(page.header("permissions-policy").find("camera=(self)"), std::string::npos);
    for (const char* path : {"/sign-in", "/m/7k2mq-0x9dv-00000-00000", "/m/no-such-meeting"})
        EXPECT_EQ(ask("GET", path).body, page.body) << path;
    for (const char* path : {"/m/", "/m/a/b", "/admin", "/index.htm"})
        EXPECT_EQ(ask("GET", path).status, 404) << path;
    EXPECT_EQ(ask("POST", "/").status, 405);
}

TEST_F(RoutesTest, HashedFilesAreCachedForeverAndPacked) {
    const EmbeddedFile* script = nullptr;
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.path.starts_with("/assets/") && file.path.ends_with(".js")) script = &file;
    }
    ASSERT_NE(script, nullptr) << "make web builds web/dist";
    const Answer plain = ask("GET", std::string(script->path));
    EXPECT_EQ(plain.header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(plain.header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(plain.body, script->content);
    const Answer packed = ask("GET", std::string(script->path), {{"Accept-Encoding", "br, gzip"}});
    EXPECT_EQ(packed.header("content-encoding"), "gzip");
    EXPECT_EQ(packed.header("vary"), "Accept-Encoding");
    EXPECT_EQ(packed.body, script->gzip);
    EXPECT_LT(packed.body.size(), plain.body.size());
}

net::HttpRequest secure_request(const char* host) {
    net::HttpRequest request;
    request.secure = true;
    request.headers.add("Host", host);
    return request;
}

TEST(WebRules, StrictTransportSecurityIsForNamesOverTls) {
    const auto header = [](net::HttpRequest request) {
        net::HttpResponse response;
        add_security_headers(request, response);
        return std::string(response.headers.get("Strict-Transport-Security"));
    };
    EXPECT_EQ(header(secure_request("visio.example.org:8443")), "max-age=63072000; includeSubDomains");
    for (const char* host : {"localhost:8443", "127.0.0.1:8443", "192.0.2.1", "[::1]:8443", "[2001:db8::1]"})
        EXPECT_EQ(header(secure_request(host)), "") << host;
    net::HttpRequest plain = secure_request("visio.example.org");
    plain.secure = false;
    EXPECT_EQ(header(plain), "");
}

TEST(WebRules, AHostThatIsNoneNeverReachesThePolicy) {
    net::HttpResponse response;
    add_page_headers(secure_request("evil; script-src *"), response);
    EXPECT_NE(response.headers.get("Content-Security-Policy").find("connect-src 'self';"),
              std::string_view::npos);
}

TEST(WebRules, AnHttpPageIsNotTheHttpsPageOfTheSameHost) {
    net::HttpRequest request = secure_request("visio.example.org");
    request.headers.add("Origin", "http://visio.example.org");
    EXPECT_FALSE(is_own_page(request));
    net::HttpRequest here = secure_request("visio.example.org");
    here.headers.add("Origin", "https://VISIO.example.org");
    EXPECT_TRUE(is_own_page(here));
    net::HttpRequest developer = secure_request("localhost:5173");
    developer.headers.add("Origin", "http://localhost:5173");
    EXPECT_TRUE(is_own_page(developer));
}

TEST(WebRules, TheCookieIsFoundByItsWholeName) {
    const auto value = [](const char* header) {
        net::HttpRequest request;
        request.headers.add("Cookie", header);
        return std::string(session_cookie(request));
    };
    EXPECT_EQ(value("__Host-conclave=abc"), "abc");
    EXPECT_EQ(value("a=1;  __Host-conclave=abc ; b=2"), "abc");
    EXPECT_EQ(value("x__Host-conclave=abc"), "");
    EXPECT_EQ(value("__Host-conclave2=abc; conclave=x"), "");
    EXPECT_EQ(value("=; ;;__Host-conclave"), "");
    EXPECT_EQ(value("__Host-conclave=one; __Host-conclave=two"), "one");
}

TEST(Log, ALineStaysALine) {
    EXPECT_EQ(format_log_line(Config::LogFormat::Text, "api", "sign_in",
                              {{"result", "ok"}, {"n", ""}, {"what", "a b\n\"c\""}}),
              "api sign_in result=ok n=\"\" what=\"a b\\u000a\\\"c\\\"\"");
    EXPECT_EQ(format_log_line(Config::LogFormat::Json, "api", "x", {{"k", "v=\\"}}),
              R"("module":"api","event":"x","k":"v=\\")");
}

}  // namespace
}  // namespace conclave::server

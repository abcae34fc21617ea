#include "net/port_probe.h"

#include <cerrno>
#include <cstring>

#include "net/socket_address.h"
#include "net/transfers.h"
#include "net/unique_fd.h"

namespace conclave::net {
namespace {

constexpr size_t kAnswerMax = 4096;

PortState state_of(int error) {
    switch (error) {
        case EADDRINUSE:
            return PortState::Taken;
        case EACCES:
        case EPERM:
            return PortState::Denied;
        case EADDRNOTAVAIL:
            return PortState::NoAddress;
        default:
            return PortState::Failed;
    }
}

PortState probe(const SocketAddress& local, int type) {
    const bool is_v4 = local.is_v4();
    const bool takes_both = !is_v4 && local.is_unspecified();
    const UniqueFd fd(socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0));
    if (!fd && takes_both) return probe(SocketAddress::v4(0, 0, 0, 0, local.port), type);
    if (!fd) return PortState::Failed;
    const int on = 1;
    const int v6_only = takes_both ? 0 : 1;
    if (!is_v4) (void)setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
    // Connections that are over do not keep a listener from its port.
    if (type == SOCK_STREAM) (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    RawAddress raw;
    const socklen_t size = to_raw(local, is_v4, raw);
    if (::bind(fd.get(), &raw.any, size) != 0) return state_of(errno);
    if (type == SOCK_STREAM && ::listen(fd.get(), 1) != 0) return state_of(errno);
    return PortState::Free;
}

size_t keep(char* bytes, size_t size, size_t count, void* context) {
    auto& answer = *static_cast<std::string*>(context);
    if (answer.size() + size * count > kAnswerMax) return 0;
    answer.append(bytes, size * count);
    return size * count;
}

}  // namespace

PortState probe_tcp(const SocketAddress& local) {
    return probe(local, SOCK_STREAM);
}
PortState probe_udp(const SocketAddress& local) {
    return probe(local, SOCK_DGRAM);
}

Result<SocketAddress> source_towards(const SocketAddress& remote) {
    const bool is_v4 = remote.is_v4();
    const UniqueFd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) return failure(std::string("socket: ") + std::strerror(errno));
    RawAddress raw;
    socklen_t size = to_raw(remote, is_v4, raw);
    if (::connect(fd.get(), &raw.any, size) != 0)
        return failure(std::string("connect: ") + std::strerror(errno));
    size = sizeof raw;
    if (getsockname(fd.get(), &raw.any, &size) != 0)
        return failure(std::string("getsockname: ") + std::strerror(errno));
    SocketAddress source = from_raw(raw);
    source.port = 0;
    return source;
}

Result<std::string> ask_https(const SocketAddress& local, const std::string& path, Duration timeout) {
    SocketAddress there = local;
    if (there.is_unspecified()) there = SocketAddress::v4(127, 0, 0, 1, local.port);
    const std::string url = "https://" + there.text() + path;
    const Easy easy = make_easy();
    std::string answer;
    bool is_ok = easy != nullptr;
    const auto set = [&](CURLoption option, auto value) {
        is_ok = is_ok && curl_easy_setopt(easy.get(), option, value) == CURLE_OK;
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.ms()));
    set(CURLOPT_WRITEFUNCTION, &keep);
    set(CURLOPT_WRITEDATA, &answer);
    if (!is_ok) return failure("libcurl does not start");
    if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK)
        return failure(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return failure("status " + std::to_string(status));
    return answer;
}

}  // namespace conclave::net

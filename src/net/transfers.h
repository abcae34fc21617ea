// libcurl on a thread of its own: what HttpClient and SmtpClient have in common. For their sources alone.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace conclave::net {

struct SlistDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, SlistDeleter>;
bool append(Slist& list, const std::string& line);

struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
// Set to what holds for every request of this server to somebody else; nothing when libcurl does not start.
Easy make_easy();

// One request to somebody else. Everything but the constructor runs on libcurl's thread.
class Transfer {
 public:
    virtual ~Transfer() = default;
    // False when the request cannot even be written down.
    virtual bool prepare(CURL* easy) = 0;
    // At its end, or with CURLE_FAILED_INIT after prepare() failed: the function to run on the front thread.
    virtual std::function<void()> finish(CURL* easy, CURLcode code) = 0;
};

class Transfers {
 public:
    // Runs a function on the front thread, soon; callable from any thread.
    using Post = std::function<void(std::function<void()>)>;

    // At most `open_max` transfers at a time; of these, `connections_max` talk at once and the others wait.
    static Result<std::unique_ptr<Transfers>> create(size_t open_max, long connections_max, Post post);
    // What is under way is given up, without an outcome.
    ~Transfers();
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;

    // Front thread. False when too many are open.
    [[nodiscard]] bool start(std::unique_ptr<Transfer> transfer);

 private:
    class Thread;
    Transfers(size_t open_max, std::shared_ptr<size_t> open, std::unique_ptr<Thread> thread);
    const size_t open_max_;
    std::shared_ptr<size_t> open_;  // the front thread's; outlives us in outcomes on their way
    std::unique_ptr<Thread> thread_;
};

}  // namespace conclave::net

// The web client: files out of the binary, and its one page for every path that the client routes itself.
#pragma once

#include "net/http_message.h"

namespace conclave::server {

// GET of any path that is not the API's or the signalling's. Unknown paths get 404.
net::HttpResponse static_file(const net::HttpRequest&);

}  // namespace conclave::server

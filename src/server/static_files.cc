#include "server/static_files.h"

#include <algorithm>

#include "server/embedded.h"
#include "server/web_rules.h"

namespace conclave::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kIndex = "/index.html";
// Names in this folder carry a hash of their content, so what is cached is never out of date.
constexpr std::string_view kHashedFolder = "/assets/";

constexpr std::pair<std::string_view, const char*> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
};

const char* type_of(std::string_view path) {
    for (const auto& [suffix, type] : kTypes) {
        if (path.ends_with(suffix)) return type;
    }
    return "application/octet-stream";
}

// The paths that the client shows a view for (web/src/core/route.ts). Meeting ids are not looked at: the page
// is the same for all.
bool is_page(std::string_view path) {
    for (const std::string_view page :
         {"/", "/sign-in", "/sign-in/", "/account", "/account/", "/network", "/network/"}) {
        if (path == page) return true;
    }
    return path.starts_with("/m/") && path.size() > 3 && path.substr(3).find('/') == std::string_view::npos;
}

const EmbeddedFile* find(std::string_view path) {
    const auto files = embedded_files();
    const auto found =
        std::find_if(files.begin(), files.end(), [path](const auto& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

HttpResponse not_built() {
    HttpResponse response =
        HttpResponse::text(200,
                           "Conclave is running, but this binary was built without the web client.\nBuild "
                           "web/ first (npm ci, npm run build), then the server.\n");
    response.headers.add("Cache-Control", "no-store");
    return response;
}

}  // namespace

HttpResponse static_file(const HttpRequest& request) {
    const bool page = is_page(request.path);
    const EmbeddedFile* const file = find(page ? kIndex : std::string_view(request.path));
    if (!file && page) return not_built();
    if (!file) {
        HttpResponse response = HttpResponse::text(404, "not found\n");
        response.headers.add("Cache-Control", "no-store");
        return response;
    }
    HttpResponse response;
    response.headers.add("Content-Type", type_of(file->path));
    response.headers.add("Cache-Control", file->path.starts_with(kHashedFolder)
                                              ? "public, max-age=31536000, immutable"
                                              : "no-cache");
    response.static_body = file->content;
    if (!file->gzip.empty()) {
        response.headers.add("Vary", "Accept-Encoding");
        if (request.headers.has_token("Accept-Encoding", "gzip")) {
            response.headers.add("Content-Encoding", "gzip");
            response.static_body = file->gzip;
        }
    }
    if (file->path == kIndex) add_page_headers(request, response);
    return response;
}

}  // namespace conclave::server

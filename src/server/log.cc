#include "server/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace conclave::server {
namespace {

std::shared_ptr<spdlog::logger>& logger() {
    static std::shared_ptr<spdlog::logger> instance;
    return instance;
}
Config::LogFormat g_format = Config::LogFormat::Text;

void write(spdlog::level::level_enum level, std::string_view module, std::string_view event,
           LogFields fields) {
    spdlog::logger* const out = logger().get();
    if (!out || !out->should_log(level)) return;
    const std::string line = format_log_line(g_format, module, event, fields);
    out->log(level, spdlog::string_view_t(line.data(), line.size()));
}

// A JSON string; what is no ASCII letter, digit or mark is escaped, so that a line stays a line.
std::string quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool is_plain(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f)
            return false;
    }
    return true;
}

}  // namespace

void open_log(const Config::Log& config) {
    g_format = config.format;
    auto out =
        std::make_shared<spdlog::logger>("conclave", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    switch (config.level) {
        case Config::LogLevel::Debug:
            out->set_level(spdlog::level::debug);
            break;
        case Config::LogLevel::Info:
            out->set_level(spdlog::level::info);
            break;
        case Config::LogLevel::Warning:
            out->set_level(spdlog::level::warn);
            break;
        case Config::LogLevel::Error:
            out->set_level(spdlog::level::err);
            break;
    }
    out->set_pattern(g_format == Config::LogFormat::Json
                         ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                         : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                     spdlog::pattern_time_type::utc);
    logger() = std::move(out);
}

void close_log() {
    if (logger()) logger()->flush();
}

void log_debug(std::string_view module, std::string_view event, LogFields fields) {
    write(spdlog::level::debug, module, event, fields);
}
void log_info(std::string_view module, std::string_view event, LogFields fields) {
    write(spdlog::level::info, module, event, fields);
}
void log_warning(std::string_view module, std::string_view event, LogFields fields) {
    write(spdlog::level::warn, module, event, fields);
}
void log_error(std::string_view module, std::string_view event, LogFields fields) {
    write(spdlog::level::err, module, event, fields);
}

std::string format_log_line(Config::LogFormat format, std::string_view module, std::string_view event,
                            LogFields fields) {
    const bool json = format == Config::LogFormat::Json;
    std::string line = json ? "\"module\":" + quoted(module) + ",\"event\":" + quoted(event)
                            : std::string(module) + " " + std::string(event);
    for (const auto& [key, value] : fields) {
        if (json) {
            line += "," + quoted(key) + ":" + quoted(value);
        } else {
            line += " " + std::string(key) + "=" + (is_plain(value) ? value : quoted(value));
        }
    }
    return line;
}

}  // namespace conclave::server

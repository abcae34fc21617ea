// The log: one line an event, on stderr.
//
//   2026-09-01T08:15:30.123Z info  api sign_in result=ok client=1f0c...
//
// No personal data: no names, no addresses but as keyed hashes (unless the operator asks for them), never a
// secret, a token, a meeting id or a query. Callable from any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/config.h"

namespace conclave::server {

using LogField = std::pair<std::string_view, std::string>;
using LogFields = std::initializer_list<LogField>;

// Once, before threads start. Without it nothing is logged.
void open_log(const Config::Log&);
// Writes out what is buffered.
void close_log();

void log_debug(std::string_view module, std::string_view event, LogFields fields = {});
void log_info(std::string_view module, std::string_view event, LogFields fields = {});
void log_warning(std::string_view module, std::string_view event, LogFields fields = {});
void log_error(std::string_view module, std::string_view event, LogFields fields = {});

// One line without its time, as text or as JSON members: values with spaces, quotes or controls are quoted.
std::string format_log_line(Config::LogFormat, std::string_view module, std::string_view event,
                            LogFields fields);

}  // namespace conclave::server

// The commands of the `conclave` executable.
#pragma once

namespace conclave::server {

// Returns the exit code: 0, 1 when something failed, 2 when the command line or the configuration is wrong.
int run_command_line(int argc, char** argv);

}  // namespace conclave::server

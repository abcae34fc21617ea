// `conclave load`: the command line of the load tool.
#pragma once

namespace conclave::load {

// `argv[0]` is the program, the options follow. Returns the exit code: 0, 1 when something was lost or
// failed, 2 when the command line or a scenario is wrong.
int run_command_line(int argc, char** argv);

}  // namespace conclave::load

#include <string_view>

#include "load/command.h"
#include "server/command_line.h"

int main(int argc, char** argv) {
    // The load tool shares the executable, nothing else: it has a command line of its own.
    if (argc > 1 && std::string_view(argv[1]) == "load")
        return conclave::load::run_command_line(argc - 1, argv + 1);
    return conclave::server::run_command_line(argc, argv);
}

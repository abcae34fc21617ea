#include <malloc.h>

#include <string_view>

#include "load/command.h"
#include "server/command_line.h"

namespace {

// Blocks of this size come and go with people. Mapped one by one they go back to the system; left to itself
// glibc takes larger and larger ones into its heaps, where each newcomer touches other pages.
constexpr int kMappedFrom = 128 << 10;
constexpr int kHeapKept = 16 << 20;

}  // namespace

int main(int argc, char** argv) {
    mallopt(M_MMAP_THRESHOLD, kMappedFrom);
    mallopt(M_TRIM_THRESHOLD, kHeapKept);
    // The load tool shares the executable, nothing else: it has a command line of its own.
    if (argc > 1 && std::string_view(argv[1]) == "load")
        return conclave::load::run_command_line(argc - 1, argv + 1);
    return conclave::server::run_command_line(argc, argv);
}

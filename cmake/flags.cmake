# Compiler and linker flags common to everything we build.
add_library(flags INTERFACE)
target_compile_options(flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wno-sign-conversion
  # A release must build with the compiler that is there; warnings stop only those who can mend them.
  $<$<NOT:$<CONFIG:Release>>:-Werror>
  -fstack-protector-strong)
target_compile_definitions(flags INTERFACE
  $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports false positives of these inside the standard library at -O2 and above.
  target_compile_options(flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
target_link_options(flags INTERFACE -Wl,-z,relro,-z,now)
find_program(MOLD mold)
if(MOLD)
  target_link_options(flags INTERFACE -fuse-ld=mold)
endif()
if(CONCLAVE_SANITIZE)
  # Not vptr: it knows objects by their RTTI, which floors 0-5 do not have.
  target_compile_options(flags INTERFACE -fsanitize=${CONCLAVE_SANITIZE} -fno-sanitize-recover=all
                                         -fno-sanitize=vptr -fno-omit-frame-pointer)
  target_link_options(flags INTERFACE -fsanitize=${CONCLAVE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang 14 puts this check's data of a coroutine where its assembler cannot reach it.
    target_compile_options(flags INTERFACE -fno-sanitize=function)
  endif()
endif()

# Floors 0-5: no exceptions, no RTTI (docs/architecture.md, "purity line").
add_library(pure_flags INTERFACE)
target_compile_options(pure_flags INTERFACE -fno-exceptions -fno-rtti)

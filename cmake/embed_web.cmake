# embed_web(NAME): a library that holds every file of web/dist in the binary (src/server/embedded.h declares it).
# The bytes come in by the assembler's .incbin: no compiler ever parses them. Text also as gzip, made here once.
# Without web/dist the library is empty, and the server says that the client was not built.
enable_language(ASM)
find_program(GZIP gzip REQUIRED)

function(embed_web NAME)
  set(dist ${CMAKE_SOURCE_DIR}/web/dist)
  set(out ${CMAKE_BINARY_DIR}/web)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${dist} ${dist}/*)
  list(SORT files)
  file(MAKE_DIRECTORY ${out})

  set(assembler "    .section .rodata\n")
  set(externals "")
  set(entries "")
  set(inputs "")
  set(index 0)
  foreach(file ${files})
    string(APPEND externals "extern const char web_${index}[], web_${index}_end[];\n")
    string(APPEND assembler "    .global web_${index}, web_${index}_end\nweb_${index}:\n    .incbin \"${dist}/${file}\"\nweb_${index}_end:\n")
    list(APPEND inputs ${dist}/${file})
    set(gzip "{}")
    if(file MATCHES "\\.(html|js|css|svg|json|webmanifest|txt|wasm)$")
      set(packed ${out}/${index}.gz)
      add_custom_command(OUTPUT ${packed} COMMAND ${GZIP} -9nc ${dist}/${file} > ${packed} DEPENDS ${dist}/${file} VERBATIM)
      string(APPEND externals "extern const char web_${index}_gz[], web_${index}_gz_end[];\n")
      string(APPEND assembler "    .global web_${index}_gz, web_${index}_gz_end\nweb_${index}_gz:\n    .incbin \"${packed}\"\nweb_${index}_gz_end:\n")
      list(APPEND inputs ${packed})
      set(gzip "between(web_${index}_gz, web_${index}_gz_end)")
    endif()
    string(APPEND entries "        {\"/${file}\", between(web_${index}, web_${index}_end), ${gzip}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembler "    .section .note.GNU-stack,\"\",%progbits\n")

  set(source "#include \"server/embedded.h\"\n\n#include <vector>\n\nextern \"C\" {\n${externals}}\n
namespace conclave::server {
namespace {
[[maybe_unused]] std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<size_t>(end - begin)};
}
}  // namespace

std::span<const EmbeddedFile> embedded_files() {
    static const std::vector<EmbeddedFile> files{
${entries}    };
    return files;
}
}  // namespace conclave::server
")
  # Written only when they change, so that configuring again compiles nothing.
  file(CONFIGURE OUTPUT ${out}/web_files.S CONTENT "${assembler}" @ONLY)
  file(CONFIGURE OUTPUT ${out}/web_files.cc CONTENT "${source}" @ONLY)
  set_source_files_properties(${out}/web_files.S PROPERTIES OBJECT_DEPENDS "${inputs}")
  add_library(${NAME} STATIC ${out}/web_files.cc ${out}/web_files.S)
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/src)
endfunction()

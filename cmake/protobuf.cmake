# proto_library(NAME file.proto ...): C++ of our .proto files (proto/), generated into the build tree. Generated
# code is not ours to warn about: its sources are compiled with warnings off, its headers are system headers.
# The full runtime, because signalling in JSON needs reflection.
find_program(PROTOC protoc REQUIRED)

function(proto_library NAME)
  set(out ${CMAKE_BINARY_DIR}/proto)
  file(MAKE_DIRECTORY ${out})
  foreach(file ${ARGN})
    get_filename_component(stem ${file} NAME_WE)
    list(APPEND protos ${CMAKE_SOURCE_DIR}/proto/${file})
    list(APPEND sources ${out}/${stem}.pb.cc)
    list(APPEND headers ${out}/${stem}.pb.h)
  endforeach()
  add_custom_command(
    OUTPUT ${sources} ${headers}
    COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR}/proto --cpp_out=${out} ${protos}
    DEPENDS ${protos} VERBATIM)
  # A header-only user must wait for the headers too, hence the separate target.
  add_custom_target(${NAME}_generate DEPENDS ${sources} ${headers})
  add_library(${NAME} STATIC ${sources})
  add_dependencies(${NAME} ${NAME}_generate)
  target_compile_options(${NAME} PRIVATE -w)
  target_include_directories(${NAME} SYSTEM PUBLIC ${out})
  target_link_libraries(${NAME} PUBLIC protobuf)
endfunction()

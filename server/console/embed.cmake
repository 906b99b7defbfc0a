# cmake -DFOLDER=dist -DOUT=folder -P embed.cmake: writes OUT/assets.S (the bytes, by .incbin) and OUT/assets.cpp (the
# table of server/console/static_files.h, sorted by path).
cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE files RELATIVE "${FOLDER}" "${FOLDER}/*")
list(FILTER files EXCLUDE REGEX "(^|/)\\.|\\.map$")
list(SORT files COMPARE STRING)
if(NOT "index.html" IN_LIST files)
  message(FATAL_ERROR "${FOLDER} has no index.html: the console was not built there")
endif()

function(content_type name out)
  string(REGEX MATCH "[^.]*$" ending "${name}")
  set(types "html=text/html\; charset=utf-8" "js=text/javascript\; charset=utf-8" "css=text/css\; charset=utf-8"
    "json=application/json" "svg=image/svg+xml" "png=image/png" "ico=image/x-icon" "webp=image/webp"
    "woff2=font/woff2" "woff=font/woff" "txt=text/plain\; charset=utf-8" "webmanifest=application/manifest+json"
    "wasm=application/wasm")
  set(${out} "application/octet-stream" PARENT_SCOPE)
  foreach(type IN LISTS types)
    if(type MATCHES "^${ending}=(.*)$")
      set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

set(number 0)
set(assembler ".section .rodata\n")
set(names "")
set(rows "")
foreach(file IN LISTS files)
  content_type("${file}" type)
  file(SHA256 "${FOLDER}/${file}" hash)
  string(APPEND assembler ".balign 16\n.global chieng_asset_${number}\nchieng_asset_${number}:\n"
    ".incbin \"${FOLDER}/${file}\"\n.global chieng_asset_${number}_end\nchieng_asset_${number}_end:\n.byte 0\n")
  string(APPEND names "extern \"C\" const char chieng_asset_${number}[];\nextern \"C\" const char chieng_asset_${number}_end[];\n")
  string(APPEND rows "      {\"/${file}\", \"${type}\", \"\\\"${hash}\\\"\",\n       {chieng_asset_${number}, chieng_asset_${number}_end}},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND assembler ".section .note.GNU-stack,\"\",%progbits\n")

file(WRITE "${OUT}/assets.S" "${assembler}")
file(WRITE "${OUT}/assets.cpp" "// Made by server/console/embed.cmake.
#include \"server/console/static_files.h\"

${names}
namespace chieng::server {

std::span<const Asset> console_assets() {
  static const Asset assets[] = {
${rows}  };
  return assets;
}

}  // namespace chieng::server
")

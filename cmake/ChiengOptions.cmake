# Build options and the compiler flags that every target shares.
option(CHIENG_SERVER "Build chieng-server (needs Node for the console)" ON)
option(CHIENG_CONSOLE "Build the console with Vite and embed it in chieng-server" ON)
option(CHIENG_TESTS "Build the tests" ON)
option(CHIENG_BENCH "Build the benchmarks" OFF)
option(CHIENG_FUZZ "Build fuzz targets with libFuzzer (clang only)" OFF)
option(CHIENG_COVERAGE "Instrument for coverage" OFF)
set(CHIENG_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CHIENG_CCACHE ccache)
if(CHIENG_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CHIENG_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CHIENG_CCACHE}")
endif()

add_library(chieng_flags INTERFACE)
target_include_directories(chieng_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(chieng_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror=format-security
  -Werror=return-type -Werror=unused-result -fstack-protector-strong -fno-omit-frame-pointer
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fcf-protection>)
# Asserts stay on in production: a broken invariant of ours must stop the process, not corrupt it.
target_compile_definitions(chieng_flags INTERFACE SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL _GLIBCXX_ASSERTIONS
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_link_options(chieng_flags INTERFACE -Wl,-z,relro,-z,now)
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

if(CHIENG_SANITIZE)
  target_compile_options(chieng_flags INTERFACE -fsanitize=${CHIENG_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(chieng_flags INTERFACE -fsanitize=${CHIENG_SANITIZE})
endif()
if(CHIENG_COVERAGE)
  target_compile_options(chieng_flags INTERFACE --coverage)
  target_link_options(chieng_flags INTERFACE --coverage)
endif()
if(CHIENG_FUZZ)
  target_compile_options(chieng_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(chieng_flags INTERFACE -fsanitize=address,undefined)
endif()

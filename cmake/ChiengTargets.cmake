# One line a target: a top-level folder is one library, a test folder one test program.

# chieng_library(NAME [PUBLIC lib...] [PRIVATE lib...] [EXCLUDE regex])
# Every .cpp below the current folder becomes part of chieng::NAME.
function(chieng_library name)
  cmake_parse_arguments(arg "" "EXCLUDE" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/(main|node_modules/.*)\\.cpp$")
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  add_library(chieng_${name} STATIC ${sources})
  add_library(chieng::${name} ALIAS chieng_${name})
  target_link_libraries(chieng_${name} PUBLIC chieng_flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# chieng_program(NAME lib...): main.cpp of the current folder
function(chieng_program name)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE chieng_flags ${ARGN})
endfunction()

# chieng_unit(FOLDER [THREADS] lib...): tests/unit/FOLDER/**/*_test.cpp, one program, one ctest entry. THREADS: also run
# under ThreadSanitizer.
function(chieng_unit folder)
  cmake_parse_arguments(arg "THREADS" "" "" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${folder}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" target "${folder}")
  add_executable(unit_${target} ${sources})
  target_link_libraries(unit_${target} PRIVATE chieng_flags GTest::gtest GTest::gmock GTest::gtest_main ${arg_UNPARSED_ARGUMENTS})
  target_compile_definitions(unit_${target} PRIVATE CHIENG_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
  add_test(NAME unit.${target} COMMAND unit_${target})
  set(labels unit)
  if(arg_THREADS)
    list(APPEND labels threads)
  endif()
  set_tests_properties(unit.${target} PROPERTIES LABELS "${labels}" TIMEOUT 600)
  if(CHIENG_SANITIZE STREQUAL "thread")
    set_tests_properties(unit.${target} PROPERTIES ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()

# chieng_fuzz(NAME lib...): tests/fuzz/NAME_fuzz.cpp. In every build it is linked with a driver that replays its seed
# corpus (tests/fuzz/corpus/NAME) as a test, so that it never rots; with CHIENG_FUZZ it is a libFuzzer program. The build
# target fuzz_targets stands for all of them.
function(chieng_fuzz name)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_executable(fuzz_${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp")
  add_dependencies(fuzz_targets fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE chieng_flags ${ARGN})
  if(CHIENG_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
    add_test(NAME fuzz.${name} COMMAND fuzz_${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
endfunction()

# chieng_bench(NAME lib...): tests/bench/NAME_bench.cpp
function(chieng_bench name)
  if(CHIENG_BENCH)
    add_executable(bench_${name} "${CMAKE_SOURCE_DIR}/tests/bench/${name}_bench.cpp")
    target_link_libraries(bench_${name} PRIVATE chieng_flags benchmark::benchmark benchmark::benchmark_main ${ARGN})
  endif()
endfunction()

# The console's files inside chieng-server: Vite makes server/console/web/dist, embed.cmake makes an assembler file of
# .incbin lines and a table beside it. With CHIENG_CONSOLE off, the one page of offline_page/ stands for it.
enable_language(ASM)

set(console_folder "${CMAKE_CURRENT_SOURCE_DIR}/console")
set(console_made "${CMAKE_CURRENT_BINARY_DIR}/console")
file(GLOB console_offline CONFIGURE_DEPENDS "${console_folder}/offline_page/*")
set(console_dist "${console_folder}/offline_page")
set(console_depends ${console_offline})

if(CHIENG_CONSOLE AND EXISTS "${console_folder}/web/package.json")
  find_program(CHIENG_NPM npm REQUIRED)
  set(console_web "${console_folder}/web")
  set(console_dist "${console_made}/dist")
  file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS
    "${console_web}/src/*" "${console_web}/public/*" "${console_web}/*.html" "${console_web}/*.json"
    "${console_web}/*.ts" "${console_web}/*.js" "${console_web}/*.mjs")
  list(FILTER console_sources EXCLUDE REGEX "/(node_modules|dist)/")
  # npm ci only where the lock file moved; it wipes node_modules, so it has a stamp of its own
  add_custom_command(OUTPUT "${console_made}/npm.stamp"
    COMMAND "${CHIENG_NPM}" ci --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${console_made}/npm.stamp"
    DEPENDS "${console_web}/package.json" "${console_web}/package-lock.json"
    WORKING_DIRECTORY "${console_web}" COMMENT "console: npm ci" VERBATIM)
  add_custom_command(OUTPUT "${console_made}/dist.stamp"
    COMMAND "${CHIENG_NPM}" exec -- vite build --outDir "${console_dist}" --emptyOutDir --logLevel warn
    COMMAND "${CMAKE_COMMAND}" -E touch "${console_made}/dist.stamp"
    DEPENDS "${console_made}/npm.stamp" ${console_sources}
    WORKING_DIRECTORY "${console_web}" COMMENT "console: vite build" VERBATIM)
  set(console_depends "${console_made}/dist.stamp")
endif()

file(MAKE_DIRECTORY "${console_made}")
add_custom_command(OUTPUT "${console_made}/assets.S" "${console_made}/assets.cpp"
  COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${console_dist}" "-DOUT=${console_made}" -P "${console_folder}/embed.cmake"
  DEPENDS ${console_depends} "${console_folder}/embed.cmake" COMMENT "console: embed" VERBATIM)
target_sources(chieng_server PRIVATE "${console_made}/assets.S" "${console_made}/assets.cpp")

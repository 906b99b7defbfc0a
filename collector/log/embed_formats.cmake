# Writes OUT, a source file that holds every .yml of FOLDER as text.
file(GLOB files "${FOLDER}/*.yml")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  get_filename_component(name "${file}" NAME)
  string(APPEND entries "    {\"${name}\", R\"CHIENG(${text})CHIENG\"},\n")
endforeach()
file(WRITE "${OUT}.new" "#include \"collector/log/builtin_formats.h\"

namespace chieng::collector {
namespace {
constexpr BuiltinFormat formats[] = {
${entries}};
}  // namespace

std::span<const BuiltinFormat> builtin_formats() { return formats; }

}  // namespace chieng::collector
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)

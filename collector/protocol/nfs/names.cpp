#include "collector/protocol/nfs/names.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace chieng::collector::nfs {
namespace {

constexpr std::string_view kVersion2[] = {
    "NULL",   "GETATTR", "SETATTR", "ROOT", "LOOKUP",  "READLINK", "READ",  "WRITECACHE", "WRITE",
    "CREATE", "REMOVE",  "RENAME",  "LINK", "SYMLINK", "MKDIR",    "RMDIR", "READDIR",    "STATFS"};
constexpr std::string_view kVersion3[] = {
    "NULL",    "GETATTR",     "SETATTR", "LOOKUP", "ACCESS",   "READLINK", "READ",   "WRITE",
    "CREATE",  "MKDIR",       "SYMLINK", "MKNOD",  "REMOVE",   "RMDIR",    "RENAME", "LINK",
    "READDIR", "READDIRPLUS", "FSSTAT",  "FSINFO", "PATHCONF", "COMMIT"};
constexpr std::uint32_t kFirst4 = 3;
constexpr std::string_view kVersion4[] = {"ACCESS",
                                          "CLOSE",
                                          "COMMIT",
                                          "CREATE",
                                          "DELEGPURGE",
                                          "DELEGRETURN",
                                          "GETATTR",
                                          "GETFH",
                                          "LINK",
                                          "LOCK",
                                          "LOCKT",
                                          "LOCKU",
                                          "LOOKUP",
                                          "LOOKUPP",
                                          "NVERIFY",
                                          "OPEN",
                                          "OPENATTR",
                                          "OPEN_CONFIRM",
                                          "OPEN_DOWNGRADE",
                                          "PUTFH",
                                          "PUTPUBFH",
                                          "PUTROOTFH",
                                          "READ",
                                          "READDIR",
                                          "READLINK",
                                          "REMOVE",
                                          "RENAME",
                                          "RENEW",
                                          "RESTOREFH",
                                          "SAVEFH",
                                          "SECINFO",
                                          "SETATTR",
                                          "SETCLIENTID",
                                          "SETCLIENTID_CONFIRM",
                                          "VERIFY",
                                          "WRITE",
                                          "RELEASE_LOCKOWNER",
                                          "BACKCHANNEL_CTL",
                                          "BIND_CONN_TO_SESSION",
                                          "EXCHANGE_ID",
                                          "CREATE_SESSION",
                                          "DESTROY_SESSION",
                                          "FREE_STATEID",
                                          "GET_DIR_DELEGATION",
                                          "GETDEVICEINFO",
                                          "GETDEVICELIST",
                                          "LAYOUTCOMMIT",
                                          "LAYOUTGET",
                                          "LAYOUTRETURN",
                                          "SECINFO_NO_NAME",
                                          "SEQUENCE",
                                          "SET_SSV",
                                          "TEST_STATEID",
                                          "WANT_DELEGATION",
                                          "DESTROY_CLIENTID",
                                          "RECLAIM_COMPLETE",
                                          "ALLOCATE",
                                          "COPY",
                                          "COPY_NOTIFY",
                                          "DEALLOCATE",
                                          "IO_ADVISE",
                                          "LAYOUTERROR",
                                          "LAYOUTSTATS",
                                          "OFFLOAD_CANCEL",
                                          "OFFLOAD_STATUS",
                                          "READ_PLUS",
                                          "SEEK",
                                          "WRITE_SAME",
                                          "CLONE"};

constexpr std::size_t kSize2 = std::size(kVersion2), kSize3 = std::size(kVersion3),
                      kSize4 = std::size(kVersion4);

// Every name of every version; the value is the place of its first mention.
constexpr auto kNames = [] {
  std::array<NamedValue, kSize3 + kSize4 + kSize2> out{};
  std::size_t n = 0;
  const auto add = [&](std::string_view name) {
    std::uint64_t value = n;
    for (std::size_t i = 0; i < n; ++i)
      if (out[i].name == name) {
        value = i;
        break;
      }
    out[n++] = {name, value};
  };
  for (const auto name : kVersion3) add(name);
  for (const auto name : kVersion4) add(name);
  for (const auto name : kVersion2) add(name);
  return out;
}();

constexpr NamedValue kStatus[] = {{"OK", 0},
                                  {"ERR_PERM", 1},
                                  {"ERR_NOENT", 2},
                                  {"ERR_IO", 5},
                                  {"ERR_NXIO", 6},
                                  {"ERR_ACCES", 13},
                                  {"ERR_EXIST", 17},
                                  {"ERR_XDEV", 18},
                                  {"ERR_NODEV", 19},
                                  {"ERR_NOTDIR", 20},
                                  {"ERR_ISDIR", 21},
                                  {"ERR_INVAL", 22},
                                  {"ERR_FBIG", 27},
                                  {"ERR_NOSPC", 28},
                                  {"ERR_ROFS", 30},
                                  {"ERR_MLINK", 31},
                                  {"ERR_NAMETOOLONG", 63},
                                  {"ERR_NOTEMPTY", 66},
                                  {"ERR_DQUOT", 69},
                                  {"ERR_STALE", 70},
                                  {"ERR_REMOTE", 71},
                                  {"ERR_BADHANDLE", 10001},
                                  {"ERR_NOT_SYNC", 10002},
                                  {"ERR_BAD_COOKIE", 10003},
                                  {"ERR_NOTSUPP", 10004},
                                  {"ERR_TOOSMALL", 10005},
                                  {"ERR_SERVERFAULT", 10006},
                                  {"ERR_BADTYPE", 10007},
                                  {"ERR_JUKEBOX", 10008},
                                  {"ERR_SAME", 10009},
                                  {"ERR_DENIED", 10010},
                                  {"ERR_EXPIRED", 10011},
                                  {"ERR_LOCKED", 10012},
                                  {"ERR_GRACE", 10013},
                                  {"ERR_FHEXPIRED", 10014},
                                  {"ERR_WRONGSEC", 10016},
                                  {"ERR_NOFILEHANDLE", 10020},
                                  {"ERR_MINOR_VERS_MISMATCH", 10021},
                                  {"ERR_STALE_CLIENTID", 10022},
                                  {"ERR_STALE_STATEID", 10023},
                                  {"ERR_OLD_STATEID", 10024},
                                  {"ERR_BAD_STATEID", 10025},
                                  {"ERR_BAD_SEQID", 10026},
                                  {"ERR_ATTRNOTSUPP", 10032},
                                  {"ERR_BADXDR", 10036},
                                  {"ERR_OPENMODE", 10038},
                                  {"ERR_BADNAME", 10041}};

std::string_view name_of(std::uint32_t version, std::uint32_t procedure) {
  const auto in = [&](std::span<const std::string_view> names, std::uint32_t first) {
    return procedure >= first && procedure - first < names.size() ? names[procedure - first]
                                                                  : std::string_view{};
  };
  if (version == 2) return in(kVersion2, 0);
  if (version == 3) return in(kVersion3, 0);
  return procedure == 0 ? "NULL" : in(kVersion4, kFirst4);
}

}  // namespace

std::string procedure_name(std::uint32_t version, std::uint32_t procedure) {
  const std::string_view name = name_of(version, procedure);
  return name.empty() ? std::to_string(procedure) : std::string(name);
}

std::string status_name(std::uint32_t status) {
  const auto* at = std::ranges::find(kStatus, status, &NamedValue::value);
  return at == std::end(kStatus) ? std::to_string(status) : std::string(at->name);
}

std::span<const NamedValue> procedure_names() {
  return kNames;
}

std::optional<std::uint64_t> name_number(std::uint32_t version, std::uint32_t procedure) {
  const std::string_view name = name_of(version, procedure);
  const auto at = std::ranges::find(kNames, name, &NamedValue::name);
  if (name.empty() || at == kNames.end()) return std::nullopt;
  return at->value;
}

}  // namespace chieng::collector::nfs

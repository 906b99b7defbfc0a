#include "collector/protocol/smb/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>

namespace chieng::collector::smb {
namespace {

struct Name {
  std::uint32_t value;
  std::string_view name;
};

std::string_view find(std::span<const Name> names, std::uint32_t value) {
  const auto at = std::ranges::find(names, value, &Name::value);
  return at == names.end() ? std::string_view{} : at->name;
}

constexpr std::array<std::string_view, 19> kCommands2 = {"NEGOTIATE_PROTOCOL",
                                                         "SESSION_SETUP",
                                                         "SESSION_LOGOFF",
                                                         "TREE_CONNECT",
                                                         "TREE_DISCONNECT",
                                                         "CREATE",
                                                         "CLOSE",
                                                         "FLUSH",
                                                         "READ",
                                                         "WRITE",
                                                         "LOCK",
                                                         "IOCTL",
                                                         "CANCEL",
                                                         "KEEPALIVE",
                                                         "FIND",
                                                         "CHANGE_NOTIFY",
                                                         "GET_INFO",
                                                         "SET_INFO",
                                                         "OPLOCK_BREAK"};

constexpr Name kCommands1[] = {{0x00, "CREATE_DIRECTORY"},
                               {0x01, "DELETE_DIRECTORY"},
                               {0x02, "OPEN"},
                               {0x03, "CREATE"},
                               {0x04, "CLOSE"},
                               {0x05, "FLUSH"},
                               {0x06, "DELETE"},
                               {0x07, "RENAME"},
                               {0x08, "QUERY_INFORMATION"},
                               {0x09, "SET_INFORMATION"},
                               {0x0a, "READ"},
                               {0x0b, "WRITE"},
                               {0x0c, "LOCK_BYTE_RANGE"},
                               {0x0d, "UNLOCK_BYTE_RANGE"},
                               {0x0e, "CREATE_TEMPORARY"},
                               {0x0f, "CREATE_NEW"},
                               {0x10, "CHECK_DIRECTORY"},
                               {0x11, "PROCESS_EXIT"},
                               {0x12, "SEEK"},
                               {0x13, "LOCK_AND_READ"},
                               {0x14, "WRITE_AND_UNLOCK"},
                               {0x1a, "READ_RAW"},
                               {0x1d, "WRITE_RAW"},
                               {0x22, "SET_INFORMATION2"},
                               {0x23, "QUERY_INFORMATION2"},
                               {0x24, "LOCKING_ANDX"},
                               {0x25, "TRANS"},
                               {0x26, "TRANS_SECONDARY"},
                               {0x27, "IOCTL"},
                               {0x29, "COPY"},
                               {0x2a, "MOVE"},
                               {0x2b, "ECHO"},
                               {0x2c, "WRITE_AND_CLOSE"},
                               {0x2d, "OPEN_ANDX"},
                               {0x2e, "READ_ANDX"},
                               {0x2f, "WRITE_ANDX"},
                               {0x31, "CLOSE_AND_TREE_DISCONNECT"},
                               {0x32, "TRANS2"},
                               {0x33, "TRANS2_SECONDARY"},
                               {0x34, "FIND_CLOSE2"},
                               {0x35, "FIND_NOTIFY_CLOSE"},
                               {0x70, "TREE_CONNECT"},
                               {0x71, "TREE_DISCONNECT"},
                               {0x72, "NEGOTIATE_PROTOCOL"},
                               {0x73, "SESSION_SETUP_ANDX"},
                               {0x74, "LOGOFF_ANDX"},
                               {0x75, "TREE_CONNECT_ANDX"},
                               {0x80, "QUERY_INFO_DISK"},
                               {0x81, "SEARCH"},
                               {0x82, "FIND"},
                               {0x83, "FIND_UNIQUE"},
                               {0x84, "FIND_CLOSE"},
                               {0xa0, "NT_TRANS"},
                               {0xa1, "NT_TRANS_SECONDARY"},
                               {0xa2, "NT_CREATE_ANDX"},
                               {0xa4, "NT_CANCEL"},
                               {0xa5, "NT_RENAME"},
                               {0xc0, "OPEN_PRINT_FILE"},
                               {0xc1, "WRITE_PRINT_FILE"},
                               {0xc2, "CLOSE_PRINT_FILE"},
                               {0xc3, "GET_PRINT_QUEUE"}};

constexpr Name kDosErrors[] = {  // class << 16 | code
    {0x010001, "DOS_BADFUNC"},       {0x010002, "DOS_BADFILE"},   {0x010003, "DOS_BADPATH"},
    {0x010004, "DOS_NOFIDS"},        {0x010005, "DOS_NOACCESS"},  {0x010006, "DOS_BADFID"},
    {0x010007, "DOS_BADMCB"},        {0x010008, "DOS_NOMEM"},     {0x010010, "DOS_REMCD"},
    {0x010012, "DOS_NOFILES"},       {0x010020, "DOS_BADSHARE"},  {0x010021, "DOS_LOCK"},
    {0x010032, "DOS_UNSUP"},         {0x010050, "DOS_FILEXISTS"}, {0x010057, "DOS_INVALIDPARAM"},
    {0x0100e6, "DOS_BADPIPE"},       {0x0100e7, "DOS_PIPEBUSY"},  {0x0100e8, "DOS_PIPECLOSING"},
    {0x0100e9, "DOS_NOTCONNECTED"},  {0x0100ea, "DOS_MOREDATA"},  {0x020001, "SRV_ERROR"},
    {0x020002, "SRV_BADPW"},         {0x020004, "SRV_ACCESS"},    {0x020005, "SRV_BADTID"},
    {0x020006, "SRV_BADNETNAME"},    {0x020007, "SRV_BADDEVICE"}, {0x020040, "SRV_BADSMB"},
    {0x02005a, "SRV_TOO_MANY_UIDS"}, {0x02005b, "SRV_BADUID"},    {0x0200fb, "SRV_USE_MPX"},
    {0x0200fc, "SRV_USE_STD"},       {0x0200fd, "SRV_CONT_MPX"},  {0x02ffff, "SRV_NOSUPPORT"},
    {0x030013, "HRD_NOWRITE"},       {0x030015, "HRD_NOTREADY"},  {0x03001f, "HRD_GENERAL"}};

constexpr Name kControls[] = {{0x00060194, "FSCTL_DFS_GET_REFERRALS"},
                              {0x000601b0, "FSCTL_DFS_GET_REFERRALS_EX"},
                              {0x0009009c, "FSCTL_GET_OBJECT_ID"},
                              {0x000900a4, "FSCTL_SET_REPARSE_POINT"},
                              {0x000900a8, "FSCTL_GET_REPARSE_POINT"},
                              {0x000900ac, "FSCTL_DELETE_REPARSE_POINT"},
                              {0x000900c0, "FSCTL_CREATE_OR_GET_OBJECT_ID"},
                              {0x000900c4, "FSCTL_SET_SPARSE"},
                              {0x0009003c, "FSCTL_GET_COMPRESSION"},
                              {0x0009c040, "FSCTL_SET_COMPRESSION"},
                              {0x00090028, "FSCTL_FILESYSTEM_GET_STATISTICS"},
                              {0x00090064, "FSCTL_GET_NTFS_VOLUME_DATA"},
                              {0x000940cf, "FSCTL_QUERY_ALLOCATED_RANGES"},
                              {0x000980c8, "FSCTL_SET_ZERO_DATA"},
                              {0x00098208, "FSCTL_FILE_LEVEL_TRIM"},
                              {0x000900d7, "FSCTL_SET_ENCRYPTION"},
                              {0x00110008, "FSCTL_PIPE_DISCONNECT"},
                              {0x0011000c, "FSCTL_PIPE_LISTEN"},
                              {0x00110018, "FSCTL_PIPE_WAIT"},
                              {0x0011400c, "FSCTL_PIPE_PEEK"},
                              {0x0011c017, "FSCTL_PIPE_TRANSCEIVE"},
                              {0x00140078, "FSCTL_SRV_REQUEST_RESUME_KEY"},
                              {0x00144064, "FSCTL_SRV_ENUMERATE_SNAPSHOTS"},
                              {0x001440f2, "FSCTL_SRV_COPYCHUNK"},
                              {0x001480f2, "FSCTL_SRV_COPYCHUNK_WRITE"},
                              {0x001441bb, "FSCTL_SRV_READ_HASH"},
                              {0x001401d4, "FSCTL_LMR_REQUEST_RESILIENCY"},
                              {0x001401fc, "FSCTL_QUERY_NETWORK_INTERFACE_INFO"},
                              {0x00140204, "FSCTL_VALIDATE_NEGOTIATE_INFO"}};

constexpr std::array<std::string_view, 6> kDispositions = {"FILE_SUPERSEDE", "FILE_OPEN",
                                                           "FILE_CREATE",    "FILE_OPEN_IF",
                                                           "FILE_OVERWRITE", "FILE_OVERWRITE_IF"};

}  // namespace

std::string command_name(int version, std::uint16_t command) {
  if (version == 2)
    return command < kCommands2.size() ? fmt::format("SMB2_COMMAND_{}", kCommands2[command])
                                       : fmt::format("{}", command);
  const std::string_view name = find(kCommands1, command);
  return name.empty() ? fmt::format("{}", command) : fmt::format("SMB1_COMMAND_{}", name);
}

std::string_view dos_status_name(std::uint8_t klass, std::uint16_t code) {
  if (klass == 0 && code == 0) return "STATUS_SUCCESS";
  return find(kDosErrors, static_cast<std::uint32_t>(klass) << 16 | code);
}

std::string dialect_name(std::uint16_t dialect) {
  switch (dialect) {
    case 0:
      return "unknown";
    case 0x02ff:
      return "2.??";
    default:
      return fmt::format("{:x}.{:02x}", dialect >> 8, dialect & 0xff);
  }
}

std::string control_name(std::uint32_t code) {
  const std::string_view name = find(kControls, code);
  return name.empty() ? fmt::format("UNKNOWN ({:08x})", code) : std::string(name);
}

std::string_view disposition_name(std::uint32_t disposition) {
  return disposition < kDispositions.size() ? kDispositions[disposition] : "UNKNOWN";
}

std::string_view share_type_name(std::uint8_t type) {
  switch (type) {
    case 1:
      return "FILE";
    case 2:
      return "PIPE";
    case 3:
      return "PRINT";
    default:
      return "UNKNOWN";
  }
}

}  // namespace chieng::collector::smb

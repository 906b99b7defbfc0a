// What a child gives up before it reads anything from outside: its user, its capabilities, system
// calls, files. The steps that the kernel may lack (Landlock, seccomp) are tried and told, never
// required.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "core/error/result.h"

namespace chieng::agent {

struct SystemUser {
  uid_t uid = 0;
  gid_t gid = 0;                   // of the user itself
  gid_t shared_gid = 0;            // of the group that shares the spools
  std::vector<gid_t> more_groups;  // supplementary ones that the child keeps besides
};
// not_found where the user or the group does not exist.
[[nodiscard]] Result<SystemUser> find_user(const std::string& user, const std::string& group);

// not_found where there is none; the group of root is refused.
[[nodiscard]] Result<gid_t> find_group(const std::string& group);

struct Privileges {
  const SystemUser* user = nullptr;  // null: stay who we are
  bool net_raw = false;              // CAP_NET_RAW
  bool dac_read_search = false;      // CAP_DAC_READ_SEARCH
};
// Changes the user (if told), keeps exactly the named capabilities of those held, and sets
// no_new_privs. An error is final: the caller has to exit.
[[nodiscard]] Status drop_privileges(const Privileges& keep);

// The supervisor's own: what changes users, grants the children's capabilities and signals them.
// Nothing without root.
[[nodiscard]] Status drop_supervisor_privileges();

struct Confinement {
  std::vector<std::filesystem::path> read,
      write;              // folders or files; write includes read and making files
  bool internet = false;  // may open sockets to the network
};
// Best effort; what could not be set is returned as text for the log, empty where all was.
[[nodiscard]] std::string confine(const Confinement& limits);

// The child dies with its parent, writes files that others cannot read, dumps no core, opens at
// most `files` files.
[[nodiscard]] Status limit_child(pid_t parent, std::uint64_t files);

}  // namespace chieng::agent

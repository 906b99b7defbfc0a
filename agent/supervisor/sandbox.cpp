#include "agent/supervisor/sandbox.h"

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/supervisor/landlock.h"
#include "agent/supervisor/system_calls.h"

namespace chieng::agent {

Result<SystemUser> find_user(const std::string& user, const std::string& group) {
  SystemUser out;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) return fail(ErrorCode::not_found, "there is no system user " + user);
  out.uid = entry->pw_uid;
  out.gid = out.shared_gid = entry->pw_gid;
  if (out.uid == 0)
    return fail(ErrorCode::invalid_argument, user + " is root; a child needs a user of its own");
  CHIENG_TRY(out.shared_gid, find_group(group));
  return out;
}

Result<gid_t> find_group(const std::string& group) {
  const struct group* entry = getgrnam(group.c_str());
  if (entry == nullptr) return fail(ErrorCode::not_found, "there is no system group " + group);
  if (entry->gr_gid == 0)
    return fail(ErrorCode::invalid_argument, group + " is root's group; no child may be in it");
  return entry->gr_gid;
}

Status drop_privileges(const Privileges& keep) {
  capng_clear(CAPNG_SELECT_BOTH);
  const auto wanted = [](bool asked, unsigned capability) {
    if (asked)
      (void)capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                         capability);
  };
  // A capability that we do not hold cannot be kept: without root there is nothing to grant.
  const bool root = geteuid() == 0;
  wanted(keep.net_raw && (root || prctl(PR_CAPBSET_READ, CAP_NET_RAW) == 1), CAP_NET_RAW);
  wanted(keep.dac_read_search && root, CAP_DAC_READ_SEARCH);
  if (keep.user != nullptr) {
    std::vector<gid_t> groups = keep.user->more_groups;
    groups.push_back(keep.user->gid);
    if (setgroups(groups.size(), groups.data()) != 0) return fail_errno("cannot set groups", errno);
    // The shared group is the first: what the child writes belongs to it. The set-group-id bit on
    // the folder would do the same, but the unit's RestrictSUIDSGID forbids it.
    const int result =
        capng_change_id(static_cast<int>(keep.user->uid), static_cast<int>(keep.user->shared_gid),
                        static_cast<capng_flags_t>(CAPNG_CLEAR_BOUNDING));
    if (result != 0)
      return fail(ErrorCode::permission, "cannot become user " + std::to_string(keep.user->uid) +
                                             " (libcap-ng error " + std::to_string(result) + ")");
  } else if (root) {
    if (const int result = capng_apply(CAPNG_SELECT_BOTH); result != 0)
      return fail(ErrorCode::permission,
                  "cannot give up capabilities (libcap-ng error " + std::to_string(result) + ")");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail_errno("cannot set no_new_privs", errno);
  return {};
}

Status drop_supervisor_privileges() {
  if (geteuid() != 0) return {};
  capng_clear(CAPNG_SELECT_BOTH);
  for (const unsigned capability :
       {CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_KILL, CAP_NET_RAW, CAP_DAC_READ_SEARCH}) {
    const auto type =
        static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
    (void)capng_update(CAPNG_ADD, type, capability);
  }
  if (const int result = capng_apply(CAPNG_SELECT_BOTH); result != 0)
    return fail(ErrorCode::permission,
                "the supervisor cannot give up capabilities (libcap-ng error " +
                    std::to_string(result) + ")");
  return {};
}

std::string confine(const Confinement& limits) {
  std::string problems;
  const auto tell = [&](const Status& status) {
    if (!status) problems += (problems.empty() ? "" : "; ") + status.error().message();
  };
  tell(restrict_files(limits.read, limits.write));
  tell(restrict_system_calls(limits.internet));
  return problems;
}

Status limit_child(pid_t parent, std::uint64_t files) {
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
    return fail_errno("cannot tie the child to its parent", errno);
  // The parent may have died between fork and here.
  if (getppid() != parent) return fail(ErrorCode::unavailable, "the supervisor is gone");
  umask(027);
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return fail_errno("cannot forbid core files", errno);
  const rlimit open_files{files, files};
  if (setrlimit(RLIMIT_NOFILE, &open_files) != 0)
    return fail_errno("cannot limit open files", errno);
  return {};
}

}  // namespace chieng::agent

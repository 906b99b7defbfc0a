#include "agent/supervisor/system_calls.h"

#include <seccomp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace chieng::agent {
namespace {

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};

// New programs, other processes' memory, the kernel's own configuration: ways on for somebody who
// got in.
constexpr int kRefused[] = {SCMP_SYS(execve),
                            SCMP_SYS(execveat),
                            SCMP_SYS(ptrace),
                            SCMP_SYS(process_vm_readv),
                            SCMP_SYS(process_vm_writev),
                            SCMP_SYS(mount),
                            SCMP_SYS(umount2),
                            SCMP_SYS(pivot_root),
                            SCMP_SYS(chroot),
                            SCMP_SYS(unshare),
                            SCMP_SYS(setns),
                            SCMP_SYS(bpf),
                            SCMP_SYS(perf_event_open),
                            SCMP_SYS(userfaultfd),
                            SCMP_SYS(keyctl),
                            SCMP_SYS(add_key),
                            SCMP_SYS(request_key),
                            SCMP_SYS(init_module),
                            SCMP_SYS(finit_module),
                            SCMP_SYS(delete_module),
                            SCMP_SYS(kexec_load),
                            SCMP_SYS(kexec_file_load),
                            SCMP_SYS(reboot),
                            SCMP_SYS(swapon),
                            SCMP_SYS(swapoff),
                            SCMP_SYS(acct),
                            SCMP_SYS(quotactl),
                            SCMP_SYS(open_by_handle_at),
                            SCMP_SYS(personality)};

}  // namespace

Status restrict_system_calls(bool internet) {
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return fail(ErrorCode::unsupported, "libseccomp makes no filter here");
  constexpr std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
  // A call that this architecture does not have needs no rule.
  for (const int call : kRefused) (void)seccomp_rule_add(filter.get(), refuse, call, 0);
  if (!internet)
    for (const int family : {AF_INET, AF_INET6})
      (void)seccomp_rule_add(filter.get(), refuse, SCMP_SYS(socket), 1,
                             SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
  if (const int error = seccomp_load(filter.get()); error != 0)
    return fail_errno("the kernel takes no system call filter", -error);
  return {};
}

}  // namespace chieng::agent

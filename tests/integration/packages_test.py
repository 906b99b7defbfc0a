#!/usr/bin/env python3
"""The Debian packages: what is in them, with which rights, and that what they bring works from where they put it.

    packages_test.py --build FOLDER

Builds both packages twice from the programs of the build folder, into a temporary folder: they have to be equal, to hold
what an installation needs and nothing that others could write, and their programs have to run with their own settings.
"""
import argparse, ctypes, os, pathlib, re, shutil, signal, stat, struct, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("chieng-agent", "chieng-server")
SETTINGS = {"chieng-agent": "/etc/chieng/agent.yaml", "chieng-server": "/etc/chieng/server.yaml"}
NEEDED = {"chieng-agent": ("libhyperscan5", "libpcap0.8", "libpcre2-8-0", "libzmq5", "libcap-ng0", "libseccomp2", "systemd"),
          "chieng-server": ("libsqlite3-0", "libzmq5", "libssl3", "libsodium23", "systemd")}
HARDENED = ("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
            "RestrictNamespaces=yes", "SystemCallFilter=", "CapabilityBoundingSet=", "LimitCORE=0")
MOST_EXPOSED = {"chieng-agent": 4.5, "chieng-server": 1.5}  # of systemd-analyze security, 10 is open


def run(*cmd, check=True, **more):
    done = subprocess.run([str(c) for c in cmd], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False, **more)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, cmd))}: {done.stdout}{done.stderr}")
    return done


# The numbers of <linux/prctl.h>, <linux/seccomp.h>, <linux/capability.h> and of x86_64's system calls.
PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 24, 22, 38, 2
CAPABILITIES = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3, "CAP_KILL": 5, "CAP_SETGID": 6,
                "CAP_SETUID": 7, "CAP_SETPCAP": 8, "CAP_NET_RAW": 13}
MODE_ARGUMENTS = {90: 1, 91: 1, 268: 2}  # chmod, fchmod, fchmodat: which argument is the mode


def no_set_id_bits():
    """What systemd's RestrictSUIDSGID= does to chmod, as a program for the kernel's filter."""
    load, equal, any_bit, done = 0x20, 0x15, 0x45, 0x06
    code = [(load, 0, 0, 0)]
    for number, argument in MODE_ARGUMENTS.items():
        code += [(equal, 0, 3, number), (load, 0, 0, 16 + 8 * argument), (any_bit, 0, 1, 0o6000), (done, 0, 0, 0x00050001),
                 (load, 0, 0, 0)]
    code.append((done, 0, 0, 0x7FFF0000))
    return b"".join(struct.pack("HBBI", *line) for line in code), len(code)


def confine_as(unit):
    """Before exec: the capabilities and the set-id rule of the unit, as systemd would set them."""
    kept = {CAPABILITIES[c] for c in re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.MULTILINE)[1].split()}
    libc = ctypes.CDLL(None, use_errno=True)
    for number in range(64):
        if number not in kept:
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # EINVAL beyond the last one
    code, count = no_set_id_bits()
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", count, ctypes.addressof(buffer))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0):
        raise OSError(ctypes.get_errno(), "the filter is refused")


class Test:
    def __init__(self, build, folder):
        self.build, self.folder, self.passed, self.faults = pathlib.Path(build).resolve(), folder, 0, []

    def check(self, what, good, more=""):
        if good:
            self.passed += 1
        else:
            self.faults.append(f"{what} {more}".strip())

    def make(self):
        debs = []
        for out, mask in (("first", 0o022), ("second", 0o077)):
            done = run(ROOT / "packaging/deb/build.sh", self.build, self.folder / out, preexec_fn=lambda m=mask: os.umask(m))
            print(done.stdout, end="")
            debs.append({n: next((self.folder / out).glob(n + "_*.deb")) for n in NAMES})
        for name in NAMES:
            self.check(f"{name}: built twice, also under another umask, it is equal", debs[0][name].read_bytes() == debs[1][name].read_bytes())
            self.check(f"{name}: at most 20 MB", debs[0][name].stat().st_size < 20_000_000)
        return debs[0]

    def control(self, name, deb):
        info = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", deb).stdout.splitlines() if re.match(r"[A-Z][\w-]*: ", line))
        version = run(self.build / name.removeprefix("chieng-") / name, "version").stdout.split()[1]
        self.check(f"{name}: control fields", info["Package"] == name and info["Version"] == version and info["Section"] == "net", str(info))
        for needed in NEEDED[name]:
            self.check(f"{name}: depends on {needed}", re.search(rf"(^|, ){re.escape(needed)}( |,|$)", info["Depends"]), info["Depends"])
        control = self.folder / (name + ".control")
        run("dpkg-deb", "-e", deb, control)
        self.check(f"{name}: its settings, and they alone, are configuration", (control / "conffiles").read_text().split() == [SETTINGS[name]])
        for script in ("postinst", "prerm", "postrm"):
            self.check(f"{name}: {script} can be run", (control / script).stat().st_mode & 0o111 == 0o111)
            self.check(f"{name}: {script} is shell", run("sh", "-n", control / script, check=False).returncode == 0)
            self.check(f"{name}: {script} has no placeholder", "@NAME@" not in (control / script).read_text())

    def files(self, name, root):
        for path in root.rglob("*"):
            mode = path.lstat().st_mode
            where = "/" + str(path.relative_to(root))
            if stat.S_ISLNK(mode):
                continue
            self.check(f"{name}: {where} is the owner's alone to write, without set-id bits", not mode & 0o6022, oct(mode))
            wanted = 0o755 if path.is_dir() or where.startswith("/usr/bin/") else 0o640 if where.startswith("/etc/") else 0o644
            self.check(f"{name}: {where} has the mode {wanted:o}", stat.S_IMODE(mode) == wanted, oct(mode))
        for wanted in (f"usr/bin/{name}", f"usr/lib/systemd/system/{name}.service", f"usr/lib/sysusers.d/{name}.conf",
                       SETTINGS[name][1:], f"usr/share/doc/{name}/copyright", f"usr/share/doc/{name}/README.md"):
            self.check(f"{name}: has {wanted}", (root / wanted).is_file())

    def unit(self, name, root):
        unit = root / f"usr/lib/systemd/system/{name}.service"
        text = unit.read_text()
        for line in HARDENED:
            self.check(f"{name}: the unit has {line}", "\n" + line in text)
        if not shutil.which("systemd-analyze"):
            print("systemd-analyze is not here: the units are not verified")
            return
        # The same unit with the program where it was unpacked: verify asks whether it can be run.
        there = self.folder / unit.name
        there.write_text(text.replace("=/usr/bin/", f"={root}/usr/bin/"))
        verified = run("systemd-analyze", "verify", "--man=no", there, check=False)
        own = [line for line in verified.stderr.splitlines() if name in line]
        self.check(f"{name}: systemd takes the unit", not own, "\n".join(own))
        exposed = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit, check=False)
        level = re.search(r"exposure level for \S+: ([0-9.]+)", exposed.stdout)
        if level:
            self.check(f"{name}: exposed at most {MOST_EXPOSED[name]}", float(level[1]) <= MOST_EXPOSED[name], level[0])

    def programs(self, roots):
        for name, root in roots.items():
            self.check(f"{name}: runs from the package", run(root / "usr/bin" / name, "version").stdout.startswith(name))
        agent, server = (roots[n] / "usr/bin" / n for n in NAMES)
        done = run(agent, "rules", "check", "--config", roots["chieng-agent"] / "etc/chieng/agent.yaml",
                   *((roots["chieng-agent"] / "usr/share/chieng/content" / k) for k in ("rules", "sigma")), check=False)
        self.check("chieng-agent: every rule of the package loads under its settings", done.returncode == 0, done.stdout + done.stderr)
        data = self.folder / "data"
        done = run(server, "agency", "add", "--name", "Xã thử", "--config", roots["chieng-server"] / "etc/chieng/server.yaml",
                   "--set", f"data.folder={data}", check=False)
        self.check("chieng-server: takes its settings and adds an agency", re.fullmatch(r"[0-9a-f]{32}\n", done.stdout), done.stdout + done.stderr)

    def confined(self, root):
        """The agent under the unit's limits: it starts, its children run, and it ends."""
        if os.geteuid() != 0:
            print("not root: the agent is not started under its unit's limits")
            return
        unit = (root / "usr/lib/systemd/system/chieng-agent.service").read_text()
        state, settings, log = self.folder / "state", self.folder / "agent.yaml", self.folder / "agent.log"
        (self.folder / "auth.log").touch()
        settings.write_text(f"agent: {{folder: {state}}}\ncapture: {{interfaces: [lo]}}\nlogs: {{files: [{{path: {self.folder}/auth.log}}]}}\n")
        agent = root / "usr/bin/chieng-agent"
        self.folder.chmod(0o755)
        with open(log, "wb") as out:
            running = subprocess.Popen([agent, "run", "--config", settings], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                       preexec_fn=lambda: confine_as(unit))
            until, said = time.monotonic() + 30, ""
            while time.monotonic() < until and running.poll() is None:
                said = run(agent, "status", "--config", settings, check=False).stdout
                if re.search(r"packets\s+running", said) and re.search(r"logs\s+running", said) and "not enrolled" in said:
                    break
                time.sleep(0.2)
            else:
                self.check("chieng-agent: starts under its unit's limits", False, said + log.read_text())
            running.send_signal(signal.SIGTERM)
            self.check("chieng-agent: ends well under its unit's limits", running.wait(30) == 0, log.read_text())
        for path in state.rglob("*"):
            self.check(f"chieng-agent: {path.name} has no set-id bit", not path.stat().st_mode & 0o6000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-packages-"))
    test = Test(args.build, folder)
    try:
        debs, roots = test.make(), {}
        for name, deb in debs.items():
            roots[name] = folder / (name + ".root")
            run("dpkg-deb", "-x", deb, roots[name])
            test.control(name, deb)
            test.files(name, roots[name])
            test.unit(name, roots[name])
        test.programs(roots)
        test.confined(roots["chieng-agent"])
    except RuntimeError as error:
        test.faults.append(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in test.faults:
        print("FAIL", fault)
    print(f"{test.passed} passed, {len(test.faults)} failed")
    return 1 if test.faults else 0


if __name__ == "__main__":
    sys.exit(main())

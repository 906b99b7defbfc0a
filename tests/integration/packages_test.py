#!/usr/bin/env python3
"""The Debian packages: what is in them, with which rights, and that what they bring works from where they put it.

    packages_test.py --build FOLDER

Builds both packages twice from the programs of the build folder, into a temporary folder: they have to be equal, to hold
what an installation needs and nothing that others could write, and their programs have to run with their own settings.
"""
import argparse, os, pathlib, re, shutil, stat, subprocess, sys, tempfile

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

"""Faults of agents and servers that run: what they say, and that every log line is at the server once, whatever happens."""
import contextlib, json, os, pathlib, random, re, shutil, signal, subprocess, threading, time

from faults_alone import RULE, ask, line
from lab import Agent, Process, Server, wait_until


class Site:
    """An agent on one log file, whose alerts are told from others' by their source address."""
    count = 0

    def __init__(self, place, name, server=None, settings="", folder=None, files=None):
        Site.count += 1
        self.place, self.server, self.source = place, server, f"203.0.113.{Site.count}"
        self.folder = folder or place.folder / name
        self.folder.mkdir(exist_ok=True)
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        (self.rules / "failed.yml").write_text(RULE)
        self.log = self.folder / "auth.log"
        files = files or [self.log]
        self.agent = Agent(place.agent, self.folder / "agent", server,
                           "logs:\n  start: beginning\n  poll: 50ms\n  files:\n" + "".join(f"    - {{path: \"{f}\"}}\n" for f in files) +
                           f"sigma:\n  files: [\"{self.rules}\"]\n" + settings)
        if server:
            self.agent.enroll(server.enrol_token(server.add_agency("Xã " + name)))

    def start(self):
        self.agent.start()
        return self

    def write(self, numbers, more=""):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write("".join(line(n, self.source, "u" + more) for n in numbers))

    def said(self):
        return self.agent.process.text()

    def wait_said(self, *words, seconds=20):
        """Until each of the words was said; the log's text either way."""
        with contextlib.suppress(Exception):
            wait_until("", lambda: all(w.lower() in self.said().lower() for w in words), seconds)
        return self.said()

    def status(self):
        return ask(self.place.agent, "status", "--config", self.agent.config)

    def wait_status(self, *words, seconds=15):
        with contextlib.suppress(Exception):
            wait_until("", lambda: all(w.lower() in (s := self.status())[1].lower() + s[2].lower() for w in words), seconds, 0.3)
        code, out, error = self.status()
        return out + error

    def children(self):
        """Process ids of the children by their kind."""
        done = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(self.agent.process.pid)], capture_output=True, text=True, check=False)
        return {name.removeprefix("chieng-"): int(pid) for pid, name in (row.split() for row in done.stdout.splitlines())}

    def total(self, api):
        return sum(g["count"] for g in self.groups(api))

    def groups(self, api):
        try:
            return [g for g in api.all("/groups?status=all") if g["src"]["ip"] == self.source]
        except OSError:
            return []

    def arrived(self, check, wanted, seconds=30, api=None):
        """Each of the numbers is at the server exactly once."""
        api, wanted = api or self.server.api(), set(wanted)
        with contextlib.suppress(Exception):
            wait_until("", lambda: self.total(api) >= len(wanted), seconds, 0.3)
        seen = {}
        for group in self.groups(api):
            for item in api.all(f"/groups/{group['id']}/events"):
                number = int(item["event"]["process"]["pid"])
                seen[number] = seen.get(number, 0) + 1
        missing, twice = sorted(wanted - seen.keys()), sorted(n for n, times in seen.items() if times > 1)
        check.that(not missing, f"{len(missing)} of {len(wanted)} events are missing: {missing[:3]} to {missing[-3:]}")
        check.that(not twice, f"{len(twice)} events came more than once: {twice[:5]}")
        check.that(not seen.keys() - wanted, f"events that nobody wrote: {sorted(seen.keys() - wanted)[:5]}")


@contextlib.contextmanager
def running(*parts):
    try:
        yield
    finally:
        for part in parts:
            with contextlib.suppress(ProcessLookupError):
                if getattr(part, "agent", part).process:
                    getattr(part, "agent", part).stop()


@contextlib.contextmanager
def small_disk(folder, megabytes):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "chieng-faults", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def fill(path):
    """Takes every free byte of the disk that path is on."""
    with open(path, "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while ballast.write(b"\0" * size) == size:
                    pass


def rules(check, place):
    site = Site(place, "rules", settings=f"rules:\n  files: [\"{place.folder / 'rules.rules'}\"]\ncapture:\n  interfaces: [lo, nosuch0]\n")
    network = place.folder / "rules.rules"
    network.write_text('alert tcp any any -> any any (msg:"good"; content:"abc"; sid:1000001;)\nalert tcp any any -> any any (msg:"bad"; nosuchword; sid:1000002;)\n')
    (site.rules / "bad.yml").write_text(RULE.replace("condition: failed", "condition: failed and nosuch").replace("7a03", "7a04"))
    with running(site.start()):
        check.says(site.wait_said("1 Sigma rules in force", "1 rules in force", "nosuch0"), "1 Sigma rules in force, 1 did not load", "bad.yml", "nosuch",
                   "1 rules in force, 1 did not load", "rules.rules:2", "nosuchword", "cannot listen on nosuch0", "trying again")
        check.says(site.wait_status("1 of 2 rules", "nosuch0"), "2 interfaces (1 down)", "1 of 2 rules", "problem: cannot listen on nosuch0")
        network.write_text('alert tcp any any -> any any (msg:"good"; content:"abc"; sid:1000001;)\n' * 2 + "alert tcp any (\n")
        os.kill(site.agent.process.pid, signal.SIGHUP)
        check.says(site.wait_said("rules.rules:3"), "loading the rules again", "rules.rules:3")
        check.that(len(re.findall(r"\b1 rules in force", site.said())) >= 2, "the good rule is not in force after SIGHUP")
        shutil.move(site.rules, str(site.rules) + ".away")
        network.unlink()
        os.kill(site.agent.process.pid, signal.SIGHUP)
        check.says(site.wait_said("Sigma rules were not loaded", " rules were not loaded"), "Sigma rules were not loaded, those before stay in force",
                   str(site.rules), str(network), "No such file")
        check.says(site.wait_status("not loaded"), "1 of 2 rules", "problem: the rules were not loaded", "problem: the Sigma rules were not loaded", "those before stay")
        check.that(site.agent.process.alive(), "the agent ended")


def odd_logs(check, place, centre):
    folder = place.folder / "odd"
    names = ["auth.log", "noise.log", "late.log", "closed.log", "folder.log", "link.log"]
    files = {name: folder / name for name in names}
    site = Site(place, "odd", centre, files=list(files.values()))
    closed, late = files["closed.log"], files["late.log"]
    closed.write_text(line(500, site.source))
    closed.chmod(0)
    if os.geteuid() == 0:
        os.chown(closed, 65534, 65534)
    files["folder.log"].mkdir()
    files["link.log"].symlink_to(closed)
    files["noise.log"].write_bytes(random.Random(3).randbytes(300_000) + b"\n" + line(400, site.source).encode())
    with open(site.log, "wb") as log:
        log.write(line(0, site.source).encode() + b"\xff\xfe\x80 \xc3\x28 binary\n" + b"A" * 10_000_000 + b"\n" + b"\0" * 4096 + line(1, site.source).encode())
        log.write(line(2, site.source, "r\xff").encode("latin-1"))
    with running(site.start()):
        said = site.wait_said("closed.log cannot be opened", "not a regular file", "symbolic link")
        check.says(said, "closed.log cannot be opened: Permission denied", "folder.log is not a regular file", "link.log is a symbolic link")
        check.that(said.count("closed.log cannot be opened") == 1, "the same message again and again")
        check.says(site.wait_status("problem:"), "problem:", "6 files")
        late.write_text("".join(line(n, site.source) for n in range(100, 110)))
        os.chown(closed, os.geteuid(), os.getegid())
        closed.chmod(0o644)
        site.arrived(check, [0, 1, 2, 400, 500, *range(100, 110)])
        check.says(site.wait_said("longer than"), "auth.log", "longer than")


class Rotating(threading.Thread):
    """Writes numbered lines to a log that is rotated all the time, the way of `rotate`."""

    def __init__(self, path, source, numbers, rotate):
        super().__init__(daemon=True)
        self.path, self.source, self.numbers, self.rotate = path, source, list(numbers), rotate

    def run(self):
        log, step = open(self.path, "a", encoding="ascii"), 40
        for at in range(0, len(self.numbers), step):
            log.write("".join(line(n, self.source) for n in self.numbers[at:at + step]))
            log.flush()
            time.sleep(0.1)
            if at % 1000 == 960:
                log = self.rotate(self.path, log)
        log.close()


def older(path):
    for n in (4, 3, 2, 1):
        if (old := pathlib.Path(f"{path}.{n}")).exists():
            old.rename(f"{path}.{n + 1}")


def by_rename(path, log):
    older(path)
    path.rename(f"{path}.1")
    fresh = open(path, "a", encoding="ascii")
    log.write("")
    log.close()
    return fresh


def by_copy(path, log):
    older(path)
    shutil.copyfile(path, f"{path}.1")
    os.truncate(path, 0)
    return log


def rotation(check, place, centre):
    folder, dice, half = place.folder / "rotation", random.Random(11), 5000
    site = Site(place, "rotation", centre, files=[folder / "renamed.log", folder / "copied.log"])
    writers = [Rotating(folder / "renamed.log", site.source, range(half), by_rename),
               Rotating(folder / "copied.log", site.source, range(half, 2 * half), by_copy)]
    with running(site.start()):
        for writer in writers:
            writer.start()
        kills = 0
        while any(w.is_alive() for w in writers):
            time.sleep(dice.uniform(1, 2.5))
            site.agent.process.kill()
            kills += 1
            time.sleep(dice.uniform(0, 0.4))
            site.start()
        check.that(kills >= 4, f"only {kills} kills")
        site.arrived(check, range(2 * half), 40)


def centre_stops(check, place):
    centre = Server(place.server, place.folder / "stopped-server").start()
    site = Site(place, "stopped", centre)
    with running(site, centre):
        site.start().write(range(50))
        site.arrived(check, range(50))
        centre.stop()
        check.says(site.wait_said("server: waiting", "cannot connect"), "server: waiting", "cannot connect to tcp://127.0.0.1", "is the server running")
        site.write(range(50, 2000))
        check.says(site.wait_status("2000 lines", "cannot connect"), "waiting", "problem: cannot connect")
        site.agent.process.kill()
        site.start()
        centre.start()
        site.arrived(check, range(2000))
        check.says(site.wait_status(" 0 waiting", "connected"), "connected", " 0 waiting")


def spool_full(check, place):
    centre = Server(place.server, place.folder / "spool-server").start()
    disk = place.folder / "spool-disk"
    with small_disk(disk, 40):
        site = Site(place, "spool", centre, folder=disk / "site", files=[place.folder / "spool.log"])
        site.log = place.folder / "spool.log"
        with running(site, centre):
            site.start().write(range(20))
            site.arrived(check, range(20))
            centre.stop()
            fill(disk / "ballast")
            site.write(range(20, 2000), "x" * 6000)  # far more than the spool's open segment holds
            check.says(site.wait_said("the spool cannot be written", "status file cannot"), "the spool cannot be written", "No space left",
                       "events wait", "log lines")
            check.that(site.said().count("status file cannot be written") <= 1, "the same message about the status file again and again")
            check.says(site.wait_status("No space left", seconds=8), "No space left")
            site.agent.process.kill()
            site.start()
            time.sleep(3)
            (disk / "ballast").unlink()
            check.says(site.wait_said("written again", "running") if "written again" in site.said() else site.wait_status("running"), "running")
            centre.start()
            site.arrived(check, range(2000), 60)


def centre_full(check, place):
    disk = place.folder / "server-disk"
    with small_disk(disk, 48):
        centre = Server(place.server, disk / "server").start()
        site = Site(place, "full", centre)
        with running(site, centre):
            api = centre.api()
            site.start().write(range(20))
            site.arrived(check, range(20), api=api)
            fill(disk / "ballast")
            site.write(range(20, 1500), "x" * 3000)
            with contextlib.suppress(Exception):
                wait_until("", lambda: "no event is acknowledged" in centre.process.text(), 20)
            check.says(centre.process.text(), "no event is acknowledged until there is room", "disk", "the agents keep what they have")
            with contextlib.suppress(Exception):
                wait_until("", lambda: re.search(r"[1-9]\d* waiting", site.status()[1]), 15)
            status = site.status()[1]
            check.that(re.search(r"[1-9]\d* waiting", status), "nothing waits at the agent: " + status)
            check.that(centre.process.alive(), "the server ended")
            (disk / "ballast").unlink()
            site.arrived(check, range(1500), 60, api)
            check.says(centre.process.text(), "the disk has room again")


def wrong_key(check, place):
    centre = Server(place.server, place.folder / "key-server").start()
    site = Site(place, "key", centre)
    false = Server(place.server, place.folder / "false-server")
    false.config.write_text(centre.config.read_text().replace(str(centre.data), str(false.data)))
    false.port, false.transport, false.enrolment = centre.port, centre.transport, centre.enrolment
    with running(site, centre, false):
        centre.stop()
        false.start()
        site.start().write(range(100))
        said = site.wait_said("the key of tcp://")
        check.says(said, "server:", "the key of tcp://127.0.0.1")
        check.says(site.wait_status("100 lines", "key"), "100 alerts", "0 events acknowledged", "key")
        check.equal(len(false.api().all("/groups?status=all")), 0, "groups at the false server")
        false.stop()
        centre.start()
        site.arrived(check, range(100))


def revoked(check, place, centre):
    site = Site(place, "revoked", centre)
    with running(site):
        site.start().write(range(10))
        site.arrived(check, range(10))
        api = centre.api()
        mine = [a["id"] for a in api.get("/agents")["items"] if a["agency"]["name"] == "Xã revoked"]
        centre.command("agents", "revoke", mine[0])
        begin = time.monotonic()
        said = site.wait_said("server: refused", seconds=20)
        check.that(time.monotonic() - begin < 12, "the connection went on for more than 12 s")
        check.says(said, "server: refused", "not enrolled any more")
        site.write(range(10, 30))
        check.says(site.wait_status("refused", "30 lines"), "refused", "problem:", "not enrolled any more")
        time.sleep(1)
        check.equal(site.total(api), 10, "events of a revoked agent at the server")


def not_root(check, place, centre):
    site = Site(place, "nobody", centre)
    site.log.touch()
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    for path in [site.folder, *site.folder.rglob("*")] if as_nobody else []:
        os.chown(path, 65534, 65534)
    with running(site):
        site.agent.process = Process("chieng-agent", [*as_nobody, site.agent.program, "run", "--config", site.agent.config], site.folder / "agent/agent.log")
        site.write(range(30))
        site.arrived(check, range(30))
        check.says(site.said(), "not started as root", "all processes run as user")
        site.write(range(30, 60))
        site.agent.stop()
        check.says(site.said(), "stopping", "stopped")
        code, out, _ = site.status()
        check.equal(code, 1, "exit code of `status` on a stopped agent")
        check.says(out, "not running")
        site.write(range(60, 80))
        site.agent.process = Process("chieng-agent", [*as_nobody, site.agent.program, "run", "--config", site.agent.config], site.folder / "agent/agent.log")
        site.arrived(check, range(80))


def children(check, place, centre):
    site = Site(place, "children", centre, settings="capture:\n  interfaces: [lo]\n")
    with running(site):
        site.start().write(range(10))
        site.arrived(check, range(10))
        before = site.children()
        check.equal(sorted(before), ["logs", "packets", "shipper"], "the children")
        for n, kind in enumerate(("logs", "shipper", "packets")):
            victim = site.children()
            os.kill(victim[kind], signal.SIGKILL)
            site.write(range(10 + 100 * n, 110 + 100 * n))
            with contextlib.suppress(Exception):
                wait_until("", lambda: site.children().get(kind, victim[kind]) != victim[kind], 15)
            after = site.children()
            check.that(after.get(kind) not in (None, victim[kind]), f"{kind} was not started again")
            check.that(all(after.get(k) == victim[k] for k in victim if k != kind), f"others than {kind} changed: {victim} {after}")
            check.says(site.said(), f"{kind} was ended by signal 9", "starting again")
        site.arrived(check, range(310))
        check.says(site.wait_status("started again"), "started again 1 time")
        code, _, error = ask(place.agent, "run", "--config", site.agent.config)  # a second one on the same folder
        check.equal(code, 1, "exit code of a second agent on the folder")
        check.says(error, "already runs", str(site.agent.folder / "state"), str(site.agent.process.pid), "agent.folder")
        check.that(site.agent.process.alive(), "the first agent ended")
        site.write(range(310, 400))
        check.equal(site.agent.stop(), 0, "exit code after SIGTERM")
        site.start()
        site.arrived(check, range(400))
        json.loads(ask(place.agent, "status", "--json", "--config", site.agent.config)[1])

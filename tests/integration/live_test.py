#!/usr/bin/env python3
"""Live capture sees what an offline scan of the same packets sees, and tells every packet that it lost.

    live_test.py --build FOLDER [--shared DIR] [--keep DIR]

A pair of virtual interfaces in a network namespace; tcpreplay on the one, `chieng-agent run` with two workers on the
other. First the project's own captures (and those of the shared corpus, where it is there) at a pace that loses nothing:
events of each kind, their Community IDs and the alerts of each rule are as many as those of `scan`. Then a flood while
the agent is stopped: what the kernel's counters say was lost is what is missing. Exit 77 where this machine does not
allow it, with the reason.
"""
import argparse, collections, json, os, pathlib, random, shutil, signal, struct, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tests/lib", "tests/bench"):
    sys.path.insert(0, str(ROOT / folder))
from captures import HEADER, own_captures, read_pcap  # noqa: E402

LARGEST, PACE, FLOOD = 1 << 20, 4000, 40000  # bytes of a capture; packets a second; packets
RULES = """
alert http any any -> any any (msg:"get"; http.method; content:"GET"; sid:1;)
alert tcp any any -> any any (msg:"reply, two packets of a stream"; flow:established,to_client; content:"HTTP/1."; sid:2;)
alert dns any any -> any any (msg:"question"; dns.query; content:"."; sid:3;)
alert icmp any any -> any any (msg:"error"; itype:3; sid:4;)
alert tcp any any -> any any (msg:"each source once"; flags:S; threshold:type limit,track by_src,count 1,seconds 3600; sid:5;)
alert tcp any any -> any any (msg:"both sides"; flags:R; threshold:type both,track by_dst,count 2,seconds 3600; sid:6;)
alert udp any any -> any any (msg:"from where it was asked"; xbits:set,asks,track ip_src,expire 3600; dsize:>0; sid:7;)
alert ip any any -> any any (msg:"fragment"; fragbits:M; sid:8;)
"""


LIMITED = (5, 6)


class Skip(Exception):
    pass


def run(*cmd):
    try:
        return subprocess.run([str(c) for c in cmd], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise Skip(f"{cmd[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        raise Skip(f"`{' '.join(map(str, cmd))}` says: {(error.stderr or error.stdout).strip()}") from None


class Wire:
    """Two ends of a wire in a namespace whose kernel says nothing of its own."""

    def __init__(self):
        self.ns, self.sender, self.listener = f"chg-live-{os.getpid()}", "wire0", "wire1"

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("network namespaces need root")
        run("ip", "netns", "add", self.ns)
        try:
            run(*self.inside("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"))
            run("ip", "-n", self.ns, "link", "add", self.sender, "mtu", "65535", "type", "veth", "peer", "name", self.listener, "mtu", "65535")
            for end in (self.sender, self.listener):
                run("ip", "-n", self.ns, "link", "set", end, "arp", "off", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "delete", self.ns], capture_output=True, check=False)

    def inside(self, *cmd):
        return ["ip", "netns", "exec", self.ns, *map(str, cmd)]

    def replay(self, capture, *how):
        run(*self.inside("tcpreplay", "-q", "-i", self.sender, *how, capture))


class Agent:
    def __init__(self, program, wire, folder, **capture):
        folder.mkdir(parents=True)
        self.events, self.status, self.log = folder / "eve.json", folder / "status.json", folder / "agent.log"
        rules = folder / "live.rules"
        rules.write_text(RULES)
        settings = {"interfaces": f"[{wire.listener}]", "workers": 2, **capture}
        (folder / "agent.yaml").write_text(
            f"agent: {{folder: {folder}/agent, status_file: {self.status}}}\n"
            f"capture: {{{', '.join(f'{k}: {v}' for k, v in settings.items())}}}\n"
            f"rules: {{files: [{rules}]}}\noutputs: {{eve_file: {self.events}, eve_rotate: 1gb}}\n")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(wire.inside(program, "run", "--config", folder / "agent.yaml"), stdout=log, stderr=log)
        self.wait_for(lambda: self.packets().get("state") == "running" and self.packets().get("interfaces_down") == 0)

    def packets(self):
        try:
            children = json.loads(self.status.read_text())["children"]
        except (OSError, ValueError):
            return {}
        return next((c for c in children if c["kind"] == "packets"), {})

    def wait_for(self, ready, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"the agent is not ready; it said:\n{self.log.read_text()}")
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return [json.loads(line) for line in self.events.read_text().splitlines()]


def merged(sources, out):
    """All of the captures one after the other, as tcpreplay can send them, in packets that come at PACE from now on."""
    start, n = int(time.time()), 0
    with out.open("wb") as file:
        file.write(HEADER)
        for path in sources:
            if path.stat().st_size > LARGEST:
                continue
            for _, frame in read_pcap(path):
                if 14 <= len(frame) <= 65535:
                    file.write(struct.pack("<IIII", start + n // PACE, n % PACE * (1_000_000 // PACE), len(frame), len(frame)) + frame)
                    n += 1
    return n


def flood(out, count):
    """UDP datagrams of many hosts."""
    random.seed(7)
    with out.open("wb") as file:
        file.write(HEADER)
        for n in range(count):
            body = bytes(200)
            source, target = 0x0A000000 | random.randrange(1 << 16), 0xC0A80000 | random.randrange(1 << 8)
            head = struct.pack("!BBHHHBBHII", 0x45, 0, 28 + len(body), n & 0xFFFF, 0, 64, 17, 0, source, target)
            total = sum(struct.unpack("!10H", head))
            while total >> 16:
                total = (total & 0xFFFF) + (total >> 16)
            head = head[:10] + struct.pack("!H", ~total & 0xFFFF) + head[12:]
            frame = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0" + head + struct.pack("!HHHH", 5000, 6000, 8 + len(body), 0) + body
            file.write(struct.pack("<IIII", n // 10000, n % 10000 * 100, len(frame), len(frame)) + frame)


def counts(events):
    """How many events of each kind, of each Community ID in each kind, and alerts of each rule."""
    out = collections.Counter()
    for e in events:
        kind = e["event_type"]
        if kind in ("stats", "health"):
            continue
        out[kind] += 1
        # Limits count over several flows: how many alerts they let through is settled, but which flow's hangs on the order
        # of packets that two workers hold.
        if "community_id" in e and not (kind == "alert" and e["alert"]["signature_id"] in LIMITED):
            out[kind, e["community_id"]] += 1
        if kind == "alert":
            out["sid", e["alert"]["signature_id"]] += 1
    return out


def last(events, kind, code=None):
    found = [e[kind] for e in events if e["event_type"] == kind and (code is None or e[kind]["code"] == code)]
    if not found:
        raise SystemExit(f"the agent wrote no {kind} event{' ' + code if code else ''}")
    return found[-1]["params"] if code else found[-1]


def lost(events):
    capture = last(events, "health", "capture")
    return capture["total_dropped"] + capture["total_if_dropped"]


def same_events(args, wire, folder):
    sources = list(own_captures(folder))
    shared = args.shared / "corpus" / "network"
    sources += sorted(shared.rglob("*.pcap")) if shared.is_dir() else []
    capture = folder / "all.pcap"
    packets = merged(sources, capture)
    rules = folder / "scan.rules"
    rules.write_text(RULES)
    offline = subprocess.run([args.agent, "scan", "--rules", rules, "--set", "privacy.mask=true", capture], check=True, capture_output=True)
    want = counts(json.loads(line) for line in offline.stdout.splitlines())
    for attempt, pace in enumerate((PACE, PACE // 4)):
        agent = Agent(args.agent, wire, folder / f"same-{attempt}")
        wire.replay(capture, f"--pps={pace}")
        time.sleep(1)
        events = agent.stop()
        if lost(events) == 0:
            break
        print(f"{lost(events)} packets were lost at {pace} a second", flush=True)
    else:
        raise SystemExit("packets are lost even at a slow pace: nothing can be compared")
    got, seen = counts(events), last(events, "stats")["decoder"]["pkts"]
    if seen != packets:
        raise SystemExit(f"{packets} packets were sent, {seen} were seen, and no loss was reported")
    faults = [f"{key}: {want[key]} offline, {got[key]} live" for key in sorted({*want, *got}, key=str) if want[key] != got[key]]
    if faults:
        raise SystemExit(f"{len(faults)} counts differ:\n" + "\n".join(faults[:40]))
    print(f"{packets} packets of {len(sources)} captures: {sum(n for k, n in want.items() if isinstance(k, str))} events of "
          f"{sum(isinstance(k, str) for k in want)} kinds, the same live with two workers and offline", flush=True)


def drops_are_told(args, wire, folder):
    capture = folder / "flood.pcap"
    flood(capture, FLOOD)
    agent = Agent(args.agent, wire, folder / "flood", buffer="1mb")
    process = agent.packets()["pid"]
    os.kill(process, signal.SIGSTOP)
    try:
        wire.replay(capture, "--topspeed")
        time.sleep(0.5)
    finally:
        os.kill(process, signal.SIGCONT)
    time.sleep(1)
    events = agent.stop()
    stats, capture_health = last(events, "stats"), last(events, "health", "capture")
    seen, told = stats["decoder"]["pkts"], lost(events)
    if told == 0:
        raise SystemExit(f"{FLOOD} packets while nobody read, {seen} seen: none reported as lost")
    if seen + told != FLOOD:
        raise SystemExit(f"{FLOOD} packets were sent, {seen} seen, {told} reported as lost: {FLOOD - seen - told} are unaccounted for; {capture_health}")
    if stats["capture"]["kernel_packets"] - stats["capture"]["kernel_drops"] != seen:
        raise SystemExit(f"received less dropped is not what was seen ({seen}): {stats['capture']}")
    if capture_health["worst_minute_lost"] == 0 or capture_health["worst_minute_loss_ppm"] < 1e6 * told / FLOOD / 2:
        raise SystemExit(f"the worst minute does not show it: {capture_health}")
    print(f"{FLOOD} packets while nobody read: {seen} seen, {told} reported as lost", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path(os.environ.get("CHIENG_SHARED") or ROOT.parent / "shared"))
    parser.add_argument("--keep", type=pathlib.Path, help="leave captures and events in this folder")
    args = parser.parse_args()
    args.agent = (args.build / "agent" / "chieng-agent").resolve()
    args.shared = args.shared.resolve()
    folder = args.keep or pathlib.Path(tempfile.mkdtemp(prefix="chieng-live-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with Wire() as wire:
            same_events(args, wire, folder)
            drops_are_told(args, wire, folder)
    except Skip as why:
        print(f"skipped: {why}")
        return 77
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

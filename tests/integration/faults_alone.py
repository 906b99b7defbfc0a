"""Faults of the programs by themselves: settings, inputs of `scan`, tokens. No agent runs on."""
import json, os, random, struct, subprocess

from lab import free_port
from traffic import build as capture

RULE = """title: Failed log-in (fault test)
id: 6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a03
status: test
logsource: {product: linux, service: sshd}
detection:
  failed: {event.outcome: failure}
  condition: failed
level: medium
"""


def line(number, source="203.0.113.66", user="root"):
    return f"Nov 23 18:00:00 xa-01 sshd[{number}]: Failed password for {user} from {source} port 4022 ssh2\n"


def ask(program, *words, text=None, seconds=30):
    """(exit code, standard output, standard error) of a command."""
    done = subprocess.run([str(program), *map(str, words)], input=text, stdin=None if text else subprocess.DEVNULL, capture_output=True,
                          encoding="utf-8", errors="replace", timeout=seconds, check=False)
    return done.returncode, done.stdout, done.stderr


# What stands in a settings file, and what the refusal has to name beside file and line.
AGENT_SETTINGS = {
    "unknown-key": ("agent:\n  foldr: /tmp/x\n", ":2", "agent.foldr", "agent.folder"),
    "wrong-time": ("logs:\n  poll: soon\n", ":2", "logs.poll", "soon", "500ms"),
    "wrong-word": ("logs:\n  start: middle\n", ":2", "logs.start", "middle", "beginning"),
    "out-of-range": ("capture:\n  snap_length: 5\n", ":2", "capture.snap_length", "96 to 262144"),
    "bad-yaml": ("agent:\n  folder: [\n  x: y: z\n", ":3"),
    "twice": ("agent:\n  folder: a\n  folder: b\n", ":3", "twice"),
    "no-map": ("capture: 5\n", ":1", "capture"),
    "member": ("logs:\n  files:\n    - {pth: /var/log/auth.log}\n", ":3", "pth", "path: GLOB"),
    "format": ("logs:\n  files:\n    - {path: /var/log/auth.log, format: nosuch}\n", "logs.files", "nosuch", "sshd"),
    "relative": ("logs:\n  files:\n    - {path: log/auth.log}\n", "logs.files", "log/auth.log", "absolute"),
    "no-rules": ("sigma:\n  files: [/nonexistent/rules]\n", "sigma.files", "/nonexistent/rules", "No such file"),
}
SERVER_SETTINGS = {
    "unknown-key": ("api: {lsten: x}\n", ":1", "api.lsten", "api.listen"),
    "no-address": ("api: {listen: nonsense}\n", "api.listen", "nonsense", "127.0.0.1"),
    "bad-yaml": ("api: [\n", ":2"),
    "no-folder": ("data: {folder: /proc/nonexistent}\n", "/proc/nonexistent"),
}


def settings(check, place):
    for program, cases, wanted in ((place.agent, AGENT_SETTINGS, 2), (place.server, SERVER_SETTINGS, None)):
        for name, (text, *words) in cases.items():
            path = place.folder / f"{program.name}-{name}.yaml"
            path.write_text(text)
            code, _, error = ask(program, "run", "--config", path)
            check.that(code == wanted if wanted else code in (1, 2), f"{path.name}: exit code {code}")
            check.says(error, *([path.name + words[0], *words[1:]] if words[0].startswith(":") else words))
            check.that(error.count("\n") <= 3, f"{path.name}: {error.count(chr(10))} lines of message")
        code, _, error = ask(program, "run", "--config", place.folder / "absent.yaml")
        check.that(code in (1, 2), f"{program.name}: exit code {code} without a settings file")
        check.says(error, "absent.yaml", "No such file")


ATTACK = 'tcp 10.1.1.5:40000 -> 192.168.1.10:80\n> "GET /etc/passwd HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"\n< "HTTP/1.1 404 Not Found\\r\\n' \
         'Content-Length: 0\\r\\n\\r\\n"\nfin\n'


def pcapng(frames, garbage):
    """Section, interface, packets, then bytes that are no block."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 65535))
    for frame in frames:
        out += block(6, struct.pack("<IIIII", 0, 0x60000, 0, len(frame), len(frame)) + frame)
    return out + garbage


def frames_of(pcap):
    at = 24
    while at < len(pcap):
        size = struct.unpack_from("<I", pcap, at + 8)[0]
        yield pcap[at + 16:at + 16 + size]
        at += 16 + size


def inputs(check, place):
    dice, whole = random.Random(7), capture(ATTACK)
    noise = dice.randbytes(3000)
    # Name, bytes, exit code, alerts, words on standard error.
    cases = [
        ("whole.pcap", whole, 0, 1, []),
        ("cut.pcap", whole + whole[24:60], 0, 1, ["cut.pcap", "cut off or damaged"]),
        ("broken.pcap", whole + noise, 0, 1, ["broken.pcap", "cut off or damaged"]),
        ("header.pcap", whole[:20], 1, 0, ["header.pcap", "cannot be read as a capture"]),
        ("noise.pcapng", pcapng(frames_of(whole), b"\x07\0\0\0\x01\x02\x03\x04" + noise), 0, 1, ["noise.pcapng", "cut off or damaged"]),
        ("empty.log", b"", 0, 0, []),
        ("noise.log", dice.randbytes(50_000), 1, 0, ["noise.log", "neither a capture", "nor a log"]),
        ("cut.log", (line(1) + line(2)).encode()[:-1], 0, 2, []),
        ("text.log", line(1, user="r\xff\xfe").encode("latin-1") + line(2).encode(), 0, 2, []),
        ("long.log", line(1).encode() + b"A" * 10_000_000 + b"\n" + line(3).encode(), 0, 2, ["long.log:2", "cut"]),
        ("zeros.log", line(1).encode() + b"\0" * 5000 + b"\n" + line(3).encode(), 0, 2, []),
        ("cut.json", b'{"a":1}\n{"b":', 0, 0, ["cut.json:2", "does not end"]),
    ]
    (place.folder / "own.rules").write_text('alert http any any -> any any (msg:"passwd"; http.uri; content:"/etc/passwd"; sid:1000001;)\n')
    for name, data, wanted, alerts, words in cases:
        path = place.folder / name
        path.write_bytes(data)
        code, out, error = ask(place.agent, "scan", "--rules", place.folder / "own.rules", "--rules", place.rule, path)
        events = [json.loads(text) for text in out.splitlines()]
        check.equal(code, wanted, f"{name}: exit code")
        check.equal(sum(e["event_type"] == "alert" for e in events), alerts, f"{name}: alerts")
        check.says(error, *words)
        check.that(words or not error, f"{name}: {error}")
    for target, words in (("/dev/full", ["/dev/full", "No space left"]), ("/nonexistent/out", ["/nonexistent/out", "No such file"])):
        code, _, error = ask(place.agent, "scan", "--rules", place.rule, "--out", target, place.folder / "cut.log")
        check.equal(code, 1, f"--out {target}: exit code")
        check.says(error, *words)
    good = place.folder / "cut.log"
    code, out, error = ask(place.agent, "scan", "--rules", place.rule, place.folder / "absent.pcap", good)
    check.equal((code, out.count('"event_type":"alert"')), (1, 2), "an absent input beside a good one")
    check.says(error, "absent.pcap", "No such file")


def enrolment(check, place, server):
    agency = server.add_agency("Xã ghi danh")
    token = server.enrol_token(agency)

    def enrol(name, text, *more, at=None):
        config = place.folder / f"enrol-{name}.yaml"
        config.write_text(f"agent:\n  folder: {place.folder / name}\n")
        code, out, error = ask(place.agent, "enroll", "--config", config, "--server", f"127.0.0.1:{at or server.enrolment}", "--name", name, *more,
                               text=text + "\n")
        return code, out + error

    def refused(name, text, *words, **more):
        code, said = enrol(name, text, **more)
        check.equal(code, 1, f"{name}: exit code")
        check.says(said, *words)
        check.that(not (place.folder / name / "keys/identity.json").exists(), f"{name}: an identity was kept")

    refused("nothing", "", "no token was given", "enroll-token create")
    refused("other", "hello", "chieng1-", "token")
    refused("garbled", token[:60] + ("0" if token[60] != "0" else "1") + token[61:], "token", "wrong")
    refused("shortened", token[:-9], "token")
    refused("down", token, "cannot connect", at=free_port())
    code, said = enrol("first", token)
    check.equal(code, 0, "a good token: exit code " + said)
    check.says(said, "enrolled as first")
    refused("second", token, "has been used", "new one")
    before = (place.folder / "first/keys/identity.json").read_bytes()
    code, said = enrol("first", server.enrol_token(agency))
    check.equal(code, 1, "enrolled twice: exit code")
    check.says(said, "already enrolled as first", "--again")
    check.equal((place.folder / "first/keys/identity.json").read_bytes(), before, "the identity after a refused second enrolment")
    refused("unknown", place.foreign_token, "server", "fingerprint")
    expired = server.enrol_token(agency)
    place.expire_tokens(server)
    refused("late", expired, "expired", "new one")


def files_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.exists() else {}


def as_nobody():
    """The start of a command that gives up root, where we are root."""
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []

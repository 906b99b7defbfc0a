#!/usr/bin/env python3
"""Makes the large captures that whole programs are timed with: FOLDER/mix.pcap, http.pcap and today.pcap, each at least 100 MB.

    captures.py --out FOLDER [--shared DIR] [--targets DIR] [--megabytes N]

mix: the captures of the shared corpus (where it is not there, of the project's own cases), round after round with other
addresses, the packets of one round mingled. http: a real nginx answering real clients (wrk) in network namespaces, a
connection a request, half of it compressed. today: see today.py. What is there already is kept.
"""
import argparse, heapq, os, pathlib, signal, struct, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from office import SERVER, Office, Refused  # noqa: E402
from today import today  # noqa: E402

ETHERNET, HEADER = 1, struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
LARGEST = 4 << 20  # a single huge capture would be most of the mix
ROUND = 20.0       # seconds that one round takes


def read_pcap(path):
    """(seconds, frame) of a classic Ethernet capture of either byte order; nothing of others."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(data[:4])
    if order is None or len(data) < 24 or struct.unpack(order + "I", data[20:24])[0] != ETHERNET:
        return
    at = 24
    while at + 16 <= len(data):
        seconds, micros, kept, _ = struct.unpack(order + "IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + kept]
        if len(frame) < kept:
            return
        yield seconds + micros / 1e6, frame
        at += 16 + kept


def fold(total):
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def moved(frame, shift):
    """The frame with both IPv4 addresses moved by shift in their third and second byte, and its checksums with them (RFC 1624)."""
    if shift == 0 or len(frame) < 34 or frame[12:14] != b"\x08\x00" or frame[14] >> 4 != 4:
        return frame
    out, header = bytearray(frame), 14 + (frame[14] & 15) * 4
    before = struct.unpack("!4H", out[26:34])
    for at in (26, 30):
        moved_by = (out[at + 1] << 8 | out[at + 2]) + shift
        out[at + 1], out[at + 2] = moved_by >> 8 & 255, moved_by & 255
    change = sum((~b & 0xFFFF) + a for b, a in zip(before, struct.unpack("!4H", out[26:34])))
    fields = [24]
    first_fragment = (out[20] << 8 | out[21]) & 0x1FFF == 0
    if first_fragment and out[23] in (6, 17):
        fields.append(header + (16 if out[23] == 6 else 6))
    for at in fields:
        if at + 2 > len(out) or (out[at:at + 2] == b"\0\0" and at != 24):
            continue
        old = out[at] << 8 | out[at + 1]
        struct.pack_into("!H", out, at, ~fold((~old & 0xFFFF) + change) & 0xFFFF)
    return bytes(out)


def own_captures(folder):
    from traffic import build  # the cases' traffic as captures
    for text in sorted((ROOT / "tests/cases/network").glob("*/traffic.txt")):
        path = folder / (text.parent.name + ".pcap")
        path.write_bytes(build(text.read_text(encoding="utf-8")))
        yield path


def mix(out, sources, size):
    captures = [[frame for _, frame in read_pcap(p)] for p in sources if p.stat().st_size <= LARGEST]
    captures = [c for c in captures if c]
    written, shift = out.write(HEADER), 0
    while written < size:
        # Each capture's packets are spread over the round, so that flows of many stand side by side.
        lanes = [[((i + 1) / (len(c) + 1), n, frame) for i, frame in enumerate(c)] for n, c in enumerate(captures)]
        for when, _, frame in heapq.merge(*lanes):
            stamp = 1_700_000_000 + (shift + when) * ROUND
            frame = moved(frame, shift)
            written += out.write(struct.pack("<IIII", int(stamp), int(stamp % 1 * 1e6), len(frame), len(frame)) + frame)
        shift += 1


class Site(Office):
    """The office with a larger web site: pages of 1 to 200 KB, compressed for those who take it."""
    nginx_more = "gzip on; gzip_comp_level 4;"

    def nginx(self):
        words = (ROOT / "docs/architecture.md").read_text(encoding="utf-8") + (ROOT / "docs/wire-protocol.md").read_text(encoding="utf-8")
        for kilobytes in (1, 8, 40, 200):
            text = (words * (kilobytes * 1024 // len(words) + 1))[:kilobytes * 1024]
            (self.folder / f"www/{kilobytes}.html").write_text(text, encoding="utf-8")
        super().nginx()


def http(path, targets, size):
    with tempfile.TemporaryDirectory(prefix="chieng-bench-") as folder:
        site = Site(targets, pathlib.Path(folder))
        site.start()
        capture = subprocess.Popen(["tcpdump", "-i", site.interface, "-B", "131072", "-s", "0", "-U", "-w", str(path), "tcp", "port", "80"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            time.sleep(1)
            packed, turn = ["-H", "Accept-Encoding: gzip"], 0
            while path.stat().st_size < size:
                page, more = (1, 8, 40, 200)[turn // 2 % 4], packed if turn % 2 else []
                done = site.outside("wrk", "-t1", "-c8", "-d2s", "-H", "Connection: close", *more, f"http://{SERVER}/{page}.html?turn={turn}")
                if done.returncode:
                    raise RuntimeError("wrk: " + done.stderr + done.stdout)
                turn += 1
        finally:
            capture.send_signal(signal.SIGINT)
            said = capture.communicate()[1]
            site.stop()
        print("http.pcap:", " · ".join(line for line in said.splitlines() if "packets" in line))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--shared", type=pathlib.Path, default=os.environ.get("CHIENG_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--targets", type=pathlib.Path, default=ROOT / "build/targets")
    parser.add_argument("--megabytes", type=int, default=100)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    size, status = args.megabytes * 1_000_000, 0
    for name in ("mix", "http", "today"):
        whole, part = args.out / (name + ".pcap"), args.out / (name + ".pcap.part")
        if whole.exists() and whole.stat().st_size >= size:
            continue
        begin = time.monotonic()
        try:
            if name == "http":
                http(part, args.targets, size)
            elif name == "today":
                with tempfile.TemporaryDirectory(prefix="chieng-bench-") as folder:
                    today(part, pathlib.Path(folder), args.targets, size)
            else:
                with tempfile.TemporaryDirectory() as folder, open(part, "wb") as out:
                    corpus = sorted((pathlib.Path(args.shared) / "corpus/network/pcaps").glob("*.pcap*"))
                    mix(out, corpus or list(own_captures(pathlib.Path(folder))), size)
            part.rename(whole)
            print(f"{whole}: {whole.stat().st_size / 1e6:.0f} MB in {time.monotonic() - begin:.0f} s")
        except (Refused, RuntimeError, FileNotFoundError) as error:
            print(f"captures.py: {name}.pcap could not be made: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())

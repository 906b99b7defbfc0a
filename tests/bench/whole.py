#!/usr/bin/env python3
"""Times whole programs over the large captures, one worker, in one run; ratios count, not absolute figures.

    whole.py --agent FILE --captures FOLDER [--shared DIR] [--rules PATH]...

For each capture: libpcap reading alone, the collector alone, with all events made, and with rules; beside them the peer
(shared/tools/suricata_peer), where it is there. Everything runs on one processor, in turn.
"""
import argparse, json, os, pathlib, re, subprocess, sys

TARGET = 2.5


def on_one_processor():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def run(*cmd):
    return subprocess.run([str(c) for c in cmd], capture_output=True, text=True, check=False, preexec_fn=on_one_processor)


def line(name, packets, octets, seconds, more=""):
    print(f"  {name:<22}{packets / seconds / 1e6:8.3f} Mpps {octets * 8 / seconds / 1e9:8.2f} Gbit/s   {more}", flush=True)
    return packets / seconds


def ours(agent, capture, stage, rules):
    done = run(agent, "bench", "--stage", stage, *(x for r in rules for x in ("--rules", r)), capture)
    if done.returncode:
        sys.exit(f"whole.py: {done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def peer(shared, capture, rules):
    """The peer's packets a second and what else it says; None where it is not there."""
    tool = shared / "tools/suricata_peer"
    if not tool.exists():
        return None
    done = run(tool, "time", *(x for r in rules for x in ("--rules", r)), capture)
    if done.returncode:
        print("  the peer did not run:", (done.stderr or done.stdout).strip()[-200:])
        return None
    return done.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", required=True, type=pathlib.Path)
    parser.add_argument("--captures", required=True, type=pathlib.Path)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path(os.environ.get("CHIENG_SHARED", "../shared")))
    parser.add_argument("--rules", action="append", default=[])
    args = parser.parse_args()
    captures = sorted(args.captures.glob("*.pcap"))
    if not captures:
        sys.exit(f"whole.py: no captures in {args.captures}: run make bench-captures")
    ratios = []
    for capture in captures:
        print(f"{capture.name}, {capture.stat().st_size / 1e6:.0f} MB")
        rates = {}
        for name, stage, rules in (("libpcap alone", "read", []), ("collector", "collector", []), ("with all events", "events", []),
                                   ("with rules", "whole", args.rules)):
            if stage == "whole" and not args.rules:
                continue
            out = ours(args.agent, capture, stage, rules)
            more = f"peak {out['peak_rss_bytes'] / 1e6:.0f} MB" + (f", loaded in {out['load_s']:.1f} s, {out['alerts']} alerts" if rules else "")
            rates[stage] = line(name, out["packets"], out["bytes"], max(out["run_s"], 1e-6), more)
        for stage, rules in (("collector", []), ("whole", args.rules)):
            said = peer(args.shared, capture, rules) if stage in rates else None
            if said is None:
                continue
            print(f"  the peer{', with rules' if rules else ''}: {said}")
            rate = re.search(r"([0-9.]+)\s*Mpps", said)
            if rate:
                ratio = rates[stage] / 1e6 / float(rate[1])
                print(f"  ours to the peer's: {ratio:.2f}")
                ratios.append((capture.name, stage, ratio))
    if ratios:
        print(f"\nPackets a second, ours to the peer's (the target of the collector is {TARGET}):")
    for name, stage, ratio in ratios:
        verdict = "" if stage != "collector" else "  reached" if ratio >= TARGET else "  MISSED"
        print(f"  {name:<14}{'with rules' if stage == 'whole' else stage:<12}{ratio:6.2f}{verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

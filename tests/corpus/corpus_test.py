#!/usr/bin/env python3
"""Measures the agent on the shared corpora, where they are: corpus_test.py KIND --agent PATH

KIND: network, auth-logs, sigma, rules. No run may crash, hang or write bad output, and the share that passes may not fall
below the floor in floors.json (raised as the agent gets better). Exit 77, and a word why, where $CHIENG_SHARED has no corpora.
"""
import argparse, json, os, pathlib, re, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
SHARED = pathlib.Path(os.environ.get("CHIENG_SHARED") or HERE.parents[1] / "../shared").resolve()


def tool(name, *arguments):
    done = subprocess.run([sys.executable, str(SHARED / "tools" / name), *arguments], capture_output=True, text=True, check=False)
    tail = [line for line in done.stdout.splitlines() if line][-12:]
    print("\n".join(tail))
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    if not counts:
        sys.exit(f"{name} gave no result: {done.stderr[-1000:]}")
    ok, bad = int(counts[1]), int(counts[2])
    return 100 * ok / max(1, ok + bad), done.stdout


def network(agent):
    share, text = tool("verify_network.py", "--agent", agent, str(SHARED / "corpus/network"))
    broken = re.search(r"^broken runs.*: (\d+)$", text, re.M)
    if broken and int(broken[1]):
        sys.exit("FAIL: broken runs, see above")
    return share


def rules(agent):
    done = subprocess.run([agent, "rules", "check", "--json", str(SHARED / "rulesets/et-open")], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    unexplained = [f for f in report["failed"] if not f.get("reason")]
    if unexplained or report["loaded"] + len(report["failed"]) < report["rules"]:
        sys.exit(f"FAIL: rules that neither load nor have a reason: {unexplained[:3]}")
    return 100 * report["loaded"] / report["rules"]


KINDS = {
    "network": ("corpus/network", network),
    "auth-logs": ("corpus/auth-logs", lambda agent: tool("verify_logs.py", "--agent", agent, str(SHARED / "corpus/auth-logs"))[0]),
    "sigma": ("corpus/sigma", lambda agent: tool("verify_logs.py", "--agent", agent, "--rules", str(SHARED / "rulesets/sigma"), str(SHARED / "corpus/sigma"))[0]),
    "rules": ("rulesets/et-open", rules),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--agent", required=True)
    args = parser.parse_args()
    where, measure = KINDS[args.kind]
    if not (SHARED / where).is_dir():
        print(f"skipped: {SHARED / where} is not here; set CHIENG_SHARED to measure")
        sys.exit(77)
    floor = json.loads((HERE / "floors.json").read_text())[args.kind]
    share = measure(args.agent)
    print(f"{args.kind}: {share:.1f} % (floor {floor} %)")
    sys.exit(0 if share >= floor else 1)


if __name__ == "__main__":
    main()

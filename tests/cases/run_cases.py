#!/usr/bin/env python3
"""Runs `chieng-agent scan` on every case below this folder and compares its events with what the case expects.

A case is a folder with `expect.json` and its inputs:
  traffic.txt   made into a capture (tests/lib/traffic.py), or any other input file named in "inputs"
  *.rules, *.yml  rules, given with --rules
  expect.json   {"about": "...", "args": [...], "inputs": [...], "exit": 0, "checks": [{"match": {...}, "count": n}],
                 "stderr": ["text that has to be there"]}
A match names fields by dotted path; `__contains`, `__startswith`, `__endswith`, `__gt`, `__gte`, `__len` may end it;
"has-key" and "not-has-key" take a path or a list. `at_least` may stand instead of `count`.
Every event is also checked against docs/event-schema.json.

Usage: run_cases.py --agent PATH [--only NAME] [--keep] [FOLDER...]
"""
import argparse, json, os, pathlib, re, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import traffic  # noqa: E402

try:
    import jsonschema
except ImportError:
    sys.exit("run_cases: python3-jsonschema is missing: apt-get install python3-jsonschema")

OPERATIONS = {
    "__contains": lambda got, want: want in got,
    "__startswith": lambda got, want: got.startswith(want),
    "__endswith": lambda got, want: got.endswith(want),
    "__gt": lambda got, want: got > want,
    "__gte": lambda got, want: got >= want,
    "__len": lambda got, want: len(got) == want,
}
ABSENT = object()


def look_up(path, event):
    here = event
    for part in path.split("."):
        if part in OPERATIONS:
            return here
        name, *indexes = re.findall(r"[^\[\]]+", part)
        if not isinstance(here, dict) or name not in here:
            return ABSENT
        here = here[name]
        for i in indexes:
            if not isinstance(here, list) or int(i) >= len(here):
                return ABSENT
            here = here[int(i)]
    return here


def holds(path, want, event):
    if path in ("has-key", "not-has-key"):
        paths = want if isinstance(want, list) else [want]
        return all((look_up(p, event) is not ABSENT) == (path == "has-key") for p in paths)
    got = look_up(path, event)
    operation = OPERATIONS.get(path.rsplit(".", 1)[-1])
    if got is ABSENT:
        return False
    if operation:
        try:
            return operation(got, want)
        except TypeError:
            return False
    return got == want and isinstance(got, bool) == isinstance(want, bool)


def run_case(agent, folder, validator, keep):
    spec = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as work:
        inputs = [str(folder / name) for name in spec.get("inputs", [])]
        if (folder / "traffic.txt").exists():
            capture = pathlib.Path(work, "traffic.pcap")
            capture.write_bytes(traffic.build((folder / "traffic.txt").read_text(encoding="utf-8")))
            inputs.append(str(capture))
            if keep:
                pathlib.Path("/tmp", folder.name + ".pcap").write_bytes(capture.read_bytes())
        rules = [a for p in sorted(folder.iterdir()) if p.suffix in (".rules", ".yml") for a in ("--rules", str(p))]
        out = pathlib.Path(work, "events.json")
        try:
            done = subprocess.run([agent, "scan", *rules, *spec.get("args", []), "--out", str(out), *inputs], cwd=folder,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            return "does not end within 120 s"
        errors = done.stderr.decode(errors="replace")
        if done.returncode != spec.get("exit", 0):
            return f"exit {done.returncode}, not {spec.get('exit', 0)}: {errors[-1500:]}"
        for text in spec.get("stderr", []):
            if text not in errors:
                return f"standard error lacks {text!r}: {errors[-500:]}"
        try:
            lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
            events = [json.loads(line) for line in lines]
        except ValueError as error:
            return f"output is not JSON: {error}"
    for event in events:
        fault = next(iter(validator.iter_errors(event)), None)
        if fault:
            return f"event does not follow the schema: {'/'.join(map(str, fault.path))}: {fault.message[:300]} in {json.dumps(event)[:400]}"
    faults = []
    for check in spec["checks"]:
        count = sum(all(holds(k, v, e) for k, v in check["match"].items()) for e in events)
        wrong = count < check["at_least"] if "at_least" in check else count != check["count"]
        if wrong:
            faults.append(f"{json.dumps(check['match'])}: {count}, not {check.get('count', check.get('at_least'))}")
    if faults and keep:
        faults += [json.dumps(e)[:600] for e in events]
    return "\n    ".join(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--keep", action="store_true", help="keep captures in /tmp and print all events of a failed case")
    parser.add_argument("folders", nargs="*", default=[str(HERE)])
    args = parser.parse_args()
    schema = json.loads((HERE.parent.parent / "docs" / "event-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    cases = sorted(p.parent for root in args.folders for p in pathlib.Path(root).rglob("expect.json"))
    cases = [c for c in cases if not args.only or c.name in args.only]
    if not cases:
        sys.exit("run_cases: no case matches")
    failed = 0
    for folder in cases:
        why = run_case(os.path.abspath(args.agent), folder, validator, args.keep)
        failed += bool(why)
        if why:
            print(f"FAIL {folder.relative_to(HERE)}: {why}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

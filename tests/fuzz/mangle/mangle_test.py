#!/usr/bin/env python3
"""The short form of the proof that damaged packets do no harm: the project's own captures (tests/cases), cut and
mutated, through `mangle`. The long form: mangle --captures FOLDER --rules FOLDER, of a build with sanitizers.

Usage: mangle_test.py MANGLE
"""
import pathlib, re, subprocess, sys, tempfile

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS / "lib"))
import traffic  # noqa: E402

# Every case counts its rules from 1.
cases = sorted((TESTS / "cases" / "network").iterdir())
texts = [path.read_text(encoding="utf-8") for case in cases for path in sorted(case.glob("*.rules"))]
lines = [line for text in texts for line in text.splitlines() if line.strip() and not line.startswith("#")]
rules = [re.sub(r"sid:\s*\d+", f"sid:{number}", line) for number, line in enumerate(lines, 1)]

with tempfile.TemporaryDirectory() as folder:
    all_rules = pathlib.Path(folder, "all.rules")
    all_rules.write_text("\n".join(rules), encoding="utf-8")
    captures = pathlib.Path(folder, "captures")
    captures.mkdir()
    for case in cases:
        text = case / "traffic.txt"
        if text.exists():
            (captures / f"{case.name}.pcap").write_bytes(traffic.build(text.read_text(encoding="utf-8")))
    sys.exit(subprocess.run([sys.argv[1], "--captures", captures, "--rules", all_rules, "--mutations", "2000"]).returncode)

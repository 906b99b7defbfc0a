#!/usr/bin/env python3
"""Faults with the real programs: each gives a clear message, and nothing is lost.

    faults_test.py --build FOLDER [--only NAME,NAME] [--keep]

Wrong settings, corrupt inputs, tokens, rules, logs that are odd or rotated while the agent is killed, full disks at
either end, a stopped, false or forgetful server, children that die. Root is needed for the full disks, live capture and
the change of user; without it those parts are left out, and it says so.
"""
import argparse, os, pathlib, shutil, sqlite3, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
sys.path.insert(0, str(ROOT / "tests" / "integration"))
import faults_alone, faults_running  # noqa: E402
from check import Checks  # noqa: E402
from lab import Server  # noqa: E402


class Place:
    """Where the test works, and the programs under test."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-faults-"))
        self.folder.chmod(0o755)
        self.agent, self.server = (build / "agent/chieng-agent").resolve(), (build / "server/chieng-server").resolve()
        self.rule = self.folder / "failed.yml"
        self.rule.write_text(faults_alone.RULE)
        self.foreign_token = ""

    @staticmethod
    def expire_tokens(server):
        """Nobody waits for the shortest life of a token, a minute."""
        with sqlite3.connect(server.data / "core.db", timeout=10) as core:
            core.execute("UPDATE enrol_tokens SET expires = 1000000")
        core.close()


def can_mount(place):
    if os.geteuid() != 0:
        return False
    try:
        with faults_running.small_disk(place.folder / "probe", 1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--only", help="names of parts, with commas between them")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    place, check = Place(args.build), Checks()
    centre = Server(place.server, place.folder / "centre").start()
    other = Server(place.server, place.folder / "other").start()
    place.foreign_token = other.enrol_token(other.add_agency("Xã khác"))
    other.stop()
    running, alone = faults_running, faults_alone
    parts = [("settings", alone.settings, ()), ("inputs", alone.inputs, ()), ("enrolment", alone.enrolment, (centre,)), ("odd_logs", running.odd_logs, (centre,)),
             ("rotation", running.rotation, (centre,)), ("centre_stops", running.centre_stops, ()), ("wrong_key", running.wrong_key, ()),
             ("revoked", running.revoked, (centre,)), ("not_root", running.not_root, (centre,))]
    if os.geteuid() == 0:
        parts += [("rules", running.rules, ()), ("children", running.children, (centre,))]
    if can_mount(place):
        parts += [("spool_full", running.spool_full, ()), ("centre_full", running.centre_full, ())]
    if len(parts) < 13:
        print(f"{13 - len(parts)} parts need root and the right to mount; they are left out")
    for name, function, arguments in parts:
        if args.only and name not in args.only.split(","):
            continue
        begin = time.monotonic()
        fine = check.part(name, function, place, *arguments)
        print(f"{'ok  ' if fine else 'FAIL'} {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    centre.stop()
    if check.failed or args.keep:
        print("kept:", place.folder)
    else:
        shutil.rmtree(place.folder, ignore_errors=True)
    return check.close()


if __name__ == "__main__":
    sys.exit(main())

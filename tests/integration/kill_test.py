#!/usr/bin/env python3
"""kill -9 of the server and of the agent while events flow: every event arrives once, none is missing.

    kill_test.py --build FOLDER [--events 100000] [--kills 12] [--seed N]

A writer appends log lines to a file, each with a number of its own; the agent turns each into an alert. Server and agent
are killed in turn at random moments and started again. At the end every number has to be at the server exactly once, and
the group's count has to be exact.
"""
import argparse, pathlib, random, re, shutil, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from lab import Agent, Server, wait_until  # noqa: E402

RULE = """
title: Failed password (kill test)
id: 6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a01
status: test
logsource: {product: linux, service: sshd}
detection:
  failed: {event.outcome: failure}
  condition: failed
level: medium
"""


class Writer(threading.Thread):
    """Appends the lines evenly over `seconds`."""

    def __init__(self, path, count, seconds):
        super().__init__(daemon=True)
        self.path, self.count, self.seconds, self.written = path, count, seconds, 0

    def run(self):
        begin = time.monotonic()
        with open(self.path, "a", encoding="ascii") as log:
            while self.written < self.count:
                due = min(self.count, int(self.count * (time.monotonic() - begin) / self.seconds) + 1)
                lines = []
                for n in range(self.written, due):
                    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
                    lines.append(f"{stamp} xa-01 sshd[{n}]: Failed password for root from 203.0.113.66 port 4022 ssh2\n")
                log.write("".join(lines))
                log.flush()
                self.written = due
                time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    dice = random.Random(args.seed)
    build = pathlib.Path(args.build)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-kill-"))
    folder.chmod(0o755)
    (folder / "failed.yml").write_text(RULE)
    log = folder / "auth.log"
    log.touch()
    server = Server(build / "server/chieng-server", folder / "server").start()
    agent = Agent(build / "agent/chieng-agent", folder / "agent", server,
                  f"logs:\n  files:\n    - {{path: \"{log}\"}}\n  start: beginning\n  poll: 50ms\nsigma:\n  files: [\"{folder / 'failed.yml'}\"]\n")
    faults = []
    try:
        agent.enroll(server.enrol_token(server.add_agency("Xã thử"))).start()
        api = server.api()
        wait_until("the agent to be alive", lambda: any(a["status"] == "alive" for a in api.get("/agents")["items"]))
        writer = Writer(log, args.events, args.seconds)
        writer.start()
        for i in range(args.kills):
            time.sleep(dice.uniform(0.3, 2 * args.seconds / args.kills - 0.3))
            victim = (server, agent)[i % 2]
            victim.process.kill()
            time.sleep(dice.uniform(0, 0.5))
            victim.start()
        writer.join()
        api = server.api()

        def total():
            try:
                return sum(g["count"] for g in api.get("/groups?status=all")["items"])
            except OSError:
                return 0
        deadline = time.monotonic() + 240
        while total() < args.events and time.monotonic() < deadline:
            time.sleep(1)
        faults += verdict(api, args.events)
    finally:
        for part in (agent, server):
            try:
                part.stop()
            except Exception as error:  # a failed stop is a fault of its own
                faults.append(str(error))
        if faults or args.keep:
            print("kept:", folder, "seed:", args.seed)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print("FAIL", fault)
    print(f"{args.events} events, {args.kills} kills, seed {args.seed}")
    print("0 passed, 1 failed" if faults else "1 passed, 0 failed")
    return 1 if faults else 0


def verdict(api, events):
    groups = api.all("/groups?status=all")
    if len(groups) != 1:
        return [f"{len(groups)} groups, not 1"]
    faults = []
    if groups[0]["count"] != events:
        faults.append(f"the group counts {groups[0]['count']}, not {events}")
    seen = {}
    for item in api.all(f"/groups/{groups[0]['id']}/events"):
        found = re.search(r"sshd\[(\d+)\]", str(item["event"]))
        number = int(found[1]) if found else int(item["event"]["log"]["line"]) - 1
        seen[number] = seen.get(number, 0) + 1
    missing = [n for n in range(events) if n not in seen]
    twice = [n for n, times in seen.items() if times > 1]
    if missing:
        faults.append(f"{len(missing)} events are missing, the first is {missing[0]}")
    if twice:
        faults.append(f"{len(twice)} events came more than once, the first is {min(twice)}")
    return faults


if __name__ == "__main__":
    sys.exit(main())

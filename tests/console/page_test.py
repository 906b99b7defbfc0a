#!/usr/bin/env python3
"""The console in headless Chromium, on a real server with a real agent: page_test.py --build FOLDER"""
import argparse, pathlib, shutil, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from lab import Agent, LabError, Server, wait_until  # noqa: E402

RULE = """
title: {title}
id: {id}
status: test
logsource: {{product: linux, service: sshd}}
detection:
  selection: {{event.outcome: {outcome}}}
  condition: selection
level: {level}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    build = pathlib.Path(args.build)
    shots = ROOT / "build" / "console"
    shots.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-page-"))
    folder.chmod(0o755)
    rules = folder / "sigma"
    rules.mkdir()
    (rules / "failed.yml").write_text(RULE.format(title="Failed SSH log-in", id="6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a03", outcome="failure", level="high"))
    (rules / "accepted.yml").write_text(RULE.format(title="SSH log-in", id="6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a04", outcome="success", level="low"))
    log = folder / "auth.log"
    log.touch()
    server = agent = None
    output = ""
    try:
        server = Server(build / "server/chieng-server", folder / "server").start()
        agent = Agent(build / "agent/chieng-agent", folder / "agent", server,
                      f"logs:\n  files:\n    - {{path: \"{log}\"}}\n  start: beginning\n  poll: 100ms\nsigma:\n  files: [\"{rules}\"]\n")
        agent.enroll(server.enrol_token(server.add_agency("Xã Hòa Bình"))).start()
        api = server.api()
        wait_until("the agent to be alive", lambda: any(a["status"] == "alive" for a in api.get("/agents")["items"]))
        done = subprocess.run(["node", str(ROOT / "tests/console/page.mjs"), f"http://127.0.0.1:{server.port}", str(log), str(shots)],
                              input=server.first_password() + "\n", capture_output=True, text=True, timeout=240, check=False)
        output = done.stdout + (done.stderr if done.returncode else "")
        failed = done.returncode != 0
    except (LabError, subprocess.TimeoutExpired) as error:
        output, failed = f"FAIL {error}\n", True
    finally:
        for part in (agent, server):
            if part:
                part.stop()
    print(output, end="")
    if failed:
        print("kept:", folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

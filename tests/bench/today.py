"""Today's traffic for captures.py: TLS 1.3 with HTTP/2 and HTTP/1.1 (nginx, h2load), HTTP/3 (caddy, Chromium), DNS (dnsmasq,
dnsperf), all real programs in network namespaces."""
import base64, hashlib, os, pathlib, random, signal, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))
from office import OFFICE, SERVER, Office  # noqa: E402

SITE = "cong.xa.example"
PAGES = (1, 8, 40, 200, 1000)  # kilobytes
BROWSER_PAGE = """<!doctype html><body><script>(async () => {
  let bytes = 0;
  for (let turn = 0; turn < 24; turn++) {
    const got = await Promise.all(["1", "8", "40", "200"].map(k => fetch(`/${k}.bin?${turn}-${k}`)));
    for (const one of got) bytes += (await one.arrayBuffer()).byteLength;
  }
  document.body.textContent = "got " + bytes;
})()</script>"""


class Today(Office):
    """The office with a web site over HTTP/2 at SERVER, the same over HTTP/3 at OFFICE, and a name server."""

    def servers(self):
        www = self.folder / "www"
        www.mkdir(parents=True)
        for kilobytes in PAGES:
            (www / f"{kilobytes}.bin").write_bytes(os.urandom(kilobytes * 1024))
        (www / "all.html").write_text(BROWSER_PAGE)
        self.certificate()
        self.nginx()
        self.caddy()
        self.dnsmasq()
        self.wait_for(SERVER, 443)
        self.wait_for(OFFICE, 443)

    def nginx(self):
        f = self.folder
        (f / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {f}/nginx.pid; error_log {f}/nginx.error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {f}/body; proxy_temp_path {f}/proxy; fastcgi_temp_path {f}/fcgi;
  uwsgi_temp_path {f}/uwsgi; scgi_temp_path {f}/scgi;
  ssl_protocols TLSv1.2 TLSv1.3; server {{ listen {SERVER}:443 ssl http2; ssl_certificate {f}/tls.crt; ssl_certificate_key {f}/tls.key; root {f}/www; }}
}}
""")
        self.spawn("office", [self.targets / "usr/sbin/nginx", "-p", f, "-c", f / "nginx.conf"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def caddy(self):
        f = self.folder
        (f / "Caddyfile").write_text(f"""
{{
  admin off
  auto_https off
}}
https://{SITE} {{
  bind {OFFICE}
  tls {f}/tls.crt {f}/tls.key
  root * {f}/www
  file_server
}}
""")
        self.spawn("office", [self.targets / "usr/bin/caddy", "run", "--config", f / "Caddyfile", "--adapter", "caddyfile"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(f), "XDG_DATA_HOME": str(f)})

    def dnsmasq(self):
        f, chance = self.folder, random.Random(1)
        names = [f"may{n}.xa{n % 61}.example" for n in range(3000)]
        (f / "hosts").write_text("".join(f"10.{n >> 8}.{n & 255}.1 {name}\nfd00::{n:x} {name}\n" for n, name in enumerate(names)))
        lines = [f"{name} {chance.choice(('A', 'A', 'A', 'AAAA', 'AAAA', 'HTTPS'))}\n" for name in names]
        lines += [f"vang{n}.example A\n" for n in range(300)]  # no such name
        chance.shuffle(lines)
        (f / "queries").write_text("".join(lines))
        self.spawn("office", ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", f"--addn-hosts={f}/hosts", "--local=/example/",
                              "--bind-interfaces", f"--listen-address={SERVER}", "--cache-size=10000", "--user=root", f"--pid-file={f}/dnsmasq.pid"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def visit(self, turn):
        """Some seconds of clients: many short connections, a few large downloads, names looked up."""
        f, page = self.folder, PAGES[turn % len(PAGES)]
        url = f"https://{SERVER}/{page}.bin"
        downloads = max(8, 2500 // page)
        yield "h2load", "-n", min(600, downloads), "-c", 8, "-m", 4, url
        yield "h2load", "-n", 120, "-c", 40, f"https://{SERVER}/8.bin"
        yield "h2load", "--h1", "-n", 60, "-c", 30, f"https://{SERVER}/{PAGES[turn % 3]}.bin"
        yield "dnsperf", "-s", SERVER, "-d", f / "queries", "-n", 1, "-c", 50, "-q", 50
        # Chromium speaks HTTP/3 only with a certificate that it knows, by the hash of its key.
        yield ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={f}/chromium{turn}",
               f"--ignore-certificate-errors-spki-list={self.key_hash()}", f"--origin-to-force-quic-on={SITE}:443",
               f"--host-resolver-rules=MAP {SITE} {OFFICE}", "--virtual-time-budget=30000", "--dump-dom", f"https://{SITE}/all.html")

    def key_hash(self):
        key = subprocess.run(["openssl", "x509", "-in", self.folder / "tls.crt", "-pubkey", "-noout"], capture_output=True, check=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, capture_output=True, check=True).stdout
        return base64.b64encode(hashlib.sha256(der).digest()).decode()


def today(path, folder, targets, size):
    site = Today(targets, folder)
    site.start()
    capture = subprocess.Popen(["tcpdump", "-i", site.interface, "-B", "131072", "-s", "0", "-U", "-w", str(path), "port", "443", "or", "port", "53"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(1)
        turn = 0
        while path.stat().st_size < size:
            for command in site.visit(turn):
                done = site.outside(*command)
                if done.returncode:
                    raise RuntimeError(f"{command[0]}: {done.stderr[-500:]}{done.stdout[-500:]}")
            turn += 1
    finally:
        capture.send_signal(signal.SIGINT)
        said = capture.communicate()[1]
        site.stop()
    print("today.pcap:", " · ".join(line for line in said.splitlines() if "packets" in line))

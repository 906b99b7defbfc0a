"""A whole Chiêng on this machine for demo and tests: chieng-server on loopback, agents enrolled with one-time tokens, and
a client of the API. Everything lives in one folder and ends with stop()."""
import http.client, json, pathlib, re, signal, socket, subprocess, time


class LabError(Exception):
    pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, test, seconds=30, pause=0.1):
    """Waits until test() gives something true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds} s for {what}, in vain")
        time.sleep(pause)


class Process:
    """A program with its output in a file."""

    def __init__(self, name, cmd, log, **more):
        self.name, self.log = name, pathlib.Path(log)
        self.file = open(log, "ab")
        self.popen = subprocess.Popen([str(c) for c in cmd], stdin=subprocess.DEVNULL, stdout=self.file, stderr=self.file, **more)

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def stop(self, seconds=20):
        if self.alive():
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise LabError(f"{self.name} did not end within {seconds} s of SIGTERM") from None
        self.file.close()
        return self.popen.returncode


class Api:
    """A client of /api/v1 over a session cookie, or with a token."""

    def __init__(self, port, token=None):
        self.port, self.token, self.cookie, self.csrf = port, token, None, None

    def call(self, method, path, body=None, headers=None):
        h = {"Accept": "application/json", **(headers or {})}
        if self.token:
            h["Authorization"] = "Bearer " + self.token
        if self.cookie:
            h["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            h["X-Chieng-CSRF"] = self.csrf
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            h.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, h)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        return answer.status, json.loads(raw) if raw and "json" in (answer.getheader("Content-Type") or "") else raw

    def get(self, path):
        status, data = self.call("GET", "/api/v1" + path)
        if status != 200:
            raise LabError(f"GET {path}: {status} {data}")
        return data

    def post(self, path, body):
        return self.call("POST", "/api/v1" + path, body)

    def login(self, name, password):
        status, data = self.post("/session", {"username": name, "password": password})
        if status != 200:
            raise LabError(f"log-in of {name}: {status} {data}")
        self.csrf = data["csrf"]
        return data

    def all(self, path):
        """Every item of a paged list."""
        items, cursor = [], None
        while True:
            page = self.get(path + ("&" if "?" in path else "?") + "limit=500" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items


class Server:
    def __init__(self, program, folder, extra=""):
        self.program, self.folder = pathlib.Path(program).resolve(), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.transport, self.enrolment = free_port(), free_port(), free_port()
        self.config = self.folder / "server.yaml"
        self.data = self.folder / "data"
        self.config.write_text(SERVER_YAML.format(data=self.data, port=self.port, transport=self.transport, enrolment=self.enrolment) + extra)
        self.process = None

    def start(self):
        self.process = Process("chieng-server", [self.program, "run", "--config", self.config], self.folder / "server.log")
        wait_until("chieng-server to be ready", self.ready, 30)
        return self

    def ready(self):
        if not self.process.alive():
            raise LabError("chieng-server ended:\n" + self.process.text()[-3000:])
        try:
            return Api(self.port).call("GET", "/api/v1/health/ready")[0] == 200
        except OSError:
            return False

    def command(self, *words, check=True):
        """A command of chieng-server on the same data; its standard output."""
        done = subprocess.run([str(self.program), *map(str, words), "--config", str(self.config)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        if check and done.returncode:
            raise LabError(f"chieng-server {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def add_agency(self, name, *more):
        return re.search(r"[0-9a-f]{32}", self.command("agency", "add", "--name", name, *more))[0]

    def enrol_token(self, agency):
        return re.search(r"chieng1?[-_:.A-Za-z0-9+/=*&#%@!?<>()\[\]{}$^]+", self.command("enroll-token", "create", "--agency", agency))[0]

    def api_token(self, role="admin"):
        return re.search(r"chg_\S+", self.command("token", "create", "--role", role))[0]

    def first_password(self):
        """The one-time password of the first account: in a file of mode 0600 whose path is logged."""
        files = list(self.data.rglob("*password*"))
        if not files:
            raise LabError("no file with the first password below " + str(self.data))
        return files[0].read_text().strip().split()[-1]

    def api(self, role="admin"):
        return Api(self.port, self.api_token(role))

    def stop(self):
        return self.process.stop() if self.process else None


class Agent:
    def __init__(self, program, folder, server, settings=""):
        self.program, self.folder, self.server = pathlib.Path(program).resolve(), pathlib.Path(folder), server
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "agent.yaml"
        self.config.write_text(f"agent:\n  folder: {self.folder / 'state'}\n  health_interval: 2s\n" + settings)
        self.process = None

    def enroll(self, token):
        done = subprocess.run([str(self.program), "enroll", "--server", f"127.0.0.1:{self.server.enrolment}", "--config", str(self.config)],
                              input=token + "\n", capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise LabError(f"enroll: {done.stdout}{done.stderr}")
        return self

    def start(self):
        self.process = Process("chieng-agent", [self.program, "run", "--config", self.config], self.folder / "agent.log")
        return self

    def stop(self):
        return self.process.stop() if self.process else None


SERVER_YAML = """
data: {{folder: "{data}"}}
api: {{listen: "127.0.0.1:{port}"}}
transport: {{listen: "tcp://127.0.0.1:{transport}"}}
enrolment: {{listen: "tcp://127.0.0.1:{enrolment}"}}
"""

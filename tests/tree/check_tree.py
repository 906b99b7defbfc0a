#!/usr/bin/env python3
"""Proves what the architecture says of the tree: which folder includes which, one folder a C library, its limits on heavy
headers, and that the programs are linked with and use the libraries they claim.

Usage: check_tree.py [--agent PATH --server PATH [--tests PATH]]
"""
import argparse, pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAY_INCLUDE = {
    "core": {"core"},
    "rules": {"core", "rules"},
    "collector": {"core", "collector"},
    "transport": {"core", "transport"},
    "agent": {"core", "rules", "collector", "transport", "agent"},
    "server": {"core", "rules", "transport", "server"},
}
# A library's header is included in one place only, which owns its handles.
ONE_PLACE = {
    "hs.h": ("rules/engine", "collector/log"), "pcre2.h": ("rules/engine",), "pcap.h": ("collector/capture",), "pcap/pcap.h": ("collector/capture",),
    "zmq.h": ("transport",), "zmq.hpp": ("transport",), "sqlite3.h": ("server/store",), "yaml-cpp/yaml.h": ("core/config",),
    "systemd/sd-daemon.h": ("agent", "server"), "cap-ng.h": ("agent/supervisor",), "seccomp.h": ("agent/supervisor",),
    "zstd.h": ("transport",), "isa-l/igzip_lib.h": ("collector/protocol/http/decompress",),
}
# Headers that cost seconds a file: how many .cpp files of the whole product may include them.
HEAVY = {r"boost/beast": 2, r"boost/asio": 2, r"CLI/": 2}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def sources():
    for folder in MAY_INCLUDE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp") and "node_modules" not in path.parts:
                yield folder, path.relative_to(ROOT), INCLUDE.findall(path.read_text(encoding="utf-8"))


def check_includes(faults):
    heavy = {pattern: set() for pattern in HEAVY}
    for folder, path, includes in sources():
        for quote, name in includes:
            top = name.split("/")[0]
            if quote == '"' and top in MAY_INCLUDE and top not in MAY_INCLUDE[folder]:
                faults.append(f"{path} includes {name}: {folder} may include only {', '.join(sorted(MAY_INCLUDE[folder]))}")
            if quote == '"' and top not in MAY_INCLUDE:
                faults.append(f"{path} includes \"{name}\": our includes begin with a top-level folder")
            places = ONE_PLACE.get(name)
            if places and not any(str(path).startswith(p + "/") for p in places):
                faults.append(f"{path} includes <{name}>: only {' and '.join(places)} may")
            for pattern in HEAVY:
                if name.startswith(pattern):
                    heavy[pattern].add(path)
    for pattern, paths in heavy.items():
        headers = [p for p in paths if p.suffix == ".h"]
        if headers:
            faults.append(f"{headers[0]} includes {pattern}…: never in a header")
        if len(paths) > HEAVY[pattern]:
            faults.append(f"{pattern}… is included in {len(paths)} files, not {HEAVY[pattern]}: {', '.join(map(str, sorted(paths)))}")


def check_sizes(faults):
    for _, path, _ in sources():
        lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
        if lines > 600:
            faults.append(f"{path} has {lines} lines; over 600 needs to be split")


def needed(program):
    text = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", text))


def symbols(program):
    text = subprocess.run(["nm", "-D", "--undefined-only", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"U (\w+)", text))


def check_linked(agent, server, faults):
    wanted = [
        (agent, "libpcap.so", "pcap_next_ex"), (agent, "libhs.so", "hs_scan"), (agent, "libzmq.so", "zmq_send"),
        (agent, "libpcre2-8.so", "pcre2_match_8"), (server, "libzmq.so", "zmq_msg_recv"), (server, "libsqlite3.so", "sqlite3_step"),
        (server, "libsodium.so", "crypto_pwhash_str_verify"),
    ]
    for program, library, symbol in wanted:
        if not any(n.startswith(library) for n in needed(program)):
            faults.append(f"{program} is not linked with {library}")
        if symbol not in symbols(program):
            faults.append(f"{program} never calls {symbol}")
    # Header-only libraries leave their names in the strings and symbols of the program that uses them.
    for program, library, trace in ((agent, "nlohmann/json", b"nlohmann"), (server, "nlohmann/json", b"nlohmann"), (server, "Boost.Beast", b"boost")):
        if trace not in pathlib.Path(program).read_bytes():
            faults.append(f"{program} does not use {library}")
    if any(n.startswith(("libcurl", "libsqlite3")) for n in needed(agent)):
        faults.append("the agent is linked with what only the server needs")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent")
    parser.add_argument("--server")
    args = parser.parse_args()
    faults = []
    check_includes(faults)
    check_sizes(faults)
    if args.agent and args.server:
        check_linked(args.agent, args.server, faults)
    for fault in faults:
        print("FAIL", fault)
    print(f"{'1 passed, 0 failed' if not faults else '0 passed, 1 failed'}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

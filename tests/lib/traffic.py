"""Turns a short text of traffic into a capture, so that a case can be read and no binary file is kept.

    tcp 10.1.1.5:40000 -> 192.168.1.10:80     a connection; its handshake comes first
    tcp ... nohandshake                       only data: seen midstream
    > "GET / HTTP/1.1\\r\\n\\r\\n"              data from the client, in one segment
    < "HTTP/1.1 200 OK\\r\\n\\r\\n"             data from the server
    > hex 00 01 ff                            the same in hexadecimal
    > repeat 3000 "A"                         a text many times
    > gzip "text"                             compressed (also in <)
    split 1                                   from here on data goes in segments of that size (0: whole)
    > at 10 "abc"                             data at that offset of the stream: out of order, overlap, a hole
    fin, rst                                  the connection ends
    syn 10.1.1.5:40000 -> 192.168.1.10:80     one lone packet; flags as letters may follow: syn ... FPU
    udp 10.1.1.5:4000 -> 192.168.1.53:53      datagrams, by > and <
    dns query NAME | dns answer NAME ADDRESS  a DNS message in the open udp or tcp exchange
    icmp 10.1.1.5 -> 192.168.1.10 type 8 code 0 "payload"
    frame hex ...                             an Ethernet frame as it is
    vlan 10 [20]                              tags for what follows; vlan: none
    pause 2.5                                 seconds go by
    badsum                                    the next packet has a wrong TCP or UDP checksum
"""
import ast, ipaddress, re, struct, zlib

START = 1_700_000_000.0


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Writer:
    def __init__(self):
        self.packets, self.time, self.vlan, self.ident, self.bad_sum = [], START, [], 0, False

    def frame(self, data):
        self.packets.append((self.time, data))
        self.time += 0.001

    def ip(self, src, dst, proto, build):
        """build(pseudo_header) gives the upper layer with its checksum filled in."""
        a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
        if a.version == 4:
            body = build(lambda n: a.packed + b.packed + struct.pack("!BBH", 0, proto, n))
            self.ident = self.ident % 65535 + 1
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), self.ident, 0x4000, 64, proto, 0) + a.packed + b.packed
            packet, kind = head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body, 0x0800
        else:
            body = build(lambda n: a.packed + b.packed + struct.pack("!II", n, proto))
            packet, kind = struct.pack("!IHBB", 6 << 28, len(body), proto, 64) + a.packed + b.packed + body, 0x86DD
        tags = b"".join(struct.pack("!HH", 0x8100, v) for v in self.vlan)
        self.frame(b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + tags + struct.pack("!H", kind) + packet)

    def sum_of(self, data):
        value = checksum(data)
        if self.bad_sum:
            value ^= 0x5555
            self.bad_sum = False
        return value

    def tcp(self, src, dst, seq, ack, flags, data=b""):
        def build(pseudo):
            head = struct.pack("!HHIIBBHHH", src[1], dst[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
            value = self.sum_of(pseudo(len(head) + len(data)) + head + data)
            return head[:16] + struct.pack("!H", value) + head[18:] + data
        self.ip(src[0], dst[0], 6, build)

    def udp(self, src, dst, data):
        def build(pseudo):
            head = struct.pack("!HHHH", src[1], dst[1], 8 + len(data), 0)
            value = self.sum_of(pseudo(8 + len(data)) + head + data) or 0xFFFF
            return head[:6] + struct.pack("!H", value) + data
        self.ip(src[0], dst[0], 17, build)

    def icmp(self, src, dst, kind, code, data):
        v6 = ipaddress.ip_address(src).version == 6
        def build(pseudo):
            head = struct.pack("!BBHHH", kind, code, 0, 1, 1)
            value = checksum((pseudo(8 + len(data)) if v6 else b"") + head + data)
            return head[:2] + struct.pack("!H", value) + head[4:] + data
        self.ip(src, dst, 58 if v6 else 1, build)

    def bytes(self):
        out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
        for t, data in self.packets:
            out += struct.pack("<IIII", int(t), round(t % 1 * 1e6), len(data), len(data)) + data
        return out


class Tcp:
    def __init__(self, writer, client, server, handshake):
        self.w, self.ends, self.open, self.split = writer, (client, server), True, 0
        self.base = [1000, 5000]          # sequence number of the first payload byte of each side
        self.sent = [0, 0]
        if handshake:
            writer.tcp(client, server, self.base[0] - 1, 0, 2)
            writer.tcp(server, client, self.base[1] - 1, self.base[0], 18)
            self.ack(0)

    def ack(self, side, flags=16, data=b"", at=None):
        here = self.sent[side] if at is None else at
        self.w.tcp(self.ends[side], self.ends[1 - side], self.base[side] + here, self.base[1 - side] + self.sent[1 - side], flags, data)

    def data(self, side, data, at=None):
        start = self.sent[side] if at is None else at
        step = self.split or len(data) or 1
        for i in range(0, len(data), step):
            self.ack(side, 24, data[i:i + step], start + i)
        self.sent[side] = max(self.sent[side], start + len(data)) if at is None else self.sent[side]
        if at is None:
            self.ack(1 - side)

    def skip(self, side, count):
        self.sent[side] += count

    def end(self, flag):
        if flag == "rst":
            self.ack(0, 20)
        else:
            self.ack(0, 17)
            self.sent[0] += 1
            self.ack(1, 17)
            self.sent[1] += 1
            self.ack(0)


class Udp:
    def __init__(self, writer, client, server):
        self.w, self.ends = writer, (client, server)

    def data(self, side, data, at=None):
        self.w.udp(self.ends[side], self.ends[1 - side], data)


def endpoint(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def payload(words):
    """The bytes that the words after > or < mean."""
    words = words.strip()
    if words.startswith("hex "):
        return bytes.fromhex(words[4:])
    if words.startswith("repeat "):
        _, count, rest = words.split(" ", 2)
        return payload(rest) * int(count)
    if words.startswith("gzip "):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return packer.compress(payload(words[5:])) + packer.flush()
    return b"".join(ast.literal_eval("b" + part) if part.isascii() else ast.literal_eval(part).encode()
                    for part in re.findall(r'"(?:[^"\\]|\\.)*"', words))


def dns(words):
    kind, name, *rest = words.split()
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"
    question = labels + struct.pack("!HH", 1, 1)
    if kind == "query":
        return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question
    address = ipaddress.ip_address(rest[0]).packed
    return struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + question + struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + address


FLAGS = dict(F=1, S=2, R=4, P=8, A=16, U=32, E=64, C=128)


def build(text):
    """The capture (pcap bytes) that the text describes."""
    w, talk, split = Writer(), None, 0
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        try:
            if word in ("tcp", "udp"):
                a, b = re.match(r"(\S+) -> (\S+)", rest).groups()
                talk = Tcp(w, endpoint(a), endpoint(b), "nohandshake" not in rest) if word == "tcp" else Udp(w, endpoint(a), endpoint(b))
            elif word in "><":
                at = re.match(r"at (\d+) ", rest)
                if isinstance(talk, Tcp):
                    talk.split = split
                if rest.startswith("skip "):
                    talk.skip("><".index(word), int(rest[5:]))
                else:
                    talk.data("><".index(word), payload(rest[at.end():] if at else rest), int(at[1]) if at else None)
            elif word == "dns":
                data = dns(rest)
                if isinstance(talk, Tcp):
                    data = struct.pack("!H", len(data)) + data
                talk.data(0 if rest.startswith("query") else 1, data)
            elif word in ("fin", "rst"):
                talk.end(word)
            elif word == "syn":
                a, b, flags = re.match(r"(\S+) -> (\S+)\s*([FSRPAUEC0]*)", rest).groups()
                w.tcp(endpoint(a), endpoint(b), 1, 0, sum(FLAGS.get(f, 0) for f in flags) if flags else 2)
            elif word == "icmp":
                a, b, kind, code, data = re.match(r"(\S+) -> (\S+) type (\d+) code (\d+)(.*)", rest).groups()
                w.icmp(a, b, int(kind), int(code), payload(data))
            elif word == "frame":
                w.frame(payload(rest))
            elif word == "vlan":
                w.vlan = [int(v) for v in rest.split()]
            elif word == "pause":
                w.time += float(rest)
            elif word == "split":
                split = int(rest)
            elif word == "badsum":
                w.bad_sum = True
            else:
                raise ValueError(f"unknown word {word!r}")
        except (AttributeError, ValueError, SyntaxError, TypeError) as error:
            raise SystemExit(f"traffic line {number}: {line}: {error}")
    return w.bytes()


if __name__ == "__main__":
    import sys
    sys.stdout.buffer.write(build(open(sys.argv[1], encoding="utf-8").read()))

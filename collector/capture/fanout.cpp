#include "collector/capture/fanout.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace chieng::collector {
namespace {

enum Label : unsigned {
  type_0,
  type_1,
  type_2,
  type_3,
  tag_0,
  tag_1,
  tag_2,
  pppoe,
  mpls,
  mpls_bottom,
  ip4,
  icmp,
  icmp_whole,
  quoted,
  ip6,
  mix,
  labels_
};

// Classic BPF with labels: jumps go forward only, so they are resolved when their target is placed.
class Assembler {
 public:
  void load(std::uint16_t size, std::uint32_t at) { emit(BPF_LD | BPF_IND | size, at); }
  void ancillary(std::uint32_t what) {
    emit(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF) + what);
  }
  void store(std::uint32_t slot) { emit(BPF_ST, slot); }
  void recall(std::uint32_t slot) { emit(BPF_LD | BPF_MEM, slot); }
  void recall_x(std::uint32_t slot) { emit(BPF_LDX | BPF_MEM, slot); }
  void store_x(std::uint32_t slot) { emit(BPF_STX, slot); }
  void x_is(std::uint32_t value) { emit(BPF_LDX | BPF_IMM, value); }
  void x_is_a() { emit(BPF_MISC | BPF_TAX, 0); }
  void alu(std::uint16_t operation, std::uint32_t value) {
    emit(BPF_ALU | operation | BPF_K, value);
  }
  void alu_x(std::uint16_t operation) { emit(BPF_ALU | operation | BPF_X, 0); }
  // X moves on; A is kept.
  void advance(std::uint32_t bytes) {
    store(15);
    emit(BPF_MISC | BPF_TXA, 0);
    alu(BPF_ADD, bytes);
    x_is_a();
    recall(15);
  }
  // A conditional jump reaches 255 instructions only: over an unconditional one it reaches all.
  void go_if(std::uint32_t value, unsigned label) {
    skip_unless(value);
    go(label);
  }
  void skip_unless(std::uint32_t value) {  // the next instruction
    code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value});
  }
  void go(unsigned label) {
    jumps_[label].push_back(code_.size());
    emit(BPF_JMP | BPF_JA, 0);
  }
  void place(unsigned label) {
    for (const std::size_t at : jumps_[label])
      code_[at].k = static_cast<std::uint32_t>(code_.size() - at - 1);
  }
  void answer(std::uint32_t value) { emit(BPF_RET | BPF_K, value); }
  void answer_a() { emit(BPF_RET | BPF_A, 0); }
  [[nodiscard]] std::vector<sock_filter> take() { return std::move(code_); }

 private:
  void emit(int code, std::uint32_t k) {
    code_.push_back({static_cast<std::uint16_t>(code), 0, 0, k});
  }
  std::vector<sock_filter> code_;
  std::array<std::vector<std::size_t>, labels_> jumps_;
};

// A: the EtherType, X: where what it announces begins. Up to three tags in the packet's bytes.
void ether_types(Assembler& a) {
  for (unsigned level = 0; level <= 3; ++level) {
    const unsigned tag = tag_0 + level;
    a.place(type_0 + level);
    a.go_if(0x0800, ip4);
    a.go_if(0x86dd, ip6);
    a.go_if(0x8864, pppoe);
    a.go_if(0x8847, mpls);
    a.go_if(0x8848, mpls);
    if (level < 3)
      for (const std::uint32_t type : {0x8100u, 0x88a8u, 0x9100u}) a.go_if(type, tag);
    a.answer(0);
    if (level == 3) break;
    a.place(tag);
    a.load(BPF_H, 2);
    a.advance(4);
    a.go(type_1 + level);
  }
}

void session_headers(Assembler& a) {
  a.place(pppoe);
  a.load(BPF_H, 6);
  a.advance(8);
  a.go_if(0x0021, ip4);
  a.go_if(0x0057, ip6);
  a.answer(0);

  a.place(mpls);
  for (int label = 0; label < 4; ++label) {
    a.load(BPF_B, 2);
    a.advance(4);
    a.alu(BPF_AND, 1);
    a.go_if(1, mpls_bottom);
  }
  a.answer(0);
  a.place(mpls_bottom);
  a.load(BPF_B, 0);
  a.alu(BPF_RSH, 4);
  a.go_if(4, ip4);
  a.go_if(6, ip6);
  constexpr std::uint32_t wire = 4 + 14;  // control word and Ethernet header of a pseudo-wire
  a.load(BPF_H, wire - 2);
  a.advance(wire);
  a.go_if(0x0800, ip4);
  a.go_if(0x86dd, ip6);
  a.answer(0);
}

// A becomes the same for both directions; X: where the IPv4 header begins.
void pair_of_ip4(Assembler& a) {
  a.load(BPF_W, 12);
  a.store(0);
  a.load(BPF_W, 16);
  a.recall_x(0);
  a.alu_x(BPF_XOR);
  a.go(mix);
}

void addresses(Assembler& a) {
  a.place(ip6);
  for (std::uint32_t word = 0; word < 8; ++word) {
    a.load(BPF_W, 8 + word * 4);
    a.store(word);
  }
  a.recall(0);
  for (std::uint32_t word = 1; word < 8; ++word) {
    a.recall_x(word);
    a.alu_x(BPF_XOR);
  }
  a.go(mix);

  a.place(ip4);
  a.load(BPF_B, 9);
  a.go_if(1, icmp);
  pair_of_ip4(a);

  a.place(icmp);
  a.load(BPF_H, 6);
  a.alu(BPF_AND, 0x3fff);  // a fragment has no type that could be read
  a.go_if(0, icmp_whole);
  pair_of_ip4(a);

  a.place(icmp_whole);
  a.store_x(1);
  a.load(BPF_B, 0);
  a.alu(BPF_AND, 15);
  a.alu(BPF_LSH, 2);
  a.alu_x(BPF_ADD);
  a.x_is_a();
  a.load(BPF_B, 0);
  for (const std::uint32_t error : {3u, 4u, 5u, 11u, 12u}) a.go_if(error, quoted);
  a.recall_x(1);
  pair_of_ip4(a);

  a.place(quoted);
  a.advance(8);
  pair_of_ip4(a);
}

Status set(int fd, int option, const void* value, socklen_t size) {
  if (setsockopt(fd, SOL_PACKET, option, value, size) == 0) return {};
  return fail_errno("the kernel does not share packets out among workers", errno);
}

}  // namespace

std::vector<sock_filter> hosts_program(unsigned link_bytes) {
  Assembler a;
  // What this machine sends still has its link header in front here; what it receives has not.
  a.ancillary(SKF_AD_PKTTYPE);
  a.x_is(0);
  a.skip_unless(PACKET_OUTGOING);
  a.x_is(link_bytes);
  a.ancillary(SKF_AD_PROTOCOL);
  ether_types(a);
  session_headers(a);
  addresses(a);
  a.place(mix);
  a.alu(BPF_MUL, 0x9e3779b1);
  a.alu(BPF_RSH, 16);
  a.answer_a();
  return a.take();
}

Status join_fanout(int fd, Balance balance, unsigned link_bytes, std::uint16_t& group) {
  const bool first = group == 0;
  const int mode = balance == Balance::hosts ? PACKET_FANOUT_CBPF : PACKET_FANOUT_HASH;
  const int flags = first ? PACKET_FANOUT_FLAG_UNIQUEID : 0;
  const int wish = group | (mode | flags) << 16;
  CHIENG_CHECK(set(fd, PACKET_FANOUT, &wish, sizeof wish));
  int given = 0;
  socklen_t size = sizeof given;
  if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &given, &size) != 0)
    return fail_errno("the kernel does not tell which group of workers it made", errno);
  group = static_cast<std::uint16_t>(given & 0xffff);
  if (!first || balance != Balance::hosts) return {};
  std::vector<sock_filter> code = hosts_program(link_bytes);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return set(fd, PACKET_FANOUT_DATA, &program, sizeof program);
}

}  // namespace chieng::collector

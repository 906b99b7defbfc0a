// A loaded rule set as detectors use it: rules in order of evaluation, the literals that make a
// rule worth looking at, and the lists of rules that have none.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/inspect/catalogue.h"
#include "rules/engine/literal_set.h"
#include "rules/suricata/gate.h"
#include "rules/suricata/signature.h"

namespace chieng::suricata {

enum class PacketKind : std::uint8_t { tcp, udp, other };
inline constexpr std::size_t kPacketKinds = 3;

// One buffer (with its transformations) of transactions, and one side.
struct TxDomain {
  BufferId buffer;
  std::vector<Transform> transforms;
  Direction side = Direction::to_server;
  matching::LiteralSet literals;
};

// Rules without a literal and without a small set of addresses.
struct PlainRules {
  std::vector<RuleNumber> always;
  // Those with few ports at the server's side, by port.
  using Pair = std::pair<std::uint16_t, RuleNumber>;
  std::vector<Pair> by_port;
};

struct PacketRules {
  matching::LiteralSet payload;  // rules by a literal of the packet's payload
  matching::LiteralSet stream;   // by one of a chunk
  PlainRules plain, stream_plain;
};

// The rules over one frame of one side.
struct FrameRules {
  FrameRef frame;
  Direction side = Direction::to_server;
  matching::LiteralSet literals;
  std::vector<RuleNumber> always;
};

struct CompiledSet {
  const Catalogue* catalogue = nullptr;
  std::vector<Signature> rules;
  std::vector<std::string> names;  // of flowbits and the like: what the numbers in rules mean
  std::string hash;

  Gates gates;
  std::array<std::array<PacketRules, 2>, kPacketKinds> packet;  // [kind][direction]
  std::vector<RuleNumber> ip_only, detection;
  std::vector<std::vector<RuleNumber>> app_layer;  // [protocol]
  std::vector<TxDomain> domains;
  struct TxRules {
    // A domain as the protocol has its buffer.
    struct Scan {
      const TxDomain* domain;
      const BufferSpec* spec;
      unsigned local;
    };
    std::vector<Scan> scans;
    std::vector<RuleNumber> always;
  };
  std::vector<std::array<TxRules, 2>> tx;  // [protocol][direction]
  std::vector<FrameRules> frames;          // few: one a frame and side that rules name
};

// Sorts the rules and fills everything but rules, names and hash. The error: Hyperscan refused.
// cache: null where no databases are kept on disk.
[[nodiscard]] Status compile(CompiledSet& set, const matching::DatabaseCache* cache);

// The literal that a rule is found by: a part of one of its contents that is seldom.
struct FastLiteral {
  std::string bytes;
  bool nocase = false;
  double score = 0;
  matching::LiteralEnds ends = {};  // in a buffer that is looked at as a whole
};
[[nodiscard]] std::optional<FastLiteral> fast_literal(const List& list, std::size_t least);

}  // namespace chieng::suricata

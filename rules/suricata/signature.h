// A rule as the evaluator sees it: what its options became, in the order in which they are
// evaluated.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/inspect/inspector.h"
#include "rules/engine/regex.h"
#include "rules/suricata/header.h"
#include "rules/suricata/integer.h"

namespace chieng::suricata {

// A number in the rule, or a variable that byte_extract or byte_math set earlier.
struct Number {
  std::int64_t value = 0;
  int variable = -1;
};

// ---- steps over one buffer
// ----------------------------------------------------------------------------------------

struct Content {
  std::string bytes;  // lower case where nocase
  bool nocase = false;
  bool has_offset = false, has_depth = false, has_distance = false, has_within = false;
  bool starts = false, ends = false;
  Number offset, depth, distance, within;
  std::size_t rare = 0;  // position of the byte to search for first
  bool fast = false, only = false;
  [[nodiscard]] bool relative() const { return has_distance || has_within; }
};
struct RegexStep {
  std::shared_ptr<const matching::Regex> regex;
  bool relative = false;
  struct Capture {
    enum class Kind : std::uint8_t { flow, packet, alert } kind;
    std::string name;
    unsigned group;
  };
  std::vector<Capture> captures;
};
struct DataAt {
  Number count;
  bool relative = false;
};
struct Size {
  IntegerMatch match;
};  // bsize, urilen
struct Asn1Check {  // BER from a place on: values that make no sense, or are too long
  bool bit_string = false, real = false;
  std::optional<std::uint32_t> longest;  // a value longer than that
  std::int64_t offset = 0;
  bool relative = false;
};
struct Entropy {
  std::uint32_t bytes = 0, offset = 0;
  double a = 0, b = 0;
  IntegerMatch::Op op = IntegerMatch::Op::equal;
};
enum class Base : std::uint8_t { binary, automatic, dec, hex, oct };
struct ByteTest {
  Number count, offset, value;
  bool relative = false, little = false, dce = false, invert = false;
  Base base = Base::binary;
  enum class Op : std::uint8_t {
    less,
    greater,
    equal,
    less_equal,
    greater_equal,
    bit_and,
    bit_xor
  } op = Op::equal;
  std::uint64_t bitmask = 0;
};
struct ByteJump {
  Number count, offset;
  bool relative = false, little = false, dce = false, align = false, from_beginning = false,
       from_end = false;
  Base base = Base::binary;
  std::uint64_t multiplier = 1, bitmask = 0;
  std::int64_t post_offset = 0;
};
struct ByteExtract {
  Number count, offset;
  bool relative = false, little = false, dce = false;
  Base base = Base::binary;
  std::uint64_t multiplier = 1;
  unsigned align = 0;
  int variable = 0;
};
struct ByteMath {
  Number count, offset, rvalue;
  bool relative = false, little = false, dce = false;
  Base base = Base::binary;
  char oper = '+';  // + - * / l(<<) r(>>)
  std::uint64_t bitmask = 0;
  int variable = 0;
};
struct DatasetStep;     // dataset.h
struct ReputationStep;  // dataset.h
struct Step;
struct Base64 {
  std::uint32_t bytes = 0, offset = 0;
  bool relative = false;
  std::vector<Step> inner;
};
struct DatasetCheck {
  std::shared_ptr<DatasetStep> set;
};
struct ReputationCheck {
  std::shared_ptr<ReputationStep> list;
};

struct Step {
  std::variant<Content, RegexStep, DataAt, Size, Entropy, Asn1Check, ByteTest, ByteJump,
               ByteExtract, ByteMath, Base64, DatasetCheck, ReputationCheck>
      what;
  bool negated = false;
  int option = 0;  // of Signature::options
};

// ---- buffers
// ------------------------------------------------------------------------------------------------------

enum class TransformKind : std::uint8_t {
  dotprefix,
  to_lowercase,
  to_uppercase,
  url_decode,
  strip_whitespace,
  compress_whitespace,
  md5,
  sha1,
  sha256,
  xor_key,
  header_lowercase,
  strip_pseudo_headers,
  from_base64,
  pcrexform,
  gunzip,
  zlib,
  subslice
};
struct Transform {
  TransformKind kind = TransformKind::dotprefix;
  std::string text = {};  // key or expression: what tells two of one kind apart
  std::int64_t a = 0, b = 0;
  bool flag = false, has_b = false;
  std::shared_ptr<const matching::Regex> regex = {};
  friend bool operator==(const Transform& x, const Transform& y) {
    return x.kind == y.kind && x.text == y.text && x.a == y.a && x.b == y.b && x.flag == y.flag &&
           x.has_b == y.has_b;
  }
};

enum class PacketBuffer : std::uint8_t {
  payload,
  ipv4_header,
  ipv6_header,
  tcp_header,
  udp_header,
  icmpv4_header,
  icmpv6_header,
  igmp_header,
  ether_header,
  ip_src,
  ip_dst,
  frame  // of Signature::frames
};

// Where a list's bytes come from: a buffer of the packet, or of a transaction.
struct Place {
  std::optional<BufferId> tx;
  PacketBuffer packet = PacketBuffer::payload;
  [[nodiscard]] bool is_payload() const { return !tx && packet == PacketBuffer::payload; }
  friend bool operator==(const Place&, const Place&) = default;
};

struct List {
  Place place;
  std::vector<Transform> transforms;
  std::vector<Step> steps;
  bool absent = false, absent_or = false;  // absent; absent:or_else
  std::optional<Direction> side;           // pinned, or the buffer's only side
  std::string name;                        // as the rule calls the buffer
  int option = 0;
};

// ---- conditions outside of buffers
// --------------------------------------------------------------------------------

struct NamedBits {
  enum class Op : std::uint8_t { set, unset, toggle, isset, isnotset } op;
  std::vector<std::uint32_t> bits;
};
enum class Track : std::uint8_t { src, dst, pair };
struct HostBits {
  NamedBits::Op op;
  std::uint32_t name;
  Track track = Track::src;
  std::int64_t seconds = 300;
  bool pair_table = false;
};
struct FlowInt {
  std::uint32_t name = 0;
  enum class Op : std::uint8_t {
    add,
    subtract,
    set,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    isset,
    notset
  } op = Op::isset;
  std::uint32_t value = 0;
  std::optional<std::uint32_t> other;  // another flowint's number
};
struct FlowTest {
  bool established = false, not_established = false, only_frag = false, no_frag = false;
};
// A number of the packet or flow; nothing where it has none.
struct Field {
  std::optional<std::uint64_t> (*read)(const Inspection&);
  IntegerMatch match;
};
struct VlanId {
  enum class Which : std::uint8_t { any, all, layer } which = Which::any;
  int layer = 0;  // from the outermost; negative from the innermost
  IntegerMatch match;
};
struct TcpFlags {
  std::uint8_t mask = 0, ignore = 0;
  char modifier = 0;
};
struct FragmentBits {
  std::uint8_t mask = 0;
  char modifier = 0;
};
struct IpOption {
  int number = -1;
};  // -1: any
struct SameIp {};
struct StreamSize {
  enum class Who : std::uint8_t { server, client, both, either } who;
  IntegerMatch match;
};
struct FlowCount {
  enum class Who : std::uint8_t { to_server, to_client, both, either } who;
  bool bytes;
  IntegerMatch match;
};
struct AppProtocol {
  std::vector<AppProto> protocols;
  bool negated = false, failed = false, unknown = false;
  enum class Which : std::uint8_t {
    direction,
    final,
    original,  // before a change of protocol
    either,
    to_server,
    to_client
  } which = Which::direction;
};
struct PacketEvent {
  std::uint16_t number;
};
struct Checksum {
  bool valid;
  bool ip;
  int version;
  std::uint8_t proto;
};
struct FlowVariable {
  std::uint32_t name;
  std::string content;
  bool negated;
  bool packet;
};
struct Never {};  // keywords whose data is not there: iprep, geoip

struct Condition {
  std::variant<NamedBits, HostBits, FlowInt, FlowTest, Field, VlanId, TcpFlags, FragmentBits,
               IpOption, SameIp, StreamSize, FlowCount, AppProtocol, PacketEvent, Checksum,
               FlowVariable, Never>
      what;
  int option = 0;
};

// Conditions on the transaction.
struct AppEvent {
  std::vector<Catalogue::EventRef> events;
};
struct AppInteger {
  IntegerId id;
  IntegerMatch match;
  enum class Which : std::uint8_t {
    any,
    all,  // and there is one at least
    all_or_absent,
    or_absent,      // any, or there is none
    index,          // the one with that number
    index_or_less,  // the one with that number, or there are not so many
    number,         // how many match
    count           // how many there are
  } which = Which::any;
  std::int32_t index = 0;    // negative: from the end
  IntegerMatch number = {};  // of number and count
  std::int32_t from = 0;     // only these instances: from <= n < to,
  std::int32_t to = std::numeric_limits<std::int32_t>::max();  // negative: from the end
  // Where it is there: the number is two, match is of what lies above its lower 16 bits.
  std::optional<IntegerMatch> low = {};
};
struct AppValues {  // the integer is one of these and none of those
  IntegerId id;
  std::vector<std::uint64_t> any_of, none_of;
};
struct AppAnyOf {  // the integer meets one of these
  IntegerId id;
  std::vector<IntegerMatch> any_of;
};
struct TxCondition {
  std::variant<AppEvent, AppInteger, AppValues, AppAnyOf> what;
  int option = 0;
  bool negated = false;
};

struct Threshold {
  enum class Type : std::uint8_t { limit, threshold, both, backoff, filter } type = Type::limit;
  enum class Track : std::uint8_t { src, dst, both, rule, flow } track = Track::src;
  std::uint32_t count = 1, seconds = 1, multiplier = 1;
  int option = 0;
};

enum class Inspect : std::uint8_t {
  packet,         // header and packet conditions, payload of packets, packet buffers
  stream,         // reassembled data; the payload of packets that are not in the stream
  packet_stream,  // both
  ip_only,        // first packet of each direction, packets without flow
  detection,      // when protocol detection ends
  app_layer,      // every packet of a flow with the protocol
  transaction,
  frame
};

// A frame of a protocol: position in ProtocolSpec::frames, or kStreamFrame.
struct FrameRef {
  AppProto proto;
  std::uint8_t type = 0;
};

struct Signature {
  RuleInfo info;
  Header header;
  std::vector<AppProto> protocols;  // that the flow or transaction has to have; empty: any
  bool sides[2] = {true, true};     // directions in which it is evaluated
  bool has_flow = false;            // the flow keyword is there: packets without a flow never match
  bool one_sided_flow = false;
  bool no_stream = false, only_stream = false, packet_only = false;
  bool transactional = false;  // =>
  bool link_layer = false;
  bool loose_addresses = false;
  bool noalert = false, config_no_logging = false;
  bool store_file = false;
  std::array<bool, 3> file_hashes{};  // MD5, SHA-1, SHA-256 of files have to be computed for it
  Inspect inspect = Inspect::packet;

  std::vector<Condition> conditions;  // before the lists, in rule order
  std::vector<TxCondition> tx_conditions;
  std::optional<List> payload;     // plain content
  std::vector<List> packet_lists;  // tcp.hdr and the like
  std::vector<List> tx_lists;
  std::vector<FrameRef> frames;  // that the rule looks at: one name, of one or more protocols
  std::optional<List> frame;     // what it looks for there
  std::vector<Condition> after;  // set and unset, on a full match
  std::optional<Threshold> threshold;
  std::vector<std::string> options;  // texts, for the explanation of an alert
  unsigned variables = 0;
};

inline constexpr std::size_t kMaxVariables = 32;
inline constexpr std::size_t kMostLists = 30;  // buffers of transactions in one rule

}  // namespace chieng::suricata

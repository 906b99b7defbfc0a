#include "core/net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace chieng {
namespace {

IpAddress lowest(std::uint8_t version) {
  return IpAddress{version, {}};
}

IpAddress highest(std::uint8_t version) {
  IpAddress out{version, {}};
  std::fill_n(out.bytes.begin(), out.size(), std::uint8_t{0xff});
  return out;
}

// The next address up (or down); nothing where there is none.
std::optional<IpAddress> step(IpAddress a, int direction) {
  for (std::size_t i = a.size(); i-- > 0;) {
    a.bytes[i] = static_cast<std::uint8_t>(a.bytes[i] + direction);
    if (direction > 0 ? a.bytes[i] != 0 : a.bytes[i] != 0xff) return a;
  }
  return std::nullopt;
}

AddressRange prefix_range(const IpAddress& base, unsigned prefix) {
  AddressRange out{base, base};
  for (unsigned bit = prefix; bit < base.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
    out.first.bytes[bit / 8] = static_cast<std::uint8_t>(out.first.bytes[bit / 8] & ~mask);
    out.last.bytes[bit / 8] = static_cast<std::uint8_t>(out.last.bytes[bit / 8] | mask);
  }
  return out;
}

std::optional<unsigned> prefix_length(std::string_view text, const IpAddress& base) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size())
    return value <= base.size() * 8 ? std::optional(value) : std::nullopt;
  const auto mask = parse_address(text);
  if (!mask || mask->version != 4 || base.version != 4) return std::nullopt;
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits = bits << 8 | mask->bytes[i];
  const std::uint32_t inverse = ~bits;
  if ((inverse & (inverse + 1)) != 0) return std::nullopt;  // not contiguous
  return static_cast<unsigned>(__builtin_popcount(bits));
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress out{4, {}};
  for (unsigned i = 0; i < 4; ++i)
    out.bytes[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return out;
}

IpAddress IpAddress::from_bytes(Bytes raw) {
  IpAddress out;
  if (raw.size() != 4 && raw.size() != 16) return out;
  out.version = raw.size() == 4 ? 4 : 6;
  std::memcpy(out.bytes.data(), raw.data(), raw.size());
  return out;
}

std::optional<IpAddress> parse_address(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  IpAddress out;
  if (inet_pton(AF_INET, buffer, out.bytes.data()) == 1) {
    out.version = 4;
    return out;
  }
  if (inet_pton(AF_INET6, buffer, out.bytes.data()) == 1) {
    out.version = 6;
    return out;
  }
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (address.version != 0)
    inet_ntop(address.version == 4 ? AF_INET : AF_INET6, address.bytes.data(), buffer,
              sizeof buffer);
  return buffer;
}

void append_eve(std::string& out, const IpAddress& address) {
  const auto& b = address.bytes;
  if (address.version == 4) {
    char text[16];
    char* at = text;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i != 0) *at++ = '.';
      at = std::to_chars(at, text + sizeof text, b[i]).ptr;
    }
    out.append(text, at);
  }
  if (address.version != 6) return;
  static constexpr char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < 16; ++i) {
    if (i != 0 && i % 2 == 0) out += ':';
    out += digits[b[i] >> 4];
    out += digits[b[i] & 15];
  }
}

std::string to_eve(const IpAddress& address) {
  std::string out;
  append_eve(out, address);
  return out;
}

AddressScope scope_of(const IpAddress& a) {
  // RFC 6890's special-purpose blocks that mean something only inside a site.
  static const AddressSet site = [] {
    std::vector<AddressRange> ranges;
    for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                             "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/8", "224.0.0.0/4",
                             "255.255.255.255", "fc00::/7", "fe80::/10", "::1", "::", "ff00::/8"})
      ranges.push_back(*parse_range(text));
    return AddressSet(std::move(ranges));
  }();
  return !a.is_set() || site.contains(a) ? AddressScope::site : AddressScope::internet;
}

Result<AddressRange> parse_range(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" is not an address, a network or a range", text));
  };
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto base = parse_address(text.substr(0, slash));
    if (!base) return bad();
    const auto prefix = prefix_length(text.substr(slash + 1), *base);
    if (!prefix) return bad();
    return prefix_range(*base, *prefix);
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    const auto first = parse_address(text.substr(0, dash));
    const auto last = parse_address(text.substr(dash + 1));
    if (!first || !last || first->version != last->version || first->bytes > last->bytes)
      return bad();
    return AddressRange{*first, *last};
  }
  const auto one = parse_address(text);
  if (!one) return bad();
  return AddressRange{*one, *one};
}

AddressSet::AddressSet(std::vector<AddressRange> ranges) {
  std::ranges::sort(ranges, {}, &AddressRange::first);
  for (const AddressRange& r : ranges) {
    if (!ranges_.empty() && ranges_.back().last.version == r.first.version) {
      AddressRange& back = ranges_.back();
      const auto next = step(back.last, 1);
      if (!next || r.first.bytes <= next->bytes) {
        if (r.last.bytes > back.last.bytes) back.last = r.last;
        continue;
      }
    }
    ranges_.push_back(r);
  }
}

AddressSet AddressSet::any() {
  return AddressSet({{lowest(4), highest(4)}, {lowest(6), highest(6)}});
}

AddressSet AddressSet::united(const AddressSet& other) const {
  std::vector<AddressRange> all = ranges_;
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  return AddressSet(std::move(all));
}

AddressSet AddressSet::minus(const AddressSet& other) const {
  std::vector<AddressRange> left = ranges_;
  for (const AddressRange& cut : other.ranges_) {
    std::vector<AddressRange> next;
    for (const AddressRange& r : left) {
      if (r.first.version != cut.first.version || cut.last < r.first || r.last < cut.first) {
        next.push_back(r);
        continue;
      }
      if (r.first < cut.first) next.push_back({r.first, *step(cut.first, -1)});
      if (cut.last < r.last) next.push_back({*step(cut.last, 1), r.last});
    }
    left = std::move(next);
  }
  return AddressSet(std::move(left));
}

bool AddressSet::contains(const IpAddress& address) const {
  const auto after = std::ranges::upper_bound(ranges_, address, {}, &AddressRange::first);
  return after != ranges_.begin() && std::prev(after)->contains(address);
}

bool AddressSet::is_any() const {
  return *this == any();
}

bool operator==(const AddressSet& a, const AddressSet& b) {
  return std::ranges::equal(a.ranges_, b.ranges_, [](const AddressRange& x, const AddressRange& y) {
    return x.first == y.first && x.last == y.last;
  });
}

}  // namespace chieng

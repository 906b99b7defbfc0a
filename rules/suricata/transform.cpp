#include "rules/suricata/transform.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/hash/digest.h"
#include "rules/suricata/base64.h"

namespace chieng::suricata {
namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";
bool is_blank(char c) {
  return kBlanks.find(c) != std::string_view::npos;
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void url_decode(std::string_view in, std::string& out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '+') {
      out += ' ';
    } else if (in[i] == '%' && i + 2 < in.size() && hex_digit(in[i + 1]) >= 0 &&
               hex_digit(in[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(in[i + 1]) << 4 | hex_digit(in[i + 2]));
      i += 2;
    } else {
      out += in[i];
    }
  }
}

void compress_whitespace(std::string_view in, std::string& out) {
  bool blank = false;
  for (const char c : in) {
    if (!is_blank(c) || !blank) out += c;
    blank = is_blank(c);
  }
}

void xor_with(const Transform& t, std::string_view in, std::string& out) {
  std::string_view key = t.text;
  if (t.flag) {
    const auto size = static_cast<std::uint64_t>(t.b) >> 32,
               at = static_cast<std::uint64_t>(t.b) & 0xffffffffu;
    if (at > in.size() || size > in.size() - at) {
      out = in;
      return;
    }
    key = in.substr(at, size);
  }
  out = in;
  const auto from = static_cast<std::size_t>(t.a);
  for (std::size_t i = from; i < out.size(); ++i)
    out[i] = static_cast<char>(in[i] ^ key[(i - from) % key.size()]);
}

void header_lowercase(std::string_view in, std::string& out) {
  bool name = true;
  for (const char c : in) {
    if (c == ':') name = false;
    if (c == '\n') name = true;
    out += name ? to_lower(c) : c;
  }
}

void strip_pseudo_headers(std::string_view in, std::string& out) {
  while (!in.empty()) {
    const auto end = in.find('\n');
    const auto line = in.substr(0, end == std::string_view::npos ? in.size() : end + 1);
    if (!line.starts_with(':')) out += line;
    in.remove_prefix(line.size());
  }
}

void from_base64(const Transform& t, std::string_view in, std::string& out) {
  const std::string_view whole = in;
  in = in.substr(std::min(in.size(), static_cast<std::size_t>(t.a)));
  if (t.has_b) in = in.substr(0, static_cast<std::size_t>(t.b));
  bool good = true;
  if (t.flag)
    good = decode_base64(in, out);
  else
    decode_base64_prefix(in, t.text == "rfc2045", out);
  if (!good || out.empty()) out = whole;
}

void inflate_into(std::string_view in, int window_bits, std::size_t limit, std::string& out) {
  z_stream z{};
  if (inflateInit2(&z, window_bits) != Z_OK) {
    out = in;
    return;
  }
  z.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // zlib does not write to its input
  z.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), 1u << 30));
  out.resize(limit);
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(limit);
  (void)inflate(&z, Z_SYNC_FLUSH);
  out.resize(limit - z.avail_out);
  (void)inflateEnd(&z);
  if (out.empty()) out = in;
}

void subslice(const Transform& t, std::string_view in, std::string& out) {
  const auto size = static_cast<std::int64_t>(in.size());
  std::int64_t begin = t.a < 0 ? size + t.a : t.a;
  if (t.flag) begin = std::clamp<std::int64_t>(begin, 0, size);
  std::int64_t end = !t.has_b ? size : t.b < 0 ? size + t.b : begin + t.b;
  const bool outside = begin < 0 || begin > size || end < begin || end > size;
  if (outside && !t.flag) return;
  begin = std::clamp<std::int64_t>(begin, 0, size);
  end = std::clamp<std::int64_t>(end, begin, size);
  out = in.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

void pcrexform(const Transform& t, std::string_view in, std::string& out,
               matching::RegexScratch& scratch) {
  out = in;
  if (t.regex->find(as_bytes(in), 0, scratch) != matching::RegexOutcome::found) return;
  const auto group = scratch.group(1);
  if (group.set) out = in.substr(group.begin, group.end - group.begin);
}

void apply(const Transform& t, std::string_view in, std::string& out,
           matching::RegexScratch& regex) {
  out.clear();
  switch (t.kind) {
    case TransformKind::dotprefix:
      out += '.';
      out += in;
      break;
    case TransformKind::to_lowercase:
      for (const char c : in) out += to_lower(c);
      break;
    case TransformKind::to_uppercase:
      for (const char c : in) out += to_upper(c);
      break;
    case TransformKind::url_decode:
      url_decode(in, out);
      break;
    case TransformKind::strip_whitespace:
      std::ranges::copy_if(in, std::back_inserter(out), [](char c) { return !is_blank(c); });
      break;
    case TransformKind::compress_whitespace:
      compress_whitespace(in, out);
      break;
    case TransformKind::md5:
      out = digest(DigestKind::md5, as_bytes(in));
      break;
    case TransformKind::sha1:
      out = digest(DigestKind::sha1, as_bytes(in));
      break;
    case TransformKind::sha256:
      out = digest(DigestKind::sha256, as_bytes(in));
      break;
    case TransformKind::xor_key:
      xor_with(t, in, out);
      break;
    case TransformKind::header_lowercase:
      header_lowercase(in, out);
      break;
    case TransformKind::strip_pseudo_headers:
      strip_pseudo_headers(in, out);
      break;
    case TransformKind::from_base64:
      from_base64(t, in, out);
      break;
    case TransformKind::pcrexform:
      pcrexform(t, in, out, regex);
      break;
    case TransformKind::gunzip:
      inflate_into(in, 15 + 16, static_cast<std::size_t>(t.a), out);
      break;
    case TransformKind::zlib:
      inflate_into(in, 15, static_cast<std::size_t>(t.a), out);
      break;
    case TransformKind::subslice:
      subslice(t, in, out);
      break;
  }
}

}  // namespace

Bytes apply_transforms(std::span<const Transform> transforms, Bytes data, TransformScratch& scratch,
                       matching::RegexScratch& regex) {
  std::string* to = &scratch.a;
  std::string* other = &scratch.b;
  for (const Transform& t : transforms) {
    if (data.empty()) return data;
    apply(t, as_text(data), *to, regex);
    data = as_bytes(*to);
    std::swap(to, other);
  }
  return data;
}

}  // namespace chieng::suricata

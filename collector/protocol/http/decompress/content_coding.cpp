#include "collector/protocol/http/decompress/content_coding.h"

#include <algorithm>
#include <array>
#include <optional>

#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

struct Name {
  std::string_view text;
  Coding coding;
};
constexpr std::array kWhole = {
    Name{"gzip", Coding::gzip},           Name{"x-gzip", Coding::gzip},
    Name{"deflate", Coding::deflate_raw}, Name{"x-deflate", Coding::deflate_raw},
    Name{"br", Coding::brotli},           Name{"lzma", Coding::lzma}};

// A token of a list: no exact match is needed.
std::optional<Coding> token_coding(std::string_view token) {
  if (token.find("gzip") != std::string_view::npos) return Coding::gzip;
  if (token.find("deflate") != std::string_view::npos) return Coding::deflate_raw;
  if (token == "lzma") return Coding::lzma;
  return std::nullopt;
}

bool means_nothing(std::string_view token) {
  return token == "identity" || token == "none" || token == "inflate";
}

}  // namespace

ContentCoding parse_content_coding(std::string_view value, std::uint32_t layer_limit) {
  ContentCoding out;
  const PooledString text = folded(trim(value));
  for (const Name& n : kWhole) {
    if (n.text != text) continue;
    if (layer_limit > 0) out.layers.push_back(n.coding);
    return out;
  }
  std::uint32_t tokens = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(", \t", at);
    if (begin == std::string::npos) break;
    const std::size_t end = std::min(text.find_first_of(", \t", begin), text.size());
    const std::string_view token = std::string_view(text).substr(begin, end - begin);
    at = end;
    if (++tokens > layer_limit) {
      out.too_many = true;
      break;
    }
    if (const auto coding = token_coding(token)) {
      out.layers.push_back(*coding);
      out.abnormal |= token != "gzip" && token != "deflate" && token != "lzma";
    } else {
      out.abnormal |= !means_nothing(token);
    }
  }
  return out;
}

}  // namespace chieng::collector::http

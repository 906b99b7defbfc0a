#include "collector/protocol/http/headers.h"

#include <algorithm>

#include "collector/protocol/http/header_lines.h"
#include "collector/protocol/http/text.h"

namespace chieng::collector::http {
namespace {

struct KnownName {
  std::string_view name;
  Known known;
};
constexpr KnownName kKnown[] = {
    {"host", Known::host},
    {"cookie", Known::cookie},
    {"set-cookie", Known::set_cookie},
    {"user-agent", Known::user_agent},
    {"referer", Known::referer},
    {"accept", Known::accept},
    {"accept-encoding", Known::accept_encoding},
    {"accept-language", Known::accept_language},
    {"content-type", Known::content_type},
    {"content-length", Known::content_length},
    {"connection", Known::connection},
    {"server", Known::server},
    {"location", Known::location},
    {"transfer-encoding", Known::transfer_encoding},
    {"content-encoding", Known::content_encoding},
    {"content-disposition", Known::content_disposition},
    {"content-range", Known::content_range},
    {"upgrade", Known::upgrade},
    {"authorization", Known::authorization},
    {"x-forwarded-for", Known::forwarded_for},
    {"expect", Known::expect},
};

std::uint32_t hash_of(std::string_view name) {
  std::uint32_t h = 2166136261u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(lower(c))) * 16777619u;
  return h;
}

bool valid_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_token);
}

}  // namespace

Known known_header(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) {
    const PooledString without = folded(name);
    return without.empty() ? Known::other : known_header(without);
  }
  for (const KnownName& k : kKnown)
    if (k.name.size() == name.size() && same_text(k.name, name)) return k.known;
  return Known::other;
}

std::optional<std::size_t> BlockScanner::find_end(std::string_view block, bool at_end) {
  while (true) {
    const auto line = next_header_line(block, line_, direction_, at_end);
    if (!line) {
      too_long_ = block.size() - line_ > kMaxField || block.size() > kMaxBlock;
      return std::nullopt;
    }
    if (line->last) return line->next;
    if (line->end - line->begin > kMaxField || line->next > kMaxBlock) {
      too_long_ = true;
      return std::nullopt;
    }
    line_ = line->next;
  }
}

void Headers::parse(std::string_view block, Direction direction) {
  raw_ = block;
  const std::string_view raw = raw_;
  auto line = next_header_line(raw, 0, direction, true);
  while (!line->last) {
    flags_.deformed_eol |= line->deformed;
    std::string_view logical = raw.substr(line->begin, line->end - line->begin);
    PooledString joined;
    bool folds = false;
    for (line = next_header_line(raw, line->next, direction, true); !line->last;
         line = next_header_line(raw, line->next, direction, true)) {
      std::string_view more = raw.substr(line->begin, line->end - line->begin);
      if (!continues_header(more, direction)) break;
      if (!folds) joined = trim(logical);
      folds = true;
      joined += more.front();
      while (!more.empty() && (is_blank(more.front()) || more.front() == '\0'))
        more.remove_prefix(1);
      if (joined.size() + more.size() <= kMaxField) joined += more;
    }
    if (fields_.size() >= kMaxFields) {
      flags_.too_many = true;
      return;
    }
    if (folds) {
      flags_.folded = true;
      const std::size_t at = joined_.size();
      joined_ += joined;
      add(std::string_view(joined_).substr(at), true);
    } else {
      add(logical, false);
    }
  }
}

void Headers::add(std::string_view logical, bool joined) {
  const std::size_t colon = logical.find(':');
  std::string_view name;
  std::string_view value = logical;
  if (colon == std::string_view::npos) {
    flags_.missing_colon = true;
  } else {
    const std::string_view as_sent = logical.substr(0, colon);
    name = trim(as_sent);
    value = logical.substr(colon + 1);
    if (name.empty())
      flags_.missing_colon = true;
    else if (!valid_name(name) || as_sent.back() == '\0')
      flags_.invalid_name = true;
    if (!name.empty() && is_blank(as_sent.back())) flags_.blank_after_name = true;
  }
  value = trim(value);
  const std::uint32_t hash = hash_of(name);
  if (Field* known = same_name(name, hash); known != nullptr && !name.empty()) {
    const PooledString copy(value);  // joined_ may move while it is appended to
    merge(*known, copy);
    return;
  }
  fields_.push_back({piece(name, joined), piece(value, joined), known_header(name), 0, hash});
}

Headers::Field* Headers::same_name(std::string_view name, std::uint32_t hash) {
  for (Field& f : fields_)
    if (f.hash == hash && same_text(text(f.name), name)) return &f;
  return nullptr;
}

void Headers::merge(Field& field, std::string_view value) {
  flags_.repeated = true;
  if (field.known == Known::content_length) {
    flags_.duplicate_length = true;
    return;
  }
  if (field.repetitions >= kMaxRepetitions || joined_.size() + field.value.size > kMaxBlock) return;
  ++field.repetitions;
  const bool at_end = field.value.joined && field.value.offset + field.value.size == joined_.size();
  if (!at_end) {
    const PooledString before(text(field.value));
    field.value = {static_cast<std::uint32_t>(joined_.size()),
                   static_cast<std::uint32_t>(before.size()), true};
    joined_ += before;
  }
  joined_ += ", ";
  joined_ += value;
  field.value.size += static_cast<std::uint32_t>(value.size() + 2);
}

Headers::Piece Headers::piece(std::string_view part, bool joined) const {
  const PooledString& from = joined ? joined_ : raw_;
  if (part.empty()) return {0, 0, joined};
  return {static_cast<std::uint32_t>(part.data() - from.data()),
          static_cast<std::uint32_t>(part.size()), joined};
}

std::string_view Headers::text(Piece p) const {
  return std::string_view(p.joined ? joined_ : raw_).substr(p.offset, p.size);
}

Headers::View Headers::at(std::size_t i) const {
  const Field& f = fields_[i];
  return {text(f.name), text(f.value), f.known};
}

std::optional<std::string_view> Headers::find(Known known) const {
  for (const Field& f : fields_)
    if (f.known == known) return text(f.value);
  return std::nullopt;
}

void Headers::build() const {
  if (built_) return;
  built_ = true;
  names_ = "\r\n";
  lines_.reserve(fields_.size());
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const View f = at(i);
    lines_.push_back(static_cast<std::uint32_t>(all_.size()));
    all_.append(f.name).append(": ").append(f.value).append("\r\n");
    if (f.known != Known::cookie && f.known != Known::set_cookie)
      normalised_.append(all_, lines_.back());
    names_.append(f.name).append("\r\n");
  }
  names_ += "\r\n";
}

const PooledString& Headers::normalised() const {
  return build(), normalised_;
}
const PooledString& Headers::all() const {
  return build(), all_;
}
const PooledString& Headers::names() const {
  return build(), names_;
}

std::string_view Headers::line(std::size_t i) const {
  build();
  const std::size_t end = i + 1 < lines_.size() ? lines_[i + 1] : all_.size();
  return std::string_view(all_).substr(lines_[i], end - lines_[i] - 2);
}

}  // namespace chieng::collector::http

#include "rules/sigma/text_pattern.h"

#include <algorithm>
#include <array>

#include "rules/sigma/fold.h"

namespace chieng::sigma {
namespace {

constexpr std::size_t none = std::string_view::npos;
constexpr std::array<std::string_view, 5> dashes{"-", "/", "\u2013", "\u2014", "\u2015"};

// Letters, digits and _ of ASCII; beyond it everything but spaces, punctuation and symbols of the
// common blocks.
bool word_character(char32_t c) {
  if (c < 0x80)
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  if (c >= 0xDC00 && c < 0xE000) return false;  // no character at all
  if (c < 0xC0)
    return c == 0xAA || c == 0xB5 || c == 0xBA || c == 0xB2 || c == 0xB3 || c == 0xB9 || c >= 0xBC;
  return c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c < 0x2070) && !(c >= 0x2190 && c < 0x2C00) &&
         !(c >= 0x3000 && c < 0x3004) && !(c >= 0xFF00 && c < 0xFF10);
}

std::size_t dash_at(std::string_view value, std::size_t at) {
  for (const std::string_view dash : dashes)
    if (value.substr(at).starts_with(dash)) return dash.size();
  return 0;
}

}  // namespace

void TextPattern::append_text(std::string_view text) {
  Segment& last = segments_.back();
  if (last.empty() || last.back().kind != Atom::Kind::text) last.push_back({Atom::Kind::text, {}});
  last.back().text += text;
}

TextPattern TextPattern::parse(std::string_view value) {
  TextPattern out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const char next = i + 1 < value.size() ? value[i + 1] : '\0';
    if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
      out.append_text(value.substr(++i, 1));
    } else if (c == '*') {
      if (out.segments_.size() < 2 || !out.segments_.back().empty()) out.segments_.emplace_back();
    } else if (c == '?') {
      out.segments_.back().push_back({Atom::Kind::one, {}});
    } else {
      out.append_text(value.substr(i, 1));
    }
  }
  return out;
}

TextPattern TextPattern::literal(std::string_view text) {
  TextPattern out;
  if (!text.empty()) out.append_text(text);
  return out;
}

void TextPattern::open_front() {
  if (segments_.size() == 1 || !segments_.front().empty())
    segments_.insert(segments_.begin(), Segment{});
}

void TextPattern::open_back() {
  if (segments_.size() == 1 || !segments_.back().empty()) segments_.emplace_back();
}

void TextPattern::spread_dashes() {
  for (Segment& segment : segments_) spread_dashes(segment);
}

void TextPattern::spread_dashes(Segment& segment) {
  Segment out;
  for (Atom& atom : segment) {
    if (atom.kind != Atom::Kind::text) {
      out.push_back(std::move(atom));
      continue;
    }
    const std::string& text = atom.text;
    std::string run;
    bool after_word = false;
    for (std::size_t i = 0; i < text.size();) {
      const Character c = character_at(text, i);
      const std::size_t next = i + c.size;
      const bool before_word = next < text.size() && word_character(character_at(text, next).value);
      if ((c.value == '-' || c.value == '/') && !after_word && before_word) {
        if (!run.empty()) out.push_back({Atom::Kind::text, std::move(run)});
        run.clear();
        out.push_back({Atom::Kind::dash, {}});
      } else {
        run.append(text, i, c.size);
      }
      after_word = word_character(c.value);
      i = next;
    }
    if (!run.empty()) out.push_back({Atom::Kind::text, std::move(run)});
  }
  segment = std::move(out);
}

void TextPattern::fold() {
  for (Segment& segment : segments_)
    for (Atom& atom : segment) atom.text = sigma::fold(atom.text);
}

bool TextPattern::plain() const {
  return segments_.size() == 1 && std::ranges::all_of(segments_.front(), [](const Atom& a) {
           return a.kind == Atom::Kind::text;
         });
}

bool TextPattern::any() const {
  return segments_.size() > 1 &&
         std::ranges::all_of(segments_, [](const Segment& s) { return s.empty(); });
}

std::string TextPattern::text() const {
  std::string out;
  for (const Atom& atom : segments_.front()) out += atom.text;
  return out;
}

std::string TextPattern::key() const {
  std::string out;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (i > 0) out += "\x01*";
    for (const Atom& atom : segments_[i])
      out += atom.kind == Atom::Kind::text  ? atom.text
             : atom.kind == Atom::Kind::one ? "\x01?"
                                            : "\x01-";
  }
  return out;
}

std::string TextPattern::longest_text() const {
  std::string out;
  for (const Segment& segment : segments_)
    for (const Atom& atom : segment)
      if (atom.text.size() > out.size()) out = atom.text;
  return out;
}

// The end of the segment's match that begins at `at`, or none.
std::size_t TextPattern::match_here(const Segment& segment, std::string_view value,
                                    std::size_t at) {
  for (const Atom& atom : segment) {
    std::size_t size = 0;
    switch (atom.kind) {
      case Atom::Kind::text:
        if (!value.substr(at).starts_with(atom.text)) return none;
        size = atom.text.size();
        break;
      case Atom::Kind::one:
        if (at >= value.size()) return none;
        size = character_at(value, at).size;
        break;
      case Atom::Kind::dash:
        size = dash_at(value, at);
        if (size == 0) return none;
        break;
    }
    at += size;
  }
  return at;
}

std::size_t TextPattern::find(const Segment& segment, std::string_view value, std::size_t from,
                              std::size_t& end) {
  const bool starts_with_text = !segment.empty() && segment.front().kind == Atom::Kind::text;
  for (std::size_t at = from; at <= value.size(); ++at) {
    if (starts_with_text) {
      at = value.find(segment.front().text, at);
      if (at == none) return none;
    }
    end = match_here(segment, value, at);
    if (end != none) return at;
    if (at < value.size()) at += character_at(value, at).size - 1;
  }
  return none;
}

bool TextPattern::match_end(const Segment& segment, std::string_view value, std::size_t from) {
  if (segment.size() == 1 && segment.front().kind == Atom::Kind::text)
    return value.size() - from >= segment.front().text.size() &&
           value.ends_with(segment.front().text);
  std::size_t end = 0;
  for (std::size_t at = find(segment, value, from, end); at != none;
       at = find(segment, value, at + 1, end))
    if (end == value.size()) return true;
  return false;
}

bool TextPattern::matches(std::string_view value) const {
  std::size_t at = match_here(segments_.front(), value, 0);
  if (segments_.size() == 1 || at == none) return at == value.size();
  for (std::size_t i = 1; i + 1 < segments_.size(); ++i)
    if (find(segments_[i], value, at, at) == none) return false;
  return segments_.back().empty() || match_end(segments_.back(), value, at);
}

}  // namespace chieng::sigma

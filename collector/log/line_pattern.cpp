#include "collector/log/line_pattern.h"

#include <algorithm>

#include "collector/log/peer.h"
#include "core/record/record.h"

namespace chieng::collector {
namespace {

constexpr std::uint32_t unset = 0xFFFFFFFF;

}  // namespace

PatternScratch::Capture PatternScratch::capture(std::size_t name) const {
  const std::uint32_t begin = slots_.at(2 * name), end = slots_.at(2 * name + 1);
  if (begin == unset || end == unset || end < begin) return {};
  return {true, text_.substr(begin, end - begin)};
}

void LinePattern::set_slot(PatternScratch& s, std::uint32_t slot, std::uint32_t value) {
  s.undo_.push_back({slot, s.slots_[slot]});
  s.slots_[slot] = value;
}

// One instruction; false: this way does not match.
bool LinePattern::step(const Instruction& in, std::uint32_t& pc, std::uint32_t& at,
                       PatternScratch& s) const {
  const std::string_view rest = s.text_.substr(at);
  const auto choose = [&](std::uint32_t target, std::uint32_t position) {
    s.choices_.push_back({target, position, static_cast<std::uint32_t>(s.undo_.size())});
  };
  ++pc;
  switch (in.op) {
    case Op::text: {
      const std::string& text = texts_[in.a];
      if (!(ignore_case_ ? equal_ignoring_case(rest.substr(0, text.size()), text)
                         : rest.starts_with(text)))
        return false;
      at += static_cast<std::uint32_t>(text.size());
      return true;
    }
    case Op::any:
      ++at;
      return !rest.empty();
    case Op::set:
      ++at;
      return !rest.empty() && sets_[in.a][static_cast<unsigned char>(rest.front())];
    case Op::fork:
      choose(in.b, at);
      pc = in.a;
      return true;
    case Op::jump:
      pc = in.a;
      return true;
    case Op::open:
      set_slot(s, 2 * in.a, at);
      return true;
    case Op::close:
      set_slot(s, 2 * in.a + 1, at);
      return true;
    case Op::address:
    case Op::name: {
      std::vector<std::uint32_t> lengths;
      peer_lengths(rest, in.op == Op::name, lengths);
      if (lengths.empty()) return false;
      for (std::size_t i = lengths.size(); i-- > 1;) choose(pc, at + lengths[i]);
      at += lengths.front();
      return true;
    }
    case Op::end:
      return rest.empty();
  }
  return false;
}

bool LinePattern::matches(std::string_view text, PatternScratch& s) const {
  s.text_ = text.substr(0, max_message);
  if (!required_.empty() && s.text_.find(required_) == s.text_.npos) return false;
  s.slots_.assign(2 * names_.size(), unset);
  s.choices_.clear();
  s.undo_.clear();
  std::uint32_t pc = 0, at = 0;
  for (std::size_t steps = 0; steps < max_steps; ++steps) {
    const Instruction& in = program_[pc];
    if (step(in, pc, at, s)) {
      if (in.op == Op::end) return true;
      continue;
    }
    if (s.choices_.empty()) return false;
    const PatternScratch::Choice choice = s.choices_.back();
    s.choices_.pop_back();
    for (; s.undo_.size() > choice.undo; s.undo_.pop_back())
      s.slots_[s.undo_.back().slot] = s.undo_.back().value;
    pc = choice.instruction;
    at = choice.position;
  }
  return false;
}

}  // namespace chieng::collector

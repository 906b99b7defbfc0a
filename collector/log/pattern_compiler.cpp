#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "collector/log/line_pattern.h"

namespace chieng::collector {
namespace {

constexpr int deepest = 32;
constexpr std::size_t longest_program = 4096;

std::bitset<256> class_of(char letter) {
  std::bitset<256> out;
  const auto range = [&](int from, int to) {
    for (int c = from; c <= to; ++c) out.set(static_cast<std::size_t>(c));
  };
  const char kind = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  if (kind == 'd' || kind == 'w') range('0', '9');
  if (kind == 'w') {
    range('a', 'z');
    range('A', 'Z');
    out.set('_');
  }
  if (kind == 's')
    for (const char c : {' ', '\t', '\r', '\n'}) out.set(static_cast<std::size_t>(c));
  return letter == kind ? out : ~out;
}

}  // namespace

// Recursive descent over the pattern, writing instructions as it goes.
class PatternCompiler {
 public:
  explicit PatternCompiler(std::string_view pattern) : text_(pattern) {}

  Result<LinePattern> compile() {
    if (text_.starts_with("(?i)")) {
      out_.ignore_case_ = true;
      at_ = 4;
    }
    CHIENG_CHECK(alternatives(0));
    if (at_ < text_.size()) return complain("\")\" without \"(\"");
    emit(LinePattern::Op::end);
    if (out_.ignore_case_ || top_level_choice_) out_.required_.clear();
    if (out_.program_.size() > longest_program) return complain("it is too long");
    return std::move(out_);
  }

 private:
  using Op = LinePattern::Op;

  std::unexpected<Error> complain(std::string_view what) const {
    return fail(ErrorCode::parse,
                fmt::format("pattern \"{}\", character {}: {}", text_, at_ + 1, what));
  }
  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(out_.program_.size()); }
  std::uint32_t emit(Op op, std::uint32_t a = 0, std::uint32_t b = 0) {
    out_.program_.push_back({op, a, b});
    return here() - 1;
  }
  void insert(std::uint32_t where, LinePattern::Instruction in) {
    // What stands before `where` and leads there has to meet the new instruction; the moved code
    // keeps its own targets.
    for (std::uint32_t at = where; at < here(); ++at) {
      auto& i = out_.program_[at];
      if (i.op == Op::jump || i.op == Op::fork) i.a += i.a >= where ? 1 : 0;
      if (i.op == Op::fork) i.b += i.b >= where ? 1 : 0;
    }
    out_.program_.insert(out_.program_.begin() + where, in);
  }

  Status alternatives(int depth) {
    if (depth > deepest) return complain("nested too deep");
    const std::uint32_t begin = here();
    std::vector<std::uint32_t> jumps;
    std::uint32_t branch = begin;
    CHIENG_CHECK(sequence(depth));
    while (take('|')) {
      if (depth == 0) top_level_choice_ = true;
      insert(branch, {Op::fork, branch + 1, 0});
      for (std::uint32_t& jump : jumps)
        if (jump >= branch) ++jump;
      jumps.push_back(emit(Op::jump));
      out_.program_[branch].b = here();
      branch = here();
      CHIENG_CHECK(sequence(depth));
    }
    for (const std::uint32_t jump : jumps) out_.program_[jump].a = here();
    return {};
  }

  Status sequence(int depth) {
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      const std::uint32_t begin = here();
      CHIENG_CHECK(atom(depth));
      const bool repeated = more() && (text_[at_] == '?' || text_[at_] == '*' || text_[at_] == '+');
      if (repeated)
        CHIENG_CHECK(repeat(begin));
      else if (depth == 0)
        note_required(begin);
    }
    return {};
  }

  void note_required(std::uint32_t begin) {
    const auto& in = out_.program_[begin];
    if (here() - begin == 1 && in.op == Op::text &&
        out_.texts_[in.a].size() > out_.required_.size())
      out_.required_ = out_.texts_[in.a];
  }

  Status repeat(std::uint32_t begin) {
    const char kind = text_[at_++];
    const bool lazy = take('?');
    // A fork's first choice is tried first: on, or past it.
    const auto fork = [&](std::uint32_t at, std::uint32_t on, std::uint32_t past) {
      out_.program_[at].a = lazy ? past : on;
      out_.program_[at].b = lazy ? on : past;
    };
    if (kind == '+') {
      const std::uint32_t at = emit(Op::fork);
      fork(at, begin, here());
      return {};
    }
    insert(begin, {Op::fork, 0, 0});
    if (kind == '*') emit(Op::jump, begin);
    fork(begin, begin + 1, here());
    return {};
  }

  Status atom(int depth) {
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      CHIENG_CHECK(alternatives(depth + 1));
      return take(')') ? Status{} : complain("\")\" is missing");
    }
    if (c == '[') return set();
    if (c == '{') return typed();
    if (c == '.') {
      ++at_;
      emit(Op::any);
      return {};
    }
    if (c == '?' || c == '*' || c == '+') return complain("nothing stands before this to repeat");
    if (c == ']' || c == '}' || c == '^' || c == '$')
      return complain("write a backslash before it");
    if (c == '\\' && at_ + 1 < text_.size() &&
        std::string_view("dDwWsS").find(text_[at_ + 1]) != std::string_view::npos) {
      add_set(class_of(text_[at_ + 1]));
      at_ += 2;
      return {};
    }
    return literal();
  }

  // A run of plain characters; one that is repeated stands alone.
  Status literal() {
    std::string run;
    while (more() && std::string_view("()[]{}|.?*+^$").find(text_[at_]) == std::string_view::npos) {
      const std::size_t size = text_[at_] == '\\' ? 2 : 1;
      if (at_ + size > text_.size()) return complain("a backslash stands at the end");
      const char c = text_[at_ + size - 1];
      if (size == 2 && std::string_view("dDwWsS").find(c) != std::string_view::npos) break;
      if (size == 2 && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')))
        return complain("this escape is not known");
      const bool repeated =
          at_ + size < text_.size() &&
          std::string_view("?*+").find(text_[at_ + size]) != std::string_view::npos;
      if (repeated && !run.empty()) break;
      run += c;
      at_ += size;
      if (repeated) break;
    }
    out_.texts_.push_back(std::move(run));
    emit(Op::text, static_cast<std::uint32_t>(out_.texts_.size() - 1));
    return {};
  }

  void add_set(const std::bitset<256>& set) {
    out_.sets_.push_back(set);
    emit(Op::set, static_cast<std::uint32_t>(out_.sets_.size() - 1));
  }

  Status set() {
    ++at_;
    std::bitset<256> out;
    const bool inverted = take('^');
    while (more() && text_[at_] != ']') {
      char c = text_[at_++];
      if (c == '\\') {
        if (!more()) break;
        c = text_[at_++];
        if (std::string_view("dws").find(c) != std::string_view::npos) {
          out |= class_of(c);
          continue;
        }
      }
      char last = c;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        last = text_[at_ + 1];
        at_ += 2;
      }
      if (static_cast<unsigned char>(last) < static_cast<unsigned char>(c))
        return complain("a range runs backwards");
      for (unsigned i = static_cast<unsigned char>(c); i <= static_cast<unsigned char>(last); ++i)
        out.set(i);
    }
    if (!take(']')) return complain("\"]\" is missing");
    add_set(inverted ? ~out : out);
    return {};
  }

  // {type} or {type:name}
  Status typed() {
    const std::size_t end = text_.find('}', at_);
    if (end == text_.npos) return complain("\"}\" is missing");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    const std::string_view type = inside.substr(0, inside.find(':'));
    const std::string_view name =
        type.size() < inside.size() ? inside.substr(type.size() + 1) : std::string_view{};
    std::uint32_t slot = 0;
    if (!name.empty()) {
      slot = static_cast<std::uint32_t>(std::ranges::find(out_.names_, name) - out_.names_.begin());
      if (slot == out_.names_.size()) out_.names_.emplace_back(name);
      emit(Op::open, slot);
    }
    if (!type_body(type)) return complain("known types are word, int, host, ip, text, rest");
    if (!name.empty()) emit(Op::close, slot);
    at_ = end + 1;
    return {};
  }

  bool type_body(std::string_view type) {
    const std::uint32_t begin = here();
    if (type == "host")
      emit(Op::name);
    else if (type == "ip")
      emit(Op::address);
    else if (type == "word" || type == "int") {
      add_set(class_of(type == "word" ? 'S' : 'd'));
      emit(Op::fork, begin, here() + 1);
    } else if (type == "text" || type == "rest") {
      const bool lazy = type == "text";
      emit(Op::fork, lazy ? begin + 3 : begin + 1, lazy ? begin + 1 : begin + 3);
      emit(Op::any);
      emit(Op::jump, begin);
    } else {
      return false;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  LinePattern out_;
  bool top_level_choice_ = false;
};

Result<LinePattern> LinePattern::compile(std::string_view pattern) {
  return PatternCompiler(pattern).compile();
}

}  // namespace chieng::collector

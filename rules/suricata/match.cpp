#include "rules/suricata/match.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rules/suricata/base64.h"
#include "rules/suricata/dataset.h"
#include "rules/suricata/search.h"

namespace chieng::suricata {
namespace {

// Steps that one list may take in all: contents that occur often must not multiply without end.
constexpr std::uint32_t kBudget = 3000;

// Whether another place of the step before could make this one match.
bool depends(const Step& next) {
  if (const auto* c = std::get_if<Content>(&next.what))
    return c->has_within || (next.negated && c->relative());
  if (const auto* r = std::get_if<RegexStep>(&next.what)) return r->relative;
  if (const auto* t = std::get_if<ByteTest>(&next.what)) return t->relative;
  if (const auto* j = std::get_if<ByteJump>(&next.what)) return j->relative;
  if (const auto* e = std::get_if<ByteExtract>(&next.what)) return e->relative;
  if (const auto* m = std::get_if<ByteMath>(&next.what)) return m->relative;
  if (const auto* d = std::get_if<DataAt>(&next.what)) return d->relative;
  if (const auto* a = std::get_if<Asn1Check>(&next.what)) return a->relative;
  return false;
}

}  // namespace

std::int64_t Matcher::value(const Number& n) const {
  if (n.variable < 0) return n.value;
  const std::uint64_t v = variables_[static_cast<std::size_t>(n.variable)];
  return static_cast<std::int64_t>(
      std::min<std::uint64_t>(v, std::numeric_limits<std::int32_t>::max()));
}

bool Matcher::match(std::span<const Step> steps, const Window& window,
                    std::vector<FoundStep>* found) {
  found_ = found;
  budget_ = kBudget;
  return run({steps, window, false}, 0, 0) == Outcome::match;
}

bool Matcher::match_list(const List& list, const Window& window, std::vector<FoundStep>* found) {
  list_name_ = list.place.is_payload() ? std::string_view("content") : std::string_view(list.name);
  transformed_ = list.transforms.empty() ? window.data : transform(list.transforms, window.data);
  return match(list.steps,
               {transformed_, list.transforms.empty() ? window.offset : 0, window.complete,
                window.little_endian},
               found);
}

Matcher::Outcome Matcher::run(const Frame& f, std::size_t i, std::size_t cursor) {
  if (i >= f.steps.size()) return Outcome::match;
  if (budget_ == 0) return Outcome::stop;
  --budget_;
  const Step& step = f.steps[i];
  struct Visitor {
    Matcher& m;
    const Frame& f;
    std::size_t i, cursor;
    bool negated;
    Outcome operator()(const Content& c) const {
      return negated ? m.negated_content(f, i, cursor, c) : m.content(f, i, cursor, c);
    }
    Outcome operator()(const RegexStep& r) const { return m.regex(f, i, cursor, r); }
    Outcome operator()(const DataAt& d) const { return m.data_at(f, i, cursor, d); }
    Outcome operator()(const Size& s) const { return m.size(f, i, cursor, s); }
    Outcome operator()(const Asn1Check& a) const { return m.asn1(f, i, cursor, a); }
    Outcome operator()(const Entropy& e) const { return m.entropy(f, i, cursor, e); }
    Outcome operator()(const ByteTest& t) const { return m.byte_test(f, i, cursor, t); }
    Outcome operator()(const ByteJump& j) const { return m.byte_jump(f, i, cursor, j); }
    Outcome operator()(const ByteExtract& e) const { return m.byte_extract(f, i, cursor, e); }
    Outcome operator()(const ByteMath& b) const { return m.byte_math(f, i, cursor, b); }
    Outcome operator()(const Base64& b) const { return m.base64(f, i, cursor, b); }
    Outcome operator()(const DatasetCheck& d) const { return m.dataset(f, i, cursor, d); }
    Outcome operator()(const ReputationCheck& r) const { return m.reputation(f, i, cursor, r); }
  };
  return std::visit(Visitor{*this, f, i, cursor, step.negated}, step.what);
}

// The step matched; on with the one after it.
Matcher::Outcome Matcher::next(const Frame& f, std::size_t i, std::size_t cursor,
                               std::size_t offset, std::size_t length) {
  if (found_ != nullptr) found_->push_back({&f.steps[i], offset, length, f.decoded});
  const Outcome out = run(f, i + 1, cursor);
  if (out != Outcome::match && found_ != nullptr) found_->pop_back();
  return out;
}

Matcher::Limits Matcher::limits(const Frame& f, std::size_t cursor, const Content& c) const {
  const auto size = static_cast<std::int64_t>(f.window.data.size());
  std::int64_t from = 0, end = size;
  if (c.relative()) {
    const std::int64_t start =
        static_cast<std::int64_t>(cursor) + (c.has_distance ? value(c.distance) : 0);
    from = std::max<std::int64_t>(start, 0);
    if (c.has_within) end = std::min(end, start + value(c.within));
  } else {
    if (c.has_offset) from = value(c.offset);
    if (c.has_depth) {
      // In a later window of a buffer depth counts from the buffer's start.
      std::int64_t depth_end = from + value(c.depth);
      if (f.window.offset > 0) {
        const auto before =
            static_cast<std::int64_t>(std::min<std::uint64_t>(f.window.offset, 1u << 30));
        if (depth_end <= before) return {false, 0, 0};
        depth_end -= before;
      }
      end = std::min(end, depth_end);
    }
  }
  if (from > size || end < from) return {true, 1, 0};
  return {true, static_cast<std::size_t>(from), static_cast<std::size_t>(end)};
}

Matcher::Outcome Matcher::content(const Frame& f, std::size_t i, std::size_t cursor,
                                  const Content& c) {
  const Outcome missing = c.relative() ? Outcome::local : Outcome::stop;
  const Limits within = limits(f, cursor, c);
  if (!within.possible || within.from > within.end) return missing;
  const std::string_view text = f.text();
  const std::size_t length = c.bytes.size();
  std::size_t from = within.from;
  for (;;) {
    std::size_t at = kNowhere;
    if (c.ends) {  // one place alone is possible
      const std::size_t only = text.size() >= length ? text.size() - length : kNowhere;
      if (only != kNowhere && only >= from && text.size() <= within.end && equals_at(text, only, c))
        at = only;
    } else {
      at = find_content(text, from, within.end, c);
    }
    if (at == kNowhere) return missing;
    const Outcome rest = next(f, i, at + length, at, length);
    if (rest != Outcome::local) return rest;
    if (i + 1 >= f.steps.size() || !depends(f.steps[i + 1])) return Outcome::stop;
    if (budget_ == 0) return Outcome::stop;
    --budget_;
    from = at + 1;
  }
}

Matcher::Outcome Matcher::negated_content(const Frame& f, std::size_t i, std::size_t cursor,
                                          const Content& c) {
  const Limits within = limits(f, cursor, c);
  if (!within.possible) return Outcome::stop;
  bool present = false;
  if (within.from <= within.end) {
    const std::size_t at = find_content(f.text(), within.from, within.end, c);
    present = at != kNowhere && (!c.ends || at + c.bytes.size() == f.text().size());
  }
  if (present) return c.relative() || f.steps.size() > 1 ? Outcome::local : Outcome::stop;
  return next(f, i, cursor, 0, 0);
}

Matcher::Outcome Matcher::regex(const Frame& f, std::size_t i, std::size_t cursor,
                                const RegexStep& r) {
  const std::size_t base = r.relative ? std::min(cursor, f.window.data.size()) : 0;
  const Bytes subject = f.window.data.subspan(base);
  std::size_t start = 0;
  for (;;) {
    const auto outcome = r.regex->find(subject, start, regex_);
    if (outcome == matching::RegexOutcome::limit) return Outcome::stop;
    if (f.steps[i].negated)
      return outcome == matching::RegexOutcome::found ? Outcome::local : next(f, i, cursor, 0, 0);
    if (outcome == matching::RegexOutcome::none) return Outcome::local;
    const auto whole = regex_.group(0);
    // \K can put the start behind the end; such a match has no place of its own
    const std::size_t end = std::max(whole.end, whole.begin);
    const Outcome rest = next(f, i, base + end, base + whole.begin, end - whole.begin);
    if (rest != Outcome::local || i + 1 >= f.steps.size() || !depends(f.steps[i + 1])) return rest;
    if (budget_ == 0 || whole.begin + 1 <= start) return Outcome::stop;
    --budget_;
    start = whole.begin + 1;
  }
}

Matcher::Outcome Matcher::data_at(const Frame& f, std::size_t i, std::size_t cursor,
                                  const DataAt& d) {
  const std::int64_t size = static_cast<std::int64_t>(f.window.data.size());
  const std::int64_t count = value(d.count);
  const bool there = d.relative ? static_cast<std::int64_t>(cursor) + count <= size : size > count;
  if (there != f.steps[i].negated) return next(f, i, cursor, 0, 0);
  return f.steps[i].negated && d.relative      ? Outcome::local
         : d.count.variable >= 0 || d.relative ? Outcome::local
                                               : Outcome::stop;
}

Matcher::Outcome Matcher::asn1(const Frame& f, std::size_t i, std::size_t cursor,
                               const Asn1Check& a) {
  const std::int64_t from = a.offset + (a.relative ? static_cast<std::int64_t>(cursor) : 0);
  const Bytes data = f.window.data;
  const bool inside = from >= 0 && from <= static_cast<std::int64_t>(data.size());
  const bool found = inside && asn1_matches(data.subspan(static_cast<std::size_t>(from)), a);
  if (found != f.steps[i].negated) return next(f, i, cursor, 0, 0);
  return a.relative ? Outcome::local : Outcome::stop;
}

Matcher::Outcome Matcher::size(const Frame& f, std::size_t i, std::size_t cursor, const Size& s) {
  const std::uint64_t length = f.window.offset + f.window.data.size();
  using Op = IntegerMatch::Op;
  const bool needs_end = s.match.op != Op::greater && s.match.op != Op::greater_equal;
  if (needs_end && !f.window.complete) return Outcome::stop;
  return s.match.matches(length) ? next(f, i, cursor, 0, f.window.data.size()) : Outcome::stop;
}

Matcher::Outcome Matcher::entropy(const Frame& f, std::size_t i, std::size_t cursor,
                                  const Entropy& e) {
  Bytes data = f.window.data;
  if (e.offset > data.size()) return Outcome::stop;
  data = data.subspan(e.offset);
  if (e.bytes != 0) data = data.subspan(0, std::min<std::size_t>(e.bytes, data.size()));
  if (data.empty()) return Outcome::stop;
  std::array<std::uint32_t, 256> counts{};
  for (const std::byte b : data) ++counts[std::to_integer<std::size_t>(b)];
  double bits = 0;
  for (const std::uint32_t n : counts)
    if (n != 0) {
      const double p = n / static_cast<double>(data.size());
      bits -= p * std::log2(p);
    }
  if (found_ == nullptr) {
    std::string name(list_name_);
    std::ranges::replace(name, '.', '_');
    entropies_.push_back({std::move(name), bits});
  }
  using Op = IntegerMatch::Op;
  const bool near = std::abs(bits - e.a) < 1e-9;
  bool good = false;
  switch (e.op) {
    case Op::equal:
      good = near;
      break;
    case Op::not_equal:
      good = !near;
      break;
    case Op::less:
      good = bits < e.a;
      break;
    case Op::less_equal:
      good = bits <= e.a;
      break;
    case Op::greater:
      good = bits > e.a;
      break;
    case Op::greater_equal:
      good = bits >= e.a;
      break;
    case Op::between:
      good = e.a < bits && bits < e.b;
      break;
    case Op::not_between:
      good = !(e.a < bits && bits < e.b);
      break;
    case Op::mask:
    case Op::mask_equal:
    case Op::mask_not_equal:
      break;
  }
  return good ? next(f, i, cursor, e.offset, data.size()) : Outcome::stop;
}

Matcher::Outcome Matcher::base64(const Frame& f, std::size_t i, std::size_t cursor,
                                 const Base64& b) {
  (void)i;
  if (b.inner.empty()) return Outcome::stop;  // decoded, but nothing looks at it
  const std::size_t from = (b.relative ? cursor : 0) + b.offset;
  if (from > f.window.data.size()) return Outcome::local;
  std::string_view text = f.text().substr(from);
  if (b.bytes != 0) text = text.substr(0, b.bytes);
  decode_base64_prefix(text, true, decoded_);
  if (decoded_.empty()) return Outcome::local;
  const Outcome inner = run({b.inner, {as_bytes(decoded_), 0, true}, true}, 0, 0);
  return inner == Outcome::match ? inner : Outcome::local;
}

Matcher::Outcome Matcher::dataset(const Frame& f, std::size_t i, std::size_t cursor,
                                  const DatasetCheck& d) {
  // While an alert is explained the set must not change, nor its earlier change count against the
  // rule.
  const bool changes = d.set->op == DatasetOp::set || d.set->op == DatasetOp::unset;
  const bool good =
      (found_ != nullptr && changes) || d.set->values->apply(d.set->op, f.window.data);
  if (good && found_ != nullptr && !d.set->context_key.empty())
    if (const auto object = d.set->values->object(f.window.data); !object.empty())
      contexts_.push_back({d.set->context_key, object});
  return good ? next(f, i, cursor, 0, f.window.data.size()) : Outcome::stop;
}

Matcher::Outcome Matcher::reputation(const Frame& f, std::size_t i, std::size_t cursor,
                                     const ReputationCheck& r) {
  const auto value = r.list->values->of(f.window.data);
  const bool good = value && r.list->match.matches(*value);
  return good ? next(f, i, cursor, 0, f.window.data.size()) : Outcome::stop;
}

}  // namespace chieng::suricata

#include <algorithm>
#include <charconv>
#include <list>
#include <unordered_map>

#include "collector/log/format_table.h"
#include "collector/log/formats.h"
#include "collector/log/line_frame.h"
#include "collector/log/peer.h"

namespace chieng::collector {
namespace {

constexpr std::size_t most_remembered = 4096;     // processes or keys of one source
constexpr std::int64_t memory_age = 600'000'000;  // microseconds of log time
constexpr std::size_t longest_field = 1024;

struct Memory {
  std::optional<IpAddress> ip;
  std::string host;
  bool failed = false;
  std::vector<std::string> marks;
  Timestamp seen;
  std::list<std::string>::iterator place;
};

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::unknown:
      return "unknown";
    case Outcome::success:
      return "success";
    case Outcome::failure:
      return "failure";
  }
  return "unknown";
}

void LogEvent::clear() {
  *this = LogEvent{};
}

struct LineParser::State {
  std::shared_ptr<const FormatSet> formats;
  LineContext context;
  LogEvent event;
  PatternScratch scratch, unless_scratch;
  std::vector<const Format*> candidates;
  std::unordered_map<std::string, Memory> memory;  // least recently used out first
  std::list<std::string> order;
  std::string key;

  void parse(std::string_view line);
  bool try_format(const Format& format);
  bool try_pattern(const Format& format, const FormatPattern& pattern, const LinePattern& match);
  void take(std::string_view name, std::string_view value, LogEvent& out);
  static void take_peer(std::string_view value, LogEvent& out);
  [[nodiscard]] std::string memory_key(const Format& format, const LogEvent& found) const;
  Memory* recall(const std::string& name);
  Memory& remember(const std::string& name);
  bool apply_memory(const Format& format, const FormatPattern& pattern, LogEvent& found);
};

void LineParser::State::take_peer(std::string_view value, LogEvent& out) {
  if (const auto address = logged_address(value)) {
    out.src_ip = address;
    out.src_host.clear();
  } else if (is_host_name(value)) {
    out.src_ip.reset();
    out.src_host = value.ends_with('.') ? value.substr(0, value.size() - 1) : value;
  }
}

void LineParser::State::take(std::string_view name, std::string_view value, LogEvent& out) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool numeric = parsed.ec == std::errc{} && parsed.ptr == value.data() + value.size();
  if (name == "src")
    take_peer(value, out);
  else if (name == "port" && numeric && number <= 0xFFFF)
    out.src_port = static_cast<std::uint16_t>(number);
  else if (name == "pid" && numeric)
    out.pid = number;
  else if (name == "user")
    out.user = value.substr(0, longest_field);
  else if (name == "host")
    out.host = value;
  else
    out.fields.emplace_back(name, value.substr(0, longest_field));
}

std::string LineParser::State::memory_key(const Format& format, const LogEvent& found) const {
  for (const auto& [name, value] : found.fields)
    if (name == "key") return format.service + '\x01' + value;
  return format.service + '\x02' + std::to_string(found.pid.value_or(0));
}

Memory* LineParser::State::recall(const std::string& name) {
  const auto at = memory.find(name);
  if (at == memory.end()) return nullptr;
  const bool old = event.event_time && at->second.seen.is_set() &&
                   std::abs(*event.event_time - at->second.seen) > memory_age;
  if (!old) return &at->second;
  order.erase(at->second.place);
  memory.erase(at);
  return nullptr;
}

Memory& LineParser::State::remember(const std::string& name) {
  Memory* known = recall(name);
  if (known == nullptr) {
    if (memory.size() >= most_remembered) {
      memory.erase(order.back());
      order.pop_back();
    }
    order.push_front(name);
    known = &memory[name];
    known->place = order.begin();
  }
  order.splice(order.begin(), order, known->place);
  if (event.event_time) known->seen = *event.event_time;
  return *known;
}

// False: the pattern asks for something that is not remembered, so it is not this one.
bool LineParser::State::apply_memory(const Format& format, const FormatPattern& pattern,
                                     LogEvent& found) {
  const MemoryUse& use = pattern.memory;
  const bool has_key = found.pid || std::ranges::any_of(found.fields, [](const auto& f) {
                         return f.first == "key";
                       });
  const std::string name = has_key ? memory_key(format, found) : std::string{};
  Memory* known = has_key ? recall(name) : nullptr;
  if (!use.needs.empty() &&
      (known == nullptr || std::ranges::find(known->marks, use.needs) == known->marks.end()))
    return false;
  const bool has_peer = found.src_ip || !found.src_host.empty();
  if (use.use_peer && !has_peer && known != nullptr) {
    found.src_ip = known->ip;
    found.src_host = known->host;
  }
  if (pattern.needs_peer && !found.src_ip && found.src_host.empty()) return false;
  if (use.once && known != nullptr && known->failed) found.outcome = Outcome::unknown;
  if (!has_key) return true;
  const bool failure = found.outcome == Outcome::failure;
  if (!failure && !use.learn_peer && use.mark.empty()) return true;
  Memory& kept = remember(name);
  kept.failed = kept.failed || failure;
  if (use.learn_peer || failure) {
    kept.ip = found.src_ip;
    kept.host = found.src_host;
  }
  if (!use.mark.empty() && std::ranges::find(kept.marks, use.mark) == kept.marks.end())
    kept.marks.push_back(use.mark);
  return true;
}

bool LineParser::State::try_pattern(const Format& format, const FormatPattern& pattern,
                                    const LinePattern& match) {
  if (!match.matches(event.message, scratch)) return false;
  for (const LinePattern& unless : pattern.unless)
    if (unless.matches(event.message, unless_scratch)) return false;
  LogEvent found = event;
  found.outcome = pattern.outcome;
  for (std::size_t i = 0; i < match.names().size(); ++i)
    if (const auto capture = scratch.capture(i); capture.set)
      take(match.names()[i], capture.text, found);
  if (!apply_memory(format, pattern, found)) return false;
  std::erase_if(found.fields, [](const auto& f) { return f.first == "key"; });
  found.service = found.format = format.service;
  found.pattern = pattern.id;
  found.category = pattern.category;
  found.action = pattern.action;
  found.reason = pattern.reason;
  found.sigma_product = format.product;
  found.sigma_category = format.sigma_category;
  found.sigma_services = format.sigma_services;
  event = std::move(found);
  return true;
}

bool LineParser::State::try_format(const Format& format) {
  for (const FormatPattern& pattern : format.patterns)
    for (const LinePattern& match : pattern.match)
      if (try_pattern(format, pattern, match)) return true;
  return false;
}

void LineParser::State::parse(std::string_view line) {
  event.clear();
  const LineFrame frame = parse_frame(line, {context.reference, context.zone_offset});
  if (frame.stamp) {
    event.event_time = frame.stamp->time;
    event.time_inferred = frame.stamp->inferred;
  }
  event.host = frame.host;
  event.process = frame.process;
  event.pid = frame.pid;
  event.message = frame.message;
  if (frame.repeated > 1) event.fields.emplace_back("repeated", std::to_string(frame.repeated));
  if (context.format.empty()) {
    formats->table().candidates(frame.process, candidates);
  } else {
    candidates.clear();
    if (const Format* only = formats->table().find(context.format)) candidates.push_back(only);
  }
  for (const Format* format : candidates)
    if (try_format(*format)) return;
  // The program is known, what it says is not.
  const bool named = !candidates.empty() && !candidates.front()->fallback &&
                     (!frame.process.empty() || !context.format.empty());
  if (!named) return;
  const Format& format = *candidates.front();
  event.service = event.format = format.service;
  event.sigma_product = format.product;
  event.sigma_category = format.sigma_category;
  event.sigma_services = format.sigma_services;
}

LineParser::LineParser(std::shared_ptr<const FormatSet> formats, LineContext context)
    : state_(std::make_unique<State>()) {
  state_->formats = std::move(formats);
  state_->context = std::move(context);
}
LineParser::~LineParser() = default;
LineParser::LineParser(LineParser&&) noexcept = default;
LineParser& LineParser::operator=(LineParser&&) noexcept = default;

const LogEvent& LineParser::parse(std::string_view line) {
  state_->parse(line);
  return state_->event;
}

void LineParser::set_reference(Timestamp reference) {
  state_->context.reference = reference;
}

void fill_record(const LogEvent& event, std::string_view line, Record& record) {
  record.clear();
  record.raw = line;
  record.search_raw = true;
  record.time = event.event_time.value_or(Timestamp{});
  record.source.product = event.sigma_product.empty() ? "linux" : event.sigma_product;
  if (!event.sigma_category.empty()) record.source.categories.push_back(event.sigma_category);
  record.source.services = event.sigma_services;
  if (record.source.services.empty() && !event.process.empty())
    record.source.services.push_back("syslog");
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) record.add(name, text);
  };
  for (const auto& [name, value] : event.fields) add(name, value);
  add("message", event.message);
  add("program", event.process);
  add("hostname", event.host);
  // What was understood, under the names that the event itself has, so that a rule can ask for it.
  if (event.outcome != Outcome::unknown) add("event.outcome", to_string(event.outcome));
  add("event.category", event.category);
  add("event.action", event.action);
  add("event.reason", event.reason);
  add("service.type", event.service);
  add("user.name", event.user);
  if (event.src_ip) add("src_ip", to_string(*event.src_ip));
  add("src_host", event.src_host);
  if (event.src_port) record.add_integer("src_port", *event.src_port);
}

}  // namespace chieng::collector

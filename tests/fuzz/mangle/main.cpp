// Proof that damaged packets do no harm: every capture cut at every tenth byte of its packets, and
// mutated packets of every link type, through the whole pipeline with and without rules.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "agent/pipeline/catalogue.h"
#include "agent/pipeline/rule_loading.h"
#include "collector/capture/capture_file.h"
#include "tests/fuzz/mangle/mutator.h"
#include "tests/fuzz/mangle/run.h"

namespace chieng::mangle {
namespace {

struct Options {
  std::vector<std::string> captures, rules;
  std::size_t mutations = 200'000, part = 0, parts = 1;
  std::uint64_t seed = 1;
  int link = -1;  // all
  bool cuts = true;
};

struct StoredFrame {
  Buffer bytes;
  collector::Frame frame;  // its bytes are those above
};

struct Capture {
  std::string name;
  std::vector<StoredFrame> frames;
};

Capture read_capture(const std::string& path) {
  Capture out{std::filesystem::path(path).filename().string(), {}};
  auto file = collector::CaptureFile::open(path);
  while (file) {
    const auto next = file->next();
    if (!next || !*next) break;
    const auto* first = reinterpret_cast<const std::uint8_t*>((*next)->bytes.data());
    out.frames.push_back({Buffer(first, first + (*next)->bytes.size()), **next});
    StoredFrame& stored = out.frames.back();
    stored.frame.bytes = as_bytes(stored.bytes.data(), stored.bytes.size());
  }
  return out;
}

// Every packet is cut to at most `cut` bytes: as a capture with a short snap length, or (mended) as
// if the sender had sent no more.
void replay_cut(const Capture& capture, const Rules& rules, std::size_t cut, bool mended) {
  Run run(rules, mended);
  for (const StoredFrame& stored : capture.frames) {
    if (!mended) {
      Buffer bytes = stored.bytes;
      bytes.resize(std::min(bytes.size(), cut));
      run.feed(bytes, stored.frame, stored.frame.link_type);
      continue;
    }
    std::optional<Packet> packet = unwrap(stored.frame);
    if (!packet) return;
    if (packet->bytes.size() > cut) {
      packet->bytes.resize(cut);
      mend_lengths(*packet);
    }
    run.feed(wrap(*packet, stored.frame.link_type), stored.frame, stored.frame.link_type);
  }
  run.finish();
}

void cuts(const Options& options, const Rules& rules) {
  for (std::size_t i = options.part; i < options.captures.size(); i += options.parts) {
    const Capture capture = read_capture(options.captures[i]);
    std::size_t longest = 0;
    for (const StoredFrame& f : capture.frames) longest = std::max(longest, f.bytes.size());
    for (std::size_t cut = 0; cut < longest + 10; cut += 10) {
      for (const bool mended : {false, true}) {
        // Rules see every second one.
        const bool with_rules = (cut / 10 + (mended ? 1 : 0)) % 2 == 0;
        doing(fmt::format("{} cut at {}{}{}", capture.name, cut, mended ? ", mended" : "",
                          with_rules ? ", with rules" : ""));
        replay_cut(capture, with_rules ? rules : nullptr, cut, mended);
      }
    }
  }
}

// Feeds one capture with about half of its packets changed; returns how many were.
std::size_t replay_mutated(const std::vector<Packet>& packets, const Capture& capture, int link,
                           const Rules& rules, Mutator& mutator, std::size_t limit) {
  Run run(mutator.one_in(2) ? rules : nullptr, mutator.one_in(2));
  std::size_t mutated = 0;
  for (std::size_t i = 0; i < packets.size() && mutated < limit; ++i) {
    const collector::Frame& like = capture.frames[i].frame;
    if (mutator.one_in(2)) {
      run.feed(wrap(packets[i], link), like, link);
      continue;
    }
    ++mutated;
    const Packet& other = packets[mutator.below(packets.size())];
    Packet packet = packets[i];
    if (!mutator.one_in(8)) mutator.change(packet, other);
    Buffer bytes = wrap(packet, link);
    if (mutator.one_in(8)) mutator.change(bytes, other.bytes);
    collector::Frame frame = like;
    if (mutator.one_in(16)) frame.time = frame.time + std::int64_t{100'000'000};  // time-outs
    frame.wire_length = static_cast<std::uint32_t>(bytes.size());
    run.feed(bytes, frame, link);
    if (mutator.one_in(16)) run.feed(bytes, frame, link);  // duplicated
  }
  run.finish();
  return mutated;
}

constexpr std::size_t kFramesOfCapture = 400;

void mutations(const Options& options, const Rules& rules, int link) {
  std::vector<Capture> captures;
  std::vector<std::vector<Packet>> packets;
  for (const std::string& path : options.captures) {
    Capture capture = read_capture(path);
    if (capture.frames.size() > kFramesOfCapture) capture.frames.resize(kFramesOfCapture);
    std::vector<Packet> of_capture;
    for (const StoredFrame& f : capture.frames)
      if (auto packet = unwrap(f.frame)) of_capture.push_back(std::move(*packet));
    if (of_capture.size() != capture.frames.size() || of_capture.empty()) continue;
    captures.push_back(std::move(capture));
    packets.push_back(std::move(of_capture));
  }
  if (captures.empty()) give_up("no capture has packets of a usual link type");
  std::size_t done = 0;
  for (std::uint64_t round = 0; done < options.mutations; ++round) {
    const std::size_t at = round % captures.size();
    const std::uint64_t seed =
        options.seed * 1'000'003 + static_cast<std::uint64_t>(link) * 7919 + round;
    doing(fmt::format("{}, link type {}, seed {}, round {}", captures[at].name, link, options.seed,
                      round));
    Mutator mutator(seed);
    done +=
        replay_mutated(packets[at], captures[at], link, rules, mutator, options.mutations - done);
  }
}

bool take_number(std::string_view text, auto& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

void add_captures(const std::filesystem::path& path, std::vector<std::string>& out) {
  if (!std::filesystem::is_directory(path)) return out.push_back(path.string());
  const std::size_t first = out.size();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.is_regular_file()) out.push_back(entry.path().string());
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
}

bool parse(int argc, char** argv, Options& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view key = argv[i];
    if (key == "--no-cuts") {
      out.cuts = false;
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string value = argv[++i];
    bool fine = true;
    if (key == "--captures")
      add_captures(value, out.captures);
    else if (key == "--rules")
      out.rules.push_back(value);
    else if (key == "--mutations")
      fine = take_number(value, out.mutations);
    else if (key == "--seed")
      fine = take_number(value, out.seed);
    else if (key == "--link")
      fine = take_number(value, out.link);
    else if (key == "--part")
      fine = take_number(value, out.part);
    else if (key == "--parts")
      fine = take_number(value, out.parts) && out.parts > 0;
    else
      fine = false;
    if (!fine) return false;
  }
  return !out.captures.empty();
}

Rules load(const Options& options) {
  const auto files = agent::find_rule_files(options.rules);
  if (!files) give_up(files.error().message());
  auto variables = agent::rule_variables(Settings(agent::setting_specs()));
  if (!variables) give_up(variables.error().message());
  auto rules =
      agent::load_all_rules(*files, agent::catalogue(), {.variables = std::move(*variables)});
  if (!rules) give_up(rules.error().message());
  fmt::print("{} of {} rules\n", rules->loaded(), rules->rules());
  return rules->network;
}

}  // namespace
}  // namespace chieng::mangle

int main(int argc, char** argv) {
  using namespace chieng::mangle;
  Options options;
  if (!parse(argc, argv, options)) {
    fmt::print(
        stderr,
        "Usage: mangle --captures FILE_OR_FOLDER… [--rules PATH]… [--mutations N] [--seed N] "
        "[--link TYPE] [--no-cuts] [--part I --parts N]\n");
    return 2;
  }
  watch();
  const Rules rules = options.rules.empty() ? nullptr : load(options);
  if (options.cuts) cuts(options, rules);
  if (options.mutations > 0)
    for (const int link : link_types())
      if (options.link < 0 || options.link == link) mutations(options, rules, link);
  fmt::print("{} packets fed; longest {:.3f} s, most memory {} KiB\n", Run::packets, Run::longest,
             Run::most / 1024);
  return 0;
}

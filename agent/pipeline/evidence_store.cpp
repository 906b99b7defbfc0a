#include "agent/pipeline/evidence_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/event/json_writer.h"
#include "core/file/file.h"
#include "core/hash/digest.h"

namespace chieng::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::string_view kPackets = ".pcapng", kFacts = ".json";

// SEVERITY-MICROSECONDS-SID-FLOW: names tell all that the budget has to know, so nothing else has
// to be kept of them. 19 digits: in the order of time.
std::string name_of(const Capsule& c) {
  return fmt::format("{}-{:019}-{}-{:016x}", std::min<unsigned>(c.severity, 9), c.time.micros,
                     c.sid, c.flow);
}

// The younger, the smaller; empty for a name that is not ours.
std::string rank_of(std::string_view name) {
  if (name.size() < 22 || name[1] != '-' || name[21] != '-') return {};
  std::string out(name.substr(0, 21));
  for (char& digit : out)
    if (digit >= '0' && digit <= '9' && &digit != &out.front())
      digit = static_cast<char>('0' + ('9' - digit));
  return out;
}

std::string facts_of(const Capsule& c, const std::string& name) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("format", "chieng-evidence-1").field("time", c.time);
  json.field("written", now());  // by the sensor's clock, which the packets' times are of as well
  json.key("rule").begin_object().field("gid", c.gid).field("sid", c.sid).field("rev", c.rev);
  json.field("text", c.rule_text).field("sha256", c.rule_hash).end_object();
  json.field("flow_id", c.flow);
  json.key("packets").begin_object().field("file", name + std::string(kPackets));
  json.field("sha256", digest_hex(DigestKind::sha256, as_bytes(c.pcapng)));
  json.field("count", c.packets).field("bytes", c.pcapng.size()).end_object();
  if (!c.event.empty()) json.key("alert").raw(c.event);
  json.end_object();
  return text + "\n";
}

}  // namespace

Result<std::shared_ptr<EvidenceStore>> EvidenceStore::open(fs::path folder, std::uint64_t budget) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder, error))
    return fail(ErrorCode::io, "evidence cannot be kept in " + folder.string() + ": " +
                                   (error ? error.message() : "it is not a folder"));
  std::shared_ptr<EvidenceStore> out(new EvidenceStore(std::move(folder), budget));
  out->find_kept();
  return out;
}

void EvidenceStore::find_kept() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().stem().string();
    const std::string rank = rank_of(name);
    if (entry.path().extension() != kPackets || rank.empty()) continue;
    const auto size = [&](std::string_view ending) {
      std::error_code missing;
      const auto bytes = fs::file_size(folder_ / (name + std::string(ending)), missing);
      return missing ? 0 : bytes;
    };
    const std::uint64_t bytes = size(kPackets) + size(kFacts);
    kept_.insert({rank, name, bytes});
    bytes_ += bytes;
  }
}

bool EvidenceStore::wants(const std::string& group, Timestamp time) {
  const std::int64_t hour = time.micros / kHour;
  const std::lock_guard lock(mutex_);
  if (groups_.size() >= kMostGroups) groups_.clear();
  const auto [at, fresh] = groups_.try_emplace(group, hour);
  if (!fresh && at->second == hour) return false;
  at->second = hour;
  return true;
}

bool EvidenceStore::make_room(const Kept& next) {
  while (bytes_ + next.bytes > budget_) {
    if (kept_.empty() || *kept_.rbegin() < next) return false;
    const Kept last = *kept_.rbegin();
    std::error_code error;
    for (const std::string_view ending : {kPackets, kFacts})
      fs::remove(folder_ / (last.name + std::string(ending)), error);
    kept_.erase(last);
    bytes_ -= last.bytes;
    ++counts_.removed;
  }
  return true;
}

// The JSON file last: where it is, the packets are whole.
Status EvidenceStore::write_files(const Capsule& capsule, const std::string& name) {
  CHIENG_CHECK(write_file_atomic(folder_ / (name + std::string(kPackets)), capsule.pcapng, 0640));
  return write_file_atomic(folder_ / (name + std::string(kFacts)), facts_of(capsule, name), 0640);
}

void EvidenceStore::write(const Capsule& capsule) {
  const std::string name = name_of(capsule);
  Kept next{rank_of(name), name,
            capsule.pcapng.size() + capsule.event.size() + capsule.rule_text.size() + 512};
  const std::lock_guard lock(mutex_);
  if (!make_room(next)) {
    ++counts_.refused;
    return;
  }
  if (const Status status = write_files(capsule, name); !status) {
    problem_ = "evidence cannot be written: " + status.error().message();
    return;
  }
  problem_.clear();
  ++counts_.written;
  if (kept_.insert(next).second) bytes_ += next.bytes;
}

EvidenceStore::Counts EvidenceStore::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string EvidenceStore::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace chieng::agent

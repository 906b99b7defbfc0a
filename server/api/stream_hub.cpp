#include "server/api/stream_hub.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "server/api/render.h"

namespace chieng::server {
namespace {

constexpr std::chrono::milliseconds kWait{500};
// A storm moves the same groups again and again: what moves within this time is sent once.
constexpr std::chrono::milliseconds kGather{150};
constexpr auto kCheckSessions = std::chrono::seconds(10);

std::string_view event_name(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::group:
      return "group";
    case ChangeKind::incident:
      return "incident";
    case ChangeKind::agent:
      return "agent";
  }
  return "group";
}

// Empty where the scope does not reach: then there is nothing to tell.
template <class T>
Result<std::string> visible(const Result<T>& thing) {
  if (thing) return rendered(*thing);
  if (thing.error().code == ErrorCode::not_found) return std::string{};
  return std::unexpected(thing.error());
}

Result<std::string> read_thing(Store& store, const Scope& scope, const Change& change) {
  switch (change.kind) {
    case ChangeKind::group:
      return visible(store.group(scope, change.id));
    case ChangeKind::incident:
      return visible(store.incident(scope, change.id));
    case ChangeKind::agent: {
      const auto id = parse_uuid(change.id);
      if (id) return visible(store.agent(scope, *id, now()));
      return std::string{};
    }
  }
  return std::string{};
}

// Each thing once, where it moved last.
std::vector<Change> newest_of_each(const std::vector<Change>& changes) {
  std::vector<Change> out;
  std::map<std::pair<ChangeKind, std::string_view>, bool> seen;
  for (auto it = changes.rbegin(); it != changes.rend(); ++it)
    if (seen.emplace(std::pair(it->kind, std::string_view(it->id)), true).second)
      out.push_back(*it);
  std::ranges::reverse(out);
  return out;
}

}  // namespace

// What was read in one round, so that many clients of one scope cost one query.
class StreamHub::Round {
 public:
  explicit Round(Store& store) : store_(store) {}
  const Result<std::string>& json(const Scope& scope, const Change& change) {
    const auto key = std::tuple(scope.everything(), scope.agencies(), change.kind, change.id);
    auto it = read_.find(key);
    if (it == read_.end()) it = read_.emplace(key, read_thing(store_, scope, change)).first;
    return it->second;
  }

 private:
  Store& store_;
  std::map<std::tuple<bool, std::vector<Uuid>, ChangeKind, std::string>, Result<std::string>> read_;
};

StreamHub::StreamHub(Store& store, ChangeFeed& feed, Authenticator& authenticator,
                     StreamLimits limits)
    : store_(store),
      feed_(feed),
      authenticator_(authenticator),
      limits_(limits),
      epoch_(to_string(Uuid::random()).substr(0, 12)) {}

StreamHub::~StreamHub() {
  stop();
}

void StreamHub::start() {
  thread_ = std::thread([this] { follow(); });
}

void StreamHub::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  for (const auto& client : snapshot()) client->queue->close();
}

std::string StreamHub::message_id(std::uint64_t sequence) const {
  return "id: " + epoch_ + "-" + std::to_string(sequence) + "\n";
}

std::string StreamHub::hello(std::uint64_t position, bool resync) const {
  return message_id(position) + "event: hello\ndata: {\"resync\":" + (resync ? "true" : "false") +
         ",\"time\":\"" + api_time(now()) + "\"}\n\n";
}

Result<std::shared_ptr<StreamQueue>> StreamHub::join(const Identity& who,
                                                     std::string_view last_event_id) {
  auto client = std::make_shared<Client>();
  client->who = who;
  client->queue = std::make_shared<StreamQueue>(limits_.queue_bytes);
  client->position = feed_.newest();
  bool resync = !last_event_id.empty();
  if (last_event_id.starts_with(epoch_ + "-")) {
    const auto digits = last_event_id.substr(epoch_.size() + 1);
    std::uint64_t position = 0;
    const auto [at, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), position);
    const bool whole =
        ec == std::errc{} && at == digits.data() + digits.size() && position <= client->position;
    resync = !whole || feed_.after(position).missed;
    if (!resync) client->position = position;
  }
  client->queue->push(hello(client->position, resync));
  const std::lock_guard lock(mutex_);
  if (clients_.size() >= limits_.clients || stopping_)
    return fail(ErrorCode::unavailable, "too many live streams are open; close one and try again");
  clients_.push_back(client);
  return client->queue;
}

void StreamHub::leave(std::string_view session) {
  if (session.empty()) return;
  for (const auto& client : snapshot())
    if (client->who.session == session) client->queue->close();
}

std::size_t StreamHub::clients() const {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

std::vector<std::shared_ptr<StreamHub::Client>> StreamHub::snapshot() const {
  const std::lock_guard lock(mutex_);
  return clients_;
}

void StreamHub::follow() {
  auto next_check = std::chrono::steady_clock::now() + kCheckSessions;
  std::uint64_t position = feed_.newest();
  while (!stopping_) {
    const auto batch = feed_.wait(position, kWait);
    if (batch.closed) break;
    if (!batch.changes.empty()) std::this_thread::sleep_for(kGather);
    Round round(store_);
    for (const auto& client : snapshot()) serve(round, *client);
    position = std::max(position, batch.newest);
    if (std::chrono::steady_clock::now() >= next_check) {
      for (const auto& client : snapshot())
        if (!authenticator_.still_valid(client->who)) client->queue->close();
      next_check = std::chrono::steady_clock::now() + kCheckSessions;
    }
    drop_dead();
  }
}

void StreamHub::serve(Round& round, Client& client) {
  const auto batch = feed_.after(client.position);
  if (batch.missed) return resync(client, batch.newest);
  for (const auto& change : newest_of_each(batch.changes)) {
    const auto& json = round.json(client.who.scope, change);
    if (!json) return resync(client, batch.newest);
    client.position = change.sequence;
    if (json->empty()) continue;
    std::string message = message_id(change.sequence);
    message.append("event: ")
        .append(event_name(change.kind))
        .append("\ndata: ")
        .append(*json)
        .append("\n\n");
    if (!client.queue->push(message)) return;
  }
  client.position = std::max(client.position, batch.newest);
}

void StreamHub::resync(Client& client, std::uint64_t position) const {
  client.queue->push(hello(position, true));
  client.position = position;
}

void StreamHub::drop_dead() {
  const std::lock_guard lock(mutex_);
  std::erase_if(clients_, [](const auto& client) { return client->queue->ended(); });
}

}  // namespace chieng::server

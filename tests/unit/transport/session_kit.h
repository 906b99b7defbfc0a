// A store in memory, agents and a listener for the tests of sessions. Real sockets over loopback.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "tests/unit/transport/spool_kit.h"
#include "transport/client/client.h"
#include "transport/listener/listener.h"

namespace chieng::test {

using namespace std::chrono_literals;

inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds within = 20s) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < until) {
    if (holds()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return holds();
}

// Commits on a thread of its own, in order, as the server's writer does; its rule is the store's:
// only first = cursor
// + 1 is stored. Counts what a right transport never lets happen: an event stored twice.
class MemoryStore : public IngestHandler {
 public:
  std::chrono::milliseconds pause{0};  // before each commit; set before use
  std::size_t queue_limit = 64;
  std::function<bool(const Batch&)> fails;  // a commit that is refused

  MemoryStore() : thread_([this] { run(); }) {}
  ~MemoryStore() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    ready_.notify_all();
    thread_.join();
  }

  std::uint64_t committed(const StreamId& id) override {
    const std::lock_guard lock(mutex_);
    return cursors_[id];
  }
  bool submit(Batch batch, const BatchDoneSink& done) override {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit) {
      ++refused_;
      return false;
    }
    queue_.push_back({std::move(batch), done});
    ready_.notify_all();
    return true;
  }
  void on_beat(const AgentBeat& beat) override {
    const std::lock_guard lock(mutex_);
    beats_.push_back(beat);
  }
  void on_up(const AgentUp& agent) override {
    const std::lock_guard lock(mutex_);
    ups_.push_back(agent);
  }
  void on_down(const Uuid&, AgentDownReason reason) override {
    const std::lock_guard lock(mutex_);
    downs_.push_back(reason);
  }
  void on_clone(const Uuid&) override {
    const std::lock_guard lock(mutex_);
    ++clones_;
  }

  [[nodiscard]] std::uint64_t cursor(const StreamId& id) { return committed(id); }
  void set_cursor(const StreamId& id, std::uint64_t value) {
    const std::lock_guard lock(mutex_);
    cursors_[id] = value;
  }
  template <class F>
  auto look(F f) {
    const std::lock_guard lock(mutex_);
    return f(*this);
  }

  std::map<StreamId, std::uint64_t> cursors_;
  std::map<StreamId, std::vector<std::uint64_t>> stored_;  // sequences in the order of commits
  std::map<StreamId, std::vector<std::string>> json_;
  std::vector<std::pair<StreamId, SpoolGap>> gaps_;
  std::vector<AgentBeat> beats_;
  std::vector<AgentUp> ups_;
  std::vector<AgentDownReason> downs_;
  int clones_ = 0, refused_ = 0, out_of_order_ = 0, failed_ = 0;

 private:
  struct Item {
    Batch batch;
    BatchDoneSink done;
  };
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ready_.wait(lock, [&] { return stop_ || !queue_.empty(); });
      if (stop_) return;
      Item item = std::move(queue_.front());
      queue_.pop_front();
      if (pause.count() > 0) {
        lock.unlock();
        std::this_thread::sleep_for(pause);
        lock.lock();
      }
      item.done(commit(item.batch));
    }
  }
  BatchDone commit(const Batch& batch) {
    BatchDone out{batch.stream, batch.first, batch.last, false, cursors_[batch.stream]};
    if (batch.first != out.committed + 1) {
      ++out_of_order_;
      return out;
    }
    if (fails && fails(batch)) {
      ++failed_;
      return out;
    }
    for (const BatchEvent& e : batch.events) {
      stored_[batch.stream].push_back(e.sequence);
      json_[batch.stream].push_back(e.json);
    }
    for (const SpoolGap& gap : batch.gaps) gaps_.emplace_back(batch.stream, gap);
    out.stored = true;
    out.committed = cursors_[batch.stream] = batch.last;
    return out;
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Item> queue_;
  bool stop_ = false;
  std::thread thread_;
};

struct TestServer {
  explicit TestServer(MemoryStore& s) : store(s) {
    settings.endpoints = {"tcp://127.0.0.1:*"};
    settings.keys = KeyPair::generate();
    settings.identity.server = Uuid::random();
    settings.penalty = 100ms;
  }
  void start() {
    listener = std::make_unique<Listener>(settings, directory, store);
    const auto started = listener->start();
    ASSERT_TRUE(started) << started.error().message();
    settings.endpoints = listener->endpoints();  // the same port after a restart
  }
  void enroll(const PublicKey& key, const Uuid& agent) {
    known[key] = {agent, Uuid::random()};
    directory.publish(known);
  }
  void revoke(const PublicKey& key) {
    known.erase(key);
    directory.publish(known);
  }
  MemoryStore& store;
  ListenerSettings settings;
  KeyDirectory directory;
  KeySnapshot known;
  std::unique_ptr<Listener> listener;
};

// A client on a thread over one spool with its writer.
struct TestAgent {
  TestAgent(TestServer& server, const std::filesystem::path& spool_folder, const Uuid& id,
            const KeyPair& keys)
      : agent(id), channel(*AckChannel::make()) {
    ClientSettings s;
    s.endpoint = server.settings.endpoints.front();
    s.server_key = server.settings.keys.public_key;
    s.keys = keys;
    s.agent = id;
    s.version = "0.1.0-test";
    s.spools.push_back({"packets", spool_folder, std::move(channel.sender)});
    s.health = [] { return std::string("{\"ok\":true}"); };
    s.beat_every = 200ms;
    s.poll_every = 5ms;
    s.welcome_within = 2s;
    s.back_off_first = 40ms;
    s.back_off_most = 200ms;
    s.back_off_refused = 300ms;
    settings = std::move(s);
  }
  ~TestAgent() { stop(); }
  void start() {
    stopping = false;
    client = std::make_unique<Client>(std::move(settings));
    thread = std::thread([this] { result = client->run(stopping); });
  }
  void stop() {
    stopping = true;
    if (thread.joinable()) thread.join();
  }
  [[nodiscard]] ClientStatus status() const { return client->status(); }

  Uuid agent;
  AckChannel channel;
  ClientSettings settings;
  std::unique_ptr<Client> client;
  std::atomic<bool> stopping{false};
  std::thread thread;
  Status result;
};

inline std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t n = first; n <= last; ++n) out.push_back(n);
  return out;
}

}  // namespace chieng::test

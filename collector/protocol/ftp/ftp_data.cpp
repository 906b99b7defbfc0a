#include "collector/protocol/ftp/ftp_data.h"

#include <optional>
#include <utility>

#include "collector/protocol/file_support/tracked_file.h"
#include "collector/protocol/file_support/window.h"

namespace chieng::collector {
namespace ftp {
namespace {

enum class Buffer : std::uint8_t { file_data, file_name, file_md5, file_sha1, file_sha256 };
enum class Integer : std::uint8_t { command, filesize };

constexpr BufferSpec kBuffers[] = {
    {.name = "file.data",
     .multi = true,
     .streaming = true,
     .aliases = {"file_data"},
     .privacy = FieldClass::content},
    {.name = "file.name", .multi = true, .aliases = {"file_name"}},
    {.name = "file.md5", .ready = {1, 1}, .multi = true},
    {.name = "file.sha1", .ready = {1, 1}, .multi = true},
    {.name = "file.sha256", .ready = {1, 1}, .multi = true},
};

constexpr NamedValue kCommands[] = {{"retr", 1}, {"stor", 2}};
constexpr IntegerSpec kIntegers[] = {
    {.name = "ftpdata_command", .bits = 8, .names = kCommands},
    {.name = "filesize", .ready = {1, 1}, .bits = 64, .multi = true},
};

// What rules see of a file: the same as of other protocols' files.
constexpr WindowSettings kWindow{100'000, 32 * 1024, 4096};

class DataTransaction final : public Transaction {
 public:
  DataTransaction(AppProto proto, const DataContext& context, Direction d,
                  const FileSettings& settings)
      : Transaction(proto, 0), context_(context), direction_(d), window_(kWindow) {
    if (!context.file.empty()) file_.emplace(context.file, d, settings);
    touch(Direction::to_server);
    touch(Direction::to_client);
  }

  void data(Bytes data) {
    if (!file_) return;
    file_->update(data);
    if (window_.append(data)) touch(direction_);
  }
  void gap(std::uint64_t bytes) {
    if (!file_) return;
    file_->gap(bytes);
    if (window_.gap(bytes)) touch(direction_);
  }
  void finish(ParserHost& host, FileView::State state) {
    if (file_) {
      if (window_.finish()) touch(direction_);
      file_->finish(host, *this, state);
    }
    set_progress(Direction::to_server, 1);
    set_progress(Direction::to_client, 1);
  }
  [[nodiscard]] Direction direction() const { return direction_; }
  [[nodiscard]] std::uint64_t size() const { return file_ ? file_->size() : 0; }

  [[nodiscard]] std::optional<BufferSlice> buffer(unsigned local, Direction d,
                                                  std::uint32_t instance) const override {
    if (!file_ || d != direction_ || instance > 0) return std::nullopt;
    const auto text = [](const std::string& t) { return BufferSlice{as_bytes(t)}; };
    switch (static_cast<Buffer>(local)) {
      case Buffer::file_data:
        return window_.slice();
      case Buffer::file_name:
        return text(file_->name());
      case Buffer::file_md5:
        return text(file_->hash(DigestKind::md5));
      case Buffer::file_sha1:
        return text(file_->hash(DigestKind::sha1));
      case Buffer::file_sha256:
        return text(file_->hash(DigestKind::sha256));
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::uint64_t> integer(unsigned local, Direction d,
                                                     std::uint32_t instance) const override {
    if (static_cast<Integer>(local) == Integer::filesize)
      return file_ && d == direction_ && instance == 0 ? std::optional(file_->size())
                                                       : std::nullopt;
    if (context_.command == "RETR") return 1;
    if (context_.command == "STOR") return 2;
    return std::nullopt;
  }

  void write(JsonWriter& out) const override {
    out.key("ftp_data").begin_object();
    if (!context_.file.empty()) out.field("filename", context_.file);
    out.field("command", context_.command).end_object();
  }

 private:
  DataContext context_;
  Direction direction_;  // of the data
  std::optional<TrackedFile> file_;
  InspectionWindow window_;
};

// The whole flow is one transaction; nothing is kept but its window.
class DataParser final : public Parser {
 public:
  DataParser(ParserHost& host, AppProto proto) : host_(host), proto_(proto) {
    if (const auto* told = dynamic_cast<const DataContext*>(host.expected())) context_ = *told;
  }

  void data(Direction d, Bytes data) override {
    if (DataTransaction* tx = of(d)) tx->data(data);
  }
  void gap(Direction d, std::uint64_t bytes) override {
    if (DataTransaction* tx = of(d)) tx->gap(bytes);
  }
  void end(Direction d) override {
    if (tx_ == nullptr || tx_->direction() != d) return;
    const std::uint64_t depth = host_.settings().stream.reassembly_depth;
    const bool cut = host_.flow().end != FlowEnd::none || (depth != 0 && tx_->size() >= depth);
    std::exchange(tx_, nullptr)
        ->finish(host_, cut ? FileView::State::truncated : FileView::State::closed);
  }

 private:
  // The side that sends first is the one that transfers; the other has nothing to say.
  DataTransaction* of(Direction d) {
    if (tx_ == nullptr && !std::exchange(started_, true))
      tx_ = static_cast<DataTransaction*>(host_.add(
          std::make_unique<DataTransaction>(proto_, context_, d, host_.settings().files)));
    return tx_ != nullptr && tx_->direction() == d ? tx_ : nullptr;
  }

  ParserHost& host_;
  AppProto proto_;
  DataContext context_{"", ""};
  DataTransaction* tx_ = nullptr;
  bool started_ = false;
};

Probe probe(Direction, Bytes, bool) {
  return Probe::no;
}

std::unique_ptr<Parser> make(ParserHost& host, AppProto proto) {
  return std::make_unique<DataParser>(host, proto);
}

constexpr ProtocolSpec kDataSpec{.name = "ftp-data",
                                 .rule_names = {"ftp-data"},
                                 .complete = {1, 1},
                                 .buffers = kBuffers,
                                 .integers = kIntegers};

}  // namespace
}  // namespace ftp

const Protocol kFtpData{&ftp::kDataSpec, ftp::probe, {}, ftp::make};

}  // namespace chieng::collector

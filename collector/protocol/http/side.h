// What both directions of a connection have in common: bytes that wait for more, body framing,
// trailers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/protocol/http/body.h"
#include "collector/protocol/http/chunks.h"
#include "collector/protocol/http/connection.h"
#include "collector/protocol/http/headers.h"

namespace chieng::collector::http {

// One direction's state machine. Held back between calls: at most kMaxBlock bytes of an unfinished
// header block.
class Side {
 public:
  Side(Connection& connection, Direction direction)
      : connection_(connection),
        direction_(direction),
        body_(connection, direction),
        scanner_(direction) {}
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  void data(std::string_view data);
  void gap(std::uint64_t bytes);
  void end();
  void hand_over();  // the next protocol takes what this side has not read

 protected:
  enum class State : std::uint8_t {
    line,
    headers,
    body_length,
    body_until_close,
    chunks,
    trailers,
    surplus,  // the message is whole: what follows at once may still belong to it
    waiting,  // for the other side
    closed,
  };
  struct Step {
    std::size_t used = 0;
    bool stop = false;  // more bytes are needed
  };
  static constexpr Step kMore{0, true};

  virtual Step read_line(std::string_view in, bool at_end) = 0;
  // Whether a message may start like this; nothing: more is needed to tell.
  [[nodiscard]] virtual std::optional<bool> may_start(std::string_view in) const = 0;
  virtual void headers_done(std::string_view block) = 0;
  virtual Step read_surplus(std::string_view in, bool at_end) = 0;
  virtual Step wait(std::string_view in) { return (void)in, kMore; }
  virtual void message_done() = 0;  // the message is complete: tx_ is let go

  void start_length(std::uint64_t length);
  void start_chunks();
  void start_until_close();
  void body_done(FileView::State state);  // then surplus
  void open_frame();                      // the message begins here
  void finish_message(bool whole);
  void fail(Event e);  // broken for good: nothing more is read in this direction
  void event(Event request, Event response);
  void report(const HeaderFlags& flags, std::string_view block);

  Connection& connection_;
  Direction direction_;
  Body body_;
  State state_ = State::line;
  HttpTransaction* tx_ = nullptr;
  bool body_open_ = false;

 private:
  Step step(std::string_view in, bool at_end);
  Step resume(std::string_view in, bool at_end);
  void run(std::string_view& in, bool at_end);
  void pass_on(std::string_view rest);
  Step read_block(std::string_view in, bool at_end);
  Step read_length(std::string_view in);
  Step read_chunks(std::string_view in, bool at_end);

  BlockScanner scanner_;
  ChunkReader chunk_reader_;
  std::uint64_t left_ = 0;
  std::uint64_t end_at_ = 0, here_ = 0;  // in the stream: of the bytes at hand; of the present step
  std::uint64_t frame_ = 0, frame_end_ = 0;
  PooledString held_;
  bool after_loss_ =
      false;  // bytes were lost where a message was to start: only one that starts now is taken
};

}  // namespace chieng::collector::http

// Finds "http://…" in text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chieng::collector::mime {

class UrlSink {
 public:
  virtual ~UrlSink() = default;
  virtual void url(std::string_view address) = 0;  // without its scheme; never empty
};

// Belongs to one message. Holds at most kMaxUrl bytes of an address; longer ones are cut.
class UrlFinder {
 public:
  static constexpr std::size_t kMaxUrl = 2048;

  void text(std::string_view text, UrlSink& sink);  // in pieces of any size
  void finish(UrlSink& sink);

 private:
  std::string address_;
  std::size_t matched_ = 0;  // characters of the scheme
};

}  // namespace chieng::collector::mime

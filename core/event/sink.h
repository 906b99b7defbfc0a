// Where finished events go: a JSON-lines file (scan) or a spool (run).
#pragma once

#include <string_view>

#include "core/event/envelope.h"

namespace chieng {

class EventSink {
 public:
  virtual ~EventSink() = default;
  // json: one object, no line end; valid for the call only. Called by one thread at a time.
  virtual void emit(const Envelope& envelope, std::string_view json) = 0;
};

}  // namespace chieng

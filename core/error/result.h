// Errors as values. A library's exception stops at the adapter that owns the library and becomes an
// Error here.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace chieng {

enum class ErrorCode : std::uint8_t {
  invalid_argument,  // the caller's or the user's value is wrong
  parse,             // input does not follow its format
  not_found,
  exists,
  permission,
  io,           // the operating system refused; text carries errno's words
  no_space,     // disk or budget full
  unsupported,  // well-formed, but we do not do it
  limit,        // a stated bound was reached
  corrupt,      // checksum or structure broken in our own files or frames
  auth,         // not allowed
  timeout,
  unavailable,  // the other side is away or busy: try again
  internal,
};

[[nodiscard]] std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string text;     // what happened, the value, the limit, what to do
  std::string context;  // where: "file:line", a key, a sid; may be empty

  // "context: text", or the text alone
  [[nodiscard]] std::string message() const {
    return context.empty() ? text : context + ": " + text;
  }
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text,
                                                 std::string context = {}) {
  return std::unexpected(Error{code, std::move(text), std::move(context)});
}

// An Error from errno: "text: strerror(errno)", with no_space, permission and not_found told apart.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string text, int error_number);

}  // namespace chieng

#define CHIENG_CONCAT_(a, b) a##b
#define CHIENG_CONCAT(a, b) CHIENG_CONCAT_(a, b)
// CHIENG_TRY(auto x, f()); binds the value or returns the error. CHIENG_CHECK(f()); for Status.
#define CHIENG_TRY(declaration, expression)                                      \
  auto CHIENG_CONCAT(result_, __LINE__) = (expression);                          \
  if (!CHIENG_CONCAT(result_, __LINE__))                                         \
    return std::unexpected(std::move(CHIENG_CONCAT(result_, __LINE__)).error()); \
  declaration = std::move(*CHIENG_CONCAT(result_, __LINE__))
#define CHIENG_CHECK(expression)                                \
  do {                                                          \
    if (auto chieng_status = (expression); !chieng_status)      \
      return std::unexpected(std::move(chieng_status).error()); \
  } while (false)

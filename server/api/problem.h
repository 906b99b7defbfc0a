// Answers of the API: JSON, and errors as application/problem+json (RFC 9457) with a code that
// never changes.
#pragma once

#include <string>
#include <string_view>

#include "core/error/result.h"
#include "server/api/http.h"

namespace chieng::server {

// Stable; the console makes its text of them.
namespace code {
inline constexpr std::string_view bad_request = "bad_request", unauthenticated = "unauthenticated",
                                  forbidden = "forbidden",
                                  password_change = "password_change_required",
                                  not_found = "not_found", method = "method_not_allowed",
                                  conflict = "conflict", too_large = "too_large",
                                  media_type = "unsupported_media_type",
                                  rate_limited = "rate_limited", unavailable = "unavailable",
                                  internal = "internal";
}  // namespace code

// params: a JSON object.
[[nodiscard]] HttpResponse problem(int status, std::string_view code, std::string_view detail,
                                   std::string_view params = "{}");
// By the error's code. What the operating system or the store said about itself stays here: the log
// has it.
[[nodiscard]] HttpResponse problem_of(const Error& error);
// Of the answers that the HTTP layer makes by itself (400, 413, 431, 500, 503).
[[nodiscard]] HttpResponse refusal(int status, std::string_view detail);

[[nodiscard]] HttpResponse json_answer(std::string body, int status = 200);

}  // namespace chieng::server

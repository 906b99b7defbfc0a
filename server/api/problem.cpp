#include "server/api/problem.h"

#include "core/event/json_writer.h"

namespace chieng::server {

HttpResponse problem(int status, std::string_view code, std::string_view detail,
                     std::string_view params) {
  HttpResponse response;
  response.status = status;
  JsonWriter json(response.body);
  json.begin_object()
      .field("type", "urn:chieng:problem:" + std::string(code))
      .field("title", reason_phrase(status))
      .field("status", status)
      .field("detail", detail)
      .field("code", code)
      .key("params")
      .raw(params)
      .end_object();
  response.set("Content-Type", "application/problem+json; charset=utf-8");
  return response;
}

HttpResponse problem_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::parse:
    case ErrorCode::limit:
    case ErrorCode::unsupported:
      return problem(400, code::bad_request, error.text);
    case ErrorCode::not_found:
      return problem(404, code::not_found, "there is no such thing, or it is not yours to see");
    case ErrorCode::exists:
      return problem(409, code::conflict, error.text);
    case ErrorCode::permission:
      return problem(403, code::forbidden, error.text);
    case ErrorCode::auth:
      return problem(401, code::unauthenticated, error.text);
    case ErrorCode::timeout:
    case ErrorCode::unavailable:
    case ErrorCode::no_space:
      return problem(503, code::unavailable,
                     "the server cannot do this at the moment; try again later");
    case ErrorCode::io:
    case ErrorCode::corrupt:
    case ErrorCode::internal:
      break;
  }
  return problem(500, code::internal, "the server failed; its log says why");
}

HttpResponse refusal(int status, std::string_view detail) {
  std::string_view name = code::bad_request;
  if (status == 413 || status == 431) name = code::too_large;
  if (status == 500) name = code::internal;
  if (status == 503) name = code::unavailable;
  auto response = problem(status, name, detail);
  add_security_headers(response, false);
  return response;
}

HttpResponse json_answer(std::string body, int status) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.set("Content-Type", "application/json; charset=utf-8");
  return response;
}

}  // namespace chieng::server

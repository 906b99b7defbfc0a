#include "server/api/api_server.h"

#include <exception>

#include "server/api/fault_log.h"
#include "server/api/handlers/handlers.h"
#include "server/api/problem.h"
#include "server/console/static_files.h"

namespace chieng::server {

class ApiServer::Impl {
 public:
  Impl(ApiSettings settings, Store& store, ChangeFeed& feed)
      : tls_(!settings.http.certificate.empty()),
        authenticator_(store, settings.auth),
        hub_(store, feed, authenticator_, settings.stream),
        router_(all_routes({store, authenticator_, hub_}), authenticator_),
        files_(console_assets()),
        http_(settings.http, [this](HttpRequest&& request) { return answer(request); }, refusal) {}
  ~Impl() { stop(); }

  Status start() {
    CHIENG_CHECK(http_.start());
    hub_.start();
    return {};
  }
  void stop() {
    hub_.stop();
    http_.stop();
  }
  [[nodiscard]] std::uint16_t port() const { return http_.port(); }
  [[nodiscard]] bool tls() const { return tls_; }

 private:
  HttpResponse answer(const HttpRequest& request) const {
    auto response = route_or_fail(request);
    add_security_headers(response, request.tls);
    return response;
  }
  HttpResponse route_or_fail(const HttpRequest& request) const {
    try {
      return route(request);
    } catch (const std::exception& fault) {
      log_fault(request, fault.what());
      return problem(500, code::internal, "the server failed; its log says why");
    }
  }
  HttpResponse route(const HttpRequest& request) const {
    const auto target = parse_target(request.target);
    if (!target) return problem_of(target.error());
    if (!target->segments.empty() && target->segments.front() == "api") {
      if (target->segments.size() > 1 && target->segments[1] == "v1")
        return router_.handle(request, *target);
      return problem(404, code::not_found, "the API is below /api/v1");
    }
    if (request.method != Method::get)
      return problem(405, code::method, "the console is only read");
    return files_.answer(target->path, request.header("if-none-match"));
  }

  const bool tls_;
  Authenticator authenticator_;
  StreamHub hub_;
  Router router_;
  StaticFiles files_;
  HttpServer http_;
};

ApiServer::ApiServer(ApiSettings settings, Store& store, ChangeFeed& feed)
    : impl_(std::make_unique<Impl>(std::move(settings), store, feed)) {}
ApiServer::~ApiServer() = default;
Status ApiServer::start() {
  return impl_->start();
}
void ApiServer::stop() {
  impl_->stop();
}
std::uint16_t ApiServer::port() const {
  return impl_->port();
}
bool ApiServer::tls() const {
  return impl_->tls();
}

}  // namespace chieng::server

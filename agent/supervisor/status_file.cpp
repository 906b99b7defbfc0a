#include "agent/supervisor/status_file.h"

#include "agent/version.h"
#include "core/event/json_writer.h"
#include "core/event/privacy.h"
#include "core/file/file.h"

namespace chieng::agent {
namespace {

void write_child(JsonWriter& json, const ChildFacts& child) {
  const ChildReport& r = child.report;
  json.begin_object()
      .field("kind", to_string(r.kind))
      .field("pid", child.pid)
      .field("restarts", child.restarts);
  json.field("state", child.pid == 0 ? "not running" : ChildReport::text(r.state))
      .field("ready", r.ready != 0);
  if (r.kind == ChildKind::packets) {
    json.field("interfaces", r.interfaces)
        .field("interfaces_down", r.interfaces_down)
        .field("packets", r.packets);
    json.field("dropped", r.dropped).field("invalid", r.invalid).field("flows", r.flows);
    json.field("worst_interface", ChildReport::text(r.worst_interface))
        .field("worst_loss_ppm", r.worst_loss_ppm);
  }
  if (r.kind == ChildKind::logs) json.field("files", r.files).field("lines", r.lines);
  if (r.kind == ChildKind::shipper) {
    json.field("backlog", r.backlog).field("acknowledged", r.acknowledged);
  } else {
    json.field("rules_loaded", r.rules_loaded).field("rules_failed", r.rules_failed);
    json.field("rules_hash", ChildReport::text(r.rules_hash))
        .field("alerts", r.alerts)
        .field("events", r.events);
    json.field("lost", r.lost).field("spool_bytes", r.spool_bytes);
  }
  if (const auto problem = ChildReport::text(r.problem); !problem.empty())
    json.field("problem", mask_text(problem));
  json.end_object();
}

}  // namespace

Status write_status_file(const std::filesystem::path& path, const StatusFacts& facts) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("version", version())
      .field("state", facts.state)
      .field("pid", facts.pid);
  json.field("time", now()).key("children").begin_array();
  for (const ChildFacts& child : facts.children) write_child(json, child);
  json.end_array().end_object();
  return write_file_atomic(path, text + "\n", 0644);
}

}  // namespace chieng::agent

#include "agent/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/file/file.h"

namespace chieng::agent {
namespace {

std::int64_t seconds(const Settings& s, std::string_view key) {
  return std::max<std::int64_t>(1, s.integer(key) / 1000);
}

collector::FlowSettings flow_settings(const Settings& s) {
  collector::FlowSettings out;
  out.capacity = static_cast<std::size_t>(s.integer("flow.capacity"));
  out.tcp_new = seconds(s, "flow.tcp_new");
  out.tcp_established = seconds(s, "flow.tcp_established");
  out.tcp_closed = seconds(s, "flow.tcp_closed");
  out.udp_new = seconds(s, "flow.udp_new");
  out.udp_established = seconds(s, "flow.udp_established");
  out.icmp_new = seconds(s, "flow.icmp_new");
  out.icmp_established = seconds(s, "flow.icmp_established");
  out.other_new = seconds(s, "flow.other_new");
  out.other_established = seconds(s, "flow.other_established");
  return out;
}

collector::OverlapPolicy overlap_policy(std::string_view word) {
  using collector::OverlapPolicy;
  if (word == "linux") return OverlapPolicy::longer;
  if (word == "solaris") return OverlapPolicy::solaris;
  if (word == "first") return OverlapPolicy::first;
  return word == "last" ? OverlapPolicy::last : OverlapPolicy::bsd;
}

collector::StreamSettings stream_settings(const Settings& s) {
  collector::StreamSettings out;
  out.checksum_validation = s.boolean("stream.checksum_validation");
  out.midstream = s.boolean("stream.midstream");
  out.async_oneside = s.boolean("stream.async_oneside");
  out.reassembly_depth = static_cast<std::uint64_t>(s.integer("stream.reassembly_depth"));
  out.memory = static_cast<std::size_t>(s.integer("stream.memory"));
  out.chunk_size = static_cast<std::uint32_t>(s.integer("stream.chunk_size"));
  out.overlaps = overlap_policy(s.text("stream.overlaps"));
  return out;
}

collector::HttpSettings http_settings(const Settings& s) {
  collector::HttpSettings out;
  out.request_body_limit = static_cast<std::uint64_t>(s.integer("http.request_body_limit"));
  out.response_body_limit = static_cast<std::uint64_t>(s.integer("http.response_body_limit"));
  out.response_body_decompress_layers =
      static_cast<std::uint32_t>(s.integer("http.response_body_decompress_layers"));
  out.request_inspect_minimum =
      static_cast<std::uint32_t>(s.integer("http.request_inspect_minimum"));
  out.response_inspect_minimum =
      static_cast<std::uint32_t>(s.integer("http.response_inspect_minimum"));
  return out;
}

PrivacyAction parse_action(std::string_view word) {
  if (word == "keep") return PrivacyAction::keep;
  if (word == "hash") return PrivacyAction::hash;
  if (word == "drop") return PrivacyAction::drop;
  return PrivacyAction::mask;
}

// The variables that published rule sets expect to exist.
constexpr std::pair<std::string_view, std::string_view> kDefaultVariables[] = {
    {"HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"},
    {"EXTERNAL_NET", "!$HOME_NET"},
    {"HTTP_SERVERS", "$HOME_NET"},
    {"SMTP_SERVERS", "$HOME_NET"},
    {"SQL_SERVERS", "$HOME_NET"},
    {"DNS_SERVERS", "$HOME_NET"},
    {"TELNET_SERVERS", "$HOME_NET"},
    {"AIM_SERVERS", "$EXTERNAL_NET"},
    {"DC_SERVERS", "$HOME_NET"},
    {"DNP3_SERVER", "$HOME_NET"},
    {"DNP3_CLIENT", "$HOME_NET"},
    {"MODBUS_CLIENT", "$HOME_NET"},
    {"MODBUS_SERVER", "$HOME_NET"},
    {"ENIP_CLIENT", "$HOME_NET"},
    {"ENIP_SERVER", "$HOME_NET"},
    {"HTTP_PORTS", "80"},
    {"SHELLCODE_PORTS", "!80"},
    {"ORACLE_PORTS", "1521"},
    {"SSH_PORTS", "22"},
    {"DNP3_PORTS", "20000"},
    {"MODBUS_PORTS", "502"},
    {"FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"},
    {"FTP_PORTS", "21"},
    {"GENEVE_PORTS", "6081"},
    {"VXLAN_PORTS", "4789"},
    {"TEREDO_PORTS", "3544"},
    {"SIP_PORTS", "[5060,5061]"},
};

void assign(Variables& all, std::string_view name, std::string value) {
  const auto at = std::ranges::find(all, name, &Variables::value_type::first);
  if (at == all.end())
    all.emplace_back(name, std::move(value));
  else
    at->second = std::move(value);
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
}

Status assign_extra(Variables& all, const std::string& pair) {
  const auto equals = pair.find('=');
  std::string_view name = std::string_view(pair).substr(0, equals);
  if (name.starts_with('$')) name.remove_prefix(1);
  if (equals == std::string::npos || !is_variable_name(name))
    return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is not NAME=VALUE", pair),
                "--var");
  assign(all, name, pair.substr(equals + 1));
  return {};
}

}  // namespace

Result<collector::SensorSettings> sensor_settings(const Settings& s) {
  collector::SensorSettings out;
  out.stream = stream_settings(s);
  out.flow = flow_settings(s);
  out.http = http_settings(s);
  out.bypass_encrypted = s.text("tls.encryption_handling") == "bypass";
  out.defrag.overlaps = overlap_policy(s.text("defrag.overlaps"));
  out.max_transactions = static_cast<std::size_t>(s.integer("flow.max_transactions"));
  out.files = {.md5 = false, .sha1 = false, .sha256 = false};
  for (const std::string& hash : s.texts("file.hashes")) {
    if (hash == "md5")
      out.files.md5 = true;
    else if (hash == "sha1")
      out.files.sha1 = true;
    else if (hash == "sha256")
      out.files.sha256 = true;
    else
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("file.hashes holds \"{}\"; accepted is any of md5, sha1, sha256", hash),
          s.where("file.hashes"));
  }
  return out;
}

Result<PrivacyPolicy> privacy_policy(const Settings& s, bool masked) {
  PrivacyPolicy out;
  out.enabled = masked || s.boolean("privacy.mask");
  out.personal = parse_action(s.text("privacy.personal"));
  out.content = parse_action(s.text("privacy.content"));
  const bool hashes = out.personal == PrivacyAction::hash || out.content == PrivacyAction::hash;
  if (!out.enabled || !hashes) return out;
  const std::string& path = s.text("privacy.hash_key_file");
  if (path.empty())
    return fail(ErrorCode::invalid_argument,
                "a field class is hashed, so privacy.hash_key_file has to name a key file",
                s.where("privacy.hash_key_file"));
  CHIENG_TRY(out.hash_key, read_file(path, 4096));
  if (out.hash_key.size() < 16)
    return fail(ErrorCode::invalid_argument,
                fmt::format("the key in {} has {} bytes; at least 16 are needed", path,
                            out.hash_key.size()),
                s.where("privacy.hash_key_file"));
  return out;
}

Result<Variables> rule_variables(const Settings& s, std::span<const std::string> extra) {
  Variables out;
  for (const auto& [name, value] : kDefaultVariables) out.emplace_back(name, value);
  if (const YamlNode* vars = s.tree("vars"); vars != nullptr && !vars->is_null()) {
    if (!vars->is_map())
      return fail(ErrorCode::invalid_argument, "vars is not a map; accepted is {NAME: value, …}",
                  s.where("vars"));
    for (const auto& [name, node] : vars->members) {
      std::vector<std::string> items;
      if (!is_variable_name(name) || !node.texts(items) || items.empty())
        return fail(
            ErrorCode::invalid_argument,
            fmt::format(
                "vars.{} is not a value or a list of values, as in HOME_NET: \"[10.0.0.0/8]\"",
                name),
            s.where("vars"));
      assign(out, name,
             node.is_scalar() ? items.front() : fmt::format("[{}]", fmt::join(items, ",")));
    }
  }
  for (const std::string& pair : extra) CHIENG_CHECK(assign_extra(out, pair));
  return out;
}

Result<std::vector<LogFileSetting>> log_files(const Settings& s) {
  std::vector<LogFileSetting> out;
  const YamlNode* files = s.tree("logs.files");
  if (files == nullptr || files->is_null()) return out;
  const std::string place = s.where("logs.files");
  const auto colon = place.rfind(':');
  const auto complain = [&](int line, const std::string& text) {
    return fail(
        ErrorCode::invalid_argument, text + "; accepted is a list of {path: GLOB, format: NAME}",
        line > 0 && colon != std::string::npos ? fmt::format("{}:{}", place.substr(0, colon), line)
                                               : place);
  };
  if (!files->is_sequence()) return complain(0, "logs.files is not a list");
  for (const YamlNode& item : files->items) {
    LogFileSetting file;
    if (item.is_scalar()) file.path = item.scalar;
    for (const auto& [name, node] : item.members) {
      if (!node.is_scalar() || (name != "path" && name != "format"))
        return complain(node.line, fmt::format("logs.files has the unknown member {}", name));
      (name == "path" ? file.path : file.format) = node.scalar;
    }
    if (file.path.empty()) return complain(item.line, "a member of logs.files has no path");
    out.push_back(std::move(file));
  }
  return out;
}

std::string settings_markdown() {
  std::string out =
      "# Settings of chieng-agent\n\n"
      "Made from the program's own table by `chieng-agent settings --markdown`; a test keeps the "
      "two equal. Every key is\n"
      "optional and stands here with its default. Unknown keys and wrong values are refused with "
      "file, line, key and the\n"
      "accepted values. `scan --set key=value` takes the same keys as dotted paths, as in `--set "
      "stream.midstream=true`.\n\n"
      "```yaml\n";
  out += Settings::reference(setting_specs());
  out += "```\n";
  return out;
}

}  // namespace chieng::agent

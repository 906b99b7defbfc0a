#include "rules/suricata/keywords/keywords.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "rules/suricata/keywords/catalogue_keywords.h"
#include "rules/suricata/text.h"

namespace chieng::suricata {
namespace {

using Family = std::span<const Keyword> (*)();
// clang-format off: one a line, so that two who add one do not meet
constexpr Family kFamilies[] = {
    keywords::meta,
    keywords::content,
    keywords::regex,
    keywords::size,
    keywords::bytes,
    keywords::base64,
    keywords::transforms,
    keywords::flow,
    keywords::bits,
    keywords::threshold,
    keywords::packet,
    keywords::packet_buffers,
    keywords::events,
    keywords::files,
    keywords::frames,
    keywords::dataset,
    keywords::tls,
    keywords::ssh,
    keywords::kerberos,
    keywords::ftp,
    keywords::dcerpc,
    keywords::http2,
    keywords::ike,
    keywords::dnp3,
    keywords::mqtt,
    keywords::modbus,
    keywords::enip,
    keywords::nfs,
};
// clang-format on

const std::unordered_map<std::string_view, const Keyword*>& table() {
  static const auto kTable = [] {
    std::unordered_map<std::string_view, const Keyword*> out;
    for (const Family family : kFamilies)
      for (const Keyword& k : family()) out.emplace(k.name, &k);
    return out;
  }();
  return kTable;
}

// Keywords of Snort that this language does not have.
constexpr std::array<std::string_view, 29> kSnort = {"appids",          "bufferlen",
                                                     "byte_jump2",      "cvs",
                                                     "detection",       "fast_pattern_only",
                                                     "file_type",       "gtp_type",
                                                     "gtp_info",        "gtp_version",
                                                     "http_param",      "http_raw_body",
                                                     "http_trailer",    "http_version",
                                                     "js_data",         "logto",
                                                     "metadata_filter", "modbus_func",
                                                     "num_headers",     "pdu",
                                                     "raw_data",        "react",
                                                     "regex",           "resp",
                                                     "sd_pattern",      "service",
                                                     "session",         "so",
                                                     "vba_data"};

// Keywords of the language that are not there yet.
constexpr std::array<std::string_view, 10> kLater = {
    "datarep",   "filesize", "filemd5",       "filesha1",  "filesha256",
    "filemagic", "replace",  "flow.elephant", "flow.rate", "engine-analysis"};

// First parts of names that belong to protocols: "smb.share" without a parser for smb is not a
// mistake of the rule.
constexpr std::array<std::string_view, 42> kProtocols = {
    "http", "http2",    "dns",  "mdns", "llmnr", "tls",  "ssl",     "ja3",       "ja3s",
    "ja4",  "quic",     "ssh",  "smtp", "email", "ftp",  "ftpdata", "smb",       "dcerpc",
    "dce",  "krb5",     "snmp", "sip",  "sdp",   "ike",  "nfs",     "modbus",    "dnp3",
    "enip", "cip",      "mqtt", "rfb",  "ntp",   "dhcp", "ldap",    "websocket", "pgsql",
    "rdp",  "template", "sctp", "file", "pop3",  "imap"};

Status unknown_keyword(const RawOption& option) {
  const std::string_view name = option.name;
  if (std::ranges::find(kSnort, name) != kSnort.end())
    return fail(ErrorCode::unsupported, fmt::format("\"{}\" is a keyword of Snort only", name),
                "use the rule's version for Suricata");
  if (name == "lua" || name == "luajit" || name == "luaxform")
    return fail(ErrorCode::unsupported, "rules that run Lua scripts are not supported",
                "rewrite the rule without the script");
  if (std::ranges::find(kLater, name) != kLater.end())
    return fail(ErrorCode::unsupported, fmt::format("keyword \"{}\" is not supported yet", name));
  const auto first = name.substr(0, name.find_first_of("._"));
  if (std::ranges::find(kProtocols, first) != kProtocols.end())
    return fail(
        ErrorCode::unsupported,
        fmt::format("keyword \"{}\" is not supported yet: nothing reads it from protocol {} yet",
                    name, first));
  return fail(ErrorCode::unsupported, fmt::format("\"{}\" is not a known keyword", name),
              "check its spelling");
}

Status check_value(const RawOption& option, Value wanted) {
  if (wanted == Value::required && option.value.empty())
    return fail(ErrorCode::parse, fmt::format("\"{}\" needs a value", option.name),
                fmt::format("write {}:value;", option.name));
  if (wanted == Value::none && option.has_value)
    return fail(ErrorCode::parse,
                fmt::format("\"{}\" takes no value, but has \"{}\"", option.name, option.value));
  return {};
}

}  // namespace

const Keyword* find_keyword(std::string_view name) {
  const auto at = table().find(name);
  return at == table().end() ? nullptr : at->second;
}

Status apply_option(Builder& builder, const RawOption& option) {
  if (const Keyword* own = find_keyword(option.name)) {
    CHIENG_CHECK(check_value(option, own->value));
    return own->parse(builder, option.value);
  }
  if (const auto done = apply_catalogue_keyword(builder, option)) return *done;
  return unknown_keyword(option);
}

bool knows_keyword(const Catalogue& catalogue, std::string_view name) {
  return find_keyword(name) != nullptr || catalogue.buffer(name) ||
         catalogue.buffer_by_modifier(name) || catalogue.integer(name);
}

}  // namespace chieng::suricata

#include "agent/events/json_mask.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/event/json_writer.h"

namespace chieng::agent {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kPlain[] = {
    "timestamp", "event_type", "src_ip",       "dest_ip",      "proto",          "community_id",
    "pkt_src",   "app_proto",  "app_proto_ts", "app_proto_tc", "app_proto_orig", "direction",
    "start",     "end",        "state",        "reason",       "action",         "md5",
    "sha1",      "sha256",     "fingerprint",  "serial",       "hash",           "ja4",
    "notbefore", "notafter",   "version",      "kind",         "outcome",        "rule_set"};
constexpr std::string_view kPersonal[] = {"user",    "username", "user_name",  "mail_from",
                                          "rcpt_to", "from",     "to",         "cc",
                                          "bcc",     "reply_to", "client_mac", "machine_name"};
constexpr std::string_view kContent[] = {
    "url",     "http_refer",   "http_user_agent", "redirect", "value",  "original",
    "message", "command_line", "command_data",    "filename", "rrname", "xff"};
constexpr std::string_view kCredential[] = {
    "password",  "passwd",        "passphrase",          "secret", "secret_key",
    "token",     "authorization", "proxy_authorization", "cookie", "set_cookie",
    "community", "sasl_response", "credential"};
constexpr std::string_view kSecretCommands[] = {"pass", "apop", "auth"};  // of POP3
constexpr std::string_view kSecretHeaders[] = {
    "authorization", "proxy-authorization", "cookie",      "set-cookie",
    "x-api-key",     "x-auth-token",        "x-csrf-token"};

bool among(std::string_view word, Names names) {
  return std::ranges::find(names, word) != names.end();
}

bool equal_fold(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::ranges::equal(a, lower, [](unsigned char x, char y) { return std::tolower(x) == y; });
}

unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

// The inside of a JSON string as JsonWriter writes it: \u only for control characters.
void unescape(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 >= raw.size()) {
      out += raw[i];
      continue;
    }
    switch (raw[++i]) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        if (i + 4 < raw.size())
          out += static_cast<char>(hex_digit(raw[i + 3]) << 4 | hex_digit(raw[i + 4]));
        i += 4;
        break;
      default:
        out += raw[i];
    }
  }
}

// Position of the quote that ends the string whose first character stands at i.
std::size_t string_end(std::string_view json, std::size_t i) {
  while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2 : 1;
  return std::min(i, json.size());
}

}  // namespace

MaskClass mask_class(std::string_view parent, std::string_view key) {
  if (among(key, kCredential)) return MaskClass::credential;
  if (parent == "user" && (key == "name" || key == "full_name" || key == "email"))
    return MaskClass::personal;
  if (parent == "email" && key == "subject") return MaskClass::content;
  if (among(key, kPersonal)) return MaskClass::personal;
  if (among(key, kPlain)) return MaskClass::plain;
  if (among(key, kContent)) return MaskClass::content;
  // The rule's own words; what it quotes of the input (explain, context) was treated or is treated
  // by name.
  if (parent == "alert" || parent == "metadata" || parent == "excerpt") return MaskClass::plain;
  if (parent == "explain" && (key == "option" || key == "buffer")) return MaskClass::plain;
  return MaskClass::text;
}

MaskClass JsonMask::class_here() const {
  const Level& here = levels_.back();
  if (!here.array) {
    if (here.secret_header && here.name == "value") return MaskClass::credential;
    return mask_class(here.key, here.name);
  }
  if (levels_.size() < 2) return mask_class({}, here.key);
  const Level& around = levels_[levels_.size() - 2];
  if (around.secret_command && here.key == "args") return MaskClass::credential;
  return mask_class(around.key, here.key);
}

void JsonMask::string_value(std::string_view raw) {
  const MaskClass kind = class_here();
  if (Level& here = levels_.back(); !here.array && here.name == "command")
    here.secret_command = std::ranges::any_of(
        kSecretCommands, [&](std::string_view c) { return equal_fold(raw, c); });
  if (kind == MaskClass::plain) {
    out_ += '"';
    out_ += raw;
    out_ += '"';
    return;
  }
  unescape(raw, text_);
  Level& here = levels_.back();
  if (!here.array && here.name == "name")
    here.secret_header = std::ranges::any_of(
        kSecretHeaders, [&](std::string_view h) { return equal_fold(text_, h); });
  switch (kind) {
    case MaskClass::plain:
      return;
    case MaskClass::text:
      append_json_string(out_, mask_text(text_));
      return;
    // What is kept as personal may still hold a secret in its text.
    case MaskClass::personal:
      append_json_string(out_, mask_text(apply_privacy(policy_, FieldClass::personal, text_)));
      return;
    case MaskClass::content:
      append_json_string(out_, apply_privacy(policy_, FieldClass::content, text_));
      return;
    case MaskClass::credential:
      append_json_string(out_, apply_privacy(policy_, FieldClass::credential, text_));
      return;
  }
}

std::string_view JsonMask::apply(std::string_view json) {
  out_.clear();
  levels_.clear();
  bool want_key = false;  // the next string is a member's name
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = string_end(json, i + 1);
      const std::string_view raw = json.substr(i + 1, end - i - 1);
      if (want_key && !levels_.empty()) {
        levels_.back().name = raw;
        out_.append(json, i, end + 1 - i);
        want_key = false;
      } else if (!levels_.empty()) {
        string_value(raw);
      }
      i = end;
      continue;
    }
    if (c == '{' || c == '[') {
      std::string_view key;
      if (!levels_.empty()) key = levels_.back().array ? levels_.back().key : levels_.back().name;
      levels_.push_back({key, {}, c == '[', false, false});
      want_key = c == '{';
    } else if ((c == '}' || c == ']') && !levels_.empty()) {
      levels_.pop_back();
      want_key = false;
    } else if (c == ',') {
      want_key = !levels_.empty() && !levels_.back().array;
    }
    out_ += c;
  }
  return out_;
}

}  // namespace chieng::agent

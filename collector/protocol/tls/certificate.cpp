#include "collector/protocol/tls/certificate.h"

#include <openssl/asn1err.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "core/bytes/reader.h"
#include "core/hash/digest.h"
#include "core/net/address.h"

namespace chieng::collector::tls {
namespace {

struct X509Free {
  void operator()(X509* p) const { X509_free(p); }
};
struct NamesFree {
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};

std::string with_colons(std::string_view hex, bool upper) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (i > 0) out += ':';
    out += hex.substr(i, 2);
  }
  if (upper)
    for (char& c : out)
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 32);
  return out;
}

std::string_view text_of(const ASN1_STRING* s) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
          static_cast<std::size_t>(ASN1_STRING_length(s))};
}

std::string attribute_name(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid == NID_pkcs9_emailAddress)
    return "Email";  // the short form that rules and other tools write
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  char dotted[128];
  const int length = OBJ_obj2txt(dotted, sizeof dotted, object, 1);
  return length > 0 ? std::string(dotted) : std::string("?");
}

// BMPString and the like become UTF-8.
std::string attribute_value(const ASN1_STRING* value) {
  const int type = ASN1_STRING_type(value);
  if (type != V_ASN1_BMPSTRING && type != V_ASN1_UNIVERSALSTRING)
    return std::string(text_of(value));
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) return std::string(text_of(value));
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return out;
}

std::string name_text(const X509_NAME* name) {
  std::string out;
  int set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (i > 0) out += X509_NAME_ENTRY_set(entry) == set ? " + " : ", ";
    set = X509_NAME_ENTRY_set(entry);
    out += attribute_name(X509_NAME_ENTRY_get_object(entry)) + "=" +
           attribute_value(X509_NAME_ENTRY_get_data(entry));
  }
  return out;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return 0;
  return timegm(&tm);
}

std::vector<std::string> names_of(const X509* x509) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, NamesFree> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return out;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && out.size() < kMaxNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) out.emplace_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) {
      const std::string_view raw = text_of(name->d.iPAddress);
      if (const IpAddress a = IpAddress::from_bytes(as_bytes(raw)); a.is_set())
        out.push_back(to_string(a));
    }
  }
  return out;
}

// A DER element's tag and content (X.690 section 8.1).
struct Element {
  std::uint8_t tag = 0;
  Bytes content;
};
std::optional<Element> element(Reader& in) {
  Element out;
  out.tag = in.u8();
  std::size_t length = in.u8();
  if (length > 0x80) {
    std::size_t bytes = length & 0x7f;
    if (bytes > 4) return std::nullopt;
    for (length = 0; bytes > 0; --bytes) length = length << 8 | in.u8();
  }
  out.content = in.take(length);
  if (!in.ok()) return std::nullopt;
  return out;
}

// The serial number's bytes as encoded: OpenSSL's integers lose the leading zero.
Bytes serial_of(Bytes der) {
  Reader outer(der);
  const auto certificate = element(outer);
  if (!certificate) return {};
  Reader in(certificate->content);
  const auto signed_part = element(in);
  if (!signed_part) return {};
  Reader fields(signed_part->content);
  auto field = element(fields);
  if (field && field->tag == 0xa0) field = element(fields);
  return field && field->tag == 0x02 ? field->content : Bytes{};
}

// What OpenSSL says of something that is not a certificate, as rules name it.
Event fault(Bytes der) {
  constexpr std::byte sequence{0x30};
  Event out = !der.empty() && der[0] != sequence ? Event::certificate_invalid_der
                                                 : Event::invalid_certificate;
  if (der.empty()) out = Event::certificate_invalid_length;
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    if (out != Event::invalid_certificate || ERR_GET_LIB(error) != ERR_LIB_ASN1) continue;
    if (reason == ASN1_R_TOO_LONG || reason == ASN1_R_HEADER_TOO_LONG ||
        reason == ASN1_R_NOT_ENOUGH_DATA || reason == ASN1_R_BAD_OBJECT_HEADER)
      out = Event::certificate_invalid_length;
    if (reason == ASN1_R_FIELD_MISSING) out = Event::certificate_missing_element;
    if (reason == ASN1_R_WRONG_TAG) out = Event::certificate_unknown_element;
  }
  return out;
}

constexpr std::uint8_t kInteger = 0x02, kBitString = 0x03, kSequence = 0x30, kVersion = 0xa0;

bool next_is(Reader& in, std::uint8_t tag, Bytes* content = nullptr) {
  const auto found = element(in);
  if (!found || found->tag != tag) return false;
  if (content != nullptr) *content = found->content;
  return true;
}

// Elements in elements to the end, as far down as certificates go.
bool is_whole(Bytes der, int depth) {
  Reader in(der);
  while (!in.at_end()) {
    const auto found = element(in);
    if (!found) return false;
    const bool constructed = (found->tag & 0x20) != 0;
    if (constructed && (depth == 0 || !is_whole(found->content, depth - 1))) return false;
  }
  return true;
}

// RFC 5280 section 4.1
bool is_built_as_certificate(Bytes der) {
  Reader outer(der);
  Bytes certificate, inner;
  if (!next_is(outer, kSequence, &certificate) || !outer.at_end()) return false;
  Reader in(certificate);
  if (!next_is(in, kSequence, &inner) || !next_is(in, kSequence) || !next_is(in, kBitString))
    return false;
  Reader fields(inner);
  if (fields.peek() == kVersion) (void)element(fields);
  return next_is(fields, kInteger) && next_is(fields, kSequence) && next_is(fields, kSequence) &&
         next_is(fields, kSequence) && next_is(fields, kSequence) && next_is(fields, kSequence) &&
         is_whole(certificate, 12);
}

}  // namespace

bool is_certificate(Bytes der) {
  return is_built_as_certificate(der);
}

std::expected<Certificate, Event> parse_certificate(Bytes der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<X509, X509Free> x509(
      d2i_X509(nullptr, &data, static_cast<long>(der.size())));
  if (!x509) return std::unexpected(fault(der));
  Certificate out;
  out.subject = name_text(X509_get_subject_name(x509.get()));
  out.issuer = name_text(X509_get_issuer_name(x509.get()));
  out.serial = with_colons(to_hex(serial_of(der)), true);
  out.fingerprint = with_colons(digest_hex(DigestKind::sha1, der), false);
  out.alternative_names = names_of(x509.get());
  out.not_before = seconds_of(X509_get0_notBefore(x509.get()));
  out.not_after = seconds_of(X509_get0_notAfter(x509.get()));
  ERR_clear_error();
  return out;
}

}  // namespace chieng::collector::tls

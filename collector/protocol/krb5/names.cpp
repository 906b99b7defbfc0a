// Names of Kerberos' numbers (IANA "Kerberos Parameters"; RFC 4120 section 7.5.9; RFC 4556).
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "collector/protocol/krb5/message.h"

namespace chieng::collector::krb5 {
namespace {

struct Name {
  std::int32_t value;
  std::string_view text;
};

constexpr std::array kEncryptions = {
    Name{-140, "rc4-plain"},
    Name{-136, "rc4-plain-OLD-exp"},
    Name{-135, "rc4-hmac-OLD-exp"},
    Name{-134, "rc4-plain-OLD"},
    Name{-133, "rc4-hmac-OLD"},
    Name{-132, "des-plain"},
    Name{-131, "rc4-sha"},
    Name{-130, "rc4-lm"},
    Name{-129, "rc4-plain2"},
    Name{-128, "rc4-md4"},
    Name{1, "des-cbc-crc"},
    Name{2, "des-cbc-md4"},
    Name{3, "des-cbc-md5"},
    Name{5, "des3-cbc-md5"},
    Name{7, "des3-cbc-sha1"},
    Name{9, "dsaWithSHA1-CmsOID"},
    Name{10, "md5WithRSAEncryption-CmsOID"},
    Name{11, "sha1WithRSAEncryption-CmsOID"},
    Name{12, "rc2CBC-EnvOID"},
    Name{13, "rsaEncryption-EnvOID"},
    Name{14, "rsaES-OAEP-ENV-OID"},
    Name{15, "des-ede3-cbc-Env-OID"},
    Name{16, "des3-cbc-sha1-kd"},
    Name{17, "aes128-cts-hmac-sha1-96"},
    Name{18, "aes256-cts-hmac-sha1-96"},
    Name{19, "aes128-cts-hmac-sha256-128"},
    Name{20, "aes256-cts-hmac-sha384-192"},
    Name{23, "rc4-hmac"},
    Name{24, "rc4-hmac-exp"},
    Name{25, "camellia128-cts-cmac"},
    Name{26, "camellia256-cts-cmac"},
    Name{65, "subkey-keymaterial"},
};

constexpr std::array kErrors = {
    Name{0, "KDC_ERR_NONE"},
    Name{1, "KDC_ERR_NAME_EXP"},
    Name{2, "KDC_ERR_SERVICE_EXP"},
    Name{3, "KDC_ERR_BAD_PVNO"},
    Name{4, "KDC_ERR_C_OLD_MAST_KVNO"},
    Name{5, "KDC_ERR_S_OLD_MAST_KVNO"},
    Name{6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"},
    Name{7, "KDC_ERR_S_PRINCIPAL_UNKNOWN"},
    Name{8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE"},
    Name{9, "KDC_ERR_NULL_KEY"},
    Name{10, "KDC_ERR_CANNOT_POSTDATE"},
    Name{11, "KDC_ERR_NEVER_VALID"},
    Name{12, "KDC_ERR_POLICY"},
    Name{13, "KDC_ERR_BADOPTION"},
    Name{14, "KDC_ERR_ETYPE_NOSUPP"},
    Name{15, "KDC_ERR_SUMTYPE_NOSUPP"},
    Name{16, "KDC_ERR_PADATA_TYPE_NOSUPP"},
    Name{17, "KDC_ERR_TRTYPE_NOSUPP"},
    Name{18, "KDC_ERR_CLIENT_REVOKED"},
    Name{19, "KDC_ERR_SERVICE_REVOKED"},
    Name{20, "KDC_ERR_TGT_REVOKED"},
    Name{21, "KDC_ERR_CLIENT_NOTYET"},
    Name{22, "KDC_ERR_SERVICE_NOTYET"},
    Name{23, "KDC_ERR_KEY_EXPIRED"},
    Name{24, "KDC_ERR_PREAUTH_FAILED"},
    Name{25, "KDC_ERR_PREAUTH_REQUIRED"},
    Name{26, "KDC_ERR_SERVER_NOMATCH"},
    Name{27, "KDC_ERR_MUST_USE_USER2USER"},
    Name{28, "KDC_ERR_PATH_NOT_ACCEPTED"},
    Name{29, "KDC_ERR_SVC_UNAVAILABLE"},
    Name{31, "KRB_AP_ERR_BAD_INTEGRITY"},
    Name{32, "KRB_AP_ERR_TKT_EXPIRED"},
    Name{33, "KRB_AP_ERR_TKT_NYV"},
    Name{34, "KRB_AP_ERR_REPEAT"},
    Name{35, "KRB_AP_ERR_NOT_US"},
    Name{36, "KRB_AP_ERR_BADMATCH"},
    Name{37, "KRB_AP_ERR_SKEW"},
    Name{38, "KRB_AP_ERR_BADADDR"},
    Name{39, "KRB_AP_ERR_BADVERSION"},
    Name{40, "KRB_AP_ERR_MSG_TYPE"},
    Name{41, "KRB_AP_ERR_MODIFIED"},
    Name{42, "KRB_AP_ERR_BADORDER"},
    Name{44, "KRB_AP_ERR_BADKEYVER"},
    Name{45, "KRB_AP_ERR_NOKEY"},
    Name{46, "KRB_AP_ERR_MUT_FAIL"},
    Name{47, "KRB_AP_ERR_BADDIRECTION"},
    Name{48, "KRB_AP_ERR_METHOD"},
    Name{49, "KRB_AP_ERR_BADSEQ"},
    Name{50, "KRB_AP_ERR_INAPP_CKSUM"},
    Name{51, "KRB_AP_PATH_NOT_ACCEPTED"},
    Name{52, "KRB_ERR_RESPONSE_TOO_BIG"},
    Name{60, "KRB_ERR_GENERIC"},
    Name{61, "KRB_ERR_FIELD_TOOLONG"},
    Name{62, "KDC_ERROR_CLIENT_NOT_TRUSTED"},
    Name{63, "KDC_ERROR_KDC_NOT_TRUSTED"},
    Name{64, "KDC_ERROR_INVALID_SIG"},
    Name{65, "KDC_ERR_KEY_TOO_WEAK"},
    Name{66, "KDC_ERR_CERTIFICATE_MISMATCH"},
    Name{67, "KRB_AP_ERR_NO_TGT"},
    Name{68, "KDC_ERR_WRONG_REALM"},
    Name{69, "KRB_AP_ERR_USER_TO_USER_REQUIRED"},
    Name{70, "KDC_ERR_CANT_VERIFY_CERTIFICATE"},
    Name{71, "KDC_ERR_INVALID_CERTIFICATE"},
    Name{72, "KDC_ERR_REVOKED_CERTIFICATE"},
    Name{73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN"},
    Name{74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE"},
    Name{75, "KDC_ERR_CLIENT_NAME_MISMATCH"},
    Name{76, "KDC_ERR_KDC_NAME_MISMATCH"},
};

constexpr std::array kTypeNames = {
    Name{10, "KRB_AS_REQ"},  Name{11, "KRB_AS_REP"}, Name{12, "KRB_TGS_REQ"},
    Name{13, "KRB_TGS_REP"}, Name{14, "KRB_AP_REQ"}, Name{15, "KRB_AP_REP"},
    Name{20, "KRB_SAFE"},    Name{21, "KRB_PRIV"},   Name{22, "KRB_CRED"},
    Name{30, "KRB_ERROR"},
};

constexpr std::array kTypeValues = {
    NamedValue{"AS_REQ", 10},  NamedValue{"AS_REP", 11},    NamedValue{"TGS_REQ", 12},
    NamedValue{"TGS_REP", 13}, NamedValue{"AP_REQ", 14},    NamedValue{"AP_REP", 15},
    NamedValue{"ERROR", 30},   NamedValue{"KRB_ERROR", 30},
};

template <class List>
std::string find(const List& list, std::int32_t value, std::string_view kind) {
  const auto at = std::ranges::find(list, value, &Name::value);
  return at != list.end() ? std::string(at->text) : fmt::format("{}({})", kind, value);
}

}  // namespace

std::string type_name(std::uint8_t type) {
  return find(kTypeNames, type, "MessageType");
}
std::string encryption_name(std::int32_t type) {
  return find(kEncryptions, type, "EncryptionType");
}
std::string error_name(std::int32_t error) {
  return find(kErrors, error, "ErrorCode");
}

bool is_weak(std::int32_t encryption) {
  return !((encryption >= 17 && encryption <= 20) || encryption == 25 || encryption == 26);
}

std::span<const NamedValue> type_values() {
  return kTypeValues;
}

std::span<const NamedValue> encryption_values() {
  static const auto values = [] {
    std::array<NamedValue, kEncryptions.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = {kEncryptions[i].text, static_cast<std::uint32_t>(kEncryptions[i].value)};
    return out;
  }();
  return values;
}

}  // namespace chieng::collector::krb5

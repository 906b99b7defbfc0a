// HASSH (https://github.com/salesforce/hassh): what a side offers in SSH_MSG_KEXINIT, as one text.
#pragma once

#include <optional>
#include <string>

#include "core/bytes/bytes.h"
#include "core/inspect/catalogue.h"

namespace chieng::collector::ssh {

// The lists of key exchange, ciphers, MACs and compression that the sender of the message wants for
// what it sends itself, joined by ';'. body: the message (RFC 4253 section 7.1) after its number.
// Nothing where the lists do not fit.
[[nodiscard]] std::optional<std::string> hassh_text(Bytes body, Direction sender);

}  // namespace chieng::collector::ssh

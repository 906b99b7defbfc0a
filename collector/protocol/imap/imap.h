// IMAP (RFC 9051): known by its greeting. Nothing of it is kept; STARTTLS is watched for.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kImap;

}  // namespace chieng::collector

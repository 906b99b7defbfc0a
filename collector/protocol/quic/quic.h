// QUIC (RFC 9000, 9001, 9369), its drafts from 22 on, and Google's QUIC.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kQuic;

}  // namespace chieng::collector

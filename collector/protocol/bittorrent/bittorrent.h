// BitTorrent's distributed hash table over UDP: the entry for the list of protocols.
#pragma once

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kBittorrentDht;

}  // namespace chieng::collector

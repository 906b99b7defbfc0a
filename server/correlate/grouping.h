// What makes alerts one group: the rule (without its revision), the source and the destination
// entity, the agency; for alerts from logs the rule, the host, and who did it. An address entity is
// (zone, address): private addresses belong to their site, so that two offices' 192.168.1.10 stay
// two hosts.
#pragma once

#include <optional>

#include "server/store/append.h"

namespace chieng::server {

// Nothing for events that are not alerts. An alert that cannot be read still makes a hit, under a
// rule of its own
// ("unreadable"), so that it is seen.
[[nodiscard]] std::optional<GroupHit> group_hit(const StoredEvent& event);
[[nodiscard]] AddressEntity address_entity(std::string_view address, const Uuid& agency);

}  // namespace chieng::server

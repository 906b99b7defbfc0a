#include "server/store/migrations.h"

namespace chieng::server {
namespace {

// envelope: the binary form of core/event/envelope.h. codec: 0 plain, 1 zstd; key_id 0: not
// encrypted. One index beside the row number: an event file is written once, read by row or by id,
// and deleted whole.
constexpr Migration kMigrations[] = {{1, R"sql(
CREATE TABLE events(
  row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, agent TEXT NOT NULL, agency TEXT NOT NULL,
  spool TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, sequence INTEGER NOT NULL,
  received INTEGER NOT NULL, placed INTEGER NOT NULL, clock_offset INTEGER NOT NULL, clock_quality INTEGER NOT NULL,
  flags INTEGER NOT NULL, weight INTEGER NOT NULL, envelope BLOB NOT NULL,
  codec INTEGER NOT NULL, key_id INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE cursors(
  agent TEXT NOT NULL, spool TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL, committed INTEGER NOT NULL,
  PRIMARY KEY(agent, spool, epoch, lane)) STRICT, WITHOUT ROWID;
CREATE TABLE lost(
  agent TEXT NOT NULL, agency TEXT NOT NULL, spool TEXT NOT NULL, epoch INTEGER NOT NULL, lane INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL, received INTEGER NOT NULL) STRICT;
CREATE TABLE intake(
  hour INTEGER NOT NULL, agency TEXT NOT NULL, events INTEGER NOT NULL, weight INTEGER NOT NULL, lost INTEGER NOT NULL,
  PRIMARY KEY(hour, agency)) STRICT, WITHOUT ROWID;
CREATE TABLE extent(
  only INTEGER PRIMARY KEY CHECK(only = 1), placed_first INTEGER NOT NULL, placed_last INTEGER NOT NULL) STRICT;
)sql"}};

}  // namespace

std::span<const Migration> event_file_migrations() {
  return kMigrations;
}

}  // namespace chieng::server

// FTP's data connections: the entry for the list of protocols, and what the control connection
// tells of one.
#pragma once

#include <string>

#include "collector/protocol/parser.h"

namespace chieng::collector {

extern const Protocol kFtpData;

namespace ftp {

struct DataContext final : ExpectedContext {
  DataContext(std::string_view c, std::string_view f) : command(c), file(f) {}
  std::string_view command;  // of the table: lives for ever
  std::string file;          // empty: a listing
};

}  // namespace ftp
}  // namespace chieng::collector

#include "server/commands/cli.h"

int main(int argc, char** argv) {
  return chieng::server::command_line(argc, argv);
}

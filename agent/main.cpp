#include "agent/commands/command_line.h"

int main(int argc, char** argv) {
  return chieng::agent::command_line(argc, argv);
}

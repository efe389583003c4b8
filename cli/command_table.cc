#include "cli/command_parts.h"

namespace vrm::cli {

namespace {

std::vector<Command> make_table() {
  std::vector<Command> all;
  add_start(all);
  add_keys(all);
  add_data(all);
  add_documents(all);
  add_brands(all);
  add_giving(all);
  add_intents(all);
  add_offers(all);
  add_trace(all);
  add_keep(all);
  add_tools(all);
  return all;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = make_table();
  return table;
}

}  // namespace vrm::cli

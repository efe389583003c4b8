#pragma once
// The parts of the table of commands, in the order that help shows them, and the flags that several parts have.

#include "cli/command.h"

namespace vrm::cli {

void add_start(std::vector<Command>& all);
void add_keys(std::vector<Command>& all);
void add_data(std::vector<Command>& all);
void add_documents(std::vector<Command>& all);
void add_brands(std::vector<Command>& all);
void add_giving(std::vector<Command>& all);
void add_intents(std::vector<Command>& all);
void add_offers(std::vector<Command>& all);
void add_trace(std::vector<Command>& all);
void add_keep(std::vector<Command>& all);
void add_tools(std::vector<Command>& all);

inline constexpr Flag kReveal{"reveal", ""};
inline constexpr Flag kBrand{"brand", "BRAND"};
inline constexpr Flag kAll{"all", ""};
inline constexpr Flag kAlso{"also", "FIELDS"};
inline constexpr Flag kDryRun{"dry-run", ""};

}  // namespace vrm::cli

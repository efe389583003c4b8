#pragma once
// Help, made from the table of commands.

#include "cli/session.h"

namespace vrm::cli {

// What `vrm` alone shows: the state first, then the commands.
void show_overview(Session& session);

// What stands for a value, in the person's language: FILE, FICHIER.
std::string placeholders(const Screen& screen, std::string_view text);

void show_command_help(Screen& screen, const Command& command);

void show_version(Screen& screen);

}  // namespace vrm::cli

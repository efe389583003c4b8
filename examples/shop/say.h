#pragma once
// How the shop talks: one short line at a time, at once, and never a byte of a stranger's that a
// terminal would obey.

#include <string>
#include <string_view>
#include <vector>

namespace vrm::shop {

// Prints the line on standard output.
void say(std::string_view line);
// Prints it on standard error.
void complain(std::string_view line);

// `a, b, c`, each made safe to print; "nothing" for an empty list.
std::string listed(const std::vector<std::string>& names);

}  // namespace vrm::shop

#pragma once
// How the shop talks: one short line at a time, at once, and never a byte of a stranger's that a
// terminal would obey.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vrm::shop {

// Where lines for people go; it may be called from several threads.
using Say = std::function<void(std::string_view line)>;

// Prints the line on standard output.
void say(std::string_view line);
// Prints it on standard error.
void complain(std::string_view line);

// `a, b, c`, each made safe to print; "nothing" for an empty list.
std::string listed(const std::vector<std::string>& names);

}  // namespace vrm::shop

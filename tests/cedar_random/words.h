#pragma once
// Texts and numbers that tell evaluators apart: few, so that they meet again, and at the edges of what is allowed.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/cedar_random/draw.h"

namespace cedar_random {

std::int64_t draw_number(Draw& draw);
std::string draw_text(Draw& draw);
// Of attributes and tags; not every one is an identifier.
std::string draw_name(Draw& draw);
bool is_plain(const std::string& name);  // of draw_name: an identifier

// The scalars of a UTF-8 text, each as UTF-8.
std::vector<std::string> scalars_of(const std::string& text);

// What the constructor `function` (decimal, ip, datetime, duration) takes.
std::string draw_argument(Draw& draw, const std::string& function);
// What it most often refuses: one of the others with a change or more, or a text that is nearly right.
std::string draw_bad_argument(Draw& draw, const std::string& function);

}  // namespace cedar_random

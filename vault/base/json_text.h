#pragma once
// Texts as JSON writes them, for what is written often enough that a tree of values would cost too much.

#include <string>
#include <string_view>

namespace vrm {

// Appends a text as write_json writes it, with its quotation marks.
void append_json_text(std::string& out, std::string_view text);

// Appends `,"name":"value"`. REQUIRES: `name` stands in JSON as it is.
void append_json_member(std::string& out, std::string_view name, std::string_view value);

}  // namespace vrm

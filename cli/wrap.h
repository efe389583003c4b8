#pragma once
// Text in the columns of a terminal.

#include <string>
#include <string_view>
#include <vector>

namespace vrm::cli {

// How many columns of a terminal a text takes; every scalar counts for one.
std::size_t width(std::string_view text);
// Cut to at most `columns`, with an ellipsis.
std::string cut(std::string_view text, std::size_t columns);
// `text` filled with blanks to `columns`.
std::string padded(std::string_view text, std::size_t columns);

// `text`, which is one line, over as many as it takes; as it is when it fits. It breaks at blanks
// only, and never inside what a person copies: a command (`vrm grants --all`), a flag and its value.
// What alone is wider than `columns` stays whole. Where two blanks or more part a label from the
// rest, further lines stand under the rest, or, without room for that, all of the rest below the
// label; otherwise `hang` blanks deeper than the first. With hang 0 nothing stands deeper.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t hang = 2);

}  // namespace vrm::cli

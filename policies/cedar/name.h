#pragma once
// Identifiers, and names of entity types such as `Shop::Customer`.

#include <string_view>

namespace cedar {

// Whether a word may not be an identifier: true false if then else in is like has __cedar.
bool is_reserved(std::string_view word);

// Whether `text` is one identifier that is not reserved.
bool is_identifier(std::string_view text);

// Whether `text` is identifiers joined by `::`, without spaces.
bool is_name(std::string_view text);

// Whether a name of an entity type is that of actions: `Action`, in any namespace.
bool is_action_type(std::string_view type);

}  // namespace cedar

#pragma once
// The names of fields and purposes that are linked in, so that they can be told before there is a vault, or of a brand
// that uses them.

#include <string>
#include <string_view>
#include <vector>

#include "cli/screen.h"

namespace vrm::cli {

// Whether `words` name a list ("fields", "purposes", "fields size"), which is then shown. NotFound: no field's name
// begins with the second word.
Result<bool> show_list(Screen& screen, const std::vector<std::string>& words);

// What a brand says that it asks for: "service (providing the service: request, delivery)", with the purposes that
// belong to it. The word alone when it is none of the list.
std::string registered_purpose(const Screen& screen, std::string_view word);

}  // namespace vrm::cli

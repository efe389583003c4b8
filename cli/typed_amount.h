#pragma once
// Money as a person types it: 900EUR, "€900", "900 euros", "1 000 EUR", "1,000.00 EUR".

#include <string>
#include <string_view>

namespace vrm::cli {

// As the daemon reads it, "1000.00EUR", where the text can mean one amount only; else as it was typed,
// for the daemon to refuse: "1,000 EUR" is a thousand in English and one in French.
std::string amount_from_typed(std::string_view typed);

}  // namespace vrm::cli

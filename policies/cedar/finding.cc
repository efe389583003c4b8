#include "policies/cedar/finding.h"

#include <algorithm>

#include "vault/base/ascii.h"
#include "vault/base/spelling.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

// Without its namespaces, and in small letters: what one gets wrong most is a namespace left out, or a capital.
std::string bare(std::string_view name) {
  return vrm::lower(name.substr(name.rfind(':') + 1));
}

}  // namespace

std::string did_you_mean(std::string_view written, const std::vector<std::string>& names) {
  const std::string typed = bare(written);
  const auto far = [&typed](const std::string& name) { return vrm::distance(typed, bare(name)); };
  const std::string* nearest = nullptr;
  for (const auto& name : names)
    if (vrm::is_near(typed, bare(name)) && (nearest == nullptr || far(name) < far(*nearest)))
      nearest = &name;
  return nearest == nullptr ? "" : ": did you mean `" + vrm::printable(*nearest, 80) + "`?";
}

}  // namespace cedar

#include "vault/gate/over_asking.h"

#include <algorithm>

namespace vrm::gate {

namespace {

const brands::Use* use_for(const std::vector<brands::Use>& uses, const grants::Purposes& purposes,
                           std::string_view dpv) {
  for (const auto& use : uses) {
    const auto* named = purposes.find(use.purpose);
    if (named != nullptr && named->dpv == dpv) return &use;
  }
  return nullptr;
}

bool is_of(std::string_view field, std::string_view group) {
  return field == group || (field.starts_with(group) && field[group.size()] == '.');
}

}  // namespace

OverAsking::OverAsking(const brands::Brand& brand, const grants::Purposes& purposes,
                       std::string_view purpose)
    : uses_(brand.facts.uses) {
  for (const auto* asked = purposes.find(purpose); asked != nullptr && use_ == nullptr;
       asked = purposes.find(asked->parent))
    use_ = use_for(uses_, purposes, asked->dpv);
}

bool OverAsking::field(std::string_view name) const {
  if (use_ == nullptr) return false;
  return std::none_of(use_->fields.begin(), use_->fields.end(),
                      [name](const std::string& group) { return is_of(name, group); });
}

bool OverAsking::retention(std::int64_t days) const {
  const std::int64_t most = registered_days();
  return most > 0 && (days == 0 || days > most);
}

}  // namespace vrm::gate

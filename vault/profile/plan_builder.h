#pragma once
// Collects what a file offers into an ImportPlan: each value parsed by its field's type, the first
// of each field kept.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "vault/base/error.h"
#include "vault/profile/catalogue.h"
#include "vault/profile/import.h"

namespace vrm::profile {

inline constexpr std::size_t kMaxImportItems = 2000;
inline constexpr std::size_t kMaxImportProblems = 200;

class PlanBuilder {
 public:
  explicit PlanBuilder(const Catalogue& catalogue) : catalogue_(catalogue) {}

  // An empty value is passed over; one that does not parse, or a second one that differs, becomes a
  // problem. Line ends become spaces where the type has no lines.
  void offer(std::string_view field, std::string_view typed, std::size_t line);
  // The same of a field that its file says is its owner's own, and of this type.
  void offer_own(std::string_view field, std::string_view typed, Type type, std::size_t line);

  // Kept as a problem, up to kMaxImportProblems.
  void problem(std::size_t line, std::string key, Gaps with = {});
  void problem(std::size_t line, Error what);

  // Orders items and problems, and drops what the vault derives by itself of the other items.
  ImportPlan finish(std::string format, std::string card, std::size_t cards);

 private:
  void add(ImportItem item);
  const ImportItem* find(std::string_view field) const;
  bool is_derived(const ImportItem& item) const;

  const Catalogue& catalogue_;
  ImportPlan plan_;
  std::map<std::string, std::size_t, std::less<>> places_;  // of each field among the items
};

}  // namespace vrm::profile

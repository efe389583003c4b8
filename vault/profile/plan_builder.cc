#include "vault/profile/plan_builder.h"

#include <algorithm>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/profile/claims.h"
#include "vault/profile/refusals.h"
#include "vault/profile/value.h"

namespace vrm::profile {

namespace {

// Without blanks at its ends; \r\n becomes \n, and any line end a space when there are no lines.
std::string tidied(std::string_view text, bool lines) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    const bool line_end = text[i] == '\n' || text[i] == '\r';
    out += line_end && lines ? '\n' : is_space(text[i]) ? ' ' : text[i];
  }
  return out;
}

}  // namespace

void PlanBuilder::offer(std::string_view field, std::string_view typed, std::size_t line) {
  const auto* spec = catalogue_.find(field);
  const Type type = catalogue_.type_of(field);
  const std::string text = tidied(typed, type == Type::Multiline);
  if (text.empty()) return;
  if (spec != nullptr && spec->claim && !spec->claim->or_typed)
    return problem(line, "profile.import_claim",
                   {{"field", std::string(field)}, {"from", spec->claim->from}});
  auto value = parse_value(type, field, text, spec == nullptr ? "" : spec->unit);
  if (!value.ok()) return problem(line, std::move(value).error());
  add({std::string(field), std::string(to_string(type)), std::move(value).value(), line});
}

void PlanBuilder::offer_own(std::string_view field, std::string_view typed, Type type,
                            std::size_t line) {
  const std::string text = tidied(typed, type == Type::Multiline);
  if (text.empty()) return;
  auto value = parse_value(type, field, text);
  if (!value.ok()) return problem(line, std::move(value).error());
  ImportItem item{std::string(field), std::string(to_string(type)), std::move(value).value(), line};
  item.own = true;
  add(std::move(item));
}

void PlanBuilder::add(ImportItem item) {
  const auto* present = find(item.field);
  if (present != nullptr) {
    if (present->value != item.value)
      problem(item.line, "profile.import_second", {{"field", item.field}});
    return;
  }
  if (plan_.items.size() == kMaxImportItems)
    return problem(item.line, "profile.import_too_many_fields",
                   {{"most", std::to_string(kMaxImportItems)}});
  places_.emplace(item.field, plan_.items.size());
  plan_.items.push_back(std::move(item));
}

void PlanBuilder::problem(std::size_t line, std::string key, Gaps with) {
  problem(line, owners_refusal(ErrorCode::Malformed, std::move(key), std::move(with)));
}

void PlanBuilder::problem(std::size_t line, Error what) {
  if (plan_.problems.size() < kMaxImportProblems) plan_.problems.push_back({line, std::move(what)});
}

ImportPlan PlanBuilder::finish(std::string format, std::string card, std::size_t cards) {
  std::vector<ImportItem> kept;
  std::copy_if(plan_.items.begin(), plan_.items.end(), std::back_inserter(kept),
               [this](const ImportItem& item) { return !is_derived(item); });
  plan_.items = std::move(kept);
  const auto is_last = [this](const ImportItem& item) {
    const auto* spec = catalogue_.find(item.field);
    return spec != nullptr && spec->claim.has_value();
  };
  std::sort(plan_.items.begin(), plan_.items.end(), [&](const ImportItem& a, const ImportItem& b) {
    return std::pair(is_last(a), std::string_view(a.field)) <
           std::pair(is_last(b), std::string_view(b.field));
  });
  std::stable_sort(plan_.problems.begin(), plan_.problems.end(),
                   [](const ImportProblem& a, const ImportProblem& b) { return a.line < b.line; });
  plan_.format = std::move(format);
  plan_.card = std::move(card);
  plan_.cards = cards;
  return std::move(plan_);
}

const ImportItem* PlanBuilder::find(std::string_view field) const {
  const auto found = places_.find(field);
  return found == places_.end() ? nullptr : &plan_.items[found->second];
}

bool PlanBuilder::is_derived(const ImportItem& item) const {
  const auto* spec = catalogue_.find(item.field);
  if (spec == nullptr || !spec->claim) return false;
  const auto* from = find(spec->claim->from);
  const auto* where = find(spec->claim->where);
  return from != nullptr &&
         derive(*spec->claim, from->value, where == nullptr ? "" : where->value, Instant{});
}

}  // namespace vrm::profile

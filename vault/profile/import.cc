#include "vault/profile/import.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "vault/base/ascii.h"
#include "vault/base/text.h"
#include "vault/profile/claims.h"
#include "vault/profile/json_fields.h"
#include "vault/profile/plan_builder.h"
#include "vault/profile/plausible.h"
#include "vault/profile/refusals.h"
#include "vault/profile/vcard.h"
#include "vault/profile/vcard_fields.h"

namespace vrm::profile {

namespace {

constexpr std::size_t kMaxListedCards = 10;

// "1 Ana Martin, 2 Bruno Diaz, … (14)"
std::string listing(const std::vector<Vcard>& cards, const std::vector<std::size_t>& which) {
  std::string out;
  for (std::size_t i = 0; i < which.size() && i < kMaxListedCards; ++i)
    out += (out.empty() ? "" : ", ") + std::to_string(which[i] + 1) + " " +
           printable(cards[which[i]].display_name(), 40);
  if (which.size() > kMaxListedCards) out += ", … (" + std::to_string(which.size()) + ")";
  return out;
}

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// The cards a number or a name stands for: the whole name, any case, or else a part of it.
std::vector<std::size_t> matching(const std::vector<Vcard>& cards, std::string_view wanted) {
  const auto number = number_in(wanted);
  if (number && *number >= 1 && *number <= cards.size()) return {*number - 1};
  std::vector<std::size_t> whole;
  std::vector<std::size_t> part;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const std::string name = lower(cards[i].display_name());
    if (name == lower(wanted)) whole.push_back(i);
    if (!wanted.empty() && name.find(lower(wanted)) != std::string::npos) part.push_back(i);
  }
  return whole.empty() ? part : whole;
}

Result<std::size_t> choose(const std::vector<Vcard>& cards,
                           std::optional<std::string_view> wanted) {
  std::vector<std::size_t> all(cards.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const auto which = wanted ? matching(cards, *wanted) : all;
  if (which.size() == 1) return which.front();
  if (which.empty())
    return owners_refusal(ErrorCode::NotFound, "profile.import_no_such_card",
                          {{"card", printable(*wanted, 60)}, {"cards", listing(cards, all)}});
  return owners_refusal(
      ErrorCode::Conflict, "profile.import_which_card",
      {{"count", std::to_string(which.size())}, {"cards", listing(cards, which)}});
}

Result<ImportPlan> read_vcard_import(const Catalogue& catalogue, std::string_view text,
                                     std::optional<std::string_view> wanted) {
  const VcardFile file = TRY(read_vcards(text));
  const std::size_t chosen = TRY(choose(file.cards, wanted));
  const Vcard& card = file.cards[chosen];
  PlanBuilder plan(catalogue);
  for (const auto& problem : file.problems)
    if (problem.card == chosen) plan.problem(problem.line, problem.what);
  offer_card(card, plan);
  return plan.finish("vcard", card.display_name(), file.cards.size());
}

Result<ImportPlan> read_json_import(const Catalogue& catalogue, std::string_view text) {
  PlanBuilder plan(catalogue);
  TRY(offer_json(catalogue, text, plan));
  return plan.finish("json", "", 0);
}

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

// The value a field will have when the plan is applied, "" for none.
Result<std::string> value_after(const Profile& profile, const ImportPlan& plan,
                                std::string_view field) {
  for (const auto& item : plan.items)
    if (item.field == field) return item.value;
  const auto meta = profile.find(field);
  if (!meta) return std::string();
  const auto value = TRY(profile.value(*meta));
  return std::string(value.text());
}

// Whether the vault will derive this field itself, so that it cannot be brought in.
Result<bool> will_be_derived(const Profile& profile, const ImportPlan& plan,
                             const FieldSpec* spec) {
  if (spec == nullptr || !spec->claim) return false;
  const std::string from = TRY(value_after(profile, plan, spec->claim->from));
  const std::string where = TRY(value_after(profile, plan, spec->claim->where));
  return !from.empty() && derive(*spec->claim, from, where, Instant{}).has_value();
}

// The known names that a name of no field may have meant: what it ends with
// (values.contact.email), or those near it.
std::string meant_by(const Catalogue& catalogue, std::string_view name) {
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    const auto rest = name.substr(dot + 1);
    if (rest.find('.') != rest.npos && catalogue.find(rest) != nullptr) return std::string(rest);
  }
  std::string names;
  for (const auto& near : catalogue.near(name)) names += (names.empty() ? "" : ", ") + near;
  return names;
}

struct Compared {
  ImportItem item;
  std::optional<Error> problem;
};

Result<Compared> compare_item(const Profile& profile, const ImportPlan& plan, ImportItem item,
                              Instant now) {
  const auto* spec = profile.catalogue().find(item.field);
  if (spec != nullptr) {
    auto plausible = check_plausible(*spec, item.value, "", now);
    if (!plausible.ok()) return Compared{std::move(item), std::move(plausible).error()};
  }
  if (TRY(will_be_derived(profile, plan, spec)))
    return Compared{std::move(item),
                    owners_refusal(ErrorCode::Denied, "profile.import_claim",
                                   {{"field", spec->name}, {"from", spec->claim->from}})};
  const auto meta = profile.find(item.field);
  if (spec == nullptr && !meta && !item.own) {
    auto near = meant_by(profile.catalogue(), item.field);
    if (!near.empty()) {
      auto unknown = owners_refusal(ErrorCode::Malformed, "profile.import_near",
                                    {{"field", item.field}, {"near", std::move(near)}});
      return Compared{std::move(item), std::move(unknown)};
    }
  }
  if (!meta) return Compared{std::move(item), std::nullopt};
  const auto type = type_from_text(meta->type).value_or(Type::Text);
  auto value = parse_value(type, item.field, item.value);
  // A field of the owner's own may have a type this value is not of.
  if (!value.ok()) return Compared{std::move(item), std::move(value).error()};
  const auto present = TRY(profile.value(*meta));
  item.type = meta->type;
  item.value = std::move(value).value();
  item.change = present.text() == item.value ? Change::Same : Change::Changed;
  return Compared{std::move(item), std::nullopt};
}

}  // namespace

bool ImportProblem::is_notice() const {
  constexpr std::array<std::string_view, 7> kNotices = {
      "profile.import_not_kept",       "profile.import_extensions", "profile.import_claim",
      "profile.import_second",         "profile.import_no_lists",   "profile.import_export_part",
      "profile.import_export_document"};
  return std::find(kNotices.begin(), kNotices.end(), what.say) != kNotices.end();
}

std::string_view to_string(Change change) {
  constexpr std::array<std::string_view, 3> kWords = {"added", "changed", "same"};
  return kWords[static_cast<std::size_t>(change)];
}

std::optional<ImportFormat> import_format_from_text(std::string_view text) {
  if (text == "auto") return ImportFormat::Auto;
  if (text == "vcard") return ImportFormat::Vcard;
  if (text == "json") return ImportFormat::Json;
  return std::nullopt;
}

Result<ImportPlan> read_import(const Catalogue& catalogue, std::string_view text,
                               ImportFormat format, std::optional<std::string_view> card) {
  if (text.size() > kMaxImportBytes)
    return owners_refusal(ErrorCode::Malformed, "profile.import_too_large",
                          {{"most", std::to_string(kMaxImportBytes / 1024 / 1024)}});
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const bool json =
      format == ImportFormat::Json || (format == ImportFormat::Auto && looks_like_json(text));
  return json ? read_json_import(catalogue, text) : read_vcard_import(catalogue, text, card);
}

Result<void> compare(const Profile& profile, ImportPlan& plan, Instant now) {
  std::vector<ImportItem> kept;
  std::vector<ImportProblem> problems;
  for (const auto& item : plan.items) {
    auto compared = TRY(compare_item(profile, plan, item, now));
    if (compared.problem)
      problems.push_back({item.line, std::move(*compared.problem)});
    else
      kept.push_back(std::move(compared.item));
  }
  plan.items = std::move(kept);
  std::move(problems.begin(), problems.end(), std::back_inserter(plan.problems));
  std::stable_sort(plan.problems.begin(), plan.problems.end(),
                   [](const ImportProblem& a, const ImportProblem& b) { return a.line < b.line; });
  return {};
}

}  // namespace vrm::profile

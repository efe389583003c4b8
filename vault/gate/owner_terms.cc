// OwnerDesk: the terms that there are, and which of them a brand must name when it asks.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/typed_brand.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// The row of table Settings that says what is wanted of brands that are added.
constexpr store::RowId kTermsWanted = {'t', 'e', 'r', 'm', 's', ' ', 'w', 'a', 'n', 't', 'e', 'd'};

// What is wanted of a brand, or of those to come; `id` is "" for nothing.
struct WantedTerms {
  std::string id;
  bool is_signed = false;
};

Result<WantedTerms> wanted_of_new(const Rooms& rooms) {
  const auto record = rooms.store->read(store::Table::Settings, kTermsWanted);
  if (!record.ok() && record.error().code == ErrorCode::NotFound) return WantedTerms{};
  if (!record.ok()) return record.error();
  const auto kept = TRY(read_json(record.value().text()));
  WantedTerms wanted;
  wanted.id = TRY(need_string(kept, "id"));
  wanted.is_signed = TRY(find_bool(kept, "signed")).value_or(false);
  return wanted;
}

Result<void> keep_wanted_of_new(store::Txn& txn, const Rooms& rooms, const WantedTerms& wanted) {
  if (!wanted.id.empty()) {
    const std::string text = write_json({{"id", wanted.id}, {"signed", wanted.is_signed}});
    return txn.write(store::Table::Settings, kTermsWanted, store::kVaultKey, bytes_of(text));
  }
  const auto kept = rooms.store->read(store::Table::Settings, kTermsWanted);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return {};
  return txn.erase(store::Table::Settings, kTermsWanted);
}

std::string word_in(const grants::Roster& roster, const std::string& id) {
  const auto* agreement = roster.find(id);
  return agreement == nullptr ? id : agreement->word;
}

json wanted_document(const grants::Roster& roster, const std::string& id, bool is_signed) {
  return {{"id", id}, {"word", word_in(roster, id)}, {"signed", is_signed}};
}

void want_of(brands::Brand& brand, const WantedTerms& wanted) {
  brand.wants_terms = wanted.id;
  brand.wants_signed = wanted.is_signed;
}

}  // namespace

void OwnerDesk::add_terms_said(json& document) const {
  auto& terms = document["terms"];
  if (!terms.is_object()) return;
  const auto* agreement = vault_.knowledge().roster.find(terms["id"].get<std::string>());
  if (agreement == nullptr) return;
  terms["says_en"] = agreement->says_en;
  terms["says_fr"] = agreement->says_fr;
}

Result<void> OwnerDesk::want_of_new(const Rooms& rooms, brands::Brand& brand) const {
  const WantedTerms wanted = TRY(wanted_of_new(rooms));
  want_of(brand, wanted);
  return {};
}

Result<json> OwnerDesk::terms() const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto& roster = vault_.knowledge().roster;
  const WantedTerms of_new = TRY(wanted_of_new(*rooms));
  json items = json::array();
  for (const auto& each : roster.all())
    items.push_back({{"id", each.id},
                     {"word", each.word},
                     {"says_en", each.says_en},
                     {"says_fr", each.says_fr},
                     {"digest", each.digest}});
  json wanted = json::array();
  for (const auto& brand : rooms->brands.list()) {
    if (brand->wants_terms.empty()) continue;
    wanted.push_back(wanted_document(roster, brand->wants_terms, brand->wants_signed));
    wanted.back()["brand"] = brand->handle;
  }
  return json{
      {"schema", "vrm.terms/1"},
      {"items", std::move(items)},
      {"wanted", std::move(wanted)},
      {"wanted_of_new",
       of_new.id.empty() ? json(nullptr) : wanted_document(roster, of_new.id, of_new.is_signed)}};
}

Result<json> OwnerDesk::want_terms(const json& body) {
  const auto typed = TRY(need_string(body, "id"));
  const auto* agreement = vault_.knowledge().roster.find(typed);
  if (agreement == nullptr)
    return refusal(ErrorCode::NotFound, "terms.unknown", {{"terms", typed}});
  const bool is_signed = TRY(find_bool(body, "signed")).value_or(false);
  return set_wanted(body, agreement->id, is_signed);
}

Result<json> OwnerDesk::unwant_terms(const json& body) {
  return set_wanted(body, "", false);
}

Result<json> OwnerDesk::set_wanted(const json& body, const std::string& id, bool is_signed) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto typed = TRY(find_string(body, "brand"));
  const bool all = TRY(find_bool(body, "all")).value_or(false);
  if (typed.has_value() == all) return refusal(ErrorCode::Malformed, "terms.of_whom");
  const WantedTerms wanted{id, is_signed};
  journal::Entry entry{
      .at = vault_.now(),
      .kind = id.empty() ? journal::Kind::TermsUnwanted : journal::Kind::TermsWanted};
  if (!id.empty()) entry.reason = word_in(vault_.knowledge().roster, id);
  if (is_signed) entry.reason += " signed";
  std::string handle;
  if (!all) {
    const auto brand = TRY(named_brand(rooms->brands, *typed));
    handle = brand->handle;
    entry.brand_key = brand->key;
    entry.brand = handle;
  }
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& brand : rooms->brands.list()) {
      if (!all && brand->handle != handle) continue;
      brands::Brand next = *brand;
      want_of(next, wanted);
      TRY(rooms->brands.change(txn, std::move(next)));
    }
    if (all) TRY(keep_wanted_of_new(txn, *rooms, wanted));
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  TRY(rooms->store->run(job));
  return terms();
}

}  // namespace vrm::gate

// OwnerDesk: a receipt that somebody shows, and what it proves.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/brands/receipt.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// The number of the record of that read; nothing when the log has none.
Result<std::optional<std::uint64_t>> record_of(const Rooms& rooms, const std::string& brand,
                                               const brands::ShownReceipt& receipt) {
  std::optional<std::uint64_t> found;
  const auto compare = [&](const journal::Numbered& record) -> Result<void> {
    const journal::Entry& entry = record.entry;
    const bool is_it = entry.kind == journal::Kind::Read &&
                       entry.outcome == journal::Outcome::Allowed && entry.brand == brand &&
                       entry.at.seconds() == receipt.at.seconds() && entry.grant == receipt.grant &&
                       entry.purpose == receipt.purpose && entry.fields == receipt.fields;
    if (is_it) found = record.number;
    return {};
  };
  if (const std::uint64_t size = rooms.store->log_size(); size > 0)
    TRY(journal::visit(*rooms.store, 1, size, compare));
  return found;
}

Error not_ours(const brands::BrandPtr& brand, const brands::ShownReceipt& receipt) {
  if (brand == nullptr)
    return refusal(ErrorCode::NotFound, "receipt.unknown_brand", {{"client", receipt.client_id}});
  return refusal(ErrorCode::BadKey, "receipt.changed", {{"brand", brand->handle}});
}

void add_content(json& document, const brands::Brand& brand, const brands::ShownReceipt& receipt,
                 const grants::Purposes& purposes) {
  document["brand"] = brand.handle;
  document["brand_name"] = brand.name;
  document["at"] = in_seconds(receipt.at);
  document["grant"] = receipt.grant;
  document["fields"] = receipt.fields;
  document["terms"] = nullptr;
  if (!receipt.terms_id.empty())
    document["terms"] = {{"id", receipt.terms_id},
                         {"word", receipt.terms_id.substr(receipt.terms_id.rfind('#') + 1)},
                         {"digest", receipt.terms_digest}};
  add_purpose(document, purposes, receipt.purpose);
}

}  // namespace

// The witness is heeded first and whatever the rest is worth: only this vault can have sealed it, and a vault that was
// put back may know neither the brand nor the read.
Result<json> OwnerDesk::check_receipt(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const std::string text = TRY(need_string(body, "receipt"));
  const auto read = brands::read_receipt(text);
  if (!read.ok()) return refusal(ErrorCode::Malformed, "receipt.malformed");
  const brands::ShownReceipt& receipt = read.value();
  const bool rolled_back = TRY(vault_.heed_witness(receipt.witness, Doubt::NewerReceipt));
  const auto issuer = rooms->issuers.with_vid(receipt.vid);
  const auto brand = issuer == nullptr ? nullptr : rooms->brands.find(issuer->brand);
  const bool genuine = brand != nullptr && brands::is_signed_by(receipt, *issuer);
  if (!genuine && !rolled_back) return not_ours(brand, receipt);
  json document = {{"schema", "vrm.receipt/1"},
                   {"genuine", genuine},
                   {"record", nullptr},
                   {"rolled_back", rolled_back},
                   {"suspended", suspended_count(*rooms, vault_.now())}};
  if (!genuine) return document;
  add_content(document, *brand, receipt, vault_.knowledge().purposes);
  const auto record = TRY(record_of(*rooms, brand->handle, receipt));
  if (record) document["record"] = *record;
  return document;
}

}  // namespace vrm::gate

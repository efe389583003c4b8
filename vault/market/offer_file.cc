#include "vault/market/offer_file.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/market/offer.h"
#include "vault/market/record.h"

namespace vrm::market {

namespace {

using nlohmann::json;

Result<Revision> read_revision(const json& object) {
  Revision revision;
  revision.rev = TRY(need_count(object, "rev", kMostRevision));
  revision.received_at = TRY(need_instant(object, "received_at"));
  revision.jws = TRY(need_string(object, "jws"));
  if (revision.jws.empty() || revision.jws.size() > kMostOfferBytes) return unreadable("jws");
  return revision;
}

// Rising, so there are at most kMostRevision.
Result<std::vector<Revision>> read_revisions(const json& object) {
  const json* list = TRY(need_array(object, "revisions"));
  if (list->empty()) return unreadable("revisions");
  std::vector<Revision> revisions;
  for (const json& item : *list) {
    Revision revision = TRY(read_revision(item));
    if (!revisions.empty() && revision.rev <= revisions.back().rev) return unreadable("revisions");
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

Result<OfferFile> offer_file_from(const json& object) {
  OfferFile file;
  file.id.text = TRY(need_id(object, "id", OfferKind::kPrefix));
  file.intent = TRY(need_id(object, "intent", IntentKind::kPrefix));
  file.iid = TRY(need_wire_name(object, "iid"));
  file.brand = TRY(need_string(object, "brand"));
  file.oid = TRY(need_wire_name(object, "oid"));
  file.revisions = TRY(read_revisions(object));
  return file;
}

}  // namespace

Bytes write_offer_file(const OfferFile& file) {
  json revisions = json::array();
  for (const auto& revision : file.revisions)
    revisions.push_back(
        {{"rev", revision.rev}, {"received_at", revision.received_at.ms}, {"jws", revision.jws}});
  return to_record({{"id", file.id.text},
                    {"intent", file.intent},
                    {"iid", file.iid},
                    {"brand", file.brand},
                    {"oid", file.oid},
                    {"revisions", std::move(revisions)}});
}

Result<OfferFile> read_offer_file(BytesView record) {
  const json object = TRY(json_of(record));
  auto file = offer_file_from(object);
  if (!file.ok()) return unreadable("an offer");
  return file;
}

}  // namespace vrm::market

#include "vault/gate/brand_refresh.h"

#include "vault/brands/lookalike.h"

namespace vrm::gate {

namespace {

Error not_a_document(const std::string& url, const std::string& why) {
  return refusal(ErrorCode::Unavailable, "brand.not_fetched", {{"url", url}, {"why", why}});
}

Result<std::string> fetch_json(brands::Web& web, const std::string& url) {
  const auto page = TRY(web.get(url));
  if (page.status != 200) return not_a_document(url, "HTTP " + std::to_string(page.status));
  const auto semicolon = page.content_type.find(';');
  const std::string type = page.content_type.substr(0, semicolon);
  if (type != "application/json" && !type.ends_with("+json"))
    return not_a_document(url, "not JSON");
  return page.body;
}

// The same failure, said of a brand that is known already.
Error not_refreshed(const brands::Brand& brand, Error failed) {
  if (!failed.say.starts_with("brand.")) return failed;
  std::string why;
  for (const auto& [gap, text] : failed.with)
    if (gap == "why" || gap == "client_id") why = text;
  return refusal(ErrorCode::Unavailable, "brand.not_refreshed",
                 {{"brand", brand.handle}, {"url", brand.client_id}, {"why", why}});
}

bool same_endpoints(const brands::Brand& brand, const brands::Document& document) {
  return brand.introduction_endpoint == document.introduction_endpoint &&
         brand.event_endpoint == document.event_endpoint &&
         brand.intent_endpoint == document.intent_endpoint;
}

bool same_details(const brands::Facts& a, const brands::Facts& b) {
  return a.legal_name == b.legal_name && a.identifiers == b.identifiers &&
         a.privacy_contact == b.privacy_contact && a.address == b.address && a.terms == b.terms;
}

// What a document with the pinned keys says anew. Where the mailbox is belongs to the issuer's address, which does not
// change while the brand is known.
std::vector<std::string> take_over(const Rooms& rooms, const brands::Document& document,
                                   Instant now, brands::Brand& next) {
  std::vector<std::string> changes;
  if (next.name != document.name) {
    changes.emplace_back("name");
    next.former_name = next.name;
    next.renamed_at = now;
    next.name = document.name;
    const auto like = lookalike_of(rooms, next.name, next.host, next.handle);
    if (like != nullptr) next.looks_like = like->handle;
    if (like != nullptr) next.trusted = false;
  }
  if (!same_endpoints(next, document)) changes.emplace_back("endpoints");
  next.introduction_endpoint = document.introduction_endpoint;
  next.event_endpoint = document.event_endpoint;
  next.intent_endpoint = document.intent_endpoint;
  if (next.facts.uses != document.facts.uses) changes.emplace_back("uses");
  if (!same_details(next.facts, document.facts)) changes.emplace_back("details");
  next.facts = document.facts;
  if (!next.address_checked) changes.emplace_back("address");
  next.address_checked = true;
  next.jwks = document.jwks;  // the same keys; what they are called may be new
  return changes;
}

// Other keys than those pinned, or others than those shown last while the owner has not looked.
bool shows_news(const brands::Brand& brand, const std::string& fingerprint) {
  return brand.shown_fingerprint.empty() ? fingerprint != brand.fingerprint
                                         : fingerprint != brand.shown_fingerprint;
}

void let_rest(const brands::Document& document, const std::string& fingerprint, Instant now,
              brands::Brand& next) {
  if (next.standing == brands::Standing::Known) next.standing = brands::Standing::KeysChanged;
  next.trusted = false;
  next.shown_jwks = document.jwks;
  next.shown_fingerprint = fingerprint;
  next.shown_at = now;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// One look at a fetched document, in the writer's turn: the brand is asked for anew there, so that what the owner did
// meanwhile stands.
Result<void> look(store::Txn& txn, Rooms& rooms, const std::string& handle,
                  const brands::Document& document, Instant now, Refreshed& out) {
  const auto brand = rooms.brands.find(handle);
  if (brand == nullptr) return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", handle}});
  brands::Brand next = *brand;
  next.checked_at = now;
  const std::string fingerprint = brands::fingerprint_of(document.jwks);
  journal::Entry entry{.at = now, .brand_key = brand->key, .brand = handle};
  if (shows_news(*brand, fingerprint)) {
    let_rest(document, fingerprint, now, next);
    entry.kind = journal::Kind::BrandKeysChanged;
    entry.reason = fingerprint;
    txn.anchor();
  } else if (brand->shown_fingerprint.empty()) {
    out.changes = take_over(rooms, document, now, next);
    entry.kind = journal::Kind::BrandChanged;
    entry.reason = listed(out.changes);
  }
  out.brand = TRY(rooms.brands.change(txn, std::move(next)));
  out.keys_changed = !out.brand->shown_fingerprint.empty();
  if (!entry.reason.empty()) TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

}  // namespace

Result<brands::Document> fetch_document(brands::Web& web, const std::string& url,
                                        brands::PlainHttp plain_http) {
  const auto text = TRY(fetch_json(web, url));
  auto document = TRY(brands::read_document(text, plain_http));
  if (document.client_id != url)
    return refusal(ErrorCode::Denied, "brand.other_client_id",
                   {{"url", url}, {"client_id", document.client_id}});
  if (document.jwks.empty()) document.jwks = TRY(fetch_keys(web, document.jwks_uri));
  return document;
}

Result<std::string> fetch_keys(brands::Web& web, const std::string& url) {
  const std::string keys = TRY(fetch_json(web, url));
  return brands::usable_keys(keys);
}

brands::BrandPtr lookalike_of(const Rooms& rooms, const std::string& name, const std::string& host,
                              std::string_view except) {
  for (const auto& known : rooms.brands.list()) {
    if (known->handle == except) continue;
    if (brands::hosts_look_alike(known->host, host) ||
        (known->host != host && brands::names_look_alike(known->name, name)))
      return known;
  }
  return nullptr;
}

Result<Refreshed> refresh_brand(Vault& vault, const std::string& handle) {
  auto* rooms = TRY(vault.serving_rooms());
  const auto brand = rooms->brands.find(handle);
  if (brand == nullptr) return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", handle}});
  auto document = fetch_document(vault.means().web, brand->client_id, vault.options().plain_http);
  if (!document.ok()) return not_refreshed(*brand, std::move(document).error());
  Refreshed out;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    return look(txn, *rooms, handle, document.value(), vault.now(), out);
  };
  TRY(rooms->store->run(job));
  // What verifies its signatures is made anew where its keys are called otherwise.
  if (out.brand->jwks != brand->jwks) TRY(rooms->issuers.add(*rooms->store, *out.brand));
  return out;
}

}  // namespace vrm::gate

#include "vault/brands/issuer_book.h"

namespace vrm::brands {

namespace {

IssuerPtr found_in(const std::map<std::string, IssuerPtr, std::less<>>& issuers,
                   std::string_view key) {
  const auto found = issuers.find(key);
  return found == issuers.end() ? nullptr : found->second;
}

}  // namespace

Result<void> IssuerBook::load(const store::Store& store, const BrandBook& brands) {
  clear();
  for (const auto& brand : brands.list()) TRY(add(store, *brand));
  return {};
}

void IssuerBook::clear() {
  const std::lock_guard lock(mutex_);
  by_vid_.clear();
  by_brand_.clear();
}

void IssuerBook::remove(std::string_view handle) {
  const std::lock_guard lock(mutex_);
  const auto found = by_brand_.find(handle);
  if (found == by_brand_.end()) return;
  by_vid_.erase(found->second->vid);
  by_brand_.erase(found);
}

Result<IssuerPtr> IssuerBook::add(const store::Store& store, const Brand& brand) {
  Issuer made = TRY(issuer_for(store, brand, base_));
  const auto issuer = std::make_shared<const Issuer>(std::move(made));
  const std::lock_guard lock(mutex_);
  by_vid_[issuer->vid] = issuer;
  by_brand_[brand.handle] = issuer;
  return IssuerPtr(issuer);
}

IssuerPtr IssuerBook::with_vid(std::string_view vid) const {
  const std::lock_guard lock(mutex_);
  return found_in(by_vid_, vid);
}

IssuerPtr IssuerBook::of_brand(std::string_view handle) const {
  const std::lock_guard lock(mutex_);
  return found_in(by_brand_, handle);
}

}  // namespace vrm::brands

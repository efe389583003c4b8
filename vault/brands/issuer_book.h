#pragma once
// The issuers of all brands whose keys are in memory, found by the address a brand calls. Safe from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vault/brands/brand_book.h"
#include "vault/brands/issuer.h"

namespace vrm::brands {

using IssuerPtr = std::shared_ptr<const Issuer>;

class IssuerBook {
 public:
  // `base` is the configured public address of the vault, without a slash at its end.
  explicit IssuerBook(std::string base) : base_(std::move(base)) {}

  // In place of what was there. Corrupt: a brand's pinned keys cannot be read.
  Result<void> load(const store::Store& store, const BrandBook& brands);
  void clear();
  void remove(std::string_view handle);

  // Makes the issuer of a brand that was added. Locked, Corrupt.
  Result<IssuerPtr> add(const store::Store& store, const Brand& brand);

  // Nothing: no brand was given this address, or its key is not in memory.
  IssuerPtr with_vid(std::string_view vid) const;
  IssuerPtr of_brand(std::string_view handle) const;

 private:
  const std::string base_;
  mutable std::mutex mutex_;
  std::map<std::string, IssuerPtr, std::less<>> by_vid_;
  std::map<std::string, IssuerPtr, std::less<>> by_brand_;
};

}  // namespace vrm::brands

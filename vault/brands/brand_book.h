#pragma once
// All brands the vault knows. Changes as in store::RowBook. Safe from any thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/brands/brand.h"
#include "vault/store/row_book.h"

namespace vrm::brands {

using BrandPtr = std::shared_ptr<const Brand>;

class BrandBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  BrandPtr find(std::string_view handle) const { return rows_.find(handle); }
  // By handle or its unique beginning. NotFound; Conflict: several begin so.
  Result<BrandPtr> find_typed(std::string_view typed) const;
  BrandPtr with_client_id(std::string_view client_id) const;
  // By handle.
  std::vector<BrandPtr> list() const { return rows_.all(); }

  // A handle that is free, from what the owner wants or from the brand's name or host.
  std::string free_handle(std::string_view wanted, const std::string& name,
                          const std::string& host) const;

  // Records a new brand under a data key of its own. Its row and key are filled in. Locked.
  Result<BrandPtr> add(store::Txn& txn, Brand brand, Random& random);
  Result<BrandPtr> change(store::Txn& txn, Brand brand) { return rows_.put(txn, std::move(brand)); }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Brands;
    static std::string name(const Brand& brand) { return brand.handle; }
    static Bytes write(const Brand& brand) { return write_brand(brand); }
    static Result<Brand> read(BytesView record) { return read_brand(record); }
  };

  store::RowBook<Brand, Codec> rows_;
};

}  // namespace vrm::brands

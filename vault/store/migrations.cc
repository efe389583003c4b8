#include "vault/store/migrations.h"

#include <algorithm>

#include "vault/store/vault_store.h"

namespace vrm::store {

static_assert(kFormats.back().tables == kTables);
static_assert(std::ranges::is_sorted(kFormats, {}, &Format::tables));
static_assert(std::ranges::is_sorted(kFormats, {}, &Format::number));

const Format* format_of(std::uint32_t number) {
  const auto found = std::ranges::find(kFormats, number, &Format::number);
  return found == kFormats.end() ? nullptr : &*found;
}

Result<void> VaultStore::migrate() {
  for (const Format& format : kFormats) {
    const std::uint32_t from = content_.head.format;
    if (format.number <= from) continue;
    Staging staging;
    staging.format = format.number;
    staging.anchored = true;  // a vault opens on a full disk too
    if (format.change != nullptr) TRY(format.change(content_, staging));
    if (options_.migration_record)
      staging.logged.emplace_back(options_.migration_record(from, format.number));
    TRY(commit(staging));
  }
  return {};
}

}  // namespace vrm::store

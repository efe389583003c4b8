#include "vault/store/kept_row.h"

#include <algorithm>
#include <limits>
#include <new>

#include "vault/base/check.h"

namespace vrm::store {

RowPtr KeptRow::make(const Row& row) {
  VRM_CHECK(row.box.size() <= std::numeric_limits<std::uint32_t>::max());
  void* block = ::operator new(sizeof(KeptRow) + row.box.size());
  return RowPtr(new (block) KeptRow(row));
}

KeptRow::KeptRow(const Row& row)
    : RowHead(row), box_bytes_(static_cast<std::uint32_t>(row.box.size())) {
  std::copy(row.box.begin(), row.box.end(), reinterpret_cast<std::uint8_t*>(this + 1));
}

void KeptRow::release() const {
  if (holders_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  auto* last = const_cast<KeptRow*>(this);
  last->~KeptRow();
  ::operator delete(last);
}

}  // namespace vrm::store

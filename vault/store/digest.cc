#include "vault/store/digest.h"

#include <algorithm>
#include <tuple>

#include "vault/base/check.h"
#include "vault/store/encoding.h"
#include "vault/store/log_chain.h"

namespace vrm::store {

namespace {

constexpr std::size_t kDigestedAtOnce = 64;

}  // namespace

Digesting::Digesting() : log_(crypto::hash({bytes_of("vrm.digest")})) {}

void Digesting::add(Table table, const RowId& id, BytesView record) {
  leaves_.push_back({table, id, crypto::hash({record})});
}

void Digesting::add_log(std::uint64_t number, BytesView record) {
  log_ = crypto::hash({log_, bytes_of_number(number), record});
}

crypto::Digest Digesting::finish() {
  std::sort(leaves_.begin(), leaves_.end(), [](const Leaf& a, const Leaf& b) {
    return std::tie(a.table, a.id) < std::tie(b.table, b.id);
  });
  crypto::Digest digest = log_;
  for (const Leaf& leaf : leaves_) {
    const std::array<std::uint8_t, 1> table{static_cast<std::uint8_t>(leaf.table)};
    digest = crypto::hash({digest, table, leaf.id, leaf.record});
  }
  return digest;
}

Result<crypto::Digest> digest_of(const Store& store) {
  Digesting digesting;
  for (std::uint8_t number = 2; number <= kTables; ++number) {
    const auto table = static_cast<Table>(number);
    TRY(store.scan(table, [&](const RowId& id, const KeyId&, BytesView record) -> Result<void> {
      digesting.add(table, id, record);
      return {};
    }));
  }
  const auto add = [&](std::uint64_t number, BytesView record) -> Result<void> {
    digesting.add_log(number, record);
    return {};
  };
  TRY(store.read_log(1, UINT64_MAX, add));
  return digesting.finish();
}

Result<crypto::Digest> digest_of(const Content& content, Boxes& boxes) {
  VRM_CHECK(content.roots != nullptr);
  Digesting digesting;
  for (std::uint8_t number = 2; number <= kTables; ++number) {
    for (const RowPtr& row : content.rows(static_cast<Table>(number))) {
      const BytesView key = content.keys.find(row->key);
      if (key.empty()) continue;  // its key was destroyed
      const auto record = open_row(row->view(), content.vault, key);
      if (!record.ok()) return corrupt_at(place_of(row->table, row->id) + ": does not open");
      digesting.add(row->table, row->id, record.value().view());
    }
  }
  crypto::Secret key = first_log_key(content.roots->root, content.vault);
  for (std::uint64_t next = 1; next <= content.head.log_records;) {
    const std::vector<LogBox> logged = TRY(boxes.log_from(next, kDigestedAtOnce));
    if (logged.empty()) return corrupt_at("log, record " + std::to_string(next) + ": missing");
    for (const LogBox& box : logged) {
      const auto record = open_log(key.bytes(), content.vault, next, box.box);
      if (box.number != next || !record.ok())
        return corrupt_at("log, record " + std::to_string(next) + ": does not open");
      digesting.add_log(next, record.value().view());
      turn_log_key(key);
      ++next;
    }
  }
  return digesting.finish();
}

}  // namespace vrm::store

#include "vault/store/staging.h"

#include <algorithm>
#include <mutex>

#include "vault/base/check.h"

namespace vrm::store {

Error locked_error() {
  return refusal(ErrorCode::Locked, "store.locked");
}
Error no_row() {
  return Error{ErrorCode::NotFound, "no such row"};
}

void forget_made(Content& content, std::shared_mutex& mutex, const std::vector<KeyId>& made) {
  if (made.empty()) return;
  const std::unique_lock hold(mutex);
  for (const KeyId& key : made) content.keys.remove(key);
}

const StagedRow* JobTxn::staged(const RowKey& key) const {
  const StagedRow* own = own_.find(key);
  return own != nullptr ? own : group_.find(key);
}

bool JobTxn::exists(const RowKey& key) const {
  const StagedRow* changed = staged(key);
  return changed != nullptr ? !changed->erased : content_.find(key.table, key.id) != nullptr;
}

bool JobTxn::usable(const KeyId& key) const {
  if (!content_.keys.contains(key)) return false;
  const StagedRow* changed = staged({Table::Keys, key});
  return changed == nullptr || !changed->erased;
}

void JobTxn::erase_staged(const RowKey& key) {
  StagedRow row;
  row.erased = true;
  own_.rows.insert_or_assign(key, std::move(row));
}

Result<crypto::WipedBytes> JobTxn::read(Table table, const RowId& id) const {
  VRM_CHECK(table != Table::Keys);
  if (const StagedRow* changed = staged({table, id})) {
    if (changed->erased) return no_row();
    if (!usable(changed->key)) return locked_error();
    const BytesView record = changed->record->view();
    return crypto::WipedBytes(Bytes(record.begin(), record.end()));
  }
  const RowPtr row = content_.find(table, id);
  if (row == nullptr) return no_row();
  if (!usable(row->key)) return locked_error();
  auto record = open_row(row->view(), content_.vault, content_.keys.find(row->key));
  if (!record.ok()) return corrupt_at(place_of(table, id) + ": does not open");
  return record;
}

Result<void> JobTxn::write(Table table, const RowId& id, const KeyId& key, BytesView record) {
  VRM_CHECK(table != Table::Keys);
  if (record.size() > kMostRecordBytes) return Error{ErrorCode::Malformed, "record is too long"};
  return stage(table, id, key,
               StagedRecord(crypto::WipedBytes(Bytes(record.begin(), record.end()))));
}

Result<void> JobTxn::write_late(Table table, const RowId& id, const KeyId& key,
                                std::function<Bytes()> make) {
  VRM_CHECK(table != Table::Keys);
  return stage(table, id, key, StagedRecord(std::move(make)));
}

Result<void> JobTxn::stage(Table table, const RowId& id, const KeyId& key, StagedRecord record) {
  if (!usable(key)) return locked_error();
  StagedRow row;
  row.key = key;
  row.record = std::make_shared<StagedRecord>(std::move(record));
  own_.rows.insert_or_assign(RowKey{table, id}, std::move(row));
  return {};
}

Result<void> JobTxn::erase(Table table, const RowId& id) {
  VRM_CHECK(table != Table::Keys);
  const RowKey key{table, id};
  if (!exists(key)) return no_row();
  erase_staged(key);
  return {};
}

Result<KeyId> JobTxn::make_key() {
  if (content_.roots == nullptr) return locked_error();
  KeyId id;
  do random_.fill(id);
  while (exists({Table::Keys, id}) || id == kRingKey || id == kWitnessKey);
  {
    const std::unique_lock hold(mutex_);
    random_.fill(content_.keys.add(id));
  }
  own_.made.push_back(id);
  RowHead row;
  row.table = Table::Keys;
  row.id = id;
  row.version = content_.head.counter + 1;
  row.key = kRingKey;
  crypto::Nonce nonce;
  random_.fill(nonce);
  StagedRow made;
  made.key = kRingKey;
  made.box =
      seal_row(row, content_.vault, content_.roots->ring.bytes(), nonce, content_.keys.find(id));
  own_.rows.insert_or_assign(RowKey{Table::Keys, id}, std::move(made));
  return id;
}

Result<void> JobTxn::destroy_key(const KeyId& key) {
  VRM_CHECK(key != kVaultKey && key != kWitnessKey);
  const RowKey row{Table::Keys, key};
  if (!exists(row)) return Error{ErrorCode::NotFound, "no such key"};
  erase_staged(row);
  own_.destroyed.push_back(key);
  return {};
}

Result<std::uint64_t> JobTxn::append_log(BytesView record) {
  if (record.size() > kMostRecordBytes) return Error{ErrorCode::Malformed, "record is too long"};
  own_.logged.emplace_back(Bytes(record.begin(), record.end()));
  return content_.head.log_records + group_.logged.size() + own_.logged.size();
}

void JobTxn::note_time(Instant at) {
  own_.latest = std::max(own_.latest, at);
}

void JobTxn::begin_epoch() {
  own_.epoch = content_.head.epoch + 1;
  own_.anchored = true;
}

void JobTxn::join() {
  for (auto& [key, row] : own_.rows) group_.rows.insert_or_assign(key, std::move(row));
  for (crypto::WipedBytes& record : own_.logged) group_.logged.push_back(std::move(record));
  group_.latest = std::max(group_.latest, own_.latest);
  group_.epoch = std::max(group_.epoch, own_.epoch);
  group_.anchored = group_.anchored || own_.anchored;
  group_.made.insert(group_.made.end(), own_.made.begin(), own_.made.end());
  group_.destroyed.insert(group_.destroyed.end(), own_.destroyed.begin(), own_.destroyed.end());
  own_ = {};
}

void JobTxn::undo() {
  forget_made(content_, mutex_, own_.made);
  own_ = {};
  rolled_back();
}

void JobTxn::committed() {
  for (const auto& action : commit_) action();
}

void JobTxn::rolled_back() {
  for (auto action = rollback_.rbegin(); action != rollback_.rend(); ++action) (*action)();
}

}  // namespace vrm::store

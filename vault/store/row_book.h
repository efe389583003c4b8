#pragma once
// The records of one table, held open in memory by name: what a room that owns a table keeps.
//
// Changes happen inside a job of the writer and are seen at once, before the commit: a revocation must bite early
// rather than late, and a count of one must be spent once. When the job or its commit fails they are undone.
// What is handed out is a snapshot that never changes. Safe from any thread.
//
// Record has members `row` (RowId) and `key` (KeyId). Codec names the table and the record's name, and writes and
// reads it:
//   static constexpr Table kTable; static std::string name(const Record&);
//   static Bytes write(const Record&); static Result<Record> read(BytesView);   // Corrupt

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/store/store.h"

namespace vrm::store {

template <typename Record, typename Codec>
class RowBook {
 public:
  using Ptr = std::shared_ptr<const Record>;

  // Every record whose key is in memory, in place of what the book held. Corrupt.
  Result<void> load(const Store& store) {
    std::map<std::string, Ptr, std::less<>> found;
    const auto keep = [&found](const RowId& row, const KeyId& key,
                               BytesView bytes) -> Result<void> {
      Record record = TRY(Codec::read(bytes));
      record.row = row;
      record.key = key;
      std::string name = Codec::name(record);
      found.insert_or_assign(std::move(name), std::make_shared<const Record>(std::move(record)));
      return {};
    };
    TRY(store.scan(Codec::kTable, keep));
    const std::lock_guard lock(mutex_);
    records_ = std::move(found);
    return {};
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    records_.clear();
  }

  // Nothing when there is no such record.
  Ptr find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(name);
    return found == records_.end() ? nullptr : found->second;
  }

  // The record of this name, or those whose names begin so, in order.
  std::vector<Ptr> beginning_with(std::string_view beginning) const {
    const std::lock_guard lock(mutex_);
    const auto exact = records_.find(beginning);
    if (exact != records_.end()) return {exact->second};
    std::vector<Ptr> found;
    for (auto at = records_.lower_bound(beginning);
         at != records_.end() && at->first.starts_with(beginning); ++at)
      found.push_back(at->second);
    return found;
  }

  // In the order of their names.
  std::vector<Ptr> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Ptr> records;
    for (const auto& [name, record] : records_) records.push_back(record);
    return records;
  }

  // Makes or replaces the record of this name, here and in the store. Errors as Txn::write.
  Result<Ptr> put(Txn& txn, Record next) {
    TRY(txn.write(Codec::kTable, next.row, next.key, Codec::write(next)));
    std::string name = Codec::name(next);
    auto after = std::make_shared<const Record>(std::move(next));
    exchange(txn, std::move(name), after);
    return Ptr(std::move(after));
  }

  // The same where the record holds more than is kept in memory, and the caller wrote it.
  Result<Ptr> put_record(Txn& txn, Record next, BytesView record) {
    TRY(txn.write(Codec::kTable, next.row, next.key, record));
    std::string name = Codec::name(next);
    auto after = std::make_shared<const Record>(std::move(next));
    exchange(txn, std::move(name), after);
    return Ptr(std::move(after));
  }

  // The same for a change that many jobs of a group make: the record is written out once for all of them.
  Result<Ptr> put_late(Txn& txn, Record next) {
    auto after = std::make_shared<const Record>(std::move(next));
    std::function<Bytes()> make = [after] { return Codec::write(*after); };
    TRY(txn.write_late(Codec::kTable, after->row, after->key, std::move(make)));
    exchange(txn, Codec::name(*after), after);
    return Ptr(std::move(after));
  }

  // NotFound: there is none.
  Result<void> erase(Txn& txn, std::string_view name) {
    const Ptr record = find(name);
    if (record == nullptr) return Error{ErrorCode::NotFound, "no such record"};
    TRY(txn.erase(Codec::kTable, record->row));
    exchange(txn, std::string(name), nullptr);
    return {};
  }

  // Every record of which `goes` is true.
  template <typename Predicate>
  Result<void> erase_if(Txn& txn, const Predicate& goes) {
    for (const Ptr& record : all())
      if (goes(*record)) TRY(erase(txn, Codec::name(*record)));
    return {};
  }

 private:
  void exchange(Txn& txn, std::string name, Ptr after) {
    Ptr before = set(name, std::move(after));
    txn.on_rollback(
        [this, name = std::move(name), before = std::move(before)] { set(name, before); });
  }

  // Gives what was there.
  Ptr set(const std::string& name, Ptr record) {
    const std::lock_guard lock(mutex_);
    Ptr& place = records_[name];
    Ptr before = std::exchange(place, std::move(record));
    if (place == nullptr) records_.erase(name);
    return before;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Ptr, std::less<>> records_;
};

}  // namespace vrm::store

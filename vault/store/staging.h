#pragma once
// What the jobs of a group have changed and nothing has committed: kept unsealed until the group
// ends, so that a row written by many of them is sealed once.

#include <functional>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "vault/crypto/wiped_bytes.h"
#include "vault/store/content.h"
#include "vault/store/store.h"

namespace vrm::store {

// A record that is made when somebody wants it.
class StagedRecord {
 public:
  explicit StagedRecord(crypto::WipedBytes bytes) : bytes_(std::move(bytes)) {}
  explicit StagedRecord(std::function<Bytes()> make) : make_(std::move(make)) {}

  BytesView view() {
    if (make_) bytes_ = crypto::WipedBytes(std::exchange(make_, nullptr)());
    return bytes_.view();
  }

 private:
  crypto::WipedBytes bytes_;
  std::function<Bytes()> make_;
};

struct StagedRow {
  bool erased = false;
  KeyId key{};
  std::shared_ptr<StagedRecord> record;  // nothing: erased, or `box` is ready
  Bytes box;                             // of a row of table Keys, sealed when it was made
};

struct Staging {
  std::unordered_map<RowKey, StagedRow, RowKeyHash> rows;
  std::vector<crypto::WipedBytes> logged;
  Instant latest{INT64_MIN};
  std::uint32_t epoch = 0;   // to begin; 0: none
  std::uint32_t format = 0;  // to raise the vault to; 0: none
  bool anchored = false;
  std::vector<KeyId> made;
  std::vector<KeyId> destroyed;

  const StagedRow* find(const RowKey& key) const {
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
  }
  bool changes(const Head& head) const {
    return !rows.empty() || !logged.empty() || latest > head.high_water || epoch > head.epoch;
  }
};

// One job's view: its own changes over its group's over what is committed. `content` changes only
// in its keys, which others read under `mutex`.
class JobTxn final : public Txn {
 public:
  JobTxn(Content& content, std::shared_mutex& mutex, Random& random, Staging& group)
      : content_(content), mutex_(mutex), random_(random), group_(group) {}

  Result<crypto::WipedBytes> read(Table table, const RowId& id) const override;
  Result<void> write(Table table, const RowId& id, const KeyId& key, BytesView record) override;
  Result<void> write_late(Table table, const RowId& id, const KeyId& key,
                          std::function<Bytes()> make) override;
  Result<void> erase(Table table, const RowId& id) override;
  Result<KeyId> make_key() override;
  Result<void> destroy_key(const KeyId& key) override;
  Result<std::uint64_t> append_log(BytesView record) override;
  void note_time(Instant at) override;
  void anchor() override { own_.anchored = true; }
  void begin_epoch() override;
  void on_commit(std::function<void()> action) override { commit_.push_back(std::move(action)); }
  void on_rollback(std::function<void()> action) override {
    rollback_.push_back(std::move(action));
  }

  // The job succeeded: its changes join the group's.
  void join();
  // The job failed: its changes go, and on_rollback runs.
  void undo();
  // The group was committed, or was not.
  void committed();
  void rolled_back();

 private:
  const StagedRow* staged(const RowKey& key) const;
  Result<void> stage(Table table, const RowId& id, const KeyId& key, StagedRecord record);
  bool exists(const RowKey& key) const;
  bool usable(const KeyId& key) const;
  void erase_staged(const RowKey& key);

  Content& content_;
  std::shared_mutex& mutex_;
  Random& random_;
  Staging& group_;
  Staging own_;
  std::vector<std::function<void()>> commit_;
  std::vector<std::function<void()>> rollback_;
};

// Wipes keys that were made for nothing.
void forget_made(Content& content, std::shared_mutex& mutex, const std::vector<KeyId>& made);

Error locked_error();
Error no_row();

}  // namespace vrm::store

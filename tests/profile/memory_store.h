#pragma once
// A store without files, keys or ciphers that keeps the promises of vault/store/store.h a profile
// builds on: rows under keys, groups of jobs that share a commit, jobs undone alone, and a lock
// that takes keys away.

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "vault/base/check.h"
#include "vault/store/backup.h"
#include "vault/store/store.h"

namespace vrm::profile::test {

class MemoryStore final : public store::Store {
 public:
  struct Row {
    store::KeyId key;
    Bytes bytes;
  };
  using Rows = std::map<std::pair<store::Table, store::RowId>, Row>;
  struct Content {
    Rows rows;
    std::set<store::KeyId> keys{store::kVaultKey};
  };

  bool next_commit_fails = false;

  store::State state() const override { return state_; }
  const std::array<std::uint8_t, 16>& vault_id() const override { return id_; }
  Result<store::CheckReport> unlock(const store::Opener&, store::OpenFor) override {
    return store::CheckReport{};
  }
  void open() {
    state_ = store::State::Open;
    here_ = content_.keys;
  }
  void open_for_rescue() {
    open();
    state_ = store::State::Rescue;
  }
  void lock(const std::vector<store::KeyId>& kept) override {
    state_ = store::State::Serving;
    here_ = {kept.begin(), kept.end()};
  }
  void seal() override { lock({}); }
  Result<store::CheckReport> check() override { return store::CheckReport{}; }
  Result<void> add_slot(const store::Opener&) override { return {}; }
  Result<void> rekey(const store::Opener&, const store::RekeyOrder&) override { return {}; }
  Result<void> replace_slots(const store::Opener&, const store::Opener&,
                             const std::function<Result<void>()>& before) override {
    return before();
  }
  Result<void> try_opener(const store::Opener&) const override { return {}; }
  bool has_slot(store::SlotKind) const override { return false; }
  Result<store::BackupReport> back_up(const store::BackupOrder&) override {
    return Error{ErrorCode::Locked, "no file"};
  }
  Result<store::BackupReport> check_own_backup(const std::filesystem::path&,
                                               const store::Progress&) const override {
    return Error{ErrorCode::Locked, "no file"};
  }

  void submit(std::vector<store::Work> work) override;
  Result<void> run(store::Job job) override {
    Result<void> answer;
    std::vector<store::Work> work;
    work.push_back(
        {std::move(job), [&answer](Result<void> result) { answer = std::move(result); }});
    submit(std::move(work));
    return answer;
  }

  Result<crypto::WipedBytes> read(store::Table table, const store::RowId& id) const override {
    const auto found = content_.rows.find({table, id});
    if (found == content_.rows.end()) return Error{ErrorCode::NotFound, "no such row"};
    if (!here_.contains(found->second.key)) return Error{ErrorCode::Locked, "key is not here"};
    return crypto::WipedBytes(found->second.bytes);
  }
  Result<void> scan(store::Table table, const Visitor& visitor) const override {
    for (const auto& [place, row] : content_.rows)
      if (place.first == table && here_.contains(row.key))
        TRY(visitor(place.second, row.key, row.bytes));
    return {};
  }
  std::uint64_t count(store::Table table) const override {
    return static_cast<std::uint64_t>(
        std::count_if(content_.rows.begin(), content_.rows.end(),
                      [table](const auto& row) { return row.first.first == table; }));
  }
  Result<void> read_log(std::uint64_t, std::uint64_t, const LogVisitor&) const override {
    return {};
  }
  std::uint64_t log_size() const override { return 0; }

  // A box says which key and context it is of, and holds the plain bytes behind.
  Result<Bytes> seal_with(const store::KeyId& key, BytesView plain,
                          BytesView context) const override {
    if (!here_.contains(key)) return Error{ErrorCode::Locked, "key is not here"};
    Bytes box(key.begin(), key.end());
    box.push_back(static_cast<std::uint8_t>(context.size()));
    box.insert(box.end(), context.begin(), context.end());
    box.insert(box.end(), plain.begin(), plain.end());
    return box;
  }
  Result<crypto::WipedBytes> open_with(const store::KeyId& key, BytesView box,
                                       BytesView context) const override {
    if (!here_.contains(key)) return Error{ErrorCode::Locked, "key is not here"};
    const Bytes head = TRY(seal_with(key, {}, context));
    if (box.size() < head.size() || !std::equal(head.begin(), head.end(), box.begin()))
      return Error{ErrorCode::Corrupt, "does not open"};
    return crypto::WipedBytes(
        Bytes(box.begin() + static_cast<std::ptrdiff_t>(head.size()), box.end()));
  }
  Result<crypto::Secret> derive_from(const store::KeyId&, std::string_view) const override {
    return Error{ErrorCode::Locked, "no keys in memory"};
  }
  std::uint32_t epoch() const override { return 0; }
  store::Anchoring anchoring() const override { return store::Anchoring::Off; }
  Result<Bytes> witness(store::WitnessOf) const override { return Bytes(); }
  bool proves_rollback(BytesView) const override { return false; }
  Instant high_water() const override { return {}; }
  store::Usage usage() const override { return {}; }
  bool keys_are_locked() const override { return true; }

  const Content& content() const { return content_; }
  void put_raw(const store::RowId& row, Bytes bytes) {
    content_.rows[{store::Table::Fields, row}] = {store::kVaultKey, std::move(bytes)};
  }

 private:
  friend class MemoryTxn;

  std::array<std::uint8_t, 16> id_{};
  store::State state_ = store::State::Open;
  Content content_;
  std::set<store::KeyId> here_{store::kVaultKey};
  std::uint8_t keys_made_ = 0;
};

class MemoryTxn final : public store::Txn {
 public:
  explicit MemoryTxn(MemoryStore& store, MemoryStore::Content& content)
      : store_(store), content_(content) {}

  Result<crypto::WipedBytes> read(store::Table table, const store::RowId& id) const override {
    const auto found = content_.rows.find({table, id});
    if (found == content_.rows.end()) return Error{ErrorCode::NotFound, "no such row"};
    if (!store_.here_.contains(found->second.key))
      return Error{ErrorCode::Locked, "key is not here"};
    return crypto::WipedBytes(found->second.bytes);
  }
  Result<void> write(store::Table table, const store::RowId& id, const store::KeyId& key,
                     BytesView record) override {
    if (!store_.here_.contains(key) || !content_.keys.contains(key))
      return Error{ErrorCode::Locked, "no key"};
    content_.rows[{table, id}] = {key, Bytes(record.begin(), record.end())};
    return {};
  }
  Result<void> write_late(store::Table table, const store::RowId& id, const store::KeyId& key,
                          std::function<Bytes()> make) override {
    return write(table, id, key, make());
  }
  Result<void> erase(store::Table table, const store::RowId& id) override {
    if (content_.rows.erase({table, id}) == 0) return Error{ErrorCode::NotFound, "no such row"};
    return {};
  }
  Result<store::KeyId> make_key() override {
    if (store_.state_ != store::State::Open) return Error{ErrorCode::Locked, "not open"};
    store::KeyId key{};
    key[0] = ++store_.keys_made_;
    VRM_CHECK(key[0] != 0);
    key[1] = 1;
    content_.keys.insert(key);
    store_.here_.insert(key);
    return key;
  }
  Result<void> destroy_key(const store::KeyId& key) override {
    if (content_.keys.erase(key) == 0) return Error{ErrorCode::NotFound, "no such key"};
    return {};
  }
  Result<std::uint64_t> append_log(BytesView) override { return std::uint64_t{1}; }
  void anchor() override {}
  void begin_epoch() override {}
  void note_time(Instant) override {}
  void on_commit(std::function<void()> action) override { commits.push_back(std::move(action)); }
  void on_rollback(std::function<void()> action) override {
    rollbacks.push_back(std::move(action));
  }

  void roll_back() {
    for (auto action = rollbacks.rbegin(); action != rollbacks.rend(); ++action) (*action)();
  }

  std::vector<std::function<void()>> commits;
  std::vector<std::function<void()>> rollbacks;

 private:
  MemoryStore& store_;
  MemoryStore::Content& content_;
};

inline void MemoryStore::submit(std::vector<store::Work> work) {
  Content next = content_;
  std::vector<std::unique_ptr<MemoryTxn>> good;
  std::vector<std::pair<store::Done, Result<void>>> told;
  for (auto& one : work) {
    Content before = next;
    auto txn = std::make_unique<MemoryTxn>(*this, next);
    auto answer = one.job(*txn);
    if (answer.ok()) {
      good.push_back(std::move(txn));
    } else {
      next = std::move(before);
      txn->roll_back();
    }
    told.emplace_back(std::move(one.done), std::move(answer));
  }
  const bool fails = std::exchange(next_commit_fails, false);
  if (fails) {
    for (auto txn = good.rbegin(); txn != good.rend(); ++txn) (*txn)->roll_back();
  } else {
    content_ = std::move(next);
    for (const auto& txn : good)
      for (const auto& action : txn->commits) action();
  }
  std::set<store::KeyId> alive;
  for (const auto& key : here_)
    if (content_.keys.contains(key)) alive.insert(key);
  here_ = std::move(alive);
  for (auto& [done, answer] : told)
    done(fails && answer.ok() ? Result<void>(Error{ErrorCode::Io, "disk full"})
                              : std::move(answer));
}

}  // namespace vrm::profile::test

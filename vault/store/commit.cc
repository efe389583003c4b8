#include "vault/store/commit.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/key_record.h"
#include "vault/store/log_chain.h"

namespace vrm::store {

namespace {

RowPtr sealed(const Content& content, const RowKey& key, const StagedRow& staged,
              std::int64_t place, std::uint64_t version, Nonces& nonces) {
  Row row;
  row.table = key.table;
  row.id = key.id;
  row.version = version;
  row.key = staged.key;
  row.place = place;
  if (staged.record == nullptr) {
    row.box = staged.box;
    return KeptRow::make(row);
  }
  const Bytes box = seal_row(row, content.vault, content.keys.find(staged.key), nonces.next(),
                             staged.record->view());
  row.box = box;
  return KeptRow::make(row);
}

using StagedRows = decltype(Staging::rows);

void prepare_rows(Commit& commit, const Content& content, const StagedRows& rows, Nonces& nonces) {
  const BytesView sums = content.writing->sums.bytes();
  for (const auto& [key, staged] : rows) {
    const RowPtr old = content.find(key.table, key.id);
    if (old != nullptr) commit.head.sums.subtract(*old, leaf_of(old->view(), sums));
    if (staged.erased) {
      if (old == nullptr) continue;  // made and erased by the same group
      commit.changes.erased.push_back(old->place);
      commit.rows.emplace_back(key, nullptr);
      continue;
    }
    const std::int64_t place = old != nullptr ? old->place : commit.next_place++;
    RowPtr row = sealed(content, key, staged, place, commit.head.counter, nonces);
    commit.head.sums.add(*row, leaf_of(row->view(), sums));
    (old != nullptr ? commit.changes.updated : commit.changes.inserted).push_back(row);
    commit.rows.emplace_back(key, std::move(row));
  }
  // Neighbours in the file are written together.
  const auto by_place = [](const RowPtr& a, const RowPtr& b) { return a->place < b->place; };
  std::sort(commit.changes.updated.begin(), commit.changes.updated.end(), by_place);
}

// The rows that the group staged, and every data key that stays, wrapped under a fresh ring key.
StagedRows under_new_ring(Commit& commit, const Content& content, const Staging& staging,
                          Nonces& nonces) {
  commit.ring = crypto::Secret::random(crypto::kAeadKeyBytes, nonces.random());
  commit.changes.ring = seal_ring(*commit.ring, content.roots->root, content.vault);
  commit.head.ring = crypto::hash({*commit.changes.ring});
  StagedRows rows = staging.rows;
  const auto wrap = [&](const RowId& id) {
    RowHead row;
    row.table = Table::Keys;
    row.id = id;
    row.version = commit.head.counter;
    row.key = kRingKey;
    const auto record = key_record(content, id);
    VRM_CHECK(record);
    StagedRow staged;
    staged.key = kRingKey;
    staged.box = seal_row(row, content.vault, commit.ring->bytes(), nonces.next(), record->view());
    rows.insert_or_assign(RowKey{Table::Keys, id}, std::move(staged));
  };
  for (const RowPtr& row : content.rows(Table::Keys))
    if (staging.find({Table::Keys, row->id}) == nullptr) wrap(row->id);
  for (const auto& [key, staged] : staging.rows)
    if (key.table == Table::Keys && !staged.erased) wrap(key.id);
  return rows;
}

void prepare_log(Commit& commit, Content& content, const Staging& staging, Nonces& nonces) {
  crypto::Secret& key = content.writing->log_then;
  const BytesView now = content.writing->log.bytes();
  std::copy(now.begin(), now.end(), key.writable().begin());
  for (const crypto::WipedBytes& record : staging.logged) {
    const std::uint64_t number = ++commit.head.log_records;
    Bytes box = seal_log(key.bytes(), content.vault, number, nonces.next(), record.view());
    turn_log_key(key);
    commit.head.log_chain = next_chain(commit.head.log_chain, number, box);
    commit.changes.logged.push_back({number, std::move(box)});
  }
}

}  // namespace

const crypto::Nonce& Nonces::next() {
  if (used_ == drawn_.size()) {
    random_.fill({drawn_.front().data(), sizeof drawn_});
    used_ = 0;
  }
  return drawn_[used_++];
}

Commit prepare(Content& content, const Staging& staging, Nonces& nonces) {
  VRM_CHECK(content.writing != nullptr);
  Commit commit{{}, content.head, {}, content.next_place, {}, {}};
  commit.head.counter += 1;
  commit.head.epoch = std::max(content.head.epoch, staging.epoch);
  commit.head.format = std::max(content.head.format, staging.format);
  commit.head.previous = content.head_hash;
  commit.head.high_water = std::max(content.head.high_water, staging.latest);
  const bool renews = !staging.destroyed.empty() && content.roots != nullptr;
  if (renews)
    prepare_rows(commit, content, under_new_ring(commit, content, staging, nonces), nonces);
  else
    prepare_rows(commit, content, staging.rows, nonces);
  prepare_log(commit, content, staging, nonces);
  commit.changes.format = commit.head.format;
  commit.changes.head = seal_head(commit.head, content.writing->head, content.vault);
  commit.head_hash = crypto::hash({commit.changes.head});
  return commit;
}

void take(Content& content, Commit commit, const std::vector<KeyId>& destroyed) {
  for (auto& [key, row] : commit.rows) {
    if (row == nullptr) {
      content.rows(key.table).erase(key.id);
    } else {
      content.rows(key.table).put(std::move(row));
    }
  }
  content.head = commit.head;
  content.head_hash = commit.head_hash;
  content.next_place = commit.next_place;
  if (commit.ring) content.roots->ring = std::move(*commit.ring);
  std::swap(content.writing->log, content.writing->log_then);
  crypto::wipe(content.writing->log_then.writable());
  for (const KeyId& key : destroyed) content.keys.remove(key);
}

}  // namespace vrm::store

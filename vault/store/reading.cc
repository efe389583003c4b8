// What VaultStore answers from memory, and the log.

#include <algorithm>

#include "vault/base/check.h"
#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"
#include "vault/store/key_record.h"
#include "vault/store/log_chain.h"
#include "vault/store/vault_store.h"
#include "vault/store/witness.h"

namespace vrm::store {

namespace {

constexpr std::uint64_t kReadAtOnce = 256;

Bytes context_with(const VaultId& vault, const KeyId& key, BytesView context) {
  Encoder out;
  out.raw(bytes_of("vrm.with"));
  out.raw(vault);
  out.raw(key);
  out.raw(context);
  return out.take();
}

}  // namespace

Result<crypto::WipedBytes> VaultStore::read(Table table, const RowId& id) const {
  VRM_CHECK(table != Table::Keys);
  const std::shared_lock hold(content_mutex_);
  if (state_ == State::Attached) return locked_error();
  const RowPtr row = content_.find(table, id);
  if (row == nullptr) return no_row();
  const BytesView key = content_.keys.find(row->key);
  if (key.empty()) return locked_error();
  auto record = open_row(row->view(), vault_, key);
  if (!record.ok()) return corrupt_at(place_of(table, id) + ": does not open");
  return record;
}

Result<void> VaultStore::scan(Table table, const Visitor& visitor) const {
  VRM_CHECK(table != Table::Keys);
  std::vector<RowPtr> rows;
  bool rescue = false;
  {
    const std::shared_lock hold(content_mutex_);
    if (state_ == State::Attached) return locked_error();
    rescue = state_ == State::Rescue;
    rows.reserve(content_.rows(table).size());
    for (const RowPtr& row : content_.rows(table)) rows.push_back(row);
  }
  for (const RowPtr& row : rows) {
    std::optional<Result<crypto::WipedBytes>> record;
    {
      const std::shared_lock hold(content_mutex_);
      const BytesView key = content_.keys.find(row->key);
      if (key.empty()) continue;
      record = open_row(row->view(), vault_, key);
      // A rekey came between: it is another row under another key.
      const RowPtr now = record->ok() ? nullptr : content_.find(table, row->id);
      if (now != nullptr && now != row && content_.keys.contains(now->key))
        record = open_row(now->view(), vault_, content_.keys.find(now->key));
    }
    if (!record->ok() && rescue) continue;
    if (!record->ok()) return corrupt_at(place_of(table, row->id) + ": does not open");
    TRY(visitor(row->id, row->key, record->value().view()));
  }
  return {};
}

std::uint64_t VaultStore::count(Table table) const {
  const std::shared_lock hold(content_mutex_);
  return content_.rows(table).size();
}

Result<void> VaultStore::read_log(std::uint64_t from, std::uint64_t to,
                                  const LogVisitor& visitor) const {
  crypto::Secret key = crypto::Secret::zeros(crypto::kAeadKeyBytes);
  std::optional<std::uint64_t> sealing;  // of which the key is
  bool rescue = false;
  {
    const std::shared_lock hold(content_mutex_);
    if (content_.roots == nullptr) return locked_error();
    rescue = state_ == State::Rescue;
    to = std::min(to, content_.head.log_records);
  }
  std::uint64_t next = std::max<std::uint64_t>(from, 1);
  while (next <= to) {
    std::vector<LogBox> boxes;
    {
      const std::lock_guard turn(database_turn_);
      if (sealing != sealings_) {
        key = TRY(log_key_at(next));
        sealing = sealings_;
      }
      boxes = TRY(database_->log_from(next, std::min(kReadAtOnce, to - next + 1)));
    }
    if (boxes.empty() && !rescue)
      return corrupt_at("log, record " + std::to_string(next) + ": missing");
    if (boxes.empty()) return {};
    for (const LogBox& logged : boxes) {
      if (logged.number != next && !rescue) {
        return corrupt_at("log, record " + std::to_string(next) + ": missing");
      }
      if (logged.number > to) return {};
      for (; next < logged.number; ++next) turn_log_key(key);
      const auto record = open_log(key.bytes(), vault_, next, logged.box);
      if (!record.ok() && !rescue)
        return corrupt_at("log, record " + std::to_string(next) + ": does not open");
      if (record.ok()) TRY(visitor(next, record.value().view()));
      turn_log_key(key);
      ++next;
    }
  }
  return {};
}

Result<crypto::Secret> VaultStore::log_key_at(std::uint64_t number) const {
  crypto::Secret key = crypto::Secret::zeros(crypto::kAeadKeyBytes);
  {
    const std::shared_lock hold(content_mutex_);
    if (content_.roots == nullptr || database_ == nullptr) return locked_error();
    key = first_log_key(content_.roots->root, vault_);
  }
  for (std::uint64_t i = 1; i < number; ++i) turn_log_key(key);
  return key;
}

std::uint64_t VaultStore::log_size() const {
  const std::shared_lock hold(content_mutex_);
  return content_.head.log_records;
}

Result<Bytes> VaultStore::seal_with(const KeyId& key, BytesView plain, BytesView context) const {
  crypto::Nonce nonce;
  random_.fill(nonce);
  Bytes box(plain.size() + crypto::kAeadOverheadBytes);
  const Bytes authenticated = context_with(vault_, key, context);
  const std::shared_lock hold(content_mutex_);
  const BytesView bytes = content_.keys.find(key);
  if (bytes.empty()) return locked_error();
  crypto::seal_into(box, bytes, nonce, plain, authenticated);
  return box;
}

Result<crypto::WipedBytes> VaultStore::open_with(const KeyId& key, BytesView box,
                                                 BytesView context) const {
  crypto::WipedBytes plain(box.size() - std::min(box.size(), crypto::kAeadOverheadBytes));
  const Bytes authenticated = context_with(vault_, key, context);
  const std::shared_lock hold(content_mutex_);
  const BytesView bytes = content_.keys.find(key);
  if (bytes.empty()) return locked_error();
  auto opened = crypto::open_into(plain.writable(), bytes, box, authenticated);
  if (opened.ok()) return plain;
  const auto record = key_record(content_, key);
  if (!record) return locked_error();
  for (BytesView rest = record->view().subspan(bytes.size()); !rest.empty() && !opened.ok();
       rest = rest.subspan(bytes.size()))
    opened = crypto::open_into(plain.writable(), key_in(rest), box, authenticated);
  if (!opened.ok()) return std::move(opened).error();
  return plain;
}

Result<crypto::Secret> VaultStore::derive_from(const KeyId& key, std::string_view use) const {
  const std::shared_lock hold(content_mutex_);
  const auto record = key_record(content_, key);
  if (!record) return locked_error();
  return crypto::derive_key(first_key_in(record->view()), "of data key: " + std::string(use));
}

Instant VaultStore::high_water() const {
  const std::shared_lock hold(content_mutex_);
  return content_.head.high_water;
}

std::uint32_t VaultStore::epoch() const {
  const std::shared_lock hold(content_mutex_);
  return content_.head.epoch;
}

Anchoring VaultStore::anchoring() const {
  const std::shared_lock hold(content_mutex_);
  return anchoring_;
}

Result<Bytes> VaultStore::witness(WitnessOf moment) const {
  const std::shared_lock hold(content_mutex_);
  if (content_.writing == nullptr) return locked_error();
  Head head = content_.head;
  if (moment == WitnessOf::NextCommit) ++head.counter;
  return seal_witness(head, content_.writing->witness, vault_);
}

bool VaultStore::proves_rollback(BytesView witness) const {
  const std::shared_lock hold(content_mutex_);
  return content_.writing != nullptr &&
         is_later(witness, content_.head, content_.writing->witness, vault_);
}

Usage VaultStore::usage() const {
  const std::shared_lock hold(content_mutex_);
  return usage_;
}

bool VaultStore::keys_are_locked() const {
  const std::shared_lock hold(content_mutex_);
  if (!content_.keys.is_locked()) return false;
  const auto* roots = content_.roots.get();
  if (roots != nullptr && (!roots->root.is_locked() || !roots->ring.is_locked())) return false;
  const auto* writing = content_.writing.get();
  if (writing == nullptr) return true;
  for (const auto* key : {&writing->head, &writing->sums, &writing->anchor, &writing->witness,
                          &writing->log, &writing->log_then})
    if (!key->is_locked()) return false;
  return true;
}

}  // namespace vrm::store

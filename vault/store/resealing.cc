#include "vault/store/resealing.h"

#include <algorithm>

#include "vault/store/commit.h"
#include "vault/store/digest.h"
#include "vault/store/key_record.h"
#include "vault/store/log_chain.h"
#include "vault/store/verify.h"

namespace vrm::store {

namespace {

constexpr std::size_t kRowsResealedAtOnce = 4096;
constexpr std::size_t kBytesResealedAtOnce = std::size_t{4} << 20;
constexpr std::size_t kRecordsResealedAtOnce = 256;

// Counts what is handed on.
class Steps {
 public:
  Steps(const Progress& progress, std::uint64_t all) : progress_(progress), all_(all) {}
  void next() {
    if (done_ < all_) ++done_;
    if (progress_) progress_(done_, all_);
  }

 private:
  const Progress& progress_;
  const std::uint64_t all_;
  std::uint64_t done_ = 0;
};

class ToldBoxes final : public Boxes {
 public:
  ToldBoxes(Boxes& boxes, Steps& steps) : boxes_(boxes), steps_(steps) {}

  Result<Bytes> head() override { return boxes_.head(); }
  Result<Bytes> ring() override { return boxes_.ring(); }
  Result<void> each_row(const RowVisitor& visitor) override {
    return boxes_.each_row([&](std::int64_t place, const std::optional<Row>& row) {
      steps_.next();
      return visitor(place, row);
    });
  }
  Result<std::vector<LogBox>> log_from(std::uint64_t from, std::size_t most) override {
    auto boxes = TRY(boxes_.log_from(from, most));
    for (std::size_t i = 0; i < boxes.size(); ++i) steps_.next();
    return boxes;
  }
  Result<void> check_pages() override { return boxes_.check_pages(); }

 private:
  Boxes& boxes_;
  Steps& steps_;
};

std::vector<RowPtr> by_place(const Content& content) {
  std::vector<RowPtr> rows;
  for (const RowTable& table : content.tables)
    for (const RowPtr& row : table) rows.push_back(row);
  std::sort(rows.begin(), rows.end(),
            [](const RowPtr& a, const RowPtr& b) { return a->place < b->place; });
  return rows;
}

class Resealing {
 public:
  Resealing(Disk& disk, Random& random, const std::filesystem::path& path, const Resealed& old,
            const Addition& addition, const Progress& progress)
      : disk_(disk),
        random_(random),
        path_(path),
        old_(old),
        addition_(addition),
        rows_(by_place(old.content)),
        steps_(progress, 2 * rows_.size() + 3 * old.content.head.log_records),
        nonces_(random),
        vault_(old.content.vault),
        ring_(crypto::Secret::random(crypto::kAeadKeyBytes, random)),
        sums_(sums_key(addition.root, vault_)),
        head_key_(head_key(addition.root, vault_)) {}

  Result<Content> run() {
    TRY(write());
    const crypto::Digest wanted = digesting_.finish();
    auto content = TRY(read_back(wanted));
    // SQLite takes it away as it closes; what it could not is of no use, and must not stay beside the name.
    std::filesystem::path log = path_;
    log += "-wal";
    if (TRY(disk_.exists(log))) TRY(disk_.remove(log));
    return content;
  }

 private:
  Result<void> write() {
    const Head& before = old_.content.head;
    const Bytes ring = seal_ring(ring_, addition_.root, vault_);
    head_.format = before.format;
    head_.epoch = before.epoch;
    head_.counter = before.counter + 1;
    head_.log_chain = first_chain(vault_);
    head_.high_water = std::max(before.high_water, addition_.at);
    head_.ring = crypto::hash({ring});
    head_.previous = old_.content.head_hash;
    const auto database = TRY(Database::create(disk_, random_, path_));
    TRY(write_rows(*database));
    TRY(write_log(*database));
    Changes last = changes();
    last.ring = ring;
    TRY(database->commit(last));
    return database->checkpoint();
  }

  Changes changes() const {
    Changes made;
    made.head = seal_head(head_, head_key_, vault_);
    made.format = head_.format;
    return made;
  }

  Result<void> write_rows(Database& database) {
    std::vector<RowPtr> ready;
    std::size_t bytes = 0;
    const auto flush = [&]() -> Result<void> {
      Changes made = changes();
      made.inserted = std::move(ready);
      ready.clear();
      bytes = 0;
      return database.commit(made);
    };
    if (old_.content.find(Table::Keys, kWitnessKey) == nullptr) ready.push_back(witness_row());
    for (RowPtr& old : rows_) {
      ready.push_back(TRY(sealed(old->view())));
      bytes += ready.back()->box().size();
      old.reset();
      steps_.next();
      if (ready.size() >= kRowsResealedAtOnce || bytes >= kBytesResealedAtOnce) TRY(flush());
    }
    return flush();
  }

  Result<RowPtr> sealed(const Row& old) {
    RowHead row = old;
    row.version = head_.counter;
    if (old.table == Table::Keys) return sealed_key(row);
    const BytesView key = old_.content.keys.find(old.key);
    if (key.empty()) {
      // Its key was destroyed: it goes along as it lies.
      return added(old, old.box);
    }
    const auto record = open_row(old, vault_, key);
    if (!record.ok()) return corrupt_at(place_of(old.table, old.id) + ": does not open");
    digesting_.add(old.table, old.id, record.value().view());
    return added(row,
                 seal_row(row, vault_, new_key(old.key), nonces_.next(), record.value().view()));
  }

  // A new key before those it had. The witness's stays: brands carry what it sealed.
  Result<RowPtr> sealed_key(const RowHead& row) {
    const auto record = key_record(old_.content, row.id);
    if (!record) return corrupt_at(place_of(row.table, row.id) + ": does not open");
    const BytesView before = record->view();
    if (row.id == kWitnessKey)
      return added(row, seal_row(row, vault_, ring_.bytes(), nonces_.next(), before));
    const BytesView key = new_key(row.id);
    crypto::WipedBytes longer(key.size() + before.size());
    const auto end = std::copy(key.begin(), key.end(), longer.writable().begin());
    std::copy(before.begin(), before.end(), end);
    return added(row, seal_row(row, vault_, ring_.bytes(), nonces_.next(), longer.view()));
  }

  RowPtr witness_row() {
    RowHead row;
    row.table = Table::Keys;
    row.id = kWitnessKey;
    row.key = kRingKey;
    row.place = old_.content.next_place;
    row.version = head_.counter;
    return added(row, seal_row(row, vault_, ring_.bytes(), nonces_.next(),
                               old_.content.writing->witness.bytes()));
  }

  RowPtr added(const RowHead& head, BytesView box) {
    const Row row{head, box};
    head_.sums.add(row, leaf_of(row, sums_.bytes()));
    return KeptRow::make(row);
  }

  BytesView new_key(const KeyId& id) {
    if (!keys_.contains(id)) random_.fill(keys_.add(id));
    return keys_.find(id);
  }

  Result<void> write_log(Database& database) {
    crypto::Secret before = first_log_key(old_.content.roots->root, vault_);
    crypto::Secret key = first_log_key(addition_.root, vault_);
    const std::uint64_t records = old_.content.head.log_records;
    while (head_.log_records < records) {
      const auto logged = TRY(old_.read_log(head_.log_records + 1, kRecordsResealedAtOnce));
      if (logged.empty()) return missing_record();
      Changes made;
      for (const LogBox& box : logged) {
        if (box.number != head_.log_records + 1) return missing_record();
        const auto record = open_log(before.bytes(), vault_, box.number, box.box);
        if (!record.ok()) return missing_record();
        made.logged.push_back(next_record(key, record.value().view()));
        turn_log_key(before);
        steps_.next();
      }
      made.head = seal_head(head_, head_key_, vault_);
      made.format = head_.format;
      TRY(database.commit(made));
    }
    if (addition_.record.empty()) return {};
    Changes made;
    made.logged.push_back(next_record(key, addition_.record));
    made.head = seal_head(head_, head_key_, vault_);
    made.format = head_.format;
    return database.commit(made);
  }

  LogBox next_record(crypto::Secret& key, BytesView record) {
    const std::uint64_t number = ++head_.log_records;
    digesting_.add_log(number, record);
    Bytes box = seal_log(key.bytes(), vault_, number, nonces_.next(), record);
    turn_log_key(key);
    head_.log_chain = next_chain(head_.log_chain, number, box);
    return {number, std::move(box)};
  }

  Error missing_record() const {
    return corrupt_at("log, record " + std::to_string(head_.log_records + 1) + ": does not open");
  }

  Result<Content> read_back(const crypto::Digest& wanted) {
    const auto database = TRY(Database::open(disk_, random_, path_));
    ToldBoxes boxes(*database, steps_);
    const CheckingKeys keys{head_key_, sums_, &addition_.root};
    Findings found = TRY(read_vault(boxes, vault_, keys, Depth::Sums));
    if (!found.report.damages.empty())
      return corrupt_at("vault.db.new, " + found.report.damages.front().place);
    TRY(database->check_pages());
    const crypto::Digest digest = TRY(digest_of(found.content, boxes));
    if (digest != wanted) return corrupt_at("vault.db.new: is not what the vault holds");
    return std::move(found.content);
  }

  Disk& disk_;
  Random& random_;
  const std::filesystem::path path_;
  const Resealed& old_;
  const Addition& addition_;
  std::vector<RowPtr> rows_;
  Steps steps_;
  Nonces nonces_;
  const VaultId vault_;
  const crypto::Secret ring_;
  const crypto::Secret sums_;
  const crypto::Secret head_key_;
  crypto::KeySlab keys_;  // the new ones
  Head head_;
  Digesting digesting_;
};

}  // namespace

Result<Content> reseal(Disk& disk, Random& random, const std::filesystem::path& fresh,
                       const Resealed& old, const Addition& addition, const Progress& progress) {
  return Resealing(disk, random, fresh, old, addition, progress).run();
}

}  // namespace vrm::store

#include "vault/store/verify.h"

#include <algorithm>
#include <unordered_set>

#include "vault/store/key_record.h"
#include "vault/store/log_chain.h"

namespace vrm::store {

namespace {

constexpr std::size_t kVerifiedAtOnce = 512;

class Verifier {
 public:
  Verifier(Boxes& boxes, const VaultId& vault, const CheckingKeys& keys, Depth depth)
      : boxes_(boxes), keys_(keys), depth_(depth) {
    found_.content.vault = vault;
  }

  Result<Findings> run() {
    TRY(read_head());
    TRY(read_ring());
    TRY(read_rows());
    open_keys();
    const bool differ = head_opens_ && !(sums_ == found_.content.head.sums);
    if (depth_ == Depth::Opened || differ) open_rows();
    if (head_opens_) compare();
    name_shut();
    TRY(read_log());
    if (depth_ == Depth::Opened) TRY(note(boxes_.check_pages()));
    if (keys_.root != nullptr) take_writing_keys();
    return std::move(found_);
  }

 private:
  Content& content() { return found_.content; }
  const crypto::KeySlab& slab() const {
    return keys_.root != nullptr ? found_.content.keys : *keys_.keys;
  }

  void damaged(std::string place) { found_.report.damages.push_back({std::move(place)}); }

  // A Corrupt is a finding; anything else ends the reading.
  Result<void> note(Result<void> result) {
    if (result.ok()) return {};
    if (result.error().code != ErrorCode::Corrupt) return result;
    damaged(result.error().with.empty() ? result.error().message
                                        : result.error().with.front().second);
    return {};
  }

  Result<void> read_head() {
    auto box = boxes_.head();
    if (!box.ok() && box.error().code == ErrorCode::NotFound) {
      damaged("head: is missing");
      return {};
    }
    if (!box.ok()) return note(std::move(box).error());
    auto head = open_head(box.value(), keys_.head, content().vault);
    if (!head.ok()) {
      damaged("head: does not open");
      return {};
    }
    content().head = std::move(head).value();
    content().head_hash = crypto::hash({box.value()});
    head_opens_ = true;
    return {};
  }

  Result<void> read_ring() {
    auto box = boxes_.ring();
    if (!box.ok() && box.error().code == ErrorCode::NotFound) {
      damaged("ring: is missing");
      return {};
    }
    if (!box.ok()) return note(std::move(box).error());
    if (head_opens_ && crypto::hash({box.value()}) != content().head.ring)
      damaged("ring: another one was put there");
    if (keys_.root == nullptr) return {};
    auto ring = open_ring(box.value(), *keys_.root, content().vault);
    if (!ring.ok()) {
      damaged("ring: does not open");
      return {};
    }
    ring_ = std::make_unique<crypto::Secret>(std::move(ring).value());
    return {};
  }

  Result<void> read_rows() {
    for (std::uint8_t number = 1; head_opens_ && number <= kTables; ++number) {
      const auto table = static_cast<Table>(number);
      content().rows(table).reserve(content().head.sums.rows(table));
    }
    return note(boxes_.each_row([this](std::int64_t place, const std::optional<Row>& row) {
      if (place < INT64_MAX) content().next_place = std::max(content().next_place, place + 1);
      ++found_.report.rows;
      if (row)
        take_row(*row);
      else
        damaged("table rows, place " + std::to_string(place) + ": has not the shape of a row");
      return Result<void>();
    }));
  }

  // Of two rows with one id, which nobody wrote, the newer one stays.
  void take_row(const Row& row) {
    sums_.add(row, leaf_of(row, keys_.sums.bytes()));
    newest_ = std::max(newest_, row.version);
    RowTable& table = content().rows(row.table);
    RowPtr twin = table.put(KeptRow::make(row));
    if (twin != nullptr && twin->version >= row.version) table.put(std::move(twin));
  }

  void open_keys() {
    if (ring_ == nullptr) return;
    for (const RowPtr& row : content().rows(Table::Keys)) {
      const auto key = open_row(row->view(), content().vault, ring_->bytes());
      if (!key.ok() || !is_key_record(key.value().view()) || row->key != kRingKey) {
        shut_.insert({Table::Keys, row->id});
        continue;
      }
      const BytesView bytes = key_in(key.value().view());
      std::copy(bytes.begin(), bytes.end(), content().keys.add(row->id).begin());
    }
  }

  void open_rows() {
    for (std::uint8_t number = 2; number <= kTables; ++number) {
      for (const RowPtr& row : content().rows(static_cast<Table>(number))) {
        const BytesView key = slab().find(row->key);
        if (!key.empty() && !open_row(row->view(), content().vault, key).ok())
          shut_.insert({row->table, row->id});
      }
    }
  }

  void compare() {
    if (sums_ == content().head.sums) return;
    if (newest_ > content().head.counter) {
      damaged("head: is older than the rows (counter " + std::to_string(content().head.counter) +
              ", rows of " + std::to_string(newest_) + ")");
      return;
    }
    for (std::uint8_t number = 1; number <= kTables; ++number) {
      for (std::size_t bucket = 0; bucket < Sums::kBuckets; ++bucket)
        compare(static_cast<Table>(number), bucket);
    }
  }

  void compare(Table table, std::size_t bucket) {
    const Sum& should = content().head.sums.at(table, bucket);
    const Sum& is = sums_.at(table, bucket);
    if (is == should) return;
    if (is.rows > should.rows) {
      name_changed(table, is.rows - should.rows, id_of(is.ids - should.ids), true,
                   "a row too many");
    } else if (is.rows < should.rows) {
      name_changed(table, should.rows - is.rows, id_of(should.ids - is.ids), false,
                   "a row is missing");
    } else if (is.versions != should.versions) {
      name_rolled_back(table, bucket, should, is);
    } else if (std::none_of(shut_.begin(), shut_.end(),
                            [&](const RowKey& key) { return key.table == table; })) {
      damaged("table " + std::string(to_string(table)) + ": a row was changed");
    }
  }

  // With one row of difference its id is what the ids differ by, unless other rows were changed as
  // well.
  void name_changed(Table table, std::uint64_t rows, const RowId& id, bool present,
                    std::string_view what) {
    if (rows == 1 && (content().find(table, id) != nullptr) == present) {
      damaged(place_of(table, id) + ": " + std::string(what));
      named_.insert({table, id});
      return;
    }
    damaged("table " + std::string(to_string(table)) + ": " + std::string(what) + ", " +
            std::to_string(rows) + " of them");
  }

  // With one row of another version, the weighted sums differ by its id times the difference of its
  // version.
  void name_rolled_back(Table table, std::size_t bucket, const Sum& should, const Sum& is) {
    const Wide less = Wide{should.versions} - Wide{is.versions};
    for (const RowPtr& row : content().rows(table)) {
      const RowId& id = row->id;
      if (Sums::bucket_of(id) != bucket || is.ids != should.ids) continue;
      if (number_of(id) * less != should.weighted - is.weighted) continue;
      damaged(place_of(table, id) + ": a row was rolled back, from version " +
              std::to_string(row->version + should.versions - is.versions) + " to " +
              std::to_string(row->version));
      named_.insert({table, id});
      return;
    }
    damaged("table " + std::string(to_string(table)) + ": rows were rolled back or exchanged");
  }

  void name_shut() {
    for (const RowKey& key : shut_) {
      if (!named_.contains(key)) damaged(place_of(key.table, key.id) + ": does not open");
    }
  }

  Result<void> read_log() {
    const Head& head = content().head;
    crypto::Digest chain = first_chain(content().vault);
    std::uint64_t last = 0;
    bool in_order = true;
    TRY(note(each_log([&](const LogBox& logged) {
      in_order = in_order && logged.number == last + 1;
      last = logged.number;
      ++found_.report.log_records;
      if (last <= head.log_records) chain = next_chain(chain, last, logged.box);
    })));
    if (!head_opens_) {
      content().head.log_records = found_.report.log_records;  // for rescue: what there is to read
      return {};
    }
    const bool whole = in_order && last == head.log_records && chain == head.log_chain;
    if (whole && depth_ == Depth::Sums) return {};
    const std::size_t before = found_.report.damages.size();
    TRY(note(look_into_log()));
    if (!whole && found_.report.damages.size() == before) damaged("log: a record was changed");
    return {};
  }

  template <typename Visitor>
  Result<void> each_log(Visitor visitor) {
    constexpr std::uint64_t kFirst = std::uint64_t{1} << 63;  // the lowest number SQLite has
    std::uint64_t from = kFirst;
    for (;;) {
      const std::vector<LogBox> boxes = TRY(boxes_.log_from(from, kVerifiedAtOnce));
      for (const LogBox& logged : boxes) visitor(logged);
      if (boxes.size() < kVerifiedAtOnce || boxes.back().number + 1 == kFirst) return {};
      from = boxes.back().number + 1;
    }
  }

  // Every record on its own: which are missing, too many, or do not open.
  Result<void> look_into_log() {
    const std::uint64_t records = content().head.log_records;
    crypto::Secret key = crypto::Secret::zeros(crypto::kAeadKeyBytes);
    if (keys_.root != nullptr) key = first_log_key(*keys_.root, content().vault);
    std::uint64_t next = 1;
    TRY(each_log([&](const LogBox& logged) {
      if (logged.number > records || logged.number < next) {
        damaged("log, record " + std::to_string(logged.number) + ": one too many");
        return;
      }
      missing_log(next, logged.number);
      if (keys_.root != nullptr) {
        for (; next < logged.number; ++next) turn_log_key(key);
        if (!open_log(key.bytes(), content().vault, logged.number, logged.box).ok()) {
          damaged("log, record " + std::to_string(logged.number) + ": does not open");
        }
        turn_log_key(key);
      }
      next = logged.number + 1;
    }));
    missing_log(next, records + 1);
    return {};
  }

  // Records from..to are not there; `to` is.
  void missing_log(std::uint64_t from, std::uint64_t to) {
    if (from >= to) return;
    std::string place = "log, record " + std::to_string(from);
    if (to - from > 1) place += " to " + std::to_string(to - 1);
    damaged(place + ": missing");
  }

  void take_writing_keys() {
    crypto::Secret log = first_log_key(*keys_.root, content().vault);
    for (std::uint64_t i = 0; i < content().head.log_records; ++i) turn_log_key(log);
    content().writing =
        std::make_unique<WritingKeys>(writing_keys(*keys_.root, content().vault, std::move(log)));
    const BytesView witness = content().keys.find(kWitnessKey);
    if (!witness.empty()) content().writing->witness = crypto::Secret::copy_of(witness);
    if (ring_ != nullptr) {
      content().roots =
          std::make_unique<RootKeys>(RootKeys{keys_.root->clone(), std::move(*ring_)});
    }
  }

  Boxes& boxes_;
  const CheckingKeys& keys_;
  const Depth depth_;
  Findings found_;
  bool head_opens_ = false;
  std::unique_ptr<crypto::Secret> ring_;
  Sums sums_;
  std::uint64_t newest_ = 0;
  std::unordered_set<RowKey, RowKeyHash> shut_;   // rows whose key is here and that do not open
  std::unordered_set<RowKey, RowKeyHash> named_;  // rows that a damage names already
};

}  // namespace

Result<Findings> read_vault(Boxes& boxes, const VaultId& vault, const CheckingKeys& keys,
                            Depth depth) {
  return Verifier(boxes, vault, keys, depth).run();
}

}  // namespace vrm::store

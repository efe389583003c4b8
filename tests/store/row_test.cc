#include "vault/store/row.h"

#include <doctest/doctest.h>

#include "tests/store/test_vault.h"
#include "vault/store/head.h"
#include "vault/store/migrations.h"
#include "vault/store/sums.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

// A row and its box, to be changed.
struct OwnRow : RowHead {
  Bytes box;

  Row view() const { return {*this, box}; }
  crypto::Digest leaf() const { return leaf_of(view(), Bytes(32, 5)); }
};

OwnRow a_row(std::uint64_t number, std::uint64_t version) {
  OwnRow row;
  row.table = Table::Fields;
  row.id = row_id(number);
  row.version = version;
  row.box = Bytes(64, static_cast<std::uint8_t>(number));
  return row;
}

void add(Sums& sums, const OwnRow& row) {
  sums.add(row, row.leaf());
}

}  // namespace

TEST_SUITE("store/row") {
  TEST_CASE("records are padded to a few sizes") {
    const std::vector<std::pair<std::size_t, std::size_t>> sizes = {
        {0, 64},         {60, 64},         {61, 128},        {124, 128},
        {125, 256},      {1020, 1024},     {1021, 2048},     {65532, 65536},
        {65533, 131072}, {131068, 131072}, {131069, 196608},
    };
    for (const auto& size : sizes) {
      const auto [record, box] = size;
      CAPTURE(size.first);
      CHECK(padded_size(record) == box);
      CHECK(must(unpadded(padded(Bytes(record, 9)))).view().size() == record);
    }
  }

  TEST_CASE("padding has one spelling") {
    Bytes bytes(64, 0);
    bytes[60] = 10;
    CHECK(unpadded(crypto::WipedBytes(bytes)).ok());
    bytes[10] = 1;
    CHECK_FALSE(unpadded(crypto::WipedBytes(bytes)).ok());
    CHECK_FALSE(unpadded(crypto::WipedBytes(Bytes(128, 0))).ok());
    CHECK_FALSE(unpadded(crypto::WipedBytes(Bytes(63, 0))).ok());
    CHECK_FALSE(unpadded(crypto::WipedBytes(Bytes(64, 0xff))).ok());
  }

  TEST_CASE("a row opens with its own vault, table, id, version and key id alone") {
    const Bytes key(32, 1);
    const VaultId vault{1};
    OwnRow row = a_row(1, 1);
    row.box = seal_row(row, vault, key, crypto::Nonce{}, bytes_of("Lyon"));
    CHECK(must(open_row(row.view(), vault, key)).text() == "Lyon");
    CHECK_FALSE(open_row(row.view(), VaultId{2}, key).ok());
    CHECK_FALSE(open_row(row.view(), vault, Bytes(32, 2)).ok());
    for (const auto change :
         {+[](OwnRow& r) { r.table = Table::Grants; }, +[](OwnRow& r) { r.id[15] ^= 1; },
          +[](OwnRow& r) { r.version = 2; }, +[](OwnRow& r) { r.key[0] ^= 1; },
          +[](OwnRow& r) { r.box.pop_back(); }, +[](OwnRow& r) { r.box.clear(); }}) {
      OwnRow other = row;
      change(other);
      CHECK_FALSE(open_row(other.view(), vault, key).ok());
    }
  }
}

TEST_SUITE("store/sums") {
  TEST_CASE("sums do not depend on the order, and taking away undoes adding") {
    Sums forwards;
    Sums backwards;
    for (std::uint64_t i = 0; i < 100; ++i) add(forwards, a_row(i, i * i));
    for (std::uint64_t i = 100; i > 0; --i) add(backwards, a_row(i - 1, (i - 1) * (i - 1)));
    CHECK(forwards == backwards);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const OwnRow row = a_row(i, i * i);
      forwards.subtract(row, row.leaf());
    }
    CHECK(forwards == Sums());
  }

  TEST_CASE("carries run through the whole sum") {
    const OwnRow row = a_row(1, 1);
    crypto::Digest full;
    full.fill(0xff);
    const crypto::Digest one{1};
    Sums sums;
    sums.add(row, full);
    sums.add(row, one);
    CHECK(sums.at(Table::Fields, Sums::bucket_of(row.id)).leaves == std::array<std::uint64_t, 4>{});
    sums.subtract(row, one);
    for (const std::uint64_t word : sums.at(Table::Fields, Sums::bucket_of(row.id)).leaves)
      CHECK(word == UINT64_MAX);
  }

  TEST_CASE("a row counted twice, or of another version, key or box, gives another sum") {
    Sums once;
    add(once, a_row(1, 1));
    Sums twice = once;
    add(twice, a_row(1, 1));
    CHECK_FALSE(once == twice);
    const OwnRow row = a_row(1, 1);
    for (const auto change :
         {+[](OwnRow& r) { r.table = Table::Grants; }, +[](OwnRow& r) { r.id[15] ^= 1; },
          +[](OwnRow& r) { r.version = 2; }, +[](OwnRow& r) { r.key[0] ^= 1; },
          +[](OwnRow& r) { r.box[63] ^= 1; }}) {
      OwnRow other = row;
      change(other);
      CHECK(other.leaf() != row.leaf());
    }
    CHECK(leaf_of(row.view(), Bytes(32, 6)) != row.leaf());
  }

  TEST_CASE("an id is a number and back") {
    CHECK(id_of(number_of(row_id(123456))) == row_id(123456));
  }
}

TEST_SUITE("store/head") {
  TEST_CASE("a head is read as it was written, and no other length or format") {
    Head head;
    head.epoch = 3;
    head.counter = 1ULL << 40;
    head.log_records = 17;
    head.log_chain.fill(1);
    head.high_water = Instant{-5};
    head.ring.fill(2);
    head.previous.fill(3);
    add(head.sums, a_row(1, 9));
    Bytes bytes = encode_head(head);
    const Head read = must(decode_head(bytes));
    CHECK(encode_head(read) == bytes);
    CHECK(read.sums == head.sums);
    CHECK(read.high_water == Instant{-5});
    for (std::size_t size = 0; size < bytes.size(); size += 7)
      CHECK_FALSE(decode_head(BytesView(bytes).first(size)).ok());
    for (const std::uint8_t format : Bytes{0, 1, kFormat + 1}) {
      bytes[0] = format;
      CHECK_FALSE(decode_head(bytes).ok());
    }
    bytes[0] = kFormat;
    bytes.push_back(0);
    CHECK_FALSE(decode_head(bytes).ok());
  }

  TEST_CASE("heads of formats 1 and 2 are read: nothing was in the tables that they had not") {
    Head head;
    head.counter = 5;
    add(head.sums, a_row(1, 9));
    for (const Format& format : kFormats) {
      if (format.number == kFormat) continue;
      CAPTURE(format.number);
      const std::size_t size = 128 + 320 * format.tables;
      Bytes old = encode_head(head);
      old.resize(size);
      old[0] = static_cast<std::uint8_t>(format.number);
      const Head read = must(decode_head(old));
      CHECK(read.counter == 5);
      CHECK(read.sums == head.sums);
      CHECK(read.format == format.number);
      CHECK(encode_head(read) == old);
      CHECK_FALSE(decode_head(BytesView(old).first(size - 1)).ok());
      old[0] = static_cast<std::uint8_t>(format.number + 1);
      CHECK_FALSE(decode_head(old).ok());
    }
  }
}

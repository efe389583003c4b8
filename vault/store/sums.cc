#include "vault/store/sums.h"

#include <span>

namespace vrm::store {

namespace {

std::uint64_t word(BytesView bytes) {
  return Decoder(bytes).u64();
}

void put_wide(Encoder& out, Wide value) {
  out.u64(static_cast<std::uint64_t>(value));
  out.u64(static_cast<std::uint64_t>(value >> 64));
}

Wide get_wide(Decoder& in) {
  const Wide low = in.u64();
  const Wide high = in.u64();
  return (high << 64) | low;
}

}  // namespace

crypto::Digest leaf_of(const Row& row, BytesView sums_key) {
  std::array<std::uint8_t, 9> head{static_cast<std::uint8_t>(row.table)};
  for (std::size_t i = 0; i < 8; ++i)
    head[1 + i] = static_cast<std::uint8_t>(row.version >> (8 * i));
  return crypto::keyed_hash(sums_key, {head, row.id, row.key, row.box});
}

Wide number_of(const RowId& id) {
  Wide number = 0;
  for (const std::uint8_t byte : id) number = (number << 8) | byte;
  return number;
}

RowId id_of(Wide number) {
  RowId id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    id[id.size() - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

void Sums::add(const RowHead& row, const crypto::Digest& leaf) {
  Sum& sum = sums_[index(row.table)][bucket_of(row.id)];
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += Wide{sum.leaves[i]} + word(BytesView(leaf).subspan(8 * i, 8));
    sum.leaves[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  sum.rows += 1;
  sum.versions += row.version;
  sum.ids += number_of(row.id);
  sum.weighted += number_of(row.id) * row.version;
}

void Sums::subtract(const RowHead& row, const crypto::Digest& leaf) {
  Sum& sum = sums_[index(row.table)][bucket_of(row.id)];
  Wide borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Wide less = Wide{word(BytesView(leaf).subspan(8 * i, 8))} + borrow;
    borrow = Wide{sum.leaves[i]} < less ? 1 : 0;
    sum.leaves[i] -= static_cast<std::uint64_t>(less);
  }
  sum.rows -= 1;
  sum.versions -= row.version;
  sum.ids -= number_of(row.id);
  sum.weighted -= number_of(row.id) * row.version;
}

std::uint64_t Sums::rows(Table table) const {
  std::uint64_t total = 0;
  for (const Sum& sum : sums_[index(table)]) total += sum.rows;
  return total;
}

void Sums::encode(Encoder& out, std::size_t tables) const {
  for (const auto& table : std::span(sums_).first(tables)) {
    for (const Sum& sum : table) {
      for (const std::uint64_t part : sum.leaves) out.u64(part);
      out.u64(sum.rows);
      out.u64(sum.versions);
      put_wide(out, sum.ids);
      put_wide(out, sum.weighted);
    }
  }
}

Sums Sums::decode(Decoder& in, std::size_t tables) {
  Sums sums;
  for (auto& table : std::span(sums.sums_).first(tables)) {
    for (Sum& sum : table) {
      for (std::uint64_t& part : sum.leaves) part = in.u64();
      sum.rows = in.u64();
      sum.versions = in.u64();
      sum.ids = get_wide(in);
      sum.weighted = get_wide(in);
    }
  }
  return sums;
}

}  // namespace vrm::store

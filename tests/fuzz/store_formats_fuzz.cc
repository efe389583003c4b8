// What the store and the journal read from the disk: slots, head, padded records, rows, journal
// records, records of documents. The first byte chooses. What is accepted must be written back as it was read.

#include <cstdint>
#include <cstdlib>
#include <span>

#include "vault/journal/record.h"
#include "vault/store/document.h"
#include "vault/store/head.h"
#include "vault/store/log_chain.h"
#include "vault/store/row.h"
#include "vault/store/slots_file.h"

namespace {

using namespace vrm;  // tests only

void must_be(bool condition) {
  if (!condition) std::abort();
}

bool same(BytesView a, BytesView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void read_slots(BytesView bytes) {
  const auto file = store::decode_slots(bytes);
  if (file.ok()) must_be(same(store::encode_slots(file.value()), bytes));
}

void read_head(BytesView bytes) {
  const auto head = store::decode_head(bytes);
  if (head.ok()) must_be(same(store::encode_head(head.value()), bytes));
}

void read_padded(BytesView bytes) {
  const auto record = store::unpadded(crypto::WipedBytes(Bytes(bytes.begin(), bytes.end())));
  if (record.ok()) must_be(same(store::padded(record.value().view()).view(), bytes));
}

// Nothing that was not sealed opens.
void read_boxes(BytesView bytes) {
  const Bytes key(32, 1);
  store::Row row;
  row.box = bytes;
  must_be(!store::open_row(row, {}, key).ok());
  must_be(!store::open_log(key, {}, 1, bytes).ok());
}

void read_journal(BytesView bytes) {
  const auto parts = journal::decode_record(bytes);
  if (!parts.ok()) return;
  const journal::Parts& read = parts.value();
  must_be(same(journal::encode_outer(read.outer), read.outer_bytes));
  journal::Entry entry;
  if (!journal::decode_inner(read.inner, entry).ok()) return;
  const auto again = journal::encode_inner(entry);
  must_be(again.ok() && same(again.value(), read.inner));
}

void read_document(BytesView bytes) {
  const auto record = store::decode_document(bytes);
  if (!record.ok()) return;
  must_be(same(store::encode_document(record.value().seal, record.value().rest).view(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView bytes = std::span(data, size).subspan(1);
  switch (data[0] % 6) {
    case 0:
      read_slots(bytes);
      break;
    case 1:
      read_head(bytes);
      break;
    case 2:
      read_padded(bytes);
      break;
    case 3:
      read_boxes(bytes);
      break;
    case 4:
      read_journal(bytes);
      break;
    default:
      read_document(bytes);
      break;
  }
  return 0;
}

#include "vault/journal/record.h"

#include "vault/base/text.h"
#include "vault/store/encoding.h"

namespace vrm::journal {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMost = 65535;

Error not_a_record() {
  return Error{ErrorCode::Corrupt, "journal record has no proper shape"};
}

Result<void> put_text(store::Encoder& out, std::string_view text) {
  if (text.size() > kMost)
    return Error{ErrorCode::Malformed, "text of a journal entry is too long"};
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.raw(bytes_of(text));
  return {};
}

Result<std::string> get_text(store::Decoder& in) {
  const std::size_t length = in.u16();
  std::string text = text_of(in.raw(length));
  if (in.failed() || !is_utf8(text)) return not_a_record();
  return text;
}

bool is_outcome(std::uint8_t number) {
  return number >= 1 && number <= 3;
}

}  // namespace

Bytes encode_outer(const Outer& outer) {
  store::Encoder out;
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(outer.kind));
  out.u8(static_cast<std::uint8_t>(outer.outcome));
  out.u8(outer.brand_key ? 1 : 0);
  out.i64(outer.at.ms);
  if (outer.brand_key) out.raw(*outer.brand_key);
  return out.take();
}

Result<Bytes> encode_inner(const Entry& entry) {
  store::Encoder out;
  TRY(put_text(out, entry.brand));
  TRY(put_text(out, entry.grant));
  TRY(put_text(out, entry.purpose));
  TRY(put_text(out, entry.reason));
  if (entry.fields.size() > kMost)
    return Error{ErrorCode::Malformed, "journal entry has too many fields"};
  out.u16(static_cast<std::uint16_t>(entry.fields.size()));
  for (const std::string& field : entry.fields) TRY(put_text(out, field));
  return out.take();
}

Result<Parts> decode_record(BytesView record) {
  store::Decoder in(record);
  if (in.u8() != kFormat) return not_a_record();
  Parts parts;
  parts.outer.kind = static_cast<Kind>(in.u8());
  const std::uint8_t outcome = in.u8();
  const std::uint8_t sealed = in.u8();
  parts.outer.at.ms = in.i64();
  if (to_string(parts.outer.kind).empty() || !is_outcome(outcome) || sealed > 1)
    return not_a_record();
  parts.outer.outcome = static_cast<Outcome>(outcome);
  if (sealed == 1) parts.outer.brand_key = in.array<16>();
  if (in.failed()) return not_a_record();
  parts.inner = in.rest();
  parts.outer_bytes = record.first(record.size() - parts.inner.size());
  return parts;
}

Result<void> decode_inner(BytesView inner, Entry& entry) {
  store::Decoder in(inner);
  entry.brand = TRY(get_text(in));
  entry.grant = TRY(get_text(in));
  entry.purpose = TRY(get_text(in));
  entry.reason = TRY(get_text(in));
  const std::size_t fields = in.u16();
  for (std::size_t i = 0; i < fields; ++i) entry.fields.push_back(TRY(get_text(in)));
  if (!in.done()) return not_a_record();
  return {};
}

}  // namespace vrm::journal

#include "vault/profile/field_index.h"

#include <algorithm>
#include <cstring>

#include "vault/base/check.h"

namespace vrm::profile {

namespace {

// What a block begins with; name, type and source follow.
struct Start {
  store::RowId row;
  store::KeyId key;
  std::int64_t updated_at_ms;
  std::int64_t version;
  std::uint8_t sensitivity;
  bool claim;
  bool settled;
  std::uint8_t name_bytes;
  std::uint8_t type_bytes;
  std::uint8_t source_bytes;
};

std::uint8_t in_a_byte(std::size_t number) {
  VRM_CHECK(number <= UINT8_MAX);
  return static_cast<std::uint8_t>(number);
}

Start start_of(const crypto::WipedBytes& field) {
  Start start;
  std::memcpy(&start, field.view().data(), sizeof start);
  return start;
}

crypto::WipedBytes packed(const FieldMeta& meta) {
  const Start start{meta.row,
                    meta.key,
                    meta.updated_at.ms,
                    meta.version,
                    in_a_byte(static_cast<std::size_t>(meta.sensitivity)),
                    meta.claim,
                    meta.settled,
                    in_a_byte(meta.name.size()),
                    in_a_byte(meta.type.size()),
                    in_a_byte(meta.source.size())};
  crypto::WipedBytes field(sizeof start + meta.name.size() + meta.type.size() + meta.source.size());
  std::memcpy(field.writable().data(), &start, sizeof start);
  auto at = field.writable().begin() + sizeof start;
  for (const std::string* text : {&meta.name, &meta.type, &meta.source})
    at = std::copy(text->begin(), text->end(), at);
  return field;
}

FieldMeta unpacked(const crypto::WipedBytes& field) {
  const Start start = start_of(field);
  std::string_view texts = field.text().substr(sizeof start);
  const auto next = [&texts](std::size_t bytes) {
    const std::string_view text = texts.substr(0, bytes);
    texts.remove_prefix(bytes);
    return std::string(text);
  };
  FieldMeta meta;
  meta.name = next(start.name_bytes);
  meta.type = next(start.type_bytes);
  meta.source = next(start.source_bytes);
  meta.sensitivity = start.sensitivity;
  meta.updated_at = {start.updated_at_ms};
  meta.version = start.version;
  meta.claim = start.claim;
  meta.settled = start.settled;
  meta.row = start.row;
  meta.key = start.key;
  return meta;
}

}  // namespace

void wipe_text(std::string& text) {
  crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

void wipe_meta(FieldMeta& meta) {
  wipe_text(meta.name);
  wipe_text(meta.type);
  wipe_text(meta.source);
}

std::string_view FieldIndex::ByName::name_of(const crypto::WipedBytes& field) {
  return field.text().substr(sizeof(Start), start_of(field).name_bytes);
}

std::optional<FieldMeta> FieldIndex::find(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::nullopt : std::optional(unpacked(*found));
}

std::vector<FieldMeta> FieldIndex::within(std::string_view prefix) const {
  if (prefix.ends_with('.')) prefix.remove_suffix(1);
  std::vector<FieldMeta> found;
  for (auto at = fields_.lower_bound(prefix); at != fields_.end(); ++at) {
    const std::string_view name = ByName::name_of(*at);
    if (!name.starts_with(prefix)) break;
    if (prefix.empty() || name.size() == prefix.size() || name[prefix.size()] == '.')
      found.push_back(unpacked(*at));
  }
  return found;
}

std::vector<std::string_view> FieldIndex::names() const {
  std::vector<std::string_view> names;
  names.reserve(fields_.size());
  for (const auto& field : fields_) names.push_back(ByName::name_of(field));
  return names;
}

void FieldIndex::put(const FieldMeta& meta) {
  erase(meta.name);
  fields_.insert(packed(meta));
}

void FieldIndex::erase(std::string_view name) {
  const auto found = fields_.find(name);
  if (found != fields_.end()) fields_.erase(found);
}

void FieldIndex::keep_only(const std::vector<std::string>& names) {
  std::erase_if(fields_, [&names](const crypto::WipedBytes& field) {
    return std::find(names.begin(), names.end(), ByName::name_of(field)) == names.end();
  });
}

}  // namespace vrm::profile

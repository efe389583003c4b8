#include "vault/market/record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/ids.h"
#include "vault/base/json.h"

namespace vrm::market {

namespace {

using nlohmann::json;

// An offer's file is the largest: 20 revisions of 16 KiB.
constexpr std::size_t kMostRecordJson = std::size_t{512} * 1024;
constexpr std::int64_t kLastMs = 253'402'300'799'999;  // the end of the year 9999
constexpr std::size_t kMostWireNameBytes = 64;
constexpr std::size_t kIdLetters = 8;

bool is_moment(std::int64_t ms) {
  return ms >= 0 && ms <= kLastMs;
}

}  // namespace

Bytes to_record(const json& object) {
  const std::string text = write_json(object);
  return {text.begin(), text.end()};
}

Result<json> json_of(BytesView record) {
  auto read = read_json(text_of(record), {.bytes = kMostRecordJson});
  if (!read.ok()) return unreadable("record");
  return read;
}

Result<Instant> need_instant(const json& object, std::string_view name) {
  const std::int64_t ms = TRY(need_int(object, name));
  if (!is_moment(ms)) return unreadable(name);
  return Instant{ms};
}

Result<std::optional<Instant>> find_instant(const json& object, std::string_view name) {
  const auto ms = TRY(find_int(object, name));
  if (!ms) return std::optional<Instant>();
  if (!is_moment(*ms)) return unreadable(name);
  return std::optional<Instant>(Instant{*ms});
}

Result<std::string> need_id(const json& object, std::string_view name, std::string_view kind) {
  std::string id = TRY(need_string(object, name));
  if (!is_id(id, kind)) return unreadable(name);
  return id;
}

Result<std::string> need_wire_name(const json& object, std::string_view name) {
  std::string text = TRY(need_string(object, name));
  if (!is_wire_name(text)) return unreadable(name);
  return text;
}

Result<bool> need_bool(const json& object, std::string_view name) {
  const auto value = TRY(find_bool(object, name));
  if (!value) return unreadable(name);
  return *value;
}

Result<std::int64_t> need_count(const json& object, std::string_view name, std::int64_t most) {
  const std::int64_t count = TRY(need_int(object, name));
  if (count < 1 || count > most) return unreadable(name);
  return count;
}

bool is_id(std::string_view text, std::string_view kind) {
  if (text.size() != kind.size() + 1 + kIdLetters) return false;
  const auto id = id_from_typed(kind, text);
  return id.ok() && id.value() == text;
}

bool is_wire_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostWireNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

bool is_sha256(std::string_view text) {
  const auto bytes = from_base64url(text);
  return bytes.ok() && bytes.value().size() == 32;
}

Error unreadable(std::string_view what) {
  return Error{ErrorCode::Corrupt, "cannot be read as it was written: " + std::string(what)};
}

}  // namespace vrm::market

#pragma once
// All that a store says it holds, to be compared: every record opened, the journal, the clock's high water.

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/text.h"
#include "vault/crypto/system_random.h"
#include "vault/store/store.h"

namespace vrm::testing {

using Rows = std::map<std::pair<store::Table, store::RowId>, std::string>;

struct StoreContent {
  Rows rows;
  std::uint64_t keys = 0;
  std::vector<std::string> log;
  std::int64_t high_water_ms = 0;

  bool operator==(const StoreContent&) const = default;
};

inline constexpr std::uint8_t kLastTable = static_cast<std::uint8_t>(store::Table::Rules);

inline Result<StoreContent> content_of(const store::Store& store) {
  StoreContent content;
  content.keys = store.count(store::Table::Keys);
  content.high_water_ms = store.high_water().ms;
  for (std::uint8_t number = 2; number <= kLastTable; ++number) {
    const auto table = static_cast<store::Table>(number);
    const store::Store::Visitor keep = [&](const store::RowId& id, const store::KeyId&,
                                           BytesView record) -> Result<void> {
      content.rows[{table, id}] = text_of(record);
      return {};
    };
    TRY(store.scan(table, keep));
  }
  const store::Store::LogVisitor keep = [&](std::uint64_t, BytesView record) -> Result<void> {
    content.log.push_back(text_of(record));
    return {};
  };
  TRY(store.read_log(1, UINT64_MAX, keep));
  return content;
}

// Errors as attaching and unlocking.
inline Result<void> opened(store::Disk& disk, const store::Options& options,
                           const store::Opener& opener) {
  crypto::SystemRandom random;
  const auto store = TRY(store::Store::attach(disk, random, options));
  TRY(store->unlock(opener, store::OpenFor::Use));
  return {};
}

// What a store on this disk holds, once its every check has found nothing wrong. Corrupt: one has, or the anchor says
// that this is an older copy.
inline Result<StoreContent> verified(store::Disk& disk, const store::Options& options,
                                     const store::Opener& opener) {
  crypto::SystemRandom random;
  const auto store = TRY(store::Store::attach(disk, random, options));
  const auto opened = TRY(store->unlock(opener, store::OpenFor::Use));
  if (opened.rollback) return Error{ErrorCode::Corrupt, "rolled back"};
  const auto report = TRY(store->check());
  if (!report.damages.empty()) return Error{ErrorCode::Corrupt, report.damages[0].place};
  return content_of(*store);
}

// For people: why there is no content.
inline std::string said(const Error& error) {
  std::string text = std::string(to_string(error.code)) + " " + error.message + " " + error.say;
  for (const auto& [name, value] : error.with) text += " " + value;
  return text;
}

// For people: where two contents part.
inline std::string difference(const StoreContent& is, const StoreContent& should) {
  std::string said;
  const auto name = [&](const auto& key, const char* what) {
    said += " " + std::to_string(static_cast<int>(key.first)) + "/" + to_hex(key.second) + what;
  };
  for (const auto& [key, record] : should.rows) {
    const auto found = is.rows.find(key);
    if (found == is.rows.end()) name(key, " is missing");
    if (found != is.rows.end() && found->second != record) name(key, " differs");
  }
  for (const auto& [key, record] : is.rows)
    if (!should.rows.contains(key)) name(key, " is too many");
  const auto numbers = [&](const char* what, auto one, auto other) {
    if (one != other)
      said += std::string(" ") + what + std::to_string(one) + " for " + std::to_string(other);
  };
  numbers("keys ", is.keys, should.keys);
  numbers("records ", is.log.size(), should.log.size());
  numbers("high water ", is.high_water_ms, should.high_water_ms);
  return said;
}

// How many cases a test draws: the environment says, for long runs and for slow builds.
inline std::size_t cases(const char* variable, std::size_t usual) {
  const char* said = std::getenv(variable);
  return said == nullptr ? usual : std::stoul(said);
}

}  // namespace vrm::testing

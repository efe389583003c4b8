#pragma once
// What the tests of a profile start from: an open vault in memory, the catalogue, and short words
// for jobs.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "tests/profile/memory_store.h"
#include "vault/profile/import.h"
#include "vault/profile/profile.h"

namespace vrm::profile::test {

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next_++ * 37U);
    ++rounds_;
    if (!out.empty()) out.back() = static_cast<std::uint8_t>(rounds_);
    if (out.size() > 1) out.front() = static_cast<std::uint8_t>(rounds_ >> 8U);
  }

 private:
  unsigned next_ = 1;
  unsigned rounds_ = 0;
};

inline Instant day(std::string_view date) {
  return date_from_text(date).value();
}

struct Vault {
  Catalogue catalogue = Catalogue::embedded().value();
  CountingRandom random;
  MemoryStore store;
  Profile profile{store, catalogue, random};
  Instant now = day("2026-11-21");

  Result<void> set(std::string_view name, std::string_view typed,
                   std::optional<std::string_view> type = {}) {
    return store.run(
        [&](store::Txn& txn) { return profile.set(txn, name, typed, "self", now, type); });
  }
  Result<void> unset(std::string_view name) {
    return store.run([&](store::Txn& txn) { return profile.unset(txn, name, now); });
  }
  Result<void> refresh() {
    return store.run([&](store::Txn& txn) { return profile.refresh_claims(txn, now); });
  }
  Result<ImportResult> import(const ImportPlan& plan, const ImportId& id, Keep keep = Keep::New) {
    ImportResult out;
    const store::Job job = [&](store::Txn& txn) -> Result<void> {
      out = TRY(apply(txn, profile, plan, id, keep, now));
      return {};
    };
    TRY(store.run(job));
    return out;
  }
  Result<UndoResult> undo_import(const ImportId& id, OnChanged on_changed = OnChanged::Refuse) {
    UndoResult out;
    const store::Job job = [&](store::Txn& txn) -> Result<void> {
      out = TRY(undo(txn, store, profile, id, on_changed, now));
      return {};
    };
    TRY(store.run(job));
    return out;
  }
  // "" when there is no such field.
  std::string get(std::string_view name) const {
    const auto meta = profile.find(name);
    if (!meta) return "";
    return std::string(profile.value(*meta).value().text());
  }
  std::string answer(std::string_view name) const {
    std::string out;
    VRM_CHECK(profile.append_answer(profile.find(name).value(), out).ok());
    return out;
  }
};

inline std::string gap(const Error& error, std::string_view name) {
  for (const auto& [own, text] : error.with)
    if (own == name) return text;
  return "";
}

// A file of the material beside the tree. Nothing: it is not there.
inline std::optional<std::string> shared_file(const std::filesystem::path& path) {
  const char* folder = std::getenv("VRM_SHARED");
  const std::filesystem::path root = folder != nullptr
                                         ? std::filesystem::path(folder)
                                         : std::filesystem::path(VRM_SOURCE_DIR) / ".." / "shared";
  std::ifstream in(root / path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace vrm::profile::test

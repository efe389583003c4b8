#pragma once
// The formats that a vault has had, and the steps from each to the next.
//
// A vault of an older format is read as it lies. Unlocking it for use brings it to the present one, step after step, each
// in one transaction that also writes a head of the new format and raises the database's user_version; after a cut
// between two steps the next unlock goes on. Opened for rescue, or made of an old backup, it stays what it is. One of a
// newer format is refused as soon as it is attached, and nothing of it is changed.
//
// A new format is one more row, with its number of tables; kTables (vault/store/store.h) is that of the last.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vault/base/result.h"

namespace vrm::store {

struct Content;
struct Staging;

struct Format {
  std::uint32_t number;
  std::size_t tables;       // the head has sums of the tables 1 to this
  std::string_view brings;  // what it has that the one before had not
  // What the step to it does to rows, beyond the head: staged, and committed with it. Every key is in memory. Null:
  // nothing.
  Result<void> (*change)(const Content& content, Staging& staging);
};

inline constexpr std::array kFormats = {
    Format{1, 9, "keys, settings, fields, brands, grants, requests, refresh, imports, outbox",
           nullptr},
    Format{2, 14, "intents, invitations, offers, inbox, acceptances", nullptr},
    Format{3, 15, "documents", nullptr},
    Format{4, 16, "versions: what fields were before", nullptr},
    Format{5, 17, "rules: decisions that stand for the next time", nullptr},
};

inline constexpr std::uint32_t kFormat = kFormats.back().number;
inline constexpr std::uint32_t kOldestFormat = kFormats.front().number;

// Null: no such format.
const Format* format_of(std::uint32_t number);

}  // namespace vrm::store

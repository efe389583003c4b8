#pragma once
// What a brand's document says of the brand besides its name, keys and endpoints: who answers for it in law, how to
// reach them, and what it asks data for. All of it is the brand's own word; the vault shows it and holds requests and
// offers against it (vault/gate/over_asking.h), and believes none of it.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vault/base/result.h"

namespace vrm::brands {

inline constexpr std::size_t kMostIdentifiers = 8;
inline constexpr std::size_t kMostUses = 32;
inline constexpr std::size_t kMostFieldsOfUse = 64;
inline constexpr std::size_t kMostTermsIds = 16;
inline constexpr std::int64_t kMostUseDays = 3660;

// A number that a register gave: {"type":"vat","value":"FR40303265045"}.
struct Identifier {
  std::string type;
  std::string value;
  friend bool operator==(const Identifier&, const Identifier&) = default;
};

// One purpose for which it asks: which fields, or groups of them, and how long it keeps them.
struct Use {
  std::string purpose;  // a DPV name or its word, as the document has it; it may be unknown here
  std::vector<std::string> fields;  // names and beginnings of names
  std::int64_t retention_days = 0;  // 0: not said
  friend bool operator==(const Use&, const Use&) = default;
};

struct Facts {
  std::string legal_name;
  std::vector<Identifier> identifiers;
  std::string privacy_contact;  // as the brand writes it: an address of mail or web, or words
  std::string address;          // postal
  std::vector<Use> uses;
  std::vector<std::string> terms;  // ids of the terms that it accepts
  friend bool operator==(const Facts&, const Facts&) = default;
};

// From the member `vrm` of a document. All texts are made printable; an empty text counts as missing.
// Malformed: a member of another type, too many of something, a field or purpose that is no name, a purpose twice, days
// out of their bounds (1 to kMostUseDays); the message names the member.
Result<Facts> read_facts(const nlohmann::json& vrm);

// The same as the member `facts` of a brand's record; missing when there are none.
void put_facts(nlohmann::json& record, const Facts& facts);
Result<Facts> read_kept_facts(const nlohmann::json& record);

// As they stand in a document and on the owner's wire; every member is there.
nlohmann::json facts_document(const Facts& facts);

}  // namespace vrm::brands

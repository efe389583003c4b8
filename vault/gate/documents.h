#pragma once
// The owner's documents (docs/api/owner.md) made of what the rooms hold.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "vault/gate/vault.h"

namespace vrm::gate {

class OverAsking;

// What of a request goes beyond the uses that its brand registered: unregistered_purpose, unregistered_retention, and
// registered_days or null.
void add_over_asking(nlohmann::json& document, const OverAsking& over, std::int64_t retention_days);

// The same, and what is said of each field, for a line {field, purpose, retention_days} of the data of an offer by `brand`:
// unusual, unregistered. REQUIRES: it has those members.
void add_marks(nlohmann::json& item, const Rooms& rooms, const std::string& brand,
               const grants::Purposes& purposes);

// A time as people are shown it, to the second.
std::string in_seconds(Instant at);

enum class WithValue { No, Yes };

// The name of the field that a claim is made of; null of a field that is none.
nlohmann::json derived_from(const Rooms& rooms, const profile::FieldMeta& field);

// NotFound, Locked, Corrupt: the value cannot be read.
Result<nlohmann::json> field_document(const Rooms& rooms, const profile::FieldMeta& field,
                                      WithValue with_value, const grants::Purposes& purposes,
                                      Instant now);

// Whether there is a field or a document of that name.
bool is_there(const Rooms& rooms, std::string_view name);

// A document as the owner sees it, without its bytes.
nlohmann::json paper_document(const Rooms& rooms, const profile::Document& document,
                              const grants::Purposes& purposes, Instant now);

// One part of a document's bytes (vault/gate/uploads.h). NotFound: it has no such part, or was removed meanwhile.
// Locked, Corrupt, Io.
Result<std::string> read_part(const Vault& vault, const profile::Document& document,
                              std::uint64_t part);

// Whether a brand that is served can read with this grant, now or once it has collected it.
bool can_be_read(const Rooms& rooms, const grants::Grant& grant, Instant now);

// How many grants wait for the owner's look.
std::int64_t suspended_count(const Rooms& rooms, Instant now);

nlohmann::json grant_document(const Rooms& rooms, const grants::Grant& grant,
                              const grants::Purposes& purposes, Instant now);

// The request as the owner decides on it: what each field is now, and whether others ask it for this purpose.
Result<nlohmann::json> request_document(const Rooms& rooms, const grants::AccessRequest& request,
                                        const grants::Purposes& purposes, Instant now);

// Whether the owner is to decide on it: it waits, and its brand is not muted.
bool waits_for_owner(const Rooms& rooms, const grants::AccessRequest& request, Instant now);

nlohmann::json rule_document(const Rooms& rooms, const grants::Rule& rule,
                             const grants::Purposes& purposes);

nlohmann::json brand_document(const Rooms& rooms, const brands::Brand& brand, Instant now);

// Adds what a purpose is called, on the wire and in both languages; a `name` that is none stands as it is.
void add_purpose(nlohmann::json& document, const grants::Purposes& purposes, std::string_view name);

nlohmann::json log_document(const journal::Numbered& numbered, const grants::Purposes& purposes);

nlohmann::json check_document(const store::CheckReport& report);

nlohmann::json catalogue_document(const Knowledge& knowledge);

}  // namespace vrm::gate

#pragma once
// The field catalogue, policies/fields.json: what a field of a known name is called elsewhere, how
// sensitive it is, and which claims are derived from it. Names that are not in it are allowed; they
// are text, and personal.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/profile/value.h"

namespace vrm::profile {

enum Sensitivity : int { kPublic = 0, kPersonal = 1, kSensitive = 2, kSpecial = 3 };

enum class Rule {
  AgeOver,       // of a date: whether `years` have passed
  BirthYear,     // of a date: its year
  PostalPrefix,  // of a postal code: its first two places
  FrenchRegion,  // of a French postal code: its region
  FrenchDepartment,
};

// How a claim is made of another field.
struct Derivation {
  Rule rule;
  std::string from;       // the field it is made of
  std::string where;      // the field that holds the country, "" when none matters
  int years = 0;          // of AgeOver
  bool or_typed = false;  // may be typed as long as the rule says nothing (a region outside France)
};

struct FieldSpec {
  std::string name;
  Type type = Type::Text;
  int sensitivity = kPersonal;
  bool past = false;  // a date that cannot be to come
  std::string unit;   // of a measure typed without one
  std::string oidc;   // dotted inside the address claim; "" when OpenID Connect has no name, as for
                      // those below
  std::string vcard;
  std::string schema_org;
  std::string dpv;
  std::string label_en;
  std::string label_fr;
  std::optional<Derivation> claim;
};

struct GroupSpec {
  std::string name;
  std::string label_en;
  std::string label_fr;
};

class Catalogue {
 public:
  // Malformed: not the catalogue's JSON, a name twice, an unknown type or rule, or a claim of a
  // field that is not there.
  static Result<Catalogue> from_text(std::string_view json);

  // The one that is linked in.
  static Result<Catalogue> embedded();

  // Nothing: a name of the owner's own. The pointer lives as long as the catalogue.
  const FieldSpec* find(std::string_view name) const;
  // By OpenID Connect's name (given_name, address.locality).
  const FieldSpec* find_oidc(std::string_view name) const;

  // Sorted by name.
  const std::vector<FieldSpec>& all() const { return fields_; }
  // In the order of the file.
  const std::vector<GroupSpec>& groups() const { return groups_; }

  // The field that holds the country of this postal code, "" when none does.
  std::string country_field_of(std::string_view name) const;

  // The claims that `name` has a part in.
  std::vector<const FieldSpec*> claims_of(std::string_view name) const;

  // The claims that say less of the same thing than `name`: those made of it, and of another part of an address, its
  // country left out, those made of the postal code.
  std::vector<const FieldSpec*> coarser(std::string_view name) const;

  // At most 3 known names that `name` may have meant, the nearest first.
  std::vector<std::string> near(std::string_view name) const;

  // Those of the catalogue, or of an unknown name.
  Type type_of(std::string_view name) const;
  int sensitivity_of(std::string_view name) const;

 private:
  bool is_finer_part(std::string_view name, const FieldSpec& claim) const;

  std::vector<FieldSpec> fields_;
  std::vector<GroupSpec> groups_;
};

}  // namespace vrm::profile

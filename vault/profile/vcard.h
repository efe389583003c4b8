#pragma once
// vCards as text: RFC 6350 (4.0), RFC 2426 (3.0) and what 2.1 exports look like. Lines are
// unfolded, groups, parameters (RFC 6868) and quoted-printable are read, and declared Latin-1
// becomes UTF-8; what a value means is not decided here.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/base/result.h"

namespace vrm::profile {

inline constexpr std::size_t kMaxCards = 1000;
inline constexpr std::size_t kMaxVcardLineBytes = 64 * 1024;
inline constexpr std::size_t kMaxCardProperties = 2000;

struct VcardProperty {
  std::string group;  // as written, "" when none
  std::string name;   // upper case
  std::vector<std::pair<std::string, std::string>>
      parameters;  // names upper case; one entry per value
  std::string
      value;  // as written, decoded from its transfer and character encoding, escapes still in it
  std::size_t line = 0;

  // Whether TYPE holds `type`, any case.
  bool has_type(std::string_view type) const;
  // The first value of a parameter, "" when it is not there. `name` in upper case.
  std::string_view parameter(std::string_view name) const;
};

struct Vcard {
  std::string version;  // 2.1, 3.0, 4.0, or "" when it does not say
  std::size_t line = 0;
  std::vector<VcardProperty> properties;

  // The name a person would call it by: FN, or N, or ORG, or an e-mail; "" when it has none.
  std::string display_name() const;
};

// A line or a card that could not be read; `what` is for the owner.
struct VcardProblem {
  std::size_t line = 0;
  std::size_t card =
      0;  // from 0, as in VcardFile::cards; the number of cards when it belongs to none
  Error what;
};

struct VcardFile {
  std::vector<Vcard> cards;
  std::vector<VcardProblem> problems;
};

// Malformed: no card in it (profile.import_no_card), more than kMaxCards
// (profile.import_too_many_cards).
Result<VcardFile> read_vcards(std::string_view text);

// The value of a text property without its escapes (\n \, \; \: \" \\).
std::string unescape(std::string_view value);

// The components of N, ADR and ORG, unescaped; several values of one component are joined by a
// space and comma when `version` is not 2.1.
std::vector<std::string> components(std::string_view value, std::string_view version);

}  // namespace vrm::profile

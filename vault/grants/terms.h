#pragma once
// The terms under which a brand may be given data: the agreements of IEEE 7012 (policies/terms.json), and what a brand
// named of them when it asked.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::grants {

struct Agreement {
  std::string id;       // its IRI, which requests, grants and receipts carry
  std::string word;     // "SD-BASE"; the IRI's last part
  std::string says_en;  // one or two sentences
  std::string says_fr;
  std::string digest;  // digest_of(id, says_en)
};

// "sha-256:" and 64 hex digits of the SHA-256 of `id`, a line feed, `says` and a line feed.
std::string digest_of(std::string_view id, std::string_view says);

class Roster {
 public:
  // The roster that is linked in. Corrupt: the text of the build is wrong.
  static Result<Roster> load();
  // Corrupt: not strict JSON, a member missing, of another type or unknown, no agreement, a word with other letters than
  // A to Z, digits and -, an id that does not end with # and the word, one that stands twice, a sentence that is empty
  // or cannot be printed as it is, a digest that is not that of the agreement.
  static Result<Roster> parse(std::string_view json);

  const std::vector<Agreement>& all() const { return agreements_; }

  // By id, or by word in any case. Null: there is none. The pointer lives as long as the roster.
  const Agreement* find(std::string_view id_or_word) const;

 private:
  std::vector<Agreement> agreements_;
};

// What a brand named in a request, and so accepted.
struct NamedTerms {
  std::string id;
  std::string digest;
  std::string jws;  // vrm-terms+jwt with which it signed them; "" when it only named them

  // The same terms, signed or not.
  bool same_as(const NamedTerms& other) const { return id == other.id && digest == other.digest; }
};

// The member `terms` of a record, which is missing where none were named.
void put_terms(nlohmann::json& record, const std::optional<NamedTerms>& terms);
// Malformed.
Result<std::optional<NamedTerms>> find_terms(const nlohmann::json& record);

// Reads `terms` of what a brand wishes: {"id","digest"}, both of one agreement of the roster. Nothing: it names none.
// Malformed, in words for the brand's developer.
Result<std::optional<NamedTerms>> named_terms(const nlohmann::json& element, const Roster& roster);

}  // namespace vrm::grants

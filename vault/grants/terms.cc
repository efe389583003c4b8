#include "vault/grants/terms.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/ascii.h"
#include "vault/base/embed.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/crypto/sha256.h"

VRM_DECLARE_EMBEDDED(policies_terms_json);

namespace vrm::grants {

namespace {

constexpr std::size_t kMostWord = 40;
constexpr std::size_t kMostSays = 400;  // scalars

Error wrong_roster(std::string_view what) {
  return Error{ErrorCode::Corrupt, "policies/terms.json: " + std::string(what)};
}

bool is_terms_word(std::string_view word) {
  return !word.empty() && word.size() <= kMostWord &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-'; });
}

Result<Agreement> read_agreement(const nlohmann::json& item) {
  Agreement agreement;
  agreement.id = TRY(need_string(item, "id"));
  agreement.word = TRY(need_string(item, "word"));
  agreement.says_en = TRY(need_string(item, "says_en"));
  agreement.says_fr = TRY(need_string(item, "says_fr"));
  agreement.digest = TRY(need_string(item, "digest"));
  if (item.size() != 5) return wrong_roster("an agreement has a member too many");
  if (!is_terms_word(agreement.word)) return wrong_roster("a word is none");
  if (!agreement.id.starts_with("https://") || !agreement.id.ends_with("#" + agreement.word))
    return wrong_roster("`" + agreement.word + "`: its id is another's");
  for (const auto* says : {&agreement.says_en, &agreement.says_fr})
    if (says->empty() || printable(*says, kMostSays) != *says)
      return wrong_roster("`" + agreement.word + "`: a sentence cannot be shown");
  if (agreement.digest != digest_of(agreement.id, agreement.says_en))
    return wrong_roster("`" + agreement.word + "`: the digest is of something else");
  return agreement;
}

Error wrong_terms(std::string what) {
  return Error{ErrorCode::Malformed, std::move(what)};
}

}  // namespace

std::string digest_of(std::string_view id, std::string_view says) {
  const std::string text = std::string(id) + "\n" + std::string(says) + "\n";
  return "sha-256:" + to_hex(crypto::sha256(bytes_of(text)));
}

Result<Roster> Roster::load() {
  return parse(VRM_EMBEDDED(policies_terms_json));
}

Result<Roster> Roster::parse(std::string_view text) {
  const auto read = read_json(text);
  if (!read.ok()) return wrong_roster(read.error().message);
  const auto& json = read.value();
  const bool is_roster = json.is_object() && json.size() == 2 && json.contains("about") &&
                         json["about"].is_string() && json.contains("agreements") &&
                         json["agreements"].is_array() && !json["agreements"].empty();
  if (!is_roster) return wrong_roster("not `about` and `agreements`");
  Roster roster;
  for (const auto& item : json["agreements"]) {
    auto agreement = read_agreement(item);
    if (!agreement.ok()) return wrong_roster(agreement.error().message);
    if (roster.find(agreement.value().id) != nullptr ||
        roster.find(agreement.value().word) != nullptr)
      return wrong_roster("`" + agreement.value().word + "` twice");
    roster.agreements_.push_back(std::move(agreement).value());
  }
  return roster;
}

const Agreement* Roster::find(std::string_view id_or_word) const {
  const auto found =
      std::find_if(agreements_.begin(), agreements_.end(), [&](const Agreement& agreement) {
        return agreement.id == id_or_word || same_but_case(agreement.word, id_or_word);
      });
  return found == agreements_.end() ? nullptr : &*found;
}

void put_terms(nlohmann::json& record, const std::optional<NamedTerms>& terms) {
  if (!terms) return;
  record["terms"] = {{"id", terms->id}, {"digest", terms->digest}};
  if (!terms->jws.empty()) record["terms"]["jws"] = terms->jws;
}

Result<std::optional<NamedTerms>> find_terms(const nlohmann::json& record) {
  if (!record.contains("terms")) return std::optional<NamedTerms>();
  const auto* kept = TRY(need_object(record, "terms"));
  NamedTerms terms;
  terms.id = TRY(need_string(*kept, "id"));
  terms.digest = TRY(need_string(*kept, "digest"));
  terms.jws = TRY(find_string(*kept, "jws")).value_or("");
  return std::optional<NamedTerms>(std::move(terms));
}

Result<std::optional<NamedTerms>> named_terms(const nlohmann::json& element, const Roster& roster) {
  if (!element.contains("terms")) return std::optional<NamedTerms>();
  const auto& terms = element["terms"];
  const bool is_named = terms.is_object() && terms.size() == 2 && terms.contains("id") &&
                        terms["id"].is_string() && terms.contains("digest") &&
                        terms["digest"].is_string();
  if (!is_named) return wrong_terms("`terms` is an object of `id` and `digest`, both texts");
  const auto& id = terms["id"].get_ref<const std::string&>();
  const auto* agreement = roster.find(id);
  if (agreement == nullptr || agreement->id != id)
    return wrong_terms("`terms`: the `id` is none of vrm_terms_supported");
  if (terms["digest"].get_ref<const std::string&>() != agreement->digest)
    return wrong_terms("`terms`: the `digest` of " + id + " is " + agreement->digest);
  return std::optional<NamedTerms>(NamedTerms{id, agreement->digest, ""});
}

}  // namespace vrm::grants

// Everything that the log can say has words for a person, in both languages.

#include <doctest/doctest.h>

#include <initializer_list>
#include <set>
#include <string>

#include "vault/base/error.h"
#include "vault/gate/brand_error.h"
#include "vault/gate/epoch.h"
#include "vault/gate/openers.h"
#include "vault/grants/grant.h"
#include "vault/journal/journal.h"
#include "vault/words/words.h"

using namespace vrm;
using namespace vrm::gate;

namespace {

void check_has_words(const std::string& key) {
  CAPTURE(key);
  for (const auto language : {words::Language::English, words::Language::French})
    CHECK(words::has(language, key));
}

void check_reason(std::string_view code) {
  check_has_words("log_reason." + std::string(code));
}

}  // namespace

TEST_SUITE("gate/log_words") {
  TEST_CASE("every kind and every outcome has words, and no two kinds have the same") {
    for (const auto language : {words::Language::English, words::Language::French}) {
      std::set<std::string> seen;
      for (int number = 0; number < 256; ++number) {
        const auto kind = journal::to_string(static_cast<journal::Kind>(number));
        if (kind.empty()) continue;
        const std::string key = "kind." + std::string(kind);
        check_has_words(key);
        CAPTURE(key);
        CHECK(seen.insert(words::sentence(language, key)).second);
      }
      CHECK(seen.size() > 40);
    }
    for (const auto outcome :
         {journal::Outcome::Done, journal::Outcome::Allowed, journal::Outcome::Refused})
      check_has_words("outcome." + std::string(journal::to_string(outcome)));
  }

  TEST_CASE("every refusal that a brand can get has words for the owner") {
    constexpr auto kLast = static_cast<int>(BrandError::AcceptanceEnded);
    for (int number = 0; number <= kLast; ++number)
      check_reason(to_string(static_cast<BrandError>(number)));
  }

  TEST_CASE("so has a request without the terms that the owner wants") {
    for (const char* reason : {"terms_missing", "terms_unsigned"}) check_reason(reason);
  }

  TEST_CASE("so has what became of a grant or a brand, which only the owner is told") {
    constexpr auto kLast = static_cast<int>(grants::Condition::OrderEnded);
    for (int number = 0; number <= kLast; ++number)
      check_reason(to_string(static_cast<grants::Condition>(number)));
    for (const auto* standing : {"blocked", "keys_changed"}) check_reason(standing);
    for (const auto* change : {"name", "endpoints", "uses", "details", "address"})
      check_reason(change);
  }

  TEST_CASE("so has why the vault may be an older copy, what proved a change, and why it failed") {
    constexpr auto kLastDoubt = static_cast<int>(Doubt::NewerReceipt);
    for (int number = 0; number <= kLastDoubt; ++number)
      check_reason(to_string(static_cast<Doubt>(number)));
    for (const auto slot :
         {store::SlotKind::Passphrase, store::SlotKind::Credential, store::SlotKind::Recovery})
      check_reason(to_string(slot));
    constexpr auto kLastCode = static_cast<int>(ErrorCode::Io);
    for (int number = 0; number <= kLastCode; ++number)
      check_reason(to_string(static_cast<ErrorCode>(number)));
  }
}

#include "vault/store/recovery_words.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/store/test_vault.h"
#include "vault/crypto/sha256.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

crypto::Secret secret(std::string_view text) {
  return crypto::Secret::copy_of(bytes_of(text));
}

std::string words(Bytes bytes) {
  return text_of(words_of(crypto::Secret::copy_of(bytes)).bytes());
}

// The bytes, or the sentence of the refusal and the place it names.
std::string read(std::string_view typed) {
  const auto bytes = bytes_from_words(secret(typed));
  if (bytes.ok()) return to_hex(bytes.value().bytes());
  CHECK(bytes.error().code == ErrorCode::Malformed);
  std::string told = bytes.error().say;
  for (const auto& [name, value] : bytes.error().with) told += " " + name + "=" + value;
  return told;
}

const std::string kZero =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const std::string kZeroBytes(32, '0');
const std::string kLegal =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

}  // namespace

TEST_SUITE("store/recovery_words") {
  TEST_CASE("the list is BIP-39's English one, to the byte") {
    std::ostringstream text;
    text << std::ifstream(std::string(VRM_SOURCE_DIR) + "/vault/store/bip39_english.txt").rdbuf();
    CHECK(to_hex(crypto::sha256(bytes_of(text.str()))) ==
          "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
  }

  TEST_CASE("bytes become the words that BIP-39's vectors say, and the words those bytes") {
    const std::pair<std::uint8_t, std::string> vectors[] = {
        {0x00, kZero},
        {0x7f, kLegal},
        {0x80, "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"},
        {0xff, "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"}};
    for (const auto& [byte, said] : vectors) {
      const Bytes bytes(kRecoveryBytes, byte);
      CHECK(words(bytes) == said);
      CHECK(read(said) == to_hex(bytes));
    }
  }

  TEST_CASE("random bytes come back from their words") {
    crypto::SystemRandom random;
    for (int i = 0; i < 500; ++i) {
      Bytes bytes(kRecoveryBytes);
      random.fill(bytes);
      CHECK(read(words(bytes)) == to_hex(bytes));
    }
  }

  TEST_CASE("case, blanks, lines, numbers and words cut to four letters are read alike") {
    CHECK(
        read(
            "  Legal WINNER\tthank year\nwave sausage worth  useful legal winner thank yellow\n") ==
        read(kLegal));
    CHECK(read("1. legal  2. winner  3. thank\n4. year  5. wave  6. sausage\n"
               "7) worth, 8) useful, 9) legal\n10: winner 11: thank 12: yellow") == read(kLegal));
    CHECK(read("lega winn than year wave saus wort usef lega winn than yell") == read(kLegal));
    CHECK(read("legal winne thank year wave sausag worth useful legal winner thank yellow") ==
          read(kLegal));
  }

  TEST_CASE("a word that is not of the list is told by its place and not repeated") {
    auto typed = kLegal;
    typed.replace(typed.find("year"), 4, "xyzzy");
    CHECK(read(typed) == "recovery.unknown_word n=4");
    CHECK(read("lem" + kLegal.substr(5)) == "recovery.unknown_word n=1");  // too short a start
    CHECK(read(kLegal + "s") == "recovery.unknown_word n=12");             // more than the word
    CHECK(read(kLegal + std::string(400, 'w')) == "recovery.unknown_word n=12");
    CHECK(read("l\xc3\xa9gal" + kLegal.substr(5)) == "recovery.unknown_word n=1");
    CHECK(read("zzzz" + kLegal.substr(5)) == "recovery.unknown_word n=1");  // behind the last
  }

  TEST_CASE("eleven, thirteen and no words are counted") {
    CHECK(read("") == "recovery.count n=0");
    CHECK(read("12 34 . , 5") == "recovery.count n=0");
    CHECK(read(kLegal.substr(0, kLegal.rfind(' '))) == "recovery.count n=11");
    CHECK(read(kLegal + " zoo") == "recovery.count n=13");
    CHECK(read(kLegal + " " + kLegal + " nonsense") == "recovery.count n=25");
  }

  TEST_CASE("words that do not belong together are noticed by the checksum") {
    CHECK(read("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
               "abandon abandon") == "recovery.checksum");
    CHECK(read("winner legal thank year wave sausage worth useful legal winner thank yellow") ==
          "recovery.checksum");
    CHECK(read(kZero) == kZeroBytes);
  }
}

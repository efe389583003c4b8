#include "vault/base/bytes.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using vrm::Bytes;
using vrm::bytes_of;
using vrm::ErrorCode;
using vrm::from_base64url;
using vrm::text_of;
using vrm::to_base64url;
using vrm::to_hex;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool refused(std::string_view text) {
  const auto answer = from_base64url(text);
  return !answer.ok() && answer.error().code == ErrorCode::Malformed;
}

}  // namespace

TEST_SUITE("base/bytes") {
  TEST_CASE("the vectors of RFC 4648 section 10 hold both ways, without padding") {
    const std::vector<std::pair<std::string, std::string>> vectors = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& vector : vectors) {
      const auto& plain = vector.first;
      const auto& encoded = vector.second;
      CAPTURE(plain);
      CHECK(to_base64url(bytes_of(plain)) == encoded);
      CHECK(text_of(from_base64url(encoded).value()) == plain);
    }
  }

  TEST_CASE("the two letters that differ from plain base64 are - and _") {
    const Bytes bytes = {0xFB, 0xFF, 0xFE};
    CHECK(to_base64url(bytes) == "-__-");
    CHECK(from_base64url("-__-").value() == bytes);
  }

  TEST_CASE("every byte at every place of a group comes back") {
    for (unsigned place = 0; place < 3; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        CAPTURE(place);
        CAPTURE(byte);
        Bytes bytes(place + 1, 0xA5);
        bytes[place] = static_cast<std::uint8_t>(byte);
        CHECK(from_base64url(to_base64url(bytes)).value() == bytes);
      }
    }
  }

  TEST_CASE("a text of one letter more than whole groups is impossible") {
    CHECK(refused("A"));
    CHECK(refused("AAAAA"));
    CHECK(refused("AAAAAAAAA"));
  }

  TEST_CASE("two letters stand for one byte only when the four spare bits are zero") {
    for (std::size_t last = 0; last < kAlphabet.size(); ++last) {
      const std::string text = {'Z', kAlphabet[last]};
      CAPTURE(text);
      const bool spare_bits_are_zero = last % 16 == 0;
      CHECK(from_base64url(text).ok() == spare_bits_are_zero);
      if (spare_bits_are_zero) CHECK(to_base64url(from_base64url(text).value()) == text);
    }
  }

  TEST_CASE("three letters stand for two bytes only when the two spare bits are zero") {
    for (std::size_t last = 0; last < kAlphabet.size(); ++last) {
      const std::string text = {'Z', 'm', kAlphabet[last]};
      CAPTURE(text);
      const bool spare_bits_are_zero = last % 4 == 0;
      CHECK(from_base64url(text).ok() == spare_bits_are_zero);
      if (spare_bits_are_zero) CHECK(to_base64url(from_base64url(text).value()) == text);
    }
  }

  TEST_CASE("no byte outside the alphabet is read, wherever it stands") {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(static_cast<unsigned char>(byte));
      if (kAlphabet.find(c) != std::string_view::npos) continue;
      CAPTURE(byte);
      for (std::size_t place = 0; place < 4; ++place) {
        std::string text = "AAAA";
        text[place] = c;
        CHECK(refused(text));
      }
    }
  }

  TEST_CASE("a second spelling is refused: padding, blanks, line ends, plain base64") {
    for (const std::string_view text : {"Zg==", "Zg=", "Zm8=", "Zm9v=", "=", "====", " Zg", "Zg ",
                                        "Zm\n9v", "Zm9v\r\n", "+__-", "-//-", "Zm9v.", "%5A%67"}) {
      CAPTURE(text);
      CHECK(refused(text));
    }
  }

  TEST_CASE("hex is lower case and keeps leading zeros") {
    CHECK(to_hex({}) == "");
    CHECK(to_hex(Bytes{0x00, 0x0F, 0xA0, 0xFF}) == "000fa0ff");
  }

  TEST_CASE("bytes and text are the same run, NUL included") {
    const std::string text("a\0b\xFF", 4);
    CHECK(bytes_of(text).size() == 4);
    CHECK(text_of(bytes_of(text)) == text);
  }
}

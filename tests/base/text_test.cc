#include "vault/base/text.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vault/base/json.h"

using vrm::append_utf8;
using vrm::is_utf8;
using vrm::next_scalar;
using vrm::printable;

namespace {

const std::string kReplaced = "\xEF\xBF\xBD";

std::string utf8(char32_t scalar) {
  std::string out;
  append_utf8(out, scalar);
  return out;
}

// What no text that reaches a screen may hold, told in another way than by the code under test.
bool moves_the_screen(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool bidi = c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                    (c >= 0x2066 && c <= 0x2069);
  const bool line = c == 0x2028 || c == 0x2029;
  const bool hidden = c == 0xAD || c == 0x200B || c == 0x200C || c == 0x200D || c == 0x2060 ||
                      c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
  return control || bidi || line || hidden;
}

bool is_safe(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto scalar = next_scalar(text, at);
    if (!scalar || moves_the_screen(*scalar)) return false;
  }
  return true;
}

std::size_t scalars(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) static_cast<void>(next_scalar(text, at));
  return count;
}

// Texts as a hostile brand would send them: to move the cursor, forge a line, hide, reverse, or
// break the reader.
std::vector<std::string> hostile() {
  std::vector<std::string> texts = {
      "\x1B[2J\x1B[H", "\x1B[31mred", "\x1B]8;;http://evil.example\x1B\\here\x1B]8;;\x1B\\",
      "\x1B]52;c;cm0gLXJm\x07", "\x1B]0;title\x07", "\x1BPq#0\x1B\\", "\x1B_app\x1B\\",
      "\x1B^pm\x1B\\",
      "\x1B"
      "c",
      "\x1B[6n", "\x1B[?1049h", "\x1B[999;999H", "\x1B[1A\x1B[2K",
      "\xC2\x9B"
      "2J",
      "\xC2\x9D"
      "0;x\xC2\x9C",
      "\xC2\x90", "\xC2\x85next", "ok\rDenied", "a\b\b\bevil", "bell\x07", "tab\there",
      "line\nforged: yes", "line\r\nforged: yes", "\v\f", "\x7F\x7F", "\x0E\x0F",
      "\x01\x02\x03\x04\x05\x06", std::string("a\0b", 3), "\xE2\x80\xAEgnp.exe",
      "\xE2\x80\xAB\xE2\x80\xAC", "\xE2\x81\xA6x\xE2\x81\xA9", "\xE2\x80\x8Ex\xE2\x80\x8F",
      "\xD8\x9C", "pay\xE2\x80\x8Bpal", "pay\xE2\x80\x8Dpal", "\xE2\x81\xA0",
      "\xEF\xBB\xBF"
      "bom",
      "ka\xC2\xADputt", "\xE2\x80\xA8line", "\xE2\x80\xA9para", "\xF3\xA0\x81\xA5\xF3\xA0\x81\xBF",
      "\xF3\xA0\x80\x81", "\xEE\x80\x80", "\xF3\xB0\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBE",
      "\xEF\xB7\x90", "\xF1\x90\x80\x80", "\xEF\xBF\xB9x\xEF\xBF\xBB", "\xE1\xA0\x8E",
      "\xE3\x85\xA4", "\xE1\x85\x9F", "\xEF\xBE\xA0", "\xEF\xB8\x8F", "\xCD\x8F",
      "\xF0\x9D\x85\xB3", "\xF0\x9B\xB2\xA0", "\xE1\x9E\xB4",
      // not UTF-8
      "\xFF", "\xFE\xFF", "\x80", "\xBF", "\xC3", "\xC3(", "\xE2\x82", "\xE2\x28\xA1",
      "\xF0\x9F\x9A", "\xF0\x28\x8C\xBC", "\xC0\x80", "\xC1\xBF", "\xC0\xAE\xC0\xAE/",
      "\xE0\x80\xAF", "\xE0\x9F\xBF", "\xF0\x80\x80\xAF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
      "\xED\xBF\xBF", "\xED\xA0\xBD\xED\xBA\xB2", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
      "\xF8\x88\x80\x80\x80", "\xFC\x84\x80\x80\x80\x80", "a\xE9z", "\xC2\xE2\x80\xAE",
      "\xE2\xE2\x80\xAE", "\xC2\x1B[2J", "\xF0\x1B[2J", "\xE2\x80\x1B[2J"};
  for (unsigned c = 0; c < 0x20; ++c)
    texts.push_back("x" + std::string(1, static_cast<char>(c)) + "y");
  for (char32_t c = 0x80; c < 0xA0; ++c) texts.push_back("x" + utf8(c) + "y");
  return texts;
}

}  // namespace

TEST_SUITE("base/text") {
  TEST_CASE("every scalar value is written and read back, and nothing else is one") {
    for (char32_t c = 0; c <= 0x110000; ++c) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      const auto text = utf8(c);
      std::size_t at = 0;
      const auto read = next_scalar(text, at);
      const bool same = read == c && at == text.size();
      if (same != (c <= 0x10FFFF)) FAIL_CHECK(static_cast<std::uint32_t>(c));
    }
  }

  TEST_CASE("surrogates, long forms and cut forms are no scalars, and cost one byte each") {
    for (const std::string_view text :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
          "\xF0\x8F\xBF\xBF", "\xF0\x9F\x9A", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
      CAPTURE(text.size());
      std::size_t at = 0;
      CHECK_FALSE(next_scalar(text, at).has_value());
      CHECK(at == 1);
      CHECK_FALSE(is_utf8(text));
    }
    CHECK(is_utf8(""));
    CHECK(is_utf8("V\xC3\xA9lo \xE2\x82\xAC \xF0\x9F\x9A\xB2"));
    CHECK_FALSE(is_utf8("V\xE9lo"));
  }

  TEST_CASE("plain words of any language stay as they are") {
    for (const std::string_view text :
         {"", "Ana Martin", "Vélo Décathlon, 12 rue Mercière", "Größe 42 ½", "Łódź", "Αθήνα",
          "Москва", "東京都千代田区", "서울", "שלום", "مرحبا", "हिन्दी", "ไทย",
          "€ 900,00 — « oui » … ™", "🚲🥖", "<script>alert(1)</script>",
          "'; DROP TABLE grants; --", "%s%n ${HOME} `id` \\x1b"}) {
      CAPTURE(text);
      CHECK(printable(text) == text);
    }
  }

  TEST_CASE("line ends and tabs become blanks, so that one text stays one line") {
    CHECK(printable("a\nb\r\nc\td") == "a b  c d");
  }

  TEST_CASE("what moves, hides or reverses is replaced, each by one mark") {
    CHECK(printable("a\x1B[2J") == "a" + kReplaced + "[2J");
    CHECK(printable("\xE2\x80\xAEgnp.exe") == kReplaced + "gnp.exe");
    CHECK(printable("\xC2\x9B"
                    "2J") == kReplaced + "2J");
    CHECK(printable(std::string_view("a\0b", 3)) == "a" + kReplaced + "b");
    CHECK(printable("a\xE9z") == "a" + kReplaced + "z");
    CHECK(printable("\xC2\x1B") == kReplaced + kReplaced);
  }

  TEST_CASE("every scalar there is comes out safe") {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      const auto shown = printable(utf8(c));
      const bool kept_or_replaced = shown == utf8(c) || shown == kReplaced ||
                                    ((c == '\n' || c == '\r' || c == '\t') && shown == " ");
      if (!is_safe(shown) || !kept_or_replaced) FAIL_CHECK(static_cast<std::uint32_t>(c));
      if (shown == utf8(c) && moves_the_screen(c)) FAIL_CHECK(static_cast<std::uint32_t>(c));
    }
  }

  TEST_CASE("noncharacters, private use and planes without characters are replaced") {
    for (const char32_t c :
         {0xFDD0U, 0xFDEFU, 0xFFFEU, 0xFFFFU, 0x1FFFEU, 0x3FFFFU, 0xE000U, 0xF8FFU, 0x40000U,
          0xDFFFDU, 0xE0001U, 0xE0041U, 0xF0000U, 0x10FFFDU}) {
      CAPTURE(static_cast<std::uint32_t>(c));
      CHECK(printable(utf8(c)) == kReplaced);
    }
  }

  TEST_CASE("a hundred hostile texts come out safe") {
    CHECK(hostile().size() >= 100);
    for (const auto& text : hostile()) {
      CAPTURE(vrm::write_json(text));
      CHECK(is_safe(printable(text)));
      CHECK(printable(printable(text)) == printable(text));
    }
  }

  TEST_CASE("any two bytes beside a letter come out safe") {
    for (unsigned first = 0; first < 256; ++first) {
      for (unsigned second = 0; second < 256; ++second) {
        const std::string text = {static_cast<char>(static_cast<unsigned char>(first)),
                                  static_cast<char>(static_cast<unsigned char>(second)), 'x'};
        if (!is_safe(printable(text)) || printable(text).back() != 'x')
          FAIL_CHECK((first * 256 + second));
      }
    }
  }

  TEST_CASE("a long text is cut to so many scalars, with an ellipsis") {
    CHECK(printable("abcdef", 3) == "abc…");
    CHECK(printable("abc", 3) == "abc");
    CHECK(printable("ééé", 2) == "éé…");
    CHECK(printable("abc", 0) == "…");
    CHECK(printable("", 0) == "");
    const std::string long_text(1'000'000, 'x');
    CHECK(scalars(printable(long_text)) == 501);
    CHECK(scalars(printable(std::string(1'000'000, '\xFF'))) == 501);
  }

  TEST_CASE("the big list of naughty strings comes out safe") {
    const char* named = std::getenv("VRM_SHARED");
    const std::filesystem::path shared = named != nullptr ? named : VRM_SOURCE_DIR "/../shared";
    std::ifstream file(shared / "samples/text/blns.json", std::ios::binary);
    if (!file) {
      std::cout << "skipped: no samples/text/blns.json\n";
      return;
    }
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    const auto read = vrm::read_json(text, {.bytes = 1'000'000, .depth = 4});
    REQUIRE(read.ok());
    CHECK(read.value().size() == 515);
    for (const auto& item : read.value()) {
      const auto& naughty = item.get_ref<const std::string&>();
      CAPTURE(vrm::write_json(naughty));
      CHECK(is_safe(printable(naughty)));
      CHECK(scalars(printable(naughty)) <= 501);
    }
  }
}

#include "vault/profile/vcard.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "vault/profile/transfer_text.h"

using namespace vrm::profile;
using vrm::ErrorCode;

namespace {

// A card of one property line.
Vcard card_of(const std::string& line, const std::string& version = "4.0") {
  const auto file =
      read_vcards("BEGIN:VCARD\r\nVERSION:" + version + "\r\n" + line + "\r\nEND:VCARD\r\n");
  REQUIRE(file.ok());
  REQUIRE(file.value().cards.size() == 1);
  return file.value().cards[0];
}

VcardProperty property_of(const std::string& line, const std::string& version = "4.0") {
  const Vcard card = card_of(line, version);
  REQUIRE(card.properties.size() == 2);
  return card.properties[1];
}

// The keys of the problems of a file, each with its line.
std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> out;
  const auto file = read_vcards(text);
  if (!file.ok()) return {file.error().say};
  for (const auto& problem : file.value().problems)
    out.push_back(std::to_string(problem.line) + " " + problem.what.say);
  return out;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_SUITE("profile/vcard") {
  TEST_CASE("folded lines are joined, whatever ends them, and keep the number of their first") {
    const auto card = card_of("NOTE:one\r\n  two\n\tthree\r four\r\r\n five\r\nFN:Ana");
    REQUIRE(card.properties.size() == 3);
    CHECK(card.properties[1].value == "one twothreefourfive");
    CHECK(card.properties[1].line == 3);
    CHECK(card.properties[2].value == "Ana");
    CHECK(card.properties[2].line == 8);
  }

  TEST_CASE("groups, parameters and quotes are read") {
    const auto property =
        property_of("item1.tel;TYPE=home,voice;type=pref;X-A=\"a;b:c,d\":tel:+33612345678");
    CHECK(property.group == "item1");
    CHECK(property.name == "TEL");
    CHECK(property.has_type("HOME"));
    CHECK(property.has_type("voice"));
    CHECK(property.has_type("PREF"));
    CHECK_FALSE(property.has_type("work"));
    CHECK(property.parameter("X-A") == "a;b:c,d");
    CHECK(property.parameter("X-B").empty());
    CHECK(property.value == "tel:+33612345678");
    CHECK(property_of("TEL;TYPE=\"work,voice\":1").has_type("VOICE"));
  }

  TEST_CASE("carets stand for what a parameter cannot hold") {
    CHECK(property_of("FN;X-A=a^nb^'c^^d^e^:x").parameter("X-A") == "a\nb\"c^d^e^");
  }

  TEST_CASE("2.1 has bare parameters and quoted-printable with soft breaks") {
    const auto bare = property_of("TEL;HOME;VOICE:1", "2.1");
    CHECK(bare.has_type("HOME"));
    CHECK(bare.has_type("VOICE"));
    const auto soft = card_of(
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:caf=C3=A9=0D=0A=\r\n l=C3=A0=\r\n\r\nFN:x",
        "2.1");
    REQUIRE(soft.properties.size() == 3);
    CHECK(soft.properties[1].value == "café\r\n là");
    CHECK(card_of("NOTE;QUOTED-PRINTABLE:a=", "2.1").properties[1].value == "a");
  }

  TEST_CASE("declared Latin-1 and Windows-1252 become UTF-8") {
    CHECK(property_of("FN;CHARSET=ISO-8859-1:Andr\xE9", "2.1").value == "André");
    CHECK(property_of("FN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:=80=E9", "2.1").value ==
          "€é");
    CHECK(problems_of("BEGIN:VCARD\nFN:Andr\xE9\nEND:VCARD\n") ==
          Keys{"2 profile.import_not_utf8"});
    CHECK(problems_of("BEGIN:VCARD\nFN;CHARSET=KOI8-R:x\nEND:VCARD\n") ==
          Keys{"2 profile.import_not_utf8"});
    CHECK(problems_of("BEGIN:VCARD\nFN;CHARSET=WINDOWS-1252:\x81\nEND:VCARD\n") ==
          Keys{"2 profile.import_not_utf8"});
    CHECK(problems_of("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:a=00b\nEND:VCARD\n") ==
          Keys{"2 profile.import_not_utf8"});
  }

  TEST_CASE("pictures and keys are passed over, however long") {
    std::string photo = "PHOTO;ENCODING=b;TYPE=JPEG:";
    for (int i = 0; i < 3000; ++i) photo += "/9j/4AAQSkZJRgABAQAAAQABAAD\r\n ";
    const auto card = card_of(photo + "x\r\nFN:Ana");
    REQUIRE(card.properties.size() == 3);
    CHECK(card.properties[1].value.empty());
    CHECK(card.properties[2].value == "Ana");
  }

  TEST_CASE("what cannot be read is named with its line, and the rest is kept") {
    const std::string text =
        "BEGIN:VCARD\nVERSION:4.0\nno colon\nFN;X=\"open:Ana\n:empty name\nA B:c\nFN;=x:y\n"
        "TEL;ENCODING=QUOTED-PRINTABLE:=ZZ\nNOTE:" +
        std::string(kMaxVcardLineBytes, 'x') + "\nFN:Ana\nEND:VCARD\n";
    CHECK(problems_of(text) == Keys{"3 profile.import_bad_line", "4 profile.import_bad_line",
                                    "5 profile.import_bad_line", "6 profile.import_bad_line",
                                    "7 profile.import_bad_line", "8 profile.import_bad_encoding",
                                    "9 profile.import_line_too_long"});
    CHECK(read_vcards(text).value().cards[0].display_name() == "Ana");
  }

  TEST_CASE("a card without an end is named, and not kept") {
    CHECK(problems_of("BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n") ==
          Keys{"1 profile.import_no_end"});
    CHECK(problems_of("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\n") ==
          Keys{"4 profile.import_no_end"});
    CHECK(problems_of("BEGIN:VCARD\nFN:A\n") == Keys{"profile.import_no_card"});
    CHECK(problems_of("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:a=\nEND:VCARD\n").empty());
  }

  TEST_CASE("a card inside another, as an agent, is passed over") {
    const auto card = card_of("AGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\nFN:Ana", "3.0");
    CHECK(card.display_name() == "Ana");
    CHECK(card.properties.size() == 3);
  }

  TEST_CASE("no cards, and too many, are refused") {
    for (const auto* text : {"", "\n\n", "hello\n", "{}", "END:VCARD\n"}) {
      CAPTURE(text);
      const auto file = read_vcards(text);
      CHECK(file.error().code == ErrorCode::Malformed);
      CHECK(file.error().say == "profile.import_no_card");
    }
    std::string many;
    for (std::size_t i = 0; i < kMaxCards; ++i) many += "BEGIN:VCARD\nFN:A\nEND:VCARD\n";
    CHECK(read_vcards(many).value().cards.size() == kMaxCards);
    CHECK(problems_of(many + "BEGIN:VCARD\nEND:VCARD\n") == Keys{"profile.import_too_many_cards"});
    std::string long_card = "BEGIN:VCARD\n";
    for (std::size_t i = 0; i <= kMaxCardProperties; ++i) long_card += "FN:A\n";
    CHECK(problems_of(long_card + "END:VCARD\n") == Keys{"2002 profile.import_card_too_long"});
  }

  TEST_CASE("escapes and components are undone") {
    CHECK(unescape("a\\nb\\Nc\\,d\\;e\\\\f\\:g\\") == "a\nb\nc,d;e\\f:g\\");
    CHECK(components("Doe;John;Richter\\, James;Mr.;Sr.", "3.0") ==
          Keys{"Doe", "John", "Richter, James", "Mr.", "Sr."});
    CHECK(components("Perreault;Simon;;;ing. jr,M.Sc.", "4.0") ==
          Keys{"Perreault", "Simon", "", "", "ing. jr, M.Sc."});
    CHECK(components("Richter,James;;", "2.1") == Keys{"Richter,James", "", ""});
    CHECK(components("a\\;b; c ;\\", "3.0") == Keys{"a;b", "c", "\\"});
    CHECK(components("", "3.0") == Keys{""});
  }

  TEST_CASE("a card is called by its name, or by what comes next") {
    CHECK(card_of("FN:Ana\\, Dr.").display_name() == "Ana, Dr.");
    CHECK(card_of("N:Martin;Ana").display_name() == "Ana Martin");
    CHECK(card_of("ORG:Example;Dept").display_name() == "Example");
    CHECK(card_of("EMAIL:a@example.org").display_name() == "a@example.org");
    CHECK(card_of("FN:  \nN:;;;\nTEL:1").display_name().empty());
  }

  TEST_CASE("a file made to cost as much as it can is read like another") {
    const auto times = [](std::string_view part, std::size_t bytes) {
      std::string out;
      while (out.size() < bytes) out += part;
      return out;
    };
    // Each of these would take very long if its cost grew with the square of its size.
    constexpr std::size_t kBytes = 64 * 1024;
    for (const auto* part :
         {"\r", "\n", "a=\n", ";=\n", "\n ", "x\n", "\\;", ",\"", "TEL;;;;:\n"}) {
      CAPTURE(part);
      for (const auto* head : {"NOTE;QUOTED-PRINTABLE", "NOTE;QUOTED-PRINTABLE:", "N;X="}) {
        const auto file = read_vcards("BEGIN:VCARD\n" + std::string(head) + times(part, kBytes) +
                                      "\nEND:VCARD\n");
        CHECK((file.ok() || file.error().say == "profile.import_no_card"));
      }
    }
  }
}

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/profile/fixture.h"
#include "vault/profile/import.h"
#include "vault/profile/plan_builder.h"

using namespace vrm;
using namespace vrm::profile;
using vrm::profile::test::gap;

namespace {

const Catalogue& catalogue() {
  static const Catalogue made = Catalogue::embedded().value();
  return made;
}

ImportPlan plan_of(const std::string& text, ImportFormat format = ImportFormat::Auto) {
  auto plan = read_import(catalogue(), text, format);
  REQUIRE_MESSAGE(plan.ok(), (plan.ok() ? "" : plan.error().message));
  return std::move(plan).value();
}

ImportPlan plan_of_card(const std::string& lines) {
  return plan_of("BEGIN:VCARD\nVERSION:4.0\n" + lines + "\nEND:VCARD\n");
}

std::string value_in(const ImportPlan& plan, std::string_view field) {
  for (const auto& item : plan.items)
    if (item.field == field) return item.value;
  return "";
}

std::size_t line_in(const ImportPlan& plan, std::string_view field) {
  for (const auto& item : plan.items)
    if (item.field == field) return item.line;
  return 0;
}

// "line key" of each problem.
std::vector<std::string> problems_of(const ImportPlan& plan) {
  std::vector<std::string> out;
  for (const auto& problem : plan.problems)
    out.push_back(std::to_string(problem.line) + " " + problem.what.say);
  return out;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_SUITE("profile/vcard_fields") {
  TEST_CASE("a card of one's own becomes fields, with the lines they came from") {
    const auto plan = plan_of_card(
        "FN:Ana "
        "Martin\nN:Martin;Ana;;Dr.;\nNICKNAME:Nana\nBDAY:19900214\nGENDER:F\nLANG:fr\nTZ:Europe/"
        "Paris\n"
        "EMAIL;TYPE=work:ana@work.example\nEMAIL;TYPE=home:ana@example.org\n"
        "TEL;TYPE=cell:06 12 34 56 78\nTEL;TYPE=home:04 78 00 00 "
        "00\nTEL;VALUE=uri;TYPE=work:tel:+41446681800;ext=5\n"
        "ADR;TYPE=home:;Bât. B;12 rue des "
        "Lilas;Lyon;;69007;France\nORG:Example;Lab\nTITLE:Engineer\nROLE:Lead\n"
        "URL:https://ana.example/\nANNIVERSARY:20150606");
    CHECK(plan.problems.empty());
    CHECK(plan.format == "vcard");
    CHECK(plan.card == "Ana Martin");
    CHECK(plan.cards == 1);
    CHECK(value_in(plan, "person.name") == "Ana Martin");
    CHECK(value_in(plan, "person.given_name") == "Ana");
    CHECK(value_in(plan, "person.family_name") == "Martin");
    CHECK(value_in(plan, "person.honorific_prefix") == "Dr.");
    CHECK(value_in(plan, "person.birthdate") == "1990-02-14");
    CHECK(value_in(plan, "person.gender") == "female");
    CHECK(value_in(plan, "person.zoneinfo") == "Europe/Paris");
    CHECK(value_in(plan, "preference.language") == "fr");
    CHECK(value_in(plan, "contact.email") == "ana@example.org");
    CHECK(value_in(plan, "contact.email_work") == "ana@work.example");
    CHECK(value_in(plan, "contact.phone_number") == "+33612345678");
    CHECK(value_in(plan, "contact.phone_home") == "+33478000000");
    CHECK(value_in(plan, "contact.phone_work") == "+41446681800");
    CHECK(value_in(plan, "address.home.street_address") == "Bât. B\n12 rue des Lilas");
    CHECK(value_in(plan, "address.home.locality") == "Lyon");
    CHECK(value_in(plan, "address.home.postal_code") == "69007");
    CHECK(value_in(plan, "address.home.country") == "FR");
    CHECK(value_in(plan, "work.organization") == "Example");
    CHECK(value_in(plan, "work.department") == "Lab");
    CHECK(value_in(plan, "household.anniversary") == "2015-06-06");
    CHECK(line_in(plan, "contact.email") == 11);
  }

  TEST_CASE("the preferred one of several is kept, and the others are named") {
    const auto plan =
        plan_of_card("EMAIL:a@example.org\nEMAIL;PREF=2:b@example.org\nEMAIL;PREF=1:c@example.org");
    CHECK(value_in(plan, "contact.email") == "c@example.org");
    CHECK(problems_of(plan) == Keys{"3 profile.import_second", "4 profile.import_second"});
    CHECK(value_in(plan_of_card("TEL:+33612345678\nTEL;TYPE=pref:+33612345679"),
                   "contact.phone_number") == "+33612345679");
    CHECK(plan_of_card("BDAY:19900214\nBDAY:1990-02-14").problems.empty());
  }

  TEST_CASE("what the vault derives by itself is not brought in, what it cannot is") {
    const auto french = plan_of_card("ADR:;;1 rue X;Lyon;Rhône-Alpes;69007;France");
    CHECK(value_in(french, "address.home.region").empty());
    const auto american = plan_of_card("ADR:;;1 X Street;Albany;New York;12345;USA");
    CHECK(value_in(american, "address.home.region") == "New York");
    CHECK(american.items.back().field == "address.home.region");  // behind what it depends on
  }

  TEST_CASE("values that do not fit are problems with their line, and harm no other") {
    const auto plan = plan_of_card(
        "FN:Ana\nTEL;TYPE=cell:905-555-1234\nBDAY:--0203\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-03-22\n"
        "EMAIL:nobody\nADR:;;;;;NY;98765");
    CHECK(problems_of(plan) == Keys{"4 profile.bad_phone", "5 profile.import_no_year",
                                    "6 profile.import_no_year", "7 profile.bad_email",
                                    "8 profile.bad_postal_code", "8 profile.bad_country"});
    CHECK(gap(plan.problems[0].what, "typed") == "905-555-1234");
    CHECK(plan.items.size() == 1);
  }

  TEST_CASE("pictures, faxes, notes and others' numbers are said not to be kept") {
    const auto plan = plan_of_card(
        "FN:Ana\nPHOTO;ENCODING=b:AAAA\nTEL;TYPE=home,fax:+33478000000\nNOTE:x\n"
        "item1.TEL:+33478000001\nitem1.X-ABLabel:AssistantPhone\n"
        "item2.TEL:+33478000002\nitem2.X-ABLabel:_$!<Mobile>!$_\nX-A:1\nX-B:2");
    CHECK(problems_of(plan) == Keys{"4 profile.import_not_kept", "5 profile.import_not_kept",
                                    "6 profile.import_not_kept", "7 profile.import_not_kept",
                                    "8 profile.import_extensions"});
    CHECK(gap(plan.problems.back().what, "count") == "4");
    CHECK(value_in(plan, "contact.phone_number") == "+33478000002");
  }

  TEST_CASE("addresses go to their place, and a second one is named") {
    const auto plan = plan_of_card(
        "ADR;TYPE=work:;;1 W;;;;\nADR;TYPE=home:;;1 H;;;;\nADR;TYPE=home:;;2 H;;;;\n"
        "ADR;TYPE=other:;;1 O;;;;\nADR;TYPE=postal,parcel:;;3 H;;;;");
    CHECK(value_in(plan, "address.work.street_address") == "1 W");
    CHECK(value_in(plan, "address.home.street_address") == "1 H");
    CHECK(problems_of(plan) ==
          Keys{"5 profile.import_second", "6 profile.import_not_kept", "7 profile.import_second"});
  }
}

TEST_SUITE("profile/import") {
  TEST_CASE("of several cards one must be chosen, by number or by name") {
    const std::string text =
        "BEGIN:VCARD\nFN:Ana Martin\nEND:VCARD\nBEGIN:VCARD\nFN:Bruno "
        "Diaz\nEND:VCARD\nBEGIN:VCARD\nFN:Ana Diaz\nEND:VCARD\n";
    const auto none = read_import(catalogue(), text);
    CHECK(none.error().code == ErrorCode::Conflict);
    CHECK(none.error().say == "profile.import_which_card");
    CHECK(gap(none.error(), "cards") == "1 Ana Martin, 2 Bruno Diaz, 3 Ana Diaz");
    for (const auto* card : {"2", "bruno diaz", "Bruno"})
      CHECK(read_import(catalogue(), text, ImportFormat::Auto, card).value().card == "Bruno Diaz");
    const auto two = read_import(catalogue(), text, ImportFormat::Auto, "Ana");
    CHECK(two.error().code == ErrorCode::Conflict);
    CHECK(gap(two.error(), "cards") == "1 Ana Martin, 3 Ana Diaz");
    for (const auto* card : {"0", "4", "Zoe", ""}) {
      CAPTURE(card);
      CHECK(read_import(catalogue(), text, ImportFormat::Auto, card).error().code ==
            ErrorCode::NotFound);
    }
    std::string many;
    for (int i = 0; i < 14; ++i) many += "BEGIN:VCARD\nFN:A" + std::to_string(i) + "\nEND:VCARD\n";
    const auto listed = gap(read_import(catalogue(), many).error(), "cards");
    CHECK(listed.ends_with("10 A9, … (14)"));
  }

  TEST_CASE("problems of other cards are not this one's") {
    const std::string text = "BEGIN:VCARD\nFN:A\nbroken\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n";
    CHECK(read_import(catalogue(), text, ImportFormat::Auto, "2").value().problems.empty());
    CHECK(read_import(catalogue(), text, ImportFormat::Auto, "1").value().problems.size() == 1);
  }

  TEST_CASE("a file that is neither, or too large, is refused") {
    CHECK(read_import(catalogue(), "hello").error().say == "profile.import_no_card");
    CHECK(read_import(catalogue(), std::string(kMaxImportBytes + 1, ' ')).error().say ==
          "profile.import_too_large");
    CHECK(read_import(catalogue(), "{}", ImportFormat::Vcard).error().say ==
          "profile.import_no_card");
    CHECK(read_import(catalogue(), "BEGIN:VCARD", ImportFormat::Json).error().say ==
          "profile.import_bad_json");
    CHECK(import_format_from_text("json") == ImportFormat::Json);
    CHECK_FALSE(import_format_from_text("csv").has_value());
  }

  TEST_CASE("a byte order mark is passed over") {
    CHECK(plan_of("\xEF\xBB\xBF"
                  "BEGIN:VCARD\nFN:Ana\nEND:VCARD\n")
              .items.size() == 1);
    CHECK(plan_of("\xEF\xBB\xBF{\"contact.email\":\"a@example.org\"}").items.size() == 1);
  }
}

TEST_SUITE("profile/json_fields") {
  TEST_CASE("flat, nested and OpenID Connect's names give the same fields") {
    const auto flat = plan_of(
        R"({"person.given_name":"Ana","contact.email":"a@example.org","address.home.locality":"Lyon"})");
    const auto nested =
        plan_of(R"({"person":{"given_name":"Ana"},"contact":{"email":"a@example.org"},
                                    "address":{"home":{"locality":"Lyon"}}})");
    const auto oidc = plan_of(
        R"({"sub":"24400320","given_name":"Ana","email":"a@example.org","email_verified":true,
                                  "updated_at":1311280970,"address":{"locality":"Lyon","formatted":"Lyon"}})");
    for (const auto* plan : {&flat, &nested, &oidc}) {
      CHECK(plan->format == "json");
      CHECK(plan->problems.empty());
      CHECK(plan->items.size() == 3);
      CHECK(value_in(*plan, "person.given_name") == "Ana");
      CHECK(value_in(*plan, "contact.email") == "a@example.org");
      CHECK(value_in(*plan, "address.home.locality") == "Lyon");
    }
  }

  TEST_CASE("numbers, truths, answers and names of one's own are read") {
    const auto plan =
        plan_of(R"({"size.shoe_eu":42,"preference.newsletter":false,"garden.tree":"apple",
      "body.height":{"value":"178","unit":"cm","as_of":"2026-11-21"},"household":{"adults":{"value":2}}})");
    CHECK(plan.problems.empty());
    CHECK(value_in(plan, "size.shoe_eu") == "42");
    CHECK(value_in(plan, "preference.newsletter") == "false");
    CHECK(value_in(plan, "garden.tree") == "apple");
    CHECK(value_in(plan, "body.height") == "178 cm");
    CHECK(value_in(plan, "household.adults") == "2");
  }

  TEST_CASE("of an export the values are read under their own names, and the rest is named") {
    const auto plan = plan_of(R"({
  "schema": "vrm.export/1",
  "vault": "00", "made_at": "2026-11-22T14:00:00Z",
  "fields": [{"field": "note.door", "type": "multiline", "value": "a\nb"},
             {"field": "contact.email", "type": "email"}, 7],
  "values": {
    "address.home.locality": "Lyon",
    "contact.email": "a@example.org",
    "contact.emial": "own",
    "note.door": "a\nb",
    "person.age_over_18": "true",
    "person.birthdate": "1990-02-14",
    "Bad.Name": "x"
  },
  "history": [],
  "documents": [{"name": "document.passport", "path": "v1.json.documents/passport.pdf"}],
  "brands": [{"brand": "velo"}, {"brand": "bike"}]
})");
    CHECK(plan.format == "json");
    CHECK(plan.items.size() == 5);
    CHECK(value_in(plan, "address.home.locality") == "Lyon");
    CHECK(value_in(plan, "contact.email") == "a@example.org");
    CHECK(value_in(plan, "contact.emial") == "own");
    CHECK(value_in(plan, "note.door") == "a\nb");
    CHECK(line_in(plan, "contact.email") == 8);
    CHECK(problems_of(plan) == Keys{"13 profile.import_not_kept",
                                    "16 profile.import_export_document",
                                    "17 profile.import_export_part"});
    CHECK(gap(plan.problems[1].what, "name") == "passport");
    CHECK(gap(plan.problems[1].what, "path") == "v1.json.documents/passport.pdf");
    CHECK(gap(plan.problems[2].what, "part") == "brands");
    CHECK(gap(plan.problems[2].what, "n") == "2");
    for (const auto& problem : plan.problems) CHECK(problem.is_notice());
    CHECK(plan_of(R"({"schema":"vrm.export/1","values":[],"documents":{}})").items.empty());
  }

  TEST_CASE("items and problems know their line") {
    const auto plan = plan_of(R"({
  "person": {
    "given_name": "A{n\"a:",
    "age_over_18": true
  },
  "contact.email": "nobody",
  "contact": {"website": ["https://a.example/"],
    "profile": null},
  "work.role": "x", "unknown": 1,
  "Bad.Name": "x"
})");
    CHECK(line_in(plan, "person.given_name") == 3);
    CHECK(line_in(plan, "work.role") == 9);
    CHECK(problems_of(plan) == Keys{"4 profile.import_claim", "6 profile.bad_email",
                                    "7 profile.import_no_lists", "9 profile.import_not_kept",
                                    "10 profile.import_not_kept"});
  }

  TEST_CASE("JSON that is not strict, or no object, is refused with the reason") {
    for (const auto* text :
         {"{", "[1]", "{\"a\":1,\"a\":2}", "{\"a\":1.5}", "{} {}", "{\"a\":\"\\u0000\"}"}) {
      CAPTURE(text);
      const auto plan = read_import(catalogue(), text);
      REQUIRE_FALSE(plan.ok());
      CHECK(plan.error().say == "profile.import_bad_json");
      CHECK_FALSE(gap(plan.error(), "reason").empty());
    }
  }

  TEST_CASE("names too long, fields too many and problems without end are cut off") {
    const std::string long_name(5000, 'a');
    CHECK(problems_of(plan_of("{\"a." + long_name + "\":1}")) == Keys{"0 profile.import_not_kept"});
    std::string many = "{\"a.a\":\"x\"";
    for (std::size_t i = 0; i < kMaxImportItems + 500; ++i)
      many += ",\"b.n" + std::to_string(i) + "\":\"x\"";
    const auto plan = plan_of(many + "}");
    CHECK(plan.items.size() == kMaxImportItems);
    CHECK(plan.problems.size() == kMaxImportProblems);
    CHECK(plan.problems[0].what.say == "profile.import_too_many_fields");
  }
}

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/profile/fixture.h"
#include "vault/profile/import.h"
#include "vault/profile/vcard.h"

// Real exports of address books, as they lie beside the tree.

using namespace vrm;
using namespace vrm::profile;
using vrm::profile::test::shared_file;

namespace {

constexpr std::string_view kFiles[] = {"John_Doe_ANDROID.vcf",
                                       "John_Doe_EVOLUTION.vcf",
                                       "John_Doe_GMAIL.vcf",
                                       "John_Doe_IPHONE.vcf",
                                       "John_Doe_MAC_ADDRESS_BOOK.vcf",
                                       "John_Doe_MS_OUTLOOK.vcf",
                                       "fullcontact.vcf",
                                       "gmail-list.vcf",
                                       "outlook-2003.vcf",
                                       "rfc2426-example.vcf",
                                       "rfc6350-example.vcf",
                                       "thunderbird-MoreFunctionsForAddressBook-extension.vcf"};

struct Expected {
  std::string file;
  std::string card;
  std::string field;
  std::string value;
};

const std::vector<Expected> kExpected = {
    {"John_Doe_ANDROID.vcf", "1", "contact.email", "john.doe@company.com"},
    {"John_Doe_ANDROID.vcf", "3", "person.name", "Ñ Ñ Ñ Ñ Ñ"},
    {"John_Doe_ANDROID.vcf", "5", "person.family_name", "Ñ Ñ"},
    {"John_Doe_ANDROID.vcf", "5", "contact.email_work", "bob@company.com"},
    {"John_Doe_ANDROID.vcf", "6", "contact.email", "henry@company.com"},
    {"John_Doe_EVOLUTION.vcf", "1", "person.name", "Mr. John Richter, James Doe Sr."},
    {"John_Doe_EVOLUTION.vcf", "1", "person.middle_name", "Richter, James"},
    {"John_Doe_EVOLUTION.vcf", "1", "person.birthdate", "1980-03-22"},
    {"John_Doe_EVOLUTION.vcf", "1", "contact.email_work", "john.doe@ibm.com"},
    {"John_Doe_EVOLUTION.vcf", "1", "contact.website", "http://www.ibm.com"},
    {"John_Doe_EVOLUTION.vcf", "1", "work.department", "Accounting"},
    {"John_Doe_EVOLUTION.vcf", "1", "household.anniversary", "1980-03-22"},
    {"John_Doe_EVOLUTION.vcf", "1", "address.home.street_address",
     "ASB-123\n15 Crescent moon drive"},
    {"John_Doe_EVOLUTION.vcf", "1", "address.home.locality", "Albaney"},
    {"John_Doe_EVOLUTION.vcf", "1", "address.home.region", "New York"},
    {"John_Doe_EVOLUTION.vcf", "1", "address.home.postal_code", "12345"},
    {"John_Doe_EVOLUTION.vcf", "1", "address.home.country", "US"},
    {"John_Doe_GMAIL.vcf", "1", "person.given_name", "John"},
    {"John_Doe_GMAIL.vcf", "1", "address.home.street_address",
     "Crescent moon drive\n555-asd\nNice Area, Albaney, New York 12345\nUnited States of America"},
    {"John_Doe_GMAIL.vcf", "1", "contact.email", "john.doe@ibm.com"},
    {"John_Doe_IPHONE.vcf", "1", "person.middle_name", "Richter, James"},
    {"John_Doe_IPHONE.vcf", "1", "person.nickname", "Johny"},
    {"John_Doe_IPHONE.vcf", "1", "person.birthdate", "2012-06-06"},
    {"John_Doe_IPHONE.vcf", "1", "address.home.street_address", "Silicon Alley 5"},
    {"John_Doe_IPHONE.vcf", "1", "address.work.street_address", "Street4\nBuilding 6\nFloor 8"},
    {"John_Doe_IPHONE.vcf", "1", "address.work.country", "US"},
    {"John_Doe_IPHONE.vcf", "1", "contact.website", "http://www.ibm.com"},
    {"John_Doe_MAC_ADDRESS_BOOK.vcf", "1", "person.honorific_suffix", "Sr."},
    {"John_Doe_MAC_ADDRESS_BOOK.vcf", "1", "contact.email_work", "john.doe@ibm.com"},
    {"John_Doe_MS_OUTLOOK.vcf", "1", "person.birthdate", "1980-03-22"},
    {"John_Doe_MS_OUTLOOK.vcf", "1", "contact.email", "john.doe@ibm.cm"},
    {"John_Doe_MS_OUTLOOK.vcf", "1", "address.work.street_address", "Cresent moon drive"},
    {"John_Doe_MS_OUTLOOK.vcf", "1", "address.home.street_address", "Silicon Alley 5,"},
    {"John_Doe_MS_OUTLOOK.vcf", "1", "work.role", "Counting Money"},
    {"fullcontact.vcf", "1", "person.birthdate", "2016-08-01"},
    {"fullcontact.vcf", "1", "person.gender", "male"},
    {"fullcontact.vcf", "1", "contact.email", "home@example.com"},
    {"fullcontact.vcf", "1", "contact.email_work", "work@example.com"},
    {"fullcontact.vcf", "1", "address.home.street_address", "HomeExtended\nHomeStreet"},
    {"fullcontact.vcf", "1", "address.work.region", "WorkState"},
    {"gmail-list.vcf", "Chris Beatle", "contact.email", "chrisy55d@yahoo.com"},
    {"gmail-list.vcf", "3", "person.family_name", "White"},
    {"outlook-2003.vcf", "1", "person.honorific_suffix", "III"},
    {"outlook-2003.vcf", "1", "address.work.street_address", "TheOffice\n123 Main St"},
    {"outlook-2003.vcf", "1", "address.work.region", "TX"},
    {"outlook-2003.vcf", "1", "work.organization", "Company, The"},
    {"outlook-2003.vcf", "1", "contact.email", "jdoe@hotmail.com"},
    {"rfc2426-example.vcf", "Frank Dawson", "contact.phone_work", "+19196769515"},
    {"rfc2426-example.vcf", "Frank Dawson", "contact.email", "Frank_Dawson@lotus.com"},
    {"rfc2426-example.vcf", "Frank Dawson", "address.work.postal_code", "27613-3502"},
    {"rfc2426-example.vcf", "Frank Dawson", "address.work.country", "US"},
    {"rfc2426-example.vcf", "Tim Howes", "contact.phone_work", "+14159373419"},
    {"rfc2426-example.vcf", "Tim Howes", "address.work.postal_code", "94043"},
    {"rfc6350-example.vcf", "1", "person.honorific_suffix", "ing. jr, M.Sc."},
    {"rfc6350-example.vcf", "1", "contact.phone_work", "+14186569254"},
    {"rfc6350-example.vcf", "1", "contact.phone_number", "+14182626501"},
    {"rfc6350-example.vcf", "1", "address.work.street_address", "Suite D2-630\n2875 Laurier"},
    {"rfc6350-example.vcf", "1", "address.work.locality", "Quebec"},
    {"rfc6350-example.vcf", "1", "address.work.postal_code", "G1V 2M2"},
    {"rfc6350-example.vcf", "1", "address.work.country", "CA"},
    {"rfc6350-example.vcf", "1", "preference.language", "fr"},
    {"rfc6350-example.vcf", "1", "household.anniversary", "2009-08-08"},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf", "1", "contact.email",
     "doe.john@hotmail.com"},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf", "1", "person.birthdate",
     "1970-09-21"},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf", "1", "work.job_title", "TheTitle"},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf", "1", "household.anniversary",
     "1990-04-30"},
};

std::optional<std::string> sample(std::string_view file) {
  return shared_file(std::filesystem::path("samples/vcard") / file);
}

}  // namespace

TEST_SUITE("profile/samples") {
  TEST_CASE("real address books give the right values") {
    if (!sample(kFiles[0])) {
      MESSAGE("skipped: no samples");
      return;
    }
    const Catalogue catalogue = Catalogue::embedded().value();
    for (const auto& expected : kExpected) {
      CAPTURE(expected.file);
      CAPTURE(expected.field);
      const auto plan =
          read_import(catalogue, sample(expected.file).value(), ImportFormat::Auto, expected.card);
      REQUIRE(plan.ok());
      std::string value = "(not there)";
      for (const auto& item : plan.value().items)
        if (item.field == expected.field) value = item.value;
      CHECK(value == expected.value);
    }
  }

  TEST_CASE("every card of every file is read, and every value it gives is canonical") {
    if (!sample(kFiles[0])) {
      MESSAGE("skipped: no samples");
      return;
    }
    const Catalogue catalogue = Catalogue::embedded().value();
    std::size_t cards = 0;
    for (const auto file : kFiles) {
      CAPTURE(file);
      const auto text = sample(file);
      REQUIRE(text.has_value());
      const auto read = read_vcards(*text);
      REQUIRE(read.ok());
      // One organisation of Android's was cut in the middle of a letter.
      const bool broken = file == "John_Doe_ANDROID.vcf";
      REQUIRE(read.value().problems.size() == (broken ? 1U : 0U));
      if (broken) CHECK(read.value().problems[0].line == 82);
      for (std::size_t card = 1; card <= read.value().cards.size(); ++card, ++cards) {
        const auto plan = read_import(catalogue, *text, ImportFormat::Vcard, std::to_string(card));
        REQUIRE(plan.ok());
        CHECK_FALSE(plan.value().items.empty());
        for (const auto& item : plan.value().items)
          CHECK(parse_value(*type_from_text(item.type), item.field, item.value).value() ==
                item.value);
        for (const auto& problem : plan.value().problems) CHECK(problem.line > 0);
      }
    }
    CHECK(cards == 20);
  }
}

#include "vault/gate/over_asking.h"

#include <doctest/doctest.h>

#include "vault/profile/catalogue.h"

using namespace vrm;  // tests only

namespace {

brands::Brand asking(std::vector<brands::Use> uses) {
  brands::Brand brand;
  brand.facts.uses = std::move(uses);
  return brand;
}

}  // namespace

TEST_SUITE("gate/over_asking") {
  TEST_CASE(
      "fields, purpose and retention are held against the use of the purpose or of one above it") {
    const auto purposes = grants::Purposes::load().value();
    const auto brand = asking({{"service", {"contact"}, 0},
                               {"dpv:DeliveryOfGoods", {"address.home", "contact.email"}, 30},
                               {"unheard-of", {"person"}, 5}});
    const gate::OverAsking delivery(brand, purposes, "delivery");
    CHECK(delivery.is_registered());
    CHECK_FALSE(delivery.purpose());
    CHECK_FALSE(delivery.field("address.home"));
    CHECK_FALSE(delivery.field("address.home.locality"));
    CHECK_FALSE(delivery.field("contact.email"));
    CHECK(delivery.field("address.homely"));
    CHECK(delivery.field("address"));
    CHECK(delivery.field("contact.phone_number"));  // the nearest use decides, alone
    CHECK_FALSE(delivery.retention(30));
    CHECK(delivery.retention(31));
    CHECK(delivery.retention(0));
    CHECK(delivery.registered_days() == 30);

    const gate::OverAsking under(brand, purposes, "dpv:RequestedServiceProvision");
    CHECK_FALSE(under.purpose());
    CHECK_FALSE(under.field("contact.phone_number"));
    CHECK_FALSE(under.retention(0));
    CHECK_FALSE(under.retention(3660));

    const gate::OverAsking marketing(brand, purposes, "marketing");
    CHECK(marketing.purpose());
    CHECK_FALSE(marketing.field("contact.email"));
    CHECK_FALSE(marketing.retention(0));
    CHECK(gate::OverAsking(brand, purposes, "unheard-of").purpose());
  }

  TEST_CASE("without registered uses there is nothing to hold against") {
    const auto purposes = grants::Purposes::load().value();
    const auto brand = asking({});
    const gate::OverAsking any(brand, purposes, "marketing");
    CHECK_FALSE(any.is_registered());
    CHECK_FALSE(any.purpose());
    CHECK_FALSE(any.field("person.birthdate"));
    CHECK_FALSE(any.retention(0));
  }
}

TEST_SUITE("gate/usual_fields") {
  TEST_CASE(
      "every purpose that can be granted has usual fields, each a field or group of the "
      "catalogue") {
    const auto purposes = grants::Purposes::load().value();
    const auto catalogue = profile::Catalogue::embedded().value();
    for (const auto& purpose : purposes.all()) {
      CAPTURE(purpose.word);
      CHECK(purpose.usual.empty() != purpose.grantable);
      for (const auto& usual : purpose.usual) {
        CAPTURE(usual);
        bool known = usual == "document.id_card" || usual == "document.passport";  // files
        for (const auto& field : catalogue.all())
          known = known || field.name == usual || field.name.starts_with(usual + ".");
        CHECK(known);
      }
    }
  }

  TEST_CASE("what is sensitive is usual for the few purposes that need it") {
    const auto purposes = grants::Purposes::load().value();
    const auto usual = [&](const char* purpose, const char* field) {
      return grants::Purposes::is_usual(*purposes.find(purpose), field);
    };
    CHECK(usual("identity", "person.birthdate"));
    for (const char* purpose : {"delivery", "quote", "payment", "marketing", "direct-marketing",
                                "recommend", "support", "age", "order"}) {
      CAPTURE(purpose);
      CHECK_FALSE(usual(purpose, "person.birthdate"));
    }
    CHECK(usual("delivery", "address.home.postal_code"));
    CHECK_FALSE(usual("delivery", "address.homely"));
    CHECK_FALSE(usual("quote", "address.home.street_address"));
    CHECK_FALSE(usual("direct-marketing", "address.home.street_address"));
  }
}

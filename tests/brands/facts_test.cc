// What a document says of its brand besides, and the record that keeps it.

#include "vault/brands/facts.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "vault/base/json.h"
#include "vault/brands/brand.h"

using namespace vrm;  // tests only
using nlohmann::json;

namespace {

json said() {
  return {{"legal_name", "Vélo Lyon SAS"},
          {"identifiers", {{{"type", "vat"}, {"value", "FR40303265045"}}}},
          {"contacts", {{"privacy", "privacy@velo.example"}, {"address", "1 rue Neuve, Lyon"}}},
          {"uses",
           {{{"purpose", "delivery"}, {"fields", {"address.home"}}, {"retention_days", 30}},
            {{"purpose", "dpv:AgeVerification"}, {"fields", {"person.age_over_18"}}}}},
          {"terms", {"https://myterms.info/sd-base"}}};
}

brands::Brand velo() {
  brands::Brand brand;
  brand.handle = "velo";
  brand.name = "Vélo";
  brand.known_since = {1'795'000'000'000};
  brand.keys_since = brand.known_since;
  return brand;
}

}  // namespace

TEST_SUITE("brands/facts") {
  TEST_CASE("all that a document says is read, and kept as it was read") {
    const auto facts = brands::read_facts(said()).value();
    CHECK(facts.legal_name == "Vélo Lyon SAS");
    CHECK(facts.identifiers == std::vector<brands::Identifier>{{"vat", "FR40303265045"}});
    CHECK(facts.privacy_contact == "privacy@velo.example");
    CHECK(facts.address == "1 rue Neuve, Lyon");
    REQUIRE(facts.uses.size() == 2);
    CHECK(facts.uses[0].retention_days == 30);
    CHECK(facts.uses[1].retention_days == 0);
    CHECK(facts.terms == std::vector<std::string>{"https://myterms.info/sd-base"});
    CHECK(brands::read_facts(brands::facts_document(facts)).value() == facts);
    auto brand = velo();
    brand.facts = facts;
    CHECK(brands::read_brand(brands::write_brand(brand)).value().facts == facts);
  }

  TEST_CASE("a document that says nothing of it is no mistake") {
    CHECK(brands::read_facts(json::object()).value() == brands::Facts{});
  }

  TEST_CASE("other shapes are refused, and more than is taken") {
    const auto refused = [](const char* member, const json& value) {
      auto changed = said();
      changed[member] = value;
      CAPTURE(write_json(changed));
      CHECK_FALSE(brands::read_facts(changed).ok());
    };
    refused("legal_name", 1);
    refused("identifiers", "FR1");
    refused("identifiers", {{{"type", "vat"}}});
    refused("identifiers", {{{"type", "vat"}, {"value", ""}}});
    refused("identifiers", json(std::vector<json>(9, {{"type", "t"}, {"value", "v"}})));
    refused("contacts", "mail");
    refused("contacts", {{"privacy", json::array()}});
    refused("uses", json::object());
    refused("uses", {{{"purpose", "delivery"}}});
    refused("uses", {{{"purpose", "delivery"}, {"fields", json::array()}}});
    refused("uses", {{{"purpose", ""}, {"fields", {"a"}}}});
    refused("uses", {{{"purpose", "de livery"}, {"fields", {"a"}}}});
    for (const char* field : {"", ".a", "a.", "a..b", "A", "a b", "a\x1b"})
      refused("uses", {{{"purpose", "delivery"}, {"fields", {field}}}});
    for (const int days : {0, -1, 3661})
      refused("uses", {{{"purpose", "age"}, {"fields", {"a"}}, {"retention_days", days}}});
    refused("uses",
            {{{"purpose", "age"}, {"fields", {"a"}}}, {{"purpose", "age"}, {"fields", {"b"}}}});
    refused("uses", json(std::vector<json>(33, {{"purpose", "age"}, {"fields", {"a"}}})));
    refused("uses", {{{"purpose", "age"}, {"fields", std::vector<std::string>(65, "a")}}});
    refused("terms", {1});
    refused("terms", {"two words"});
    refused("terms", {""});
    refused("terms", json(std::vector<std::string>(17, "t")));
  }

  TEST_CASE("texts are made safe to print") {
    const auto facts = brands::read_facts({{"legal_name", "Velo\x1b[31m\xe2\x80\xae SAS"}}).value();
    CHECK(facts.legal_name.find('\x1b') == std::string::npos);
    CHECK(facts.legal_name.find("\xe2\x80\xae") == std::string::npos);
  }
}

TEST_SUITE("brands/record") {
  TEST_CASE(
      "a record from before keys could change still reads, its keys pinned since it was known") {
    const std::string old =
        R"({"address_checked":true,"client_id":"https://velo.example/vrm-brand.json","event_endpoint":"",)"
        R"("fingerprint":"SHA256:x","handle":"velo","host":"velo.example","introduced":true,)"
        R"("introduction_endpoint":"","jwks":"{}","known_since":1795000000000,"name":"Velo","standing":"known","tags":[]})";
    const auto brand = brands::read_brand(bytes_of(old)).value();
    CHECK(brand.keys_since == brand.known_since);
    CHECK(brand.shown_fingerprint.empty());
    CHECK(brand.tokens_after.ms == 0);
    CHECK(trust_of(brand) == brands::Trust::Known);
    const auto again = brands::write_brand(brand);
    CHECK(text_of(again).find("shown") == std::string_view::npos);
  }

  TEST_CASE("every later member comes back") {
    auto brand = velo();
    brand.trusted = true;
    brand.looks_like = "veio";
    brand.keys_since = {1'795'000'000'001};
    brand.checked_at = {2};
    brand.former_name = "Velo";
    brand.renamed_at = {3};
    brand.shown_jwks = "{}";
    brand.shown_fingerprint = "SHA256:y";
    brand.shown_at = {4};
    brand.tokens_after = {5};
    const auto back = brands::read_brand(brands::write_brand(brand)).value();
    CHECK(back.trusted);
    CHECK(back.looks_like == "veio");
    CHECK(back.keys_since.ms == 1'795'000'000'001);
    CHECK(back.checked_at.ms == 2);
    CHECK(back.former_name == "Velo");
    CHECK(back.renamed_at.ms == 3);
    CHECK(back.shown_jwks == "{}");
    CHECK(back.shown_fingerprint == "SHA256:y");
    CHECK(back.shown_at.ms == 4);
    CHECK(back.tokens_after.ms == 5);
  }

  TEST_CASE("trust is the worst that is known, unless the owner looked") {
    using brands::Standing;
    using brands::Trust;
    auto brand = velo();
    CHECK(trust_of(brand) == Trust::Unchecked);
    brand.address_checked = true;
    CHECK(trust_of(brand) == Trust::Known);
    brand.looks_like = "veio";
    CHECK(trust_of(brand) == Trust::Lookalike);
    brand.trusted = true;
    CHECK(trust_of(brand) == Trust::Trusted);
    brand.standing = Standing::KeysChanged;
    CHECK(trust_of(brand) == Trust::KeysChanged);
    brand.standing = Standing::Blocked;
    CHECK(trust_of(brand) == Trust::Blocked);
  }
}

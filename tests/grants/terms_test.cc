#include "vault/grants/terms.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/grants/grant.h"
#include "vault/grants/request.h"
#include "vault/grants/rule.h"

using namespace vrm;  // tests only
using grants::Roster;
using nlohmann::json;

namespace {

constexpr std::string_view kNamespace = "https://w3id.org/dpv/standards/ieee/7012#";
// By sha256sum, of the id and the sentence, each with a line feed.
constexpr std::string_view kBaseDigest =
    "sha-256:793942d3a9b854ca50204783a7c0163376f4af197826dc87f2778c582536e6e1";

json an_agreement(const std::string& word = "SD-BASE") {
  const std::string id = "https://w3id.org/x#" + word;
  return {{"id", id},
          {"word", word},
          {"says_en", "Only this."},
          {"says_fr", "Seulement cela."},
          {"digest", grants::digest_of(id, "Only this.")}};
}

bool is_roster(const json& agreements) {
  return Roster::parse(write_json({{"about", "a test"}, {"agreements", agreements}})).ok();
}

grants::NamedTerms named() {
  return {"https://w3id.org/x#SD-BASE", "sha-256:00", ""};
}

}  // namespace

TEST_SUITE("grants/terms") {
  TEST_CASE("the roster that is linked in has the agreements that a brand can enter") {
    const auto roster = Roster::load().value();
    std::set<std::string> words;
    for (const auto& each : roster.all()) {
      CAPTURE(each.word);
      CHECK(each.id == std::string(kNamespace) + each.word);
      CHECK(roster.find(each.id) == &each);
      words.insert(each.word);
    }
    CHECK(words.size() == 13);
    for (const char* word : {"SD-BASE", "SD-BASE-DP", "PDC-INTENT"}) CHECK(words.contains(word));
    CHECK(roster.find("sd-base")->word == "SD-BASE");
    CHECK(roster.find("SD-BASE")->digest == kBaseDigest);
    CHECK(roster.find("SD") == nullptr);
    CHECK(roster.find("") == nullptr);
  }

  TEST_CASE("a roster that is not what it says is refused") {
    CHECK(is_roster({an_agreement(), an_agreement("PDC-AI")}));
    CHECK_FALSE(is_roster(json::array()));
    CHECK_FALSE(is_roster({an_agreement(), an_agreement()}));
    CHECK_FALSE(is_roster({json()}));
    CHECK_FALSE(Roster::parse("").ok());
    CHECK_FALSE(Roster::parse("[]").ok());
    CHECK_FALSE(Roster::parse(R"({"agreements":[]})").ok());
    for (const char* name : {"id", "word", "says_en", "says_fr", "digest"}) {
      CAPTURE(name);
      for (const json& value : {json(), json(1), json(""), json("x\u001b[31m")}) {
        json changed = an_agreement();
        changed[name] = value;
        CHECK_FALSE(is_roster({changed}));
      }
      json without = an_agreement();
      without.erase(name);
      CHECK_FALSE(is_roster({without}));
    }
    json more = an_agreement();
    more["text"] = "of the standard";
    CHECK_FALSE(is_roster({more}));
    json other = an_agreement();
    other["says_en"] = "Only that.";
    CHECK_FALSE(is_roster({other}));
    CHECK(Roster::parse("{").error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("what a brand names is one agreement with its digest, and nothing else") {
    const auto roster = Roster::load().value();
    const std::string id = std::string(kNamespace) + "SD-BASE";
    const auto good =
        grants::named_terms({{"terms", {{"id", id}, {"digest", kBaseDigest}}}}, roster);
    REQUIRE(good.ok());
    CHECK(good.value()->id == id);
    CHECK(good.value()->jws.empty());
    CHECK_FALSE(grants::named_terms(json::object(), roster).value().has_value());
    const auto message_of = [&](const json& terms) {
      const auto read = grants::named_terms({{"terms", terms}}, roster);
      return read.ok() ? std::string() : read.error().message;
    };
    for (const json& terms :
         {json(), json("SD-BASE"), json::array(), json::object(), json({{"id", id}}),
          json({{"digest", kBaseDigest}}), json({{"id", 1}, {"digest", kBaseDigest}}),
          json({{"id", id}, {"digest", nullptr}}),
          json({{"id", id}, {"digest", kBaseDigest}, {"jws", "x"}}),
          json({{"id", "SD-BASE"}, {"digest", kBaseDigest}}),
          json({{"id", id + "X"}, {"digest", kBaseDigest}}),
          json({{"id", id}, {"digest", std::string(kBaseDigest) + "0"}}),
          json({{"id", std::string(kNamespace) + "SD-BASE-A"}, {"digest", kBaseDigest}})}) {
      CAPTURE(terms.dump());
      CHECK(message_of(terms).find("`terms`") == 0);
    }
    CHECK(message_of({{"id", id}, {"digest", "sha-256:00"}}).find(kBaseDigest) !=
          std::string::npos);
  }

  TEST_CASE("grants, requests and rules keep the terms, and records without them are as before") {
    grants::Grant grant;
    grant.id.text = "gr_7F2K9QXD";
    CHECK_FALSE(grants::read_grant(write_grant(grant)).value().terms.has_value());
    CHECK(text_of(write_grant(grant)).find("terms") == std::string::npos);
    grant.terms = named();
    grant.terms->jws = "a.b.c";
    const auto read = grants::read_grant(write_grant(grant)).value();
    CHECK(read.terms->id == grant.terms->id);
    CHECK(read.terms->digest == grant.terms->digest);
    CHECK(read.terms->jws == "a.b.c");
    grants::AccessRequest request;
    request.id.text = "rq_7F2K9QXD";
    CHECK_FALSE(grants::read_request(write_request(request)).value().terms.has_value());
    request.terms = named();
    CHECK(grants::read_request(write_request(request)).value().terms->same_as(named()));
    grants::Rule rule;
    rule.id.text = "ru_7F2K9QXD";
    CHECK_FALSE(grants::read_rule(write_rule(rule)).value().terms.has_value());
    rule.terms = named();
    CHECK(grants::read_rule(write_rule(rule)).value().terms->same_as(named()));
  }

  TEST_CASE("an approval answers only a request under the same terms, and gives them on") {
    grants::Rule rule;
    rule.brand = "velo";
    rule.says = grants::Says::Approve;
    rule.purpose = "dpv:DeliveryOfGoods";
    rule.decided = rule.gives = {"contact.email"};
    rule.asked_s = rule.life_s = 60;
    grants::AccessRequest asked;
    asked.brand = "velo";
    asked.purpose = rule.purpose;
    asked.needed = rule.decided;
    asked.expires_in_s = 60;
    CHECK(rule.covers(asked));
    asked.terms = named();
    CHECK_FALSE(rule.covers(asked));
    rule.terms = named();
    CHECK(rule.covers(asked));
    asked.terms->jws = "a.b.c";
    CHECK(rule.grant_for(asked, {}, {1000}).terms->jws == "a.b.c");
    asked.terms->digest = "sha-256:01";
    CHECK_FALSE(rule.covers(asked));
    asked.terms.reset();
    CHECK_FALSE(rule.covers(asked));
    rule.says = grants::Says::Deny;
    CHECK(rule.covers(asked));
  }
}

#include "examples/shop/character.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/shop/many.h"
#include "tests/shop/sale_scene.h"
#include "tests/shop/scene.h"
#include "vault/base/json.h"

using vrm::shop::Character;
using vrm::shop::read_character;
using vrm::testing::plain_character;

namespace {

vrm::Result<Character> read(const nlohmann::json& json) {
  return read_character(vrm::write_json(json));
}

nlohmann::json with(const nlohmann::json& patch) {
  nlohmann::json character = plain_character();
  character.merge_patch(patch);
  return character;
}

nlohmann::json with_product(const nlohmann::json& patch) {
  nlohmann::json character = plain_character();
  character["catalogue"][0].merge_patch(patch);
  return character;
}

nlohmann::json with_required(const nlohmann::json& patch) {
  nlohmann::json character = plain_character();
  character["required_data"][0].merge_patch(patch);
  return character;
}

}  // namespace

TEST_SUITE("shop/character") {
  TEST_CASE("the characters that are shipped are good, and as different as they say") {
    const std::filesystem::path folder =
        std::filesystem::path(VRM_SOURCE_DIR) / "examples/shop/characters";
    vrm::testing::ScratchFolder scratch;
    const auto adopt = [&](const char* name) {
      auto character = vrm::shop::adopt_character(scratch.folder(), folder / name);
      REQUIRE(character.ok());
      return std::move(character).value();
    };
    const Character cheap = adopt("cheap_and_curious.json");
    const Character dear = adopt("dear_and_discreet.json");
    const Character quick = adopt("quick_and_overasking.json");
    CHECK(cheap.catalogue[0].price.minor < dear.catalogue[0].price.minor);
    CHECK(cheap.required_data.size() > dear.required_data.size());
    for (const auto& data : dear.required_data) CHECK(data.field.starts_with("address."));
    CHECK(cheap.required_data.back().field == "person.birthdate");
    CHECK(cheap.required_data.back().optional);
    CHECK(!dear.over_ask.has_value());
    REQUIRE(quick.over_ask.has_value());
    CHECK(quick.answer_after < cheap.answer_after);
    CHECK(quick.answer_after < dear.answer_after);
    const auto kept = vrm::shop::load_character(scratch.folder());
    REQUIRE(kept.ok());
    CHECK(kept.value().tag_line == quick.tag_line);
  }

  TEST_CASE("what the file does not say has a sober default") {
    const auto character = read(plain_character());
    REQUIRE(character.ok());
    CHECK(character.value().fee.minor == 0);
    CHECK(character.value().offers == 1);
    CHECK(character.value().answer_after == vrm::Duration(0));
    CHECK(character.value().acknowledge == vrm::shop::Acknowledge::AtOnce);
    CHECK(!character.value().price_drop.has_value());
  }

  TEST_CASE("a member that is missing is named, one that is unknown too") {
    for (const char* name :
         {"currency", "catalogue", "shipping", "arrival_days", "offer_valid", "required_data"}) {
      CAPTURE(name);
      nlohmann::json bent = plain_character();
      bent.erase(name);
      const auto refused = read(bent);
      REQUIRE(!refused.ok());
      CHECK(refused.error().message.find(name) != std::string::npos);
    }
    const auto unknown = read(with({{"colour", "green"}}));
    REQUIRE(!unknown.ok());
    CHECK(unknown.error().message == "the character: `colour` is unknown");
  }

  TEST_CASE("terms that a vault would refuse never leave the shop") {
    const std::vector<nlohmann::json> refused = {
        with({{"currency", "euro"}}),
        with({{"catalogue", nlohmann::json::array()}}),
        with({{"shipping", "29,90"}}),
        with({{"shipping", 29}}),
        with({{"shipping", "-1.00"}}),
        with({{"fee", "1.001"}}),
        with({{"arrival_days", -1}}),
        with({{"arrival_days", "2"}}),
        with({{"warranty_months", -1}}),
        with({{"return_days", 100000}}),
        with({{"offer_valid", "91d"}}),
        with({{"offer_valid", "0h"}}),
        with({{"offers", 4}}),
        with({{"offers", 0}}),
        with({{"answer_after_ms", -1}}),
        with({{"acknowledge", "maybe"}}),
        with({{"price_drop", {{"by", "0.00"}}}}),
        with({{"price_drop", {{"by", "829.00"}}}}),
        with({{"price_drop", {{"by", "1.00"}, {"after", "soon"}}}}),
        with({{"price_drop", {{"by", "1.00"}, {"at", "10s"}}}}),
        with({{"over_ask", {{"fields", nlohmann::json::array()}}}}),
        with({{"over_ask", {{"fields", {"a"}}, {"purpose", "delivery"}, {"reason", ""}}}}),
        with_product({{"price", "0.00"}}),
        with_product({{"price", "829"}, {"discount", "1"}}),
        with_product({{"price", "1e3"}}),
        with_product({{"price", "10000000000.01"}}),
        with_product({{"stock", -1}}),
        with_product({{"name", ""}}),
        with_product({{"properties", {{"frame", 1}}}}),
        with_required({{"neededAt", "sometime"}}),
        with_required({{"retention", "30"}}),
        with_required({{"retention", "P1M"}}),
        with_required({{"retention", "P0D"}}),
        with_required({{"retention", "P030D"}}),
        with_required({{"retention", "PD"}}),
        with_required({{"field", ""}}),
        with_required({{"recipients", "La Poste"}}),
        with_required({{"why", "because"}})};
    for (std::size_t i = 0; i < refused.size(); ++i) {
      CAPTURE(i);
      CHECK(!read(refused[i]).ok());
    }
    nlohmann::json twice = plain_character();
    twice["required_data"].push_back(twice["required_data"][0]);
    CHECK(!read(twice).ok());
    nlohmann::json many = plain_character();
    for (int i = 0; i < 20; ++i) {
      many["required_data"].push_back(many["required_data"][0]);
      many["required_data"].back()["field"] = "field." + std::to_string(i);
    }
    CHECK(!read(many).ok());
    CHECK(!read_character("{").ok());
    CHECK(!read_character(R"({"currency":"EUR","currency":"EUR"})").ok());
  }

  TEST_CASE("a character that is refused does not replace the one that is kept") {
    vrm::testing::ScratchFolder scratch;
    REQUIRE(vrm::shop::keep_character(scratch.folder(), vrm::write_json(plain_character())).ok());
    CHECK(!vrm::shop::keep_character(scratch.folder(), "{}").ok());
    CHECK(!vrm::shop::adopt_character(scratch.folder(), scratch.path() / "none.json").ok());
    CHECK(vrm::shop::load_character(scratch.folder()).ok());
  }

  TEST_CASE("a character drawn from a seed is good, and the same each time") {
    for (int number = 0; number < 200; ++number) {
      CAPTURE(number);
      const std::string text = vrm::shop::draw_character(7, number);
      CHECK(read_character(text).ok());
      CHECK(text == vrm::shop::draw_character(7, number));
    }
    CHECK(vrm::shop::draw_character(7, 0) != vrm::shop::draw_character(8, 0));
    CHECK(vrm::shop::draw_character(7, 0) != vrm::shop::draw_character(7, 1));
  }
}

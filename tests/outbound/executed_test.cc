#include "vault/outbound/executed.h"

#include <doctest/doctest.h>

using namespace vrm;  // tests only
using outbound::Executed;

namespace {

outbound::SharedAnswer said(const std::string& body) {
  return std::make_shared<const routes::Answer>(routes::Answer{200, {}, body});
}

}  // namespace

TEST_SUITE("outbound/executed") {
  TEST_CASE("an id is new once, and keeps its answer") {
    Executed executed;
    CHECK(executed.begin("a"));
    CHECK_FALSE(executed.begin("a"));
    CHECK(executed.answer_to("a") == nullptr);
    CHECK(executed.answer_to("b") == nullptr);
    executed.answered("a", said("first"));
    executed.answered("a", said("second"));
    executed.answered("never begun", said("x"));
    REQUIRE(executed.answer_to("a") != nullptr);
    CHECK(executed.answer_to("a")->body == "first");
    CHECK(executed.answer_to("never begun") == nullptr);
    CHECK_FALSE(executed.begin("a"));
  }

  TEST_CASE("the oldest answers go first, by their number and by their bytes; the ids stay") {
    Executed executed({.ids = 100, .answers = 3, .answer_bytes = 10});
    for (const auto* id : {"a", "b", "c", "d"}) {
      CHECK(executed.begin(id));
      executed.answered(id, said("12"));
    }
    CHECK(executed.answer_to("a") == nullptr);
    CHECK(executed.answer_to("b") != nullptr);
    CHECK(executed.begin("e"));
    executed.answered("e", said("12345678"));
    CHECK(executed.answer_to("c") == nullptr);
    CHECK(executed.answer_to("d") != nullptr);
    CHECK(executed.answer_to("e") != nullptr);
    CHECK(executed.begin("f"));
    executed.answered("f", said("longer than all that is kept"));
    CHECK(executed.answer_to("e") == nullptr);
    CHECK(executed.answer_to("f") == nullptr);
    for (const auto* id : {"a", "b", "c", "d", "e", "f"}) CHECK_FALSE(executed.begin(id));
  }

  TEST_CASE("the oldest ids are forgotten, with their answers") {
    Executed executed({.ids = 2, .answers = 2, .answer_bytes = 100});
    for (const auto* id : {"a", "b", "c"}) {
      CHECK(executed.begin(id));
      executed.answered(id, said("12"));
    }
    CHECK(executed.size() == 2);
    CHECK(executed.answer_to("a") == nullptr);
    CHECK(executed.answer_to("c") != nullptr);
    CHECK(executed.begin("a"));
    CHECK(executed.answer_to("a") == nullptr);
  }

  TEST_CASE("answers can be forgotten and the ids not") {
    Executed executed;
    CHECK(executed.begin("a"));
    executed.answered("a", said("value"));
    executed.forget_answers();
    CHECK(executed.answer_to("a") == nullptr);
    CHECK_FALSE(executed.begin("a"));
  }
}

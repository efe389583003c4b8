#include "vault/base/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

using nlohmann::json;
using vrm::ErrorCode;
using vrm::read_json;
using vrm::write_json;

namespace {

std::string many(std::size_t count, std::string_view piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

std::string nested(std::size_t levels) {
  return many(levels, "[") + many(levels, "]");
}

// {"k":{"k":…{}}}
std::string nested_objects(std::size_t levels) {
  return many(levels - 1, R"({"k":)") + "{}" + many(levels - 1, "}");
}

bool refused(std::string_view text) {
  const auto answer = read_json(text);
  return !answer.ok() && answer.error().code == ErrorCode::Malformed &&
         !answer.error().message.empty();
}

json read(std::string_view text) {
  auto answer = read_json(text);
  REQUIRE(answer.ok());
  return std::move(answer).value();
}

const std::string kNul(1, '\0');

// Each is read; the second is how it is written again.
const std::vector<std::pair<std::string, std::string>>& accepted() {
  static const std::vector<std::pair<std::string, std::string>> texts = {
      {"null", "null"},
      {"true", "true"},
      {"false", "false"},
      {"0", "0"},
      {"-0", "0"},
      {"7", "7"},
      {"-7", "-7"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {R"("")", R"("")"},
      {R"("a")", R"("a")"},
      {" \t\r\n1 \t\r\n", "1"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[ ]", "[]"},
      {"{ }", "{}"},
      {"[1]", "[1]"},
      {"[1,2,3]", "[1,2,3]"},
      {"[[],[[]],{}]", "[[],[[]],{}]"},
      {R"([1,"a",true,null])", R"([1,"a",true,null])"},
      {R"({"a":1})", R"({"a":1})"},
      {R"({"":1})", R"({"":1})"},
      {R"({"b":1,"a":2})", R"({"a":2,"b":1})"},
      {R"({"a":{"a":{"a":1}}})", R"({"a":{"a":{"a":1}}})"},
      {R"({"a":{"x":1},"b":2})", R"({"a":{"x":1},"b":2})"},
      {R"({"a":{"x":{"y":1},"z":2},"b":{"x":3},"c":4})",
       R"({"a":{"x":{"y":1},"z":2},"b":{"x":3},"c":4})"},
      {R"({"a":[1,{"a":2}],"b":3})", R"({"a":[1,{"a":2}],"b":3})"},
      {R"([{"a":1},{"a":2},{"a":3}])", R"([{"a":1},{"a":2},{"a":3}])"},
      {R"({"a":[],"b":{},"c":[{}]})", R"({"a":[],"b":{},"c":[{}]})"},
      {R"({"A":1,"a":2})", R"({"A":1,"a":2})"},
      {R"(["\"\\\/\b\f\n\r\t"])", R"(["\"\\/\b\f\n\r\t"])"},
      {R"(["\u0041"])", R"(["A"])"},
      {R"(["\u0001\u001f"])", R"(["\u0001\u001f"])"},
      {R"(["\u00e9\u20ac"])", "[\"\xC3\xA9\xE2\x82\xAC\"]"},
      {R"(["\uD83D\uDEB2"])", "[\"\xF0\x9F\x9A\xB2\"]"},
      {R"(["\ud834\udd1e"])", "[\"\xF0\x9D\x84\x9E\"]"},
      {R"(["\uFFFD\uFFFF"])", "[\"\xEF\xBF\xBD\xEF\xBF\xBF\"]"},
      {R"(["\uDBFF\uDFFF"])", "[\"\xF4\x8F\xBF\xBF\"]"},
      {"[\"V\xC3\xA9lo\"]", "[\"V\xC3\xA9lo\"]"},
      {"[\"\x7F\"]", "[\"\x7F\"]"},
      {"[\"\xE2\x80\xAE\"]", "[\"\xE2\x80\xAE\"]"},
      {R"(["1.5","1e400"])", R"(["1.5","1e400"])"},
      {R"(["/*","//","[[[["])", R"(["/*","//","[[[["])"},
      {"[\"\xEF\xBB\xBF\"]", "[\"\xEF\xBB\xBF\"]"},
      {nested(32), nested(32)},
      {nested_objects(32), nested_objects(32)},
      {"[" + nested(31) + "," + nested(31) + "]", "[" + nested(31) + "," + nested(31) + "]"},
      {"\"" + std::string(65534, 'x') + "\"", "\"" + std::string(65534, 'x') + "\""},
  };
  return texts;
}

const std::vector<std::string>& not_json() {
  static const std::vector<std::string> texts = {
      // nothing, or not one value
      "",
      " ",
      "\n",
      "1 2",
      "1,",
      "[] []",
      "{}{}",
      "{} x",
      "[]]",
      "{}}",
      "true false",
      "\"a\"\"b\"",
      "1 // one",
      "[1] /* one */",
      "{}\f",
      "\xC2\xA0{}",
      "{}#",
      // arrays
      "[",
      "]",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      "[,]",
      "[1,,2]",
      "[1 2]",
      "[1;2]",
      "[1:2]",
      "[\"a\"",
      "[}",
      "[1}",
      "[[]",
      "[*]",
      "[ ,]",
      "[a]",
      // objects
      "{",
      "}",
      "{1:1}",
      "{a:1}",
      "{'a':1}",
      R"({"a"})",
      R"({"a":})",
      R"({"a" 1})",
      R"({"a",1})",
      R"({"a"::1})",
      R"({"a":1,})",
      R"({,"a":1})",
      R"({"a":1,,"b":2})",
      R"({"a":1 "b":2})",
      R"({"a":1)",
      R"({"a":)",
      R"({"a")",
      R"({"a":1])",
      R"({null:1})",
      R"({[]:1})",
      R"({"a":1;"b":2})",
      R"({"a":"b":"c"})",
      // words
      "nul",
      "nulll",
      "True",
      "FALSE",
      "Null",
      "undefined",
      "tru",
      "truefalse",
      "NaN",
      "Infinity",
      "-Infinity",
      "[nan]",
      "inf",
      "None",
      // numbers
      "01",
      "-01",
      "00",
      "+1",
      "-",
      "--1",
      "- 1",
      "0x10",
      "1_000",
      "1'000",
      "1,5",
      ".5",
      "5.",
      "-.5",
      "1e",
      "1e+",
      "1E",
      "e1",
      "1.",
      "1.e1",
      "0b1",
      "0o7",
      "1a",
      "\xEF\xBC\x91",
      "\xD9\xA1",
      // numbers that are no int64
      "1.0",
      "1.5",
      "-0.0",
      "0.1",
      "1e2",
      "1E2",
      "1e-2",
      "1e400",
      "-1e400",
      "9223372036854775808",
      "-9223372036854775809",
      "18446744073709551615",
      "18446744073709551616",
      "900.00000000000000000001",
      "[1.0]",
      R"({"a":1e1})",
      "100000000000000000000000000000000000000",
      // texts
      "\"",
      "\"a",
      "a\"",
      "'a'",
      "\"\\\"",
      R"("\x41")",
      R"("\a")",
      R"("\u12")",
      R"("\u12g4")",
      R"("\U0041")",
      R"("\ ")",
      "\"\n\"",
      "\"\t\"",
      "\"\r\"",
      "\"\x01\"",
      "\"\x1F\"",
      "\"\\",
      "\"\\u",
      "\xE2\x80\x9C"
      "a"
      "\xE2\x80\x9D",
      "[\"a\nb\"]",
      // surrogates
      R"("\uD800")",
      R"("\uDFFF")",
      R"("\uD83D\u0041")",
      R"("\uD83Dx")",
      R"("\uDEB2\uD83D")",
      R"("\uD83D\uD83D")",
      R"({"\uD800":1})",
      "\"\xED\xA0\x80\"",
      "\"\xED\xBF\xBF\"",
      // not UTF-8
      "\"\xFF\"",
      "\"\x80\"",
      "\"\xC3\"",
      "\"\xC3(\"",
      "\"\xC0\xAF\"",
      "\"\xE0\x80\xAF\"",
      "\"\xF0\x80\x80\xAF\"",
      "\"\xF4\x90\x80\x80\"",
      "\"\xF8\x88\x80\x80\x80\"",
      "\xFF",
      "[\"a\xE9\"]",
      "{\"\xE9\":1}",
      // NUL and byte order marks
      kNul,
      "1" + kNul,
      kNul + "1",
      "{\"a\":1}" + kNul + "{\"b\":2}",
      "123" + kNul + "00",
      "[1]" + kNul,
      "\"a" + kNul + "b\"",
      R"("\u0000")",
      R"(["a\u0000b"])",
      R"({"\u0000":1})",
      R"({"a\u0000":1,"a":2})",
      "\xEF\xBB\xBF{}",
      "\xEF\xBB\xBF",
      "\xFE\xFF" + kNul + "1",
      "\xFF\xFE"
      "1" +
          kNul,
      " \xEF\xBB\xBF{}",
      "[\xEF\xBB\xBF]",
      // keys twice
      R"({"a":1,"a":1})",
      R"({"a":1,"b":2,"a":3})",
      R"({"":1,"":2})",
      R"({"a":1,"\u0061":2})",
      R"({"a":{},"a":{}})",
      R"({"a":{"x":1},"a":2})",
      R"({"x":{"a":1,"a":2}})",
      R"([{"a":1,"a":2}])",
      R"([[[{"b":[],"a":1,"a":null}]]])",
      R"({"a":{"b":{"c":1},"b":2}})",
      R"({"a":{"b":[{"c":1,"c":2}]}})",
      R"({"a":[1,{"a":2}],"a":3})",
      R"({"a":{"b":{}},"c":{"b":{}},"c":1})",
  };
  return texts;
}

}  // namespace

TEST_SUITE("base/json") {
  TEST_CASE("what is JSON is read, and written in one spelling that is read again") {
    CHECK(accepted().size() >= 40);
    for (const auto& pair : accepted()) {
      const auto& text = pair.first;
      const auto& written = pair.second;
      CAPTURE(text);
      const auto answer = read_json(text);
      REQUIRE(answer.ok());
      CHECK(write_json(answer.value()) == written);
      CHECK(read(written) == answer.value());
    }
  }

  TEST_CASE("what is no JSON, or what parsers read differently, is refused") {
    CHECK(not_json().size() >= 80);
    for (const auto& text : not_json()) {
      CAPTURE(text);
      CHECK(refused(text));
    }
  }

  TEST_CASE("a text cut short anywhere is refused") {
    const std::string whole = R"({"a":[1,{"b":"c\u00e9"},null],"d":{"e":true}})";
    REQUIRE(read_json(whole).ok());
    for (std::size_t end = 0; end < whole.size(); ++end) {
      CAPTURE(end);
      CHECK(refused(std::string_view(whole).substr(0, end)));
    }
  }

  TEST_CASE(
      "thirty-two levels are the most, of either kind, and any number of them beyond is refused "
      "alike") {
    CHECK(read_json(nested(32)).ok());
    CHECK(refused(nested(33)));
    CHECK(refused(nested_objects(33)));
    CHECK(refused(many(16, R"([{"a":)") + "[]" + many(16, "}]")));
    CHECK(refused(many(60'000, "[")));
    CHECK(read_json(nested(1'000'000), {.bytes = 4'000'000, .depth = 32}).error().message ==
          "not the JSON expected: more than 32 levels");
    CHECK(read_json(many(500'000, R"({"a":)"), {.bytes = 4'000'000, .depth = 32}).error().message ==
          "not the JSON expected: more than 32 levels");
  }

  TEST_CASE("levels are counted down again where a value ends") {
    CHECK(read_json("[" + many(500, nested(31) + ",") + "0]").ok());
    CHECK_FALSE(read_json("[" + many(500, nested(31) + ",") + nested(32) + "]").ok());
  }

  TEST_CASE("64 KiB are read and one byte more is not, whatever it is") {
    const std::string most = "\"" + std::string(65'534, 'x') + "\"";
    REQUIRE(most.size() == 65'536);
    CHECK(read_json(most).ok());
    CHECK(refused(most + " "));
    CHECK(read_json("[1]", {.bytes = 3, .depth = 32}).ok());
    CHECK_FALSE(read_json("[1]", {.bytes = 2, .depth = 32}).ok());
  }

  TEST_CASE("members land in their own object, however objects and lists are mixed") {
    const auto value = read(R"({"a":{"b":{"c":1},"d":2},"e":[{"f":3},[4,{"g":5}],6],"h":{"a":7}})");
    CHECK(value["a"]["b"]["c"] == 1);
    CHECK(value["a"]["d"] == 2);
    CHECK(value["e"][0]["f"] == 3);
    CHECK(value["e"][1][1]["g"] == 5);
    CHECK(value["e"][2] == 6);
    CHECK(value["h"]["a"] == 7);
    CHECK(value.size() == 3);
    CHECK(value["a"].size() == 2);
  }

  TEST_CASE("a list that grows past many objects keeps each") {
    std::string text = "[";
    for (int i = 0; i < 2000; ++i) text += R"({"n":[)" + std::to_string(i) + R"(],"s":"x"},)";
    text += "0]";
    const auto value = read(text);
    REQUIRE(value.size() == 2001);
    for (std::size_t i = 0; i < 2000; ++i) CHECK(value[i]["n"][0] == static_cast<int>(i));
  }

  TEST_CASE("numbers are int64, so that no reader sees another figure") {
    CHECK(read("9223372036854775807").is_number_integer());
    CHECK(read("9223372036854775807").get<std::int64_t>() == INT64_MAX);
    CHECK(read("-9223372036854775808").get<std::int64_t>() == INT64_MIN);
    CHECK_FALSE(read("1").is_number_unsigned());
    CHECK_FALSE(read("0").is_number_float());
  }

  TEST_CASE("the message tells the reason, and cannot drive a terminal") {
    CHECK(read_json("[1,]").error().message == "not the JSON expected: a mistake at byte 4");
    CHECK(read_json(R"({"a":1,"a":2})").error().message ==
          "not the JSON expected: the key `a` twice");
    CHECK(read_json("1.5").error().message ==
          "not the JSON expected: a number that is not an integer");
    CHECK(read_json("{\"\\u001b[2J\":1,\"\\u001b[2J\":2}").error().message ==
          "not the JSON expected: the key `\xEF\xBF\xBD[2J` twice");
  }

  TEST_CASE("text of ours that is not UTF-8 is written with replacement characters") {
    CHECK(write_json(json{{"a", "\xFF"}}) == "{\"a\":\"\xEF\xBF\xBD\"}");
    CHECK(vrm::write_json_pretty(json{{"a", 1}}) == "{\n  \"a\": 1\n}");
  }

  TEST_CASE("a member is given when it is there and of its type") {
    const auto object =
        read(R"({"s":"x","i":-3,"b":true,"l":["p","q"],"o":{"k":1},"a":[1],"e":[],"n":null})");
    CHECK(vrm::need_string(object, "s").value() == "x");
    CHECK(vrm::need_int(object, "i").value() == -3);
    CHECK(vrm::need_strings(object, "l").value() == std::vector<std::string>{"p", "q"});
    CHECK(vrm::need_strings(object, "e").value().empty());
    CHECK(vrm::need_object(object, "o").value() == &object["o"]);
    CHECK(vrm::need_array(object, "a").value() == &object["a"]);
    CHECK(vrm::find_string(object, "s").value() == "x");
    CHECK(vrm::find_int(object, "i").value() == -3);
    CHECK(vrm::find_bool(object, "b").value() == true);
    CHECK(vrm::find_strings(object, "l").value()->size() == 2);
  }

  TEST_CASE("a missing member is nothing where it may be missing, and named where it may not") {
    const auto object = read("{}");
    CHECK_FALSE(vrm::find_string(object, "x").value().has_value());
    CHECK_FALSE(vrm::find_int(object, "x").value().has_value());
    CHECK_FALSE(vrm::find_bool(object, "x").value().has_value());
    CHECK_FALSE(vrm::find_strings(object, "x").value().has_value());
    const auto missing = "not the JSON expected: `x` is missing";
    CHECK(vrm::need_string(object, "x").error().message == missing);
    CHECK(vrm::need_int(object, "x").error().message == missing);
    CHECK(vrm::need_strings(object, "x").error().message == missing);
    CHECK(vrm::need_object(object, "x").error().message == missing);
    CHECK(vrm::need_array(object, "x").error().message == missing);
  }

  TEST_CASE("a member of another type is refused, null too") {
    const auto object = read(R"({"s":"x","i":1,"o":{},"a":["x",1],"n":null})");
    for (const char* name : {"i", "o", "a", "n"}) {
      CAPTURE(name);
      CHECK(vrm::find_string(object, name).error().code == ErrorCode::Malformed);
      CHECK_FALSE(vrm::need_string(object, name).ok());
    }
    for (const char* name : {"s", "o", "a", "n"}) {
      CAPTURE(name);
      CHECK_FALSE(vrm::find_int(object, name).ok());
      CHECK_FALSE(vrm::need_int(object, name).ok());
    }
    for (const char* name : {"s", "i", "o", "a", "n"}) {
      CAPTURE(name);
      CHECK_FALSE(vrm::find_bool(object, name).ok());
      CHECK_FALSE(vrm::find_strings(object, name).ok());
      CHECK_FALSE(vrm::need_strings(object, name).ok());
    }
    for (const char* name : {"s", "i", "a", "n"}) CHECK_FALSE(vrm::need_object(object, name).ok());
    for (const char* name : {"s", "i", "o", "n"}) CHECK_FALSE(vrm::need_array(object, name).ok());
  }

  TEST_CASE("what is no object has no members") {
    for (const char* text : {"[]", "null", "1", R"("x")", R"(["s"])"}) {
      CAPTURE(text);
      const auto value = read(text);
      CHECK_FALSE(vrm::need_string(value, "s").ok());
      CHECK_FALSE(vrm::find_string(value, "s").ok());
      CHECK_FALSE(vrm::find_bool(value, "s").ok());
      CHECK_FALSE(vrm::need_object(value, "s").ok());
      CHECK_FALSE(vrm::need_array(value, "s").ok());
    }
  }
}

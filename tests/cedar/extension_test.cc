#include "policies/cedar/extension.h"

#include <doctest/doctest.h>

using cedar::Extension;
using cedar::Value;

TEST_SUITE("cedar/extension") {
  TEST_CASE("every extension is found by its own name") {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Extension::Unknown); ++i) {
      const auto extension = static_cast<Extension>(i);
      CHECK(cedar::find_extension(cedar::describe(extension).name) == extension);
    }
    CHECK_FALSE(cedar::find_extension("nosuch").has_value());
    CHECK_FALSE(cedar::find_extension("contains").has_value());
  }

  TEST_CASE("wrong counts and kinds of arguments are errors with the reference's words") {
    const Value text("1.0");
    const std::vector<Value> two{text, text};
    const std::vector<Value> number{Value(1)};
    const std::vector<Value> mixed{cedar::Decimal{1}, Value(1)};
    CHECK(cedar::call_extension(Extension::Ip, two).error().message ==
          "wrong number of arguments provided to extension function `ip`: expected 1, got 2");
    CHECK(cedar::call_extension(Extension::Decimal, number).error().message ==
          "type error: expected string, got long");
    CHECK(cedar::call_extension(Extension::LessThan, mixed).error().message ==
          "type error: expected decimal, got long");
    CHECK_FALSE(cedar::call_extension(Extension::Unknown, {&text, 1}).ok());
  }

  TEST_CASE("each method answers for its type and refuses every other") {
    const Value values[] = {cedar::Decimal{1}, cedar::IpAddress::parse("::1").value(),
                            cedar::Datetime{1}, cedar::Duration{1}};
    const auto type_of = [](Extension method) -> std::size_t {
      if (method <= Extension::GreaterThanOrEqual) return 0;
      if (method <= Extension::IsInRange) return 1;
      return method <= Extension::ToTime ? 2 : 3;
    };
    for (auto i = static_cast<int>(Extension::LessThan); i < static_cast<int>(Extension::Unknown);
         ++i) {
      const auto method = static_cast<Extension>(i);
      CAPTURE(cedar::describe(method).name);
      for (std::size_t type = 0; type < 4; ++type) {
        std::vector<Value> arguments{values[type]};
        if (cedar::describe(method).arguments == 2)
          arguments.push_back(method == Extension::Offset ? values[3] : values[type]);
        CHECK(cedar::call_extension(method, arguments).ok() == (type == type_of(method)));
      }
    }
  }
}

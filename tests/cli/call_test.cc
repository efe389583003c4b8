#include "cli/call.h"

#include <doctest/doctest.h>

#include "vault/words/words.h"

using namespace vrm;

namespace {

std::string say_of(const std::vector<std::string>& rest) {
  const auto call = cli::read_call(rest);
  return call.ok() ? "" : call.error().say;
}

}  // namespace

TEST_SUITE("cli/call") {
  TEST_CASE("global flags are taken out wherever they stand") {
    const auto typed =
        cli::take_global_flags({"--json", "get", "-y", "a.b", "--lang=fr", "--vault", "/v"});
    REQUIRE(typed.ok());
    CHECK(typed.value().rest == std::vector<std::string>{"get", "a.b"});
    CHECK(cli::has_flag(typed.value().global, "json"));
    CHECK(cli::has_flag(typed.value().global, "yes"));
    CHECK(cli::flag_value(typed.value().global, "lang") == "fr");
    CHECK(cli::flag_value(typed.value().global, "vault") == "/v");
  }

  TEST_CASE("behind -- nothing is a flag") {
    const auto typed = cli::take_global_flags({"set", "note.a", "--", "--json"});
    REQUIRE(typed.ok());
    CHECK(typed.value().global.empty());
    const auto call = cli::read_call(typed.value().rest);
    REQUIRE(call.ok());
    CHECK(call.value().arguments == std::vector<std::string>{"note.a", "--json"});
  }

  TEST_CASE("a flag's value comes behind it or behind an equals sign") {
    for (const auto& words : {std::vector<std::string>{"approve", "rq_7F", "--for", "7d"},
                              std::vector<std::string>{"approve", "--for=7d", "rq_7F"}}) {
      const auto call = cli::read_call(words);
      REQUIRE(call.ok());
      CHECK(cli::flag_value(call.value().flags, "for") == "7d");
      CHECK(call.value().arguments == std::vector<std::string>{"rq_7F"});
    }
  }

  TEST_CASE(
      "two words name a command of a family, a noun alone lists, a synonym stands for its "
      "command") {
    CHECK(cli::read_call({"brand", "add", "x"}).value().command->name == "brand add");
    CHECK(cli::read_call({"brand"}).value().command->name == "brand list");
    CHECK(cli::read_call({"requests", "--all"}).value().command->name == "request list");
    CHECK(cli::read_call({"login"}).value().command->name == "unlock");
    CHECK(cli::read_call({"log"}).value().command->name == "log");
    CHECK(cli::read_call({"log", "verify"}).value().command->name == "log verify");
  }

  TEST_CASE("a noun with more than its own flags makes or shows one") {
    CHECK(cli::read_call({"intent"}).value().command->name == "intent list");
    CHECK(cli::read_call({"intent", "--all"}).value().command->name == "intent list");
    CHECK(cli::read_call({"intent", "--to", "velo", "bike"}).value().command->name == "intent new");
    const auto shoe = cli::read_call({"intent", "shoe", "--to", "velo"});
    CHECK(shoe.value().command->name == "intent new");
    CHECK(shoe.value().arguments == std::vector<std::string>{"shoe"});
    CHECK(cli::read_call({"intent", "new", "list", "-c", "x"}).value().arguments ==
          std::vector<std::string>{"list"});
    CHECK(cli::read_call({"offer"}).value().command->name == "offers");
    CHECK(cli::read_call({"offer", "of_2Q"}).value().command->name == "offer show");
    CHECK(say_of({"intent", "lst"}) == "usage.no_command_near");
    CHECK(say_of({"offer", "shwo", "of_2Q"}) == "usage.no_command_near");
  }

  TEST_CASE("a lone dash and a negative number are arguments") {
    CHECK(cli::read_call({"import", "-"}).value().arguments.at(0) == "-");
    CHECK(cli::read_call({"set", "budget.balance", "-5"}).value().arguments.at(1) == "-5");
  }

  TEST_CASE("what does not fit the table is refused with its reason") {
    CHECK(say_of({"statsu"}) == "usage.no_command_near");
    CHECK(say_of({"brand", "ad"}) == "usage.no_command_near");
    CHECK(say_of({"zzzzzzz"}) == "usage.no_command");
    CHECK(say_of({"--password"}) == "usage.no_global_flag");
    CHECK(say_of({"get", "a", "--reveall"}) == "usage.no_flag_near");
    CHECK(say_of({"get", "a", "--zzzzzzzz"}) == "usage.no_flag");
    CHECK(say_of({"get", "a", "--reveal=1"}) == "usage.flag_takes_no_value");
    CHECK(say_of({"approve", "rq_7F", "--for"}) == "usage.flag_needs_value");
    // Half a flag must not turn a rehearsal into the thing itself.
    CHECK(say_of({"intent", "bike", "--to", "velo", "--near", "--dry-run"}) ==
          "usage.flag_needs_value");
    CHECK(cli::read_call({"intent", "bike", "--to", "velo", "--near=--dry-run"}).ok());
    CHECK(say_of({"get"}) == "usage.too_few");
    CHECK(say_of({"lock", "now"}) == "usage.too_many");
    CHECK(cli::take_global_flags({"status", "--lang"}).error().say == "usage.flag_needs_value");
  }

  TEST_CASE("every command and every flag explains itself in both languages") {
    for (const auto language : {words::Language::English, words::Language::French}) {
      for (const auto& command : cli::commands()) {
        CAPTURE(command.name);
        CHECK(words::has(language, command.summary));
        CHECK(words::has(language, command.group));
        CHECK_FALSE(command.examples.empty());
        for (const auto& flag : command.flags)
          CHECK(words::has(language, "flag." + std::string(flag.name)));
      }
      for (const auto& flag : cli::global_flags())
        CHECK(words::has(language, "flag." + std::string(flag.name)));
    }
  }

  TEST_CASE("every explained flag exists") {
    std::vector<std::string> known;
    for (const auto& flag : cli::global_flags()) known.emplace_back(flag.name);
    for (const auto& command : cli::commands())
      for (const auto& flag : command.flags) {
        known.emplace_back(flag.name);
        known.push_back(std::string(flag.name) + "." + std::string(command.name));
      }
    for (const auto& key : words::keys(words::Language::English)) {
      CAPTURE(key);
      if (key.starts_with("flag."))
        CHECK(std::find(known.begin(), known.end(), key.substr(5)) != known.end());
    }
  }

  TEST_CASE("every example is a call that the table accepts") {
    for (const auto& command : cli::commands()) {
      for (const auto example : command.examples) {
        CAPTURE(example);
        std::vector<std::string> words(1);
        bool quoted = false;
        for (const char c : example) {
          if (c == '\'')
            quoted = !quoted;
          else if (c == ' ' && !quoted)
            words.emplace_back();
          else
            words.back() += c;
        }
        if (const auto redirect = std::find(words.begin(), words.end(), "<");
            redirect != words.end())
          words.erase(redirect, words.end());
        const auto typed = cli::take_global_flags(words);
        REQUIRE(typed.ok());
        const auto call = cli::read_call(typed.value().rest);
        REQUIRE(call.ok());
        CHECK(call.value().command->name == command.name);
      }
    }
  }
}

// What a person who named a vault is told to type next.

#include <doctest/doctest.h>

#include "cli/hint.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// What both streams say, of a vault named by a flag and of one named by the environment.
std::string named_by_flag(const FakeDaemon& daemon, std::vector<std::string> words) {
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  const auto ran = run_vrm(words);
  return ran.out + ran.err;
}

std::string named_by_variable(const FakeDaemon& daemon, const std::vector<std::string>& words) {
  How how;
  how.environment["VRM_VAULT"] = daemon.folder().path();
  const auto ran = run_vrm(words, how);
  return ran.out + ran.err;
}

}  // namespace

TEST_SUITE("cli/vault_hint") {
  TEST_CASE("the vault named stands behind the name of each command") {
    const std::pair<const char*, const char*> kTexts[] = {
        {"Open it: vrm unlock", "Open it: vrm unlock --vault X"},
        {"vrm log verify", "vrm log verify --vault X"},
        {"vrm recovery sheet --print | lp", "vrm recovery sheet --vault X --print | lp"},
        {"(Look: vrm grants, vrm list. Then: vrm confirm --all, or vrm revoke)",
         "(Look: vrm grants --vault X, vrm list --vault X. Then: vrm confirm --vault X --all, or "
         "vrm revoke --vault X)"},
        {"no\nvrm brand block {brand} instead", "no\nvrm brand block --vault X {brand} instead"},
        {"vrm intent \"bike\"", "vrm intent --vault X \"bike\""},
        {"vrm {verb} --brand velo", "vrm {verb} --vault X --brand velo"}};
    for (const auto& [text, wanted] : kTexts) {
      CHECK(cli::for_vault(text, "--vault X") == wanted);
      CHECK(cli::for_vault(text, "") == text);
    }
  }

  TEST_CASE("what asks no vault, names its own or is no command stays as it is") {
    for (const auto* text :
         {"vrm help purposes", "vrm --version", "vrm: no", "vrmd locks", "vrm is here",
          "vrm {usage}", "vrm unlock --vault Y", "vrm restore FILE --into FOLDER",
          "of an import; vrm import told it", "https://x.example/vrm lock", "vrm ", ""})
      CHECK(cli::for_vault(text, "--vault X") == text);
    CHECK(cli::for_vault("vrm init --vault Y    or: vrm list", "--vault X") ==
          "vrm init --vault Y    or: vrm list --vault X");
  }

  TEST_CASE("the flags come back as a shell takes them") {
    CHECK(cli::typed_vault({}).empty());
    CHECK(cli::typed_vault({{"vault", {"/v"}}}) == "--vault /v");
    CHECK(cli::typed_vault({{"socket", {"s.sock"}}, {"vault", {"/my vault"}}}) ==
          "--vault '/my vault' --socket s.sock");
    CHECK(cli::typed_vault({{"vault", {"it's"}}}) == "--vault 'it'\\''s'");
    CHECK(cli::typed_vault({{"vault", {"$HOME"}}}) == "--vault '$HOME'");
  }

  TEST_CASE("answers, refusals and notes tell the vault that a flag named, and no other") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusInDoubt);
    daemon.answer("GET /v1/brands", R"({"schema":"vrm.brands/1","items":[]})");
    const auto flag = " --vault " + daemon.folder().path();
    const std::pair<std::vector<std::string>, std::vector<std::string>> kSaid[] = {
        {{"status"}, {"vrm confirm", "vrm grants"}},
        {{"brand", "list"}, {"vrm brand add"}},
        {{"set", "contact.email", "--no-input"}, {"vrm set"}},
        {{"revoke"}, {"vrm grants"}}};
    for (const auto& [words, commands] : kSaid) {
      const auto with = named_by_flag(daemon, words);
      const auto without = named_by_variable(daemon, words);
      CHECK_FALSE(says(without, "--vault"));
      for (const auto& command : commands) {
        CAPTURE(command);
        CAPTURE(with);
        CHECK(says(with, command + flag));
        CHECK(says(without, command));
      }
    }
  }

  TEST_CASE("one JSON line a refusal stays the same for every vault") {
    FakeDaemon daemon;
    CHECK_FALSE(says(named_by_flag(daemon, {"revoke", "--json"}), "--vault"));
  }

  TEST_CASE("a stranger's words are no command, and braces in a folder's name no gap") {
    FakeDaemon daemon;
    const auto ran = run_vrm({"brand", "add", "vrm lock", "--vault", "/tmp/{path}"});
    CHECK_FALSE(says(ran.err, "vrm lock --vault"));
    CHECK(says(run_vrm({"revoke", "--vault", "/tmp/{path}"}).err,
               "vrm grants --vault '/tmp/{path}'"));
  }
}

// passwd, recover, recovery sheet and recovery check, as typed and as scripted.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <mutex>
#include <sstream>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"
#include "vault/api/paths.h"

using namespace vrm::cli_test;

namespace {

const std::string kOld = "voile cumin tracteur";
const std::string kNew = "balise orage velours";
const std::string kWords =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
const std::string kSheet =
    R"({"schema":"vrm.recovery/1","words":["legal","winner","thank","year","wave","sausage","worth","useful","legal","winner","thank","yellow"]})";

std::string status_with(const std::string& state, bool words) {
  auto status = status_in(state);
  const std::string vault = R"("vault":{)";
  return status.insert(status.find(vault) + vault.size(),
                       std::string(R"("keys":{"passphrase":true,"credential":false,"recovery":)") +
                           (words ? "true" : "false") + "},");
}

std::string two(const std::string& first, const std::string& second) {
  return std::string{static_cast<char>(first.size()), '\0'} + first + second;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct World {
  FakeDaemon daemon;

  explicit World(const std::string& state = "open", bool words = true) {
    daemon.answer("GET /v1/status", status_with(state, words));
    for (const std::string slot : {"passphrase", "credential", "recovery"}) {
      daemon.answer("POST /v1/passphrase?slot=" + slot, kStatusOpen);
      daemon.answer("POST /v1/recovery?slot=" + slot, kSheet);
    }
    daemon.answer("POST /v1/recover?slot=recovery", kStatusOpen);
    daemon.answer("POST /v1/unlock?slot=recovery", kStatusOpen);
    daemon.answer("POST /v1/recovery/check?slot=recovery",
                  R"({"schema":"vrm.recovery_check/1","opens":true})");
  }

  // The first secret opens nothing, the next does.
  void refuses_first(const std::string& line, const std::string& then = kStatusOpen) {
    daemon.answer_in_turn(
        line,
        {{401, R"({"error":{"code":"bad_key","say":"keys.wrong","message":"x"}})"}, {200, then}});
  }

  Ran run(std::vector<std::string> words, How how = {}) const {
    how.environment["VRM_VAULT"] = daemon.folder().path();
    return run_vrm(words, how);
  }
  // The daemon takes its time with what is posted: until it was asked how far it has come.
  Ran run_slowly(std::vector<std::string> words) {
    std::promise<void> asked;
    const auto ready = asked.get_future().share();
    std::once_flag once;
    daemon.before_answers([&](const std::string& line) {
      if (line == "GET /v1/progress") std::call_once(once, [&] { asked.set_value(); });
      if (line.starts_with("POST ")) ready.wait_for(std::chrono::seconds(60));
    });
    return run(std::move(words));
  }
  Ran on_terminal(std::vector<std::string> words,
                  std::vector<std::pair<std::string, std::string>> answers) const {
    words.insert(words.end(), {"--vault", daemon.folder().path()});
    return run_on_terminal(words, std::move(answers));
  }
  std::string file(const std::string& name, const std::string& text, unsigned mode = 0600) const {
    return daemon.folder().file(name, text, mode);
  }
  // What reached the daemon as a secret behind the line, "" when nothing did.
  std::string received(const std::string& line) const {
    const auto last = daemon.asked().back();
    return last.line == line && last.type == "application/octet-stream" ? last.body : "";
  }
  bool received_nothing() const {
    for (const auto& asked : daemon.asked())
      if (asked.line.starts_with("POST ")) return false;
    return true;
  }
};

}  // namespace

TEST_SUITE("cli/keys") {
  TEST_CASE("passwd takes the old and the new by separate ways") {
    const World world;
    How how;
    how.fd3 = kNew + "\n";
    const auto old = world.file("old", kOld + "\n");
    const auto ran = world.run({"passwd", "--password-file", old, "--new-password-fd", "3"}, how);
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/passphrase?slot=passphrase") == two(kOld, kNew));
    CHECK(says(ran.err, "older copies"));
    CHECK(says(ran.err, "vrm rekey"));

    const auto key = world.file("key", std::string(32, 'k'));
    CHECK(world.run({"passwd", "--credential-file", key, "--new-password-command", "echo " + kNew})
              .exit == 0);
    CHECK(world.received("POST /v1/passphrase?slot=credential") == two(std::string(32, 'k'), kNew));

    const auto words = world.file("words", kWords + "\n");
    const auto fresh = world.file("new", kNew);
    CHECK(world.run({"passwd", "--words-file", words, "--new-password-file", fresh}).exit == 0);
    CHECK(world.received("POST /v1/passphrase?slot=recovery") == two(kWords + "\n", kNew));
  }

  TEST_CASE("rekey says what ends, sends what proves it, and shows the new words once") {
    World world;
    world.daemon.answer("POST /v1/rekey?slot=passphrase", kSheet);
    world.daemon.answer("POST /v1/rekey?fresh=1&slot=credential", kSheet);
    const auto old = world.file("old", kOld + "\n");
    CHECK(world.run({"rekey", "--password-file", old, "--print"}).exit == 7);
    CHECK(world.run({"rekey", "--words-file", world.file("w", kWords), "--yes"}).exit == 2);
    CHECK(world.run({"rekey", "--password-file", old, "--yes"}).exit == 2);  // no paper for words
    CHECK(world.received_nothing());
    const auto ran = world.run({"rekey", "--password-file", old, "--print", "--yes"});
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/rekey?slot=passphrase") == kOld);
    CHECK(says(ran.out, "1. legal"));
    CHECK(says(ran.err, "new keys"));
    const auto sheet = world.daemon.folder().path() + "/sheet";
    const auto fresh = world.file("new", kNew);
    const auto key = world.file("key", std::string(32, 'k'));
    const auto json = world.run({"rekey", "--credential-file", key, "--new-password-file", fresh,
                                 "--output", sheet, "--yes", "--json"});
    CHECK(json.exit == 0);
    CHECK(world.received("POST /v1/rekey?fresh=1&slot=credential") ==
          two(std::string(32, 'k'), kNew));
    CHECK_FALSE(says(json.out, "legal"));
    CHECK(says(content(sheet), "1. legal"));
  }

  TEST_CASE("what takes long says how far it has come, once a second has gone by") {
    World world("open", false);
    world.daemon.answer("POST /v1/rekey?slot=passphrase", kSheet);
    world.daemon.answer("GET /v1/progress",
                        R"({"schema":"vrm.progress/1","doing":"rekey","done":40,"all":160})");
    const auto old = world.file("old", kOld + "\n");
    const auto ran = world.run_slowly({"rekey", "--password-file", old, "--yes"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.err, "sealing anew: 25 %"));
  }

  TEST_CASE("reading a backup back by the vault's own key says how far it has come") {
    World world("open", false);
    const auto file = world.file("a.vrmbak", "");
    world.daemon.answer(
        "POST " + vrm::api::with_query(std::string(vrm::api::kBackupCheck), "file", file),
        R"({"schema":"vrm.backup/1","file":"/a","tables":{},"rows":1,"digest":"00"})");
    world.daemon.answer("GET /v1/progress",
                        R"({"schema":"vrm.progress/1","doing":"verify","done":3,"all":4})");
    const auto ran = world.run_slowly({"backup", "--verify", file});
    CHECK(ran.exit == 0);
    CHECK(says(ran.err, "reading the backup: 75 %"));
  }

  TEST_CASE("on a terminal rekey names what will open the vault no longer, and takes no for no") {
    const World world;
    const auto ran = world.on_terminal({"rekey", "--credential-file", "key"}, {{"[", "n\n"}});
    CHECK(ran.exit != 0);
    CHECK(says(ran.out, "former recovery words"));
    CHECK(world.received_nothing());
  }

  TEST_CASE("one source is never taken for both, and half of them sends nothing") {
    const World world;
    How how;
    how.fd3 = kOld + "\n";
    CHECK(world.run({"passwd", "--password-fd", "3", "--new-password-fd", "3"}, how).exit == 2);
    CHECK(world.run({"passwd", "--password-fd", "3"}, how).exit == 7);
    CHECK(world.run({"passwd", "--new-password-fd", "3"}, how).exit == 7);
    How with_command;
    with_command.environment = {{"VRM_PASSWORD_COMMAND", "echo " + kOld}};
    CHECK(world.run({"passwd"}, with_command).exit == 7);
    const auto open_file = world.file("open", kNew, 0644);
    CHECK(world.run({"passwd", "--new-password-file", open_file}, with_command).exit == 2);
    const auto empty = world.file("empty", "\n");
    CHECK(world.run({"passwd", "--new-password-file", empty}, with_command).exit == 2);
    CHECK(world.received_nothing());
  }

  TEST_CASE("on a terminal passwd asks for the old and twice for the new, and shows none") {
    const World world("open", false);
    const auto ran = world.on_terminal({"passwd"}, {{"Present passphrase:", kOld + "\n"},
                                                    {"New passphrase (8 characters", kNew + "\n"},
                                                    {"again:", kNew + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/passphrase?slot=passphrase") == two(kOld, kNew));
    CHECK_FALSE(says(ran.out, kOld));
    CHECK_FALSE(says(ran.out, kNew));
    CHECK(says(ran.out, "no recovery words"));
    const World other;
    const std::pair<std::string, std::string> one = {"New passphrase (8", kNew + "\n"};
    const std::pair<std::string, std::string> another = {"again:", "another\n"};
    const auto differing = other.on_terminal(
        {"passwd"},
        {{"Present passphrase:", kOld + "\n"}, one, another, one, another, one, another});
    CHECK(differing.exit == 2);
    CHECK(says(differing.out, "nothing was changed"));
    CHECK(other.received_nothing());
  }

  TEST_CASE("a wrong present passphrase is asked for again, and the new one kept") {
    World world("open", false);
    world.refuses_first("POST /v1/passphrase?slot=passphrase");
    const auto ran = world.on_terminal({"passwd"}, {{"Present passphrase:", "a slip\n"},
                                                    {"New passphrase (8", kNew + "\n"},
                                                    {"again:", kNew + "\n"},
                                                    {"Once more", kOld + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/passphrase?slot=passphrase") == two(kOld, kNew));

    world.refuses_first("POST /v1/passphrase?slot=passphrase");
    const auto old = world.file("old", "a slip\n");
    const auto fresh = world.file("new", kNew);
    CHECK(world.run({"passwd", "--password-file", old, "--new-password-file", fresh}).exit == 11);
  }

  TEST_CASE(
      "a slip in the words or behind them does not cost the others, and words are tried before a "
      "passphrase is asked") {
    World world("sealed");
    world.refuses_first("POST /v1/recovery/check?slot=recovery",
                        R"({"schema":"vrm.recovery_check/1","opens":true})");
    const auto other_words = "year" + kWords.substr(kWords.find(' '));
    const auto ran = world.on_terminal({"recover"}, {{"words:", "legal winner\n"},
                                                     {"2 came", other_words + "\n"},
                                                     {"did not open it", kWords + "\n"},
                                                     {"New passphrase (8", "short\n"},
                                                     {"shorter than 8", kNew + "\n"},
                                                     {"again:", kNew + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/recover?slot=recovery") == two(kWords, kNew));
    CHECK_FALSE(says(ran.out, "legal"));
  }

  TEST_CASE("restore where a vault is refuses before it asks for anything") {
    const World world("sealed", false);
    const auto file = world.file("a.vrmbak", "");
    world.file("vault.db", "");
    const auto folder = world.daemon.folder().path();
    // The folder of another vault than the daemon's.
    const auto into = world.on_terminal({"restore", file, "--into", folder}, {});
    CHECK(into.exit == 8);
    CHECK(says(into.out, "vrm restore FILE --into FOLDER"));
    CHECK_FALSE(says(into.out, "Passphrase"));
    CHECK(world.received_nothing());

    World own("sealed", false);
    auto status = status_in("sealed");
    const std::string shown = "/home/ana/.local/share/vrm";
    REQUIRE(status.find(shown) != status.npos);
    status.replace(status.find(shown), shown.size(), own.daemon.folder().path());
    own.daemon.answer("GET /v1/status", status);
    CHECK(own.on_terminal({"restore", file}, {}).exit == 8);
    CHECK(own.received_nothing());
  }

  TEST_CASE("a wrong passphrase of a backup may be typed again") {
    World world("empty", false);
    const auto file = world.file("a.vrmbak", "");
    auto line = "POST " + vrm::api::with_query(std::string(vrm::api::kRestore), "file", file);
    line = vrm::api::with_query(line, "into", world.daemon.folder().path() + "/new");
    line = vrm::api::with_query(line, "slot", "passphrase");
    world.refuses_first(
        line, R"({"schema":"vrm.backup/1","file":"/a","folder":"/b","tables":{},"rows":1})");
    const auto ran =
        world.on_terminal({"restore", file, "--into", world.daemon.folder().path() + "/new"},
                          {{"Passphrase:", "a slip\n"}, {"Once more", kOld + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received(line) == kOld);
  }

  TEST_CASE("a vault that is not open is told before anybody is asked for a secret") {
    for (const auto& each : std::vector<std::pair<std::string, int>>{
             {"empty", 10}, {"sealed", 4}, {"serving", 4}, {"rescue", 6}}) {
      CAPTURE(each.first);
      const World world(each.first);
      const auto out = world.daemon.folder().path() + "/sheet.txt";
      CHECK(world.on_terminal({"passwd"}, {}).exit == each.second);
      CHECK(world.on_terminal({"recovery", "sheet", "-o", out}, {}).exit == each.second);
      CHECK_FALSE(std::ifstream(out).good());
      CHECK(world.received_nothing());
    }
  }

  TEST_CASE("a sheet is shown on a terminal, or where --print or -o say") {
    const World world("open", false);
    const auto key = world.file("key", std::string(32, 'k'));
    const auto shown = world.on_terminal({"recovery", "sheet"}, {{"Passphrase:", kOld + "\n"}});
    CHECK(shown.exit == 0);
    CHECK(says(shown.out, " 1. legal "));
    CHECK(says(shown.out, "12. yellow"));
    CHECK(says(shown.out, "were tried"));
    CHECK(world.received("POST /v1/recovery?slot=passphrase") == kOld);

    const World piped("open", false);
    const auto refused = piped.run({"recovery", "sheet", "--credential-file", key});
    CHECK(refused.exit == 2);
    CHECK(piped.received_nothing());
    const auto printed = piped.run({"recovery", "sheet", "--credential-file", key, "--print"});
    CHECK(printed.exit == 0);
    CHECK(says(printed.out, "12. yellow"));
    CHECK_FALSE(says(printed.err, "yellow"));
    const auto document = piped.run({"recovery", "sheet", "--credential-file", key, "--json"});
    CHECK(says(document.out, R"("yellow")"));
  }

  TEST_CASE("a sheet in a file is private, whole, and read back by check and recover") {
    const World world("open", false);
    const auto key = world.file("key", std::string(32, 'k'));
    const auto path = world.daemon.folder().path() + "/sheet.txt";
    const std::vector<std::string> make = {"recovery",          "sheet", "-o", path,
                                           "--credential-file", key};
    const auto ran = world.run(make);
    REQUIRE(ran.exit == 0);
    CHECK_FALSE(says(ran.out + ran.err, "yellow"));
    struct stat facts {};
    REQUIRE(stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
    CHECK(says(content(path), "12. yellow"));
    const auto before = content(path);
    CHECK(world.run(make).exit == 8);
    CHECK(content(path) == before);

    world.daemon.asked();
    const World later;
    CHECK(later.run({"recovery", "check", "--words-file", path}).exit == 0);
    const auto sent = later.received("POST /v1/recovery/check?slot=recovery");
    CHECK(says(sent, " 1. legal"));
    CHECK(says(sent, "12. yellow"));
    CHECK_FALSE(says(sent, "vrm"));
    CHECK(sent.find_first_of("_/") == sent.npos);
  }

  TEST_CASE("a file for a sheet that was not made is not left behind") {
    World world("open", false);
    world.daemon.answer("POST /v1/recovery?slot=credential",
                        R"({"error":{"code":"bad_key","say":"keys.wrong","message":"x"}})", 401);
    const auto key = world.file("key", std::string(32, 'k'));
    const auto path = world.daemon.folder().path() + "/sheet.txt";
    const auto ran = world.run({"recovery", "sheet", "-o", path, "--credential-file", key});
    CHECK(ran.exit == 11);
    CHECK(says(ran.err, "nothing was changed"));
    CHECK_FALSE(std::ifstream(path).good());
  }

  TEST_CASE("former words are replaced only after a yes") {
    const World world;
    const auto key = world.file("key", std::string(32, 'k'));
    const std::vector<std::string> sheet = {"recovery", "sheet", "--credential-file", key};
    CHECK(world.on_terminal(sheet, {{"[y/N]", "\n"}}).exit == 6);
    auto blind = sheet;
    blind.emplace_back("--print");
    CHECK(world.run(blind).exit == 7);
    CHECK(world.received_nothing());
    CHECK(world.on_terminal(sheet, {{"[y/N]", "y\n"}}).exit == 0);
    blind.emplace_back("--yes");
    CHECK(world.run(blind).exit == 0);
  }

  TEST_CASE("recover takes the words and a new passphrase; check only the words") {
    const World world("sealed");
    const auto ran = world.on_terminal(
        {"recover"},
        {{"words:", kWords + "\n"}, {"New passphrase (8", kNew + "\n"}, {"again:", kNew + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received("POST /v1/recover?slot=recovery") == two(kWords, kNew));
    CHECK_FALSE(says(ran.out, "legal"));
    How how;
    how.fd3 = kWords;
    CHECK(world.run({"recovery", "check", "--words-fd", "3"}, how).exit == 0);
    CHECK(world.received("POST /v1/recovery/check?slot=recovery") == kWords);
    CHECK(world.run({"recovery", "check"}).exit == 7);
    CHECK(world.run({"recover", "--words-fd", "3"}, how).exit == 7);
    CHECK(world.on_terminal({"unlock", "--words"}, {{"words:", kWords + "\n"}}).exit == 0);
  }

  TEST_CASE("without recovery words there is nothing to check or recover with") {
    for (const std::string state : {"sealed", "empty"}) {
      const World world(state, false);
      const int exit = state == "empty" ? 10 : 3;
      CHECK(world.on_terminal({"recover"}, {}).exit == exit);
      CHECK(world.on_terminal({"recovery", "check"}, {}).exit == exit);
      CHECK(world.received_nothing());
    }
  }

  TEST_CASE("there is no way to put a secret on the command line, and it is not repeated") {
    const World world;
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"passwd", "--new-password=hunter2"},
                                               {"recover", "--words=hunter2"},
                                               {"recovery", "check", "--words=hunter2"}}) {
      const auto ran = world.run(words);
      CHECK(ran.exit == 2);
      CHECK_FALSE(says(ran.err, "hunter2"));
    }
    const auto many = world.run({"recovery", "check", "legal", "winner"});
    CHECK(many.exit == 2);
    CHECK_FALSE(says(many.err, "winner"));
    CHECK(world.received_nothing());
  }
}

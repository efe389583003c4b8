// Passphrases, credentials and sensitive values on their way in.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kPassphrase = "voile cumin tracteur";

struct World {
  FakeDaemon daemon;

  explicit World(const std::string& state = "sealed") {
    daemon.answer("GET /v1/status", status_in(state));
    for (const auto* slot : {"passphrase", "credential"}) {
      daemon.answer("POST /v1/unlock?slot=" + std::string(slot), kStatusOpen);
      daemon.answer("POST /v1/init?slot=" + std::string(slot), kStatusOpen);
    }
  }

  std::vector<std::string> typed(std::vector<std::string> words) const {
    words.insert(words.end(), {"--vault", daemon.folder().path()});
    return words;
  }

  // What reached the daemon as the secret, "" when nothing did.
  std::string received() const {
    const auto last = daemon.asked().back();
    return last.line.starts_with("POST ") && last.type == "application/octet-stream" ? last.body
                                                                                     : "";
  }
};

}  // namespace

TEST_SUITE("cli/secret") {
  TEST_CASE(
      "a passphrase comes from a descriptor, a private file, a command or an askpass program") {
    World world;
    How how;
    how.fd3 = kPassphrase + "\n";
    CHECK(run_vrm(world.typed({"unlock", "--password-fd", "3"}), how).exit == 0);
    CHECK(world.received() == kPassphrase);

    const auto file = world.daemon.folder().file("pass", "from a file\r\nsecond line\n");
    CHECK(run_vrm(world.typed({"unlock", "--password-file", file})).exit == 0);
    CHECK(world.received() == "from a file");

    CHECK(run_vrm(world.typed({"unlock", "--password-command", "echo from a command"})).exit == 0);
    CHECK(world.received() == "from a command");

    const auto program = world.daemon.folder().file(
        "askpass", "#!/bin/sh\ntest -n \"$1\" && echo from askpass\n", 0700);
    How asking;
    asking.environment = {{"VRM_ASKPASS", program}};
    CHECK(run_vrm(world.typed({"unlock"}), asking).exit == 0);
    CHECK(world.received() == "from askpass");
    CHECK(run_vrm(world.typed({"unlock", "--no-input"}), asking).exit == 7);
  }

  TEST_CASE("the first source of the list wins") {
    World world;
    const auto file = world.daemon.folder().file("pass", "from a file");
    How how;
    how.fd3 = "from fd";
    CHECK(run_vrm(world.typed({"unlock", "--password-command", "echo c", "--password-file", file,
                               "--password-fd", "3"}),
                  how)
              .exit == 0);
    CHECK(world.received() == "from fd");
    CHECK(run_vrm(world.typed({"unlock", "--password-command", "echo c", "--password-file", file}))
              .exit == 0);
    CHECK(world.received() == "from a file");
  }

  TEST_CASE("standard input is never taken for a passphrase") {
    World world;
    How how;
    how.input = kPassphrase + "\n";
    CHECK(run_vrm(world.typed({"unlock"}), how).exit == 7);
    CHECK(world.received().empty());
  }

  TEST_CASE(
      "a source that is empty, failing, too long or open to others is refused and nothing sent") {
    World world;
    const auto& folder = world.daemon.folder();
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"--password-file", folder.file("open", "secret", 0640)},
             {"--password-file", folder.file("empty", "\n")},
             {"--password-file", folder.file("long", std::string(5000, 'a'))},
             {"--password-file", folder.path()},
             {"--password-command", "echo half; exit 3"},
             {"--password-command", "true"},
             {"--password-fd", "x"},
             {"--credential-file", folder.file("short", std::string(31, 'k'))},
             {"--credential-file", folder.file("shared", std::string(32, 'k'), 0604)}}) {
      CAPTURE(words[1]);
      auto typed = words;
      typed.insert(typed.begin(), "unlock");
      const auto ran = run_vrm(world.typed(typed));
      CHECK(ran.exit == 2);
      CHECK(world.received().empty());
    }
    CHECK(run_vrm(world.typed({"unlock", "--password-file", "/nowhere/pass"})).exit == 3);
    CHECK(run_vrm(world.typed({"unlock", "--password-fd", "77"})).exit == 1);
  }

  TEST_CASE(
      "there is no way to put a passphrase on the command line, and what was tried is not "
      "repeated") {
    World world;
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"unlock", "--password", "hunter2"},
                                               {"unlock", "--password=hunter2"},
                                               {"--password=hunter2", "unlock"},
                                               {"--passphrase=hunter2"}}) {
      const auto ran = run_vrm(world.typed(words));
      CHECK(ran.exit == 2);
      CHECK(ran.err.find("hunter2") == ran.err.npos);
    }
    How how;
    how.environment = {{"VRM_PASSWORD", "hunter2"}, {"VRM_PASSPHRASE", "hunter2"}};
    CHECK(run_vrm(world.typed({"unlock"}), how).exit == 7);
    CHECK(world.received().empty());
  }

  TEST_CASE("a credential is made at init, private, and opens afterwards") {
    World world("empty");
    const auto path = world.daemon.folder().path() + "/key";
    REQUIRE(run_vrm(world.typed({"init", "--credential-file", path})).exit == 0);
    const auto made = world.received();
    CHECK(made.size() == 32);
    struct stat facts {};
    REQUIRE(stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
    std::ostringstream kept;
    kept << std::ifstream(path).rdbuf();
    CHECK(kept.str() == made);

    world.daemon.answer("GET /v1/status", status_in("sealed"));
    CHECK(run_vrm(world.typed({"unlock", "--credential-file", path})).exit == 0);
    CHECK(world.received() == made);
  }

  TEST_CASE("init overwrites no credential, and leaves none behind when no vault was made") {
    World world("empty");
    const auto there = world.daemon.folder().file("there", "precious");
    CHECK(run_vrm(world.typed({"init", "--credential-file", there})).exit == 8);
    CHECK(world.received().empty());
    world.daemon.answer("POST /v1/init?slot=credential",
                        R"({"error":{"code":"io","message":"full"}})", 500);
    const auto path = world.daemon.folder().path() + "/key";
    CHECK(run_vrm(world.typed({"init", "--credential-file", path})).exit == 1);
    CHECK_FALSE(std::ifstream(path).good());
  }

  TEST_CASE("init where a vault is changes nothing, unlock where none is says so") {
    World world("sealed");
    CHECK(run_vrm(world.typed({"init", "--password-command", "echo p"})).exit == 8);
    world.daemon.answer("GET /v1/status", status_in("empty"));
    CHECK(run_vrm(world.typed({"unlock", "--password-command", "echo p"})).exit == 10);
    CHECK(world.received().empty());
  }

  TEST_CASE("unlocking an open vault asks for nothing") {
    World world("open");
    CHECK(run_vrm(world.typed({"unlock"})).exit == 0);
    CHECK(world.received().empty());
  }

  TEST_CASE("on a terminal the passphrase is asked twice at init and never shown") {
    World world("empty");
    const auto ran = run_on_terminal(
        world.typed({"init"}),
        {{"Passphrase (8 characters or more", kPassphrase + "\n"}, {"again:", kPassphrase + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(ran.out.find(kPassphrase) == ran.out.npos);
    CHECK(ran.out.find("nobody can open") != ran.out.npos);
    CHECK(world.received() == kPassphrase);
  }

  TEST_CASE("two that differ three times make nothing") {
    World world("empty");
    const std::pair<std::string, std::string> one = {"better six words):", "voile cumin\n"};
    const std::pair<std::string, std::string> other = {"again:", "voile curry\n"};
    const auto ran = run_on_terminal(world.typed({"init"}), {one, other, one, other, one, other});
    CHECK(ran.exit == 2);
    CHECK(ran.out.find("nothing was made") != ran.out.npos);
    CHECK(world.received().empty());
  }

  TEST_CASE("a slip at a new passphrase is said, and the question comes again") {
    World world("empty");
    const auto ran =
        run_on_terminal(world.typed({"init"}), {{"better six words):", "short\n"},
                                                {"shorter than 8 characters", "voile cumin\n"},
                                                {"again:", "voile curry\n"},
                                                {"not the same", kPassphrase + "\n"},
                                                {"again:", kPassphrase + "\n"}});
    CHECK(ran.exit == 0);
    CHECK(world.received() == kPassphrase);
    CHECK(ran.out.find("voile") == ran.out.npos);
  }

  TEST_CASE("three slips end it, and an empty line is one") {
    World world("empty");
    const auto ran = run_on_terminal(world.typed({"init"}), {{"better six words):", "short\n"},
                                                             {"shorter than 8", "\n"},
                                                             {"Nothing was typed", "brief\n"}});
    CHECK(ran.exit == 2);
    CHECK(ran.out.find("too short to keep a thief out") != ran.out.npos);
    CHECK(world.received().empty());
  }

  TEST_CASE("nobody is asked again where there is no terminal") {
    World world("empty");
    CHECK(run_vrm(world.typed({"init", "--password-command", "echo short"})).exit == 2);
    CHECK(world.daemon.asked().size() == 1);
  }

  TEST_CASE("a wrong passphrase may be typed three times") {
    World world;
    world.daemon.answer("POST /v1/unlock?slot=passphrase",
                        R"({"error":{"code":"bad_key","message":"no slot opens"}})", 401);
    const auto ran =
        run_on_terminal(world.typed({"unlock"}),
                        {{"Passphrase:", "a\n"}, {"Passphrase:", "b\n"}, {"Passphrase:", "c\n"}});
    CHECK(ran.exit == 11);
    CHECK(world.received() == "c");
    CHECK(run_vrm(world.typed({"unlock", "--password-command", "echo d"})).exit == 11);
  }

  TEST_CASE("nothing typed is shown between the questions, and what was typed ahead is an answer") {
    World world;
    world.daemon.answer("POST /v1/unlock?slot=passphrase",
                        R"({"error":{"code":"bad_key","message":"no slot opens"}})", 401);
    std::atomic<int> terminal = -1;
    std::atomic<int> looked = 0;
    std::atomic<int> shown = 0;
    world.daemon.before_answers([&](const std::string& line) {
      if (!line.starts_with("POST ")) return;
      termios state{};
      REQUIRE(tcgetattr(terminal, &state) == 0);
      shown += (state.c_lflag & ECHO) != 0 ? 1 : 0;
      if (++looked == 1) REQUIRE(write(terminal, "typed ahead\n", 12) == 12);
    });
    How how;
    how.terminal = &terminal;
    const auto ran =
        run_on_terminal(world.typed({"unlock"}),
                        {{"Passphrase:", "a\n"}, {"Once more", ""}, {"Once more", "c\n"}}, how);
    CHECK(ran.exit == 11);
    CHECK(looked == 3);
    CHECK(shown == 0);
    CHECK(ran.out.find("typed ahead") == ran.out.npos);
    CHECK(world.daemon.asked()[2].body == "typed ahead");
  }

  TEST_CASE("Ctrl-C while the daemon works gives the terminal back and ends it with 130") {
    World world;
    std::atomic<int> terminal = -1;
    world.daemon.before_answers([&](const std::string& line) {
      if (!line.starts_with("POST ")) return;
      REQUIRE(write(terminal, "\x03", 1) == 1);
      termios state{};
      for (int tries = 0; tries < 10'000'000 && (state.c_lflag & ECHO) == 0; ++tries)
        if (tcgetattr(terminal, &state) != 0) return;
      CHECK((state.c_lflag & ECHO) != 0);
    });
    How how;
    how.terminal = &terminal;
    CHECK(run_on_terminal(world.typed({"unlock"}), {{"Passphrase:", "a\n"}}, how).exit == 130);
  }

  TEST_CASE("Ctrl-C at the question ends it with 130 and sends nothing") {
    World world;
    const auto ran = run_on_terminal(world.typed({"unlock"}), {{"Passphrase:", "half\x03"}});
    CHECK(ran.exit == 130);
    CHECK(world.received().empty());
  }

  TEST_CASE("a sensitive value on the command line is refused before it is sent") {
    World world;
    world.daemon.answer("GET /v1/catalogue", kCatalogue);
    world.daemon.answer("PUT /v1/fields/person.birthdate", kBirth);
    const auto ran = run_vrm(world.typed({"set", "person.birthdate", "1988-05-14"}));
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("1988-05-14") == ran.err.npos);
    CHECK(world.daemon.asked().back().line == "GET /v1/catalogue");
    How how;
    how.input = "1988-05-14\n";
    CHECK(run_vrm(world.typed({"set", "person.birthdate", "--stdin"}), how).exit == 0);
    CHECK(world.daemon.asked().back().body == R"({"value":"1988-05-14"})");
  }

  TEST_CASE("a sensitive value that is asked for is not shown") {
    World world;
    world.daemon.answer("GET /v1/catalogue", kCatalogue);
    world.daemon.answer("PUT /v1/fields/person.birthdate", kBirth);
    const auto ran = run_on_terminal(world.typed({"set", "person.birthdate"}),
                                     {{"person.birthdate (as 1990-02-14):", "1988-05-14\n"}});
    CHECK(ran.exit == 0);
    CHECK(ran.out.find("1988") == ran.out.npos);
    CHECK(world.daemon.asked().back().body == R"({"value":"1988-05-14"})");
  }

  TEST_CASE("a day in another spelling is told as it was understood, at a terminal only") {
    World world;
    world.daemon.answer("GET /v1/catalogue", kCatalogue);
    world.daemon.answer("PUT /v1/fields/person.birthdate", kBirth);
    const auto ran = run_on_terminal(world.typed({"set", "person.birthdate"}),
                                     {{"person.birthdate (as 1990-02-14):", "may 14, 1988\n"}});
    CHECK(ran.exit == 0);
    CHECK(ran.out.find("is set (14 May 1988)") != ran.out.npos);
    CHECK(world.daemon.asked().back().body == R"({"value":"1988-05-14"})");
    How how;
    how.input = "14 May 1988\n";
    const auto piped = run_vrm(world.typed({"set", "person.birthdate", "--stdin"}), how);
    CHECK(piped.exit == 0);
    CHECK((piped.out + piped.err).find("1988") == piped.out.npos);
    CHECK(world.daemon.asked().back().body == R"({"value":"1988-05-14"})");
  }

  TEST_CASE("what may be two days is refused with both, and nothing is sent") {
    World world;
    world.daemon.answer("GET /v1/catalogue", kCatalogue);
    world.daemon.answer("PUT /v1/fields/person.birthdate", kBirth);
    How how;
    how.input = "03/04/1990\n";
    const auto ran = run_vrm(world.typed({"set", "person.birthdate", "--stdin"}), how);
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("1990-04-03 or 1990-03-04") != ran.err.npos);
    CHECK(world.daemon.asked().back().line == "GET /v1/catalogue");
    how.environment["VRM_LANG"] = "fr";
    CHECK(run_vrm(world.typed({"set", "person.birthdate", "--stdin"}), how).exit == 0);
    CHECK(world.daemon.asked().back().body == R"({"value":"1990-04-03"})");
  }

  TEST_CASE("a no at the question does nothing") {
    World world;
    world.daemon.answer("GET /v1/fields/contact.email", kEmail);
    world.daemon.answer("DELETE /v1/fields/contact.email", kEmail);
    const auto no = run_on_terminal(world.typed({"unset", "contact.email"}), {{"[y/N]", "\n"}});
    CHECK(no.exit == 6);
    CHECK(world.daemon.asked().back().line == "GET /v1/fields/contact.email");
    const auto yes = run_on_terminal(world.typed({"unset", "contact.email"}), {{"[y/N]", "y\n"}});
    CHECK(yes.exit == 0);
    CHECK(world.daemon.asked().back().line == "DELETE /v1/fields/contact.email");
  }

  TEST_CASE("an answer that is neither yes nor no is asked for once more") {
    World world;
    world.daemon.answer("GET /v1/fields/contact.email", kEmail);
    world.daemon.answer("DELETE /v1/fields/contact.email", kEmail);
    const auto unset = world.typed({"unset", "contact.email"});
    const auto twice = run_on_terminal(unset, {{"[y/N]", "clear\n"}, {"neither yes", "sure\n"}});
    CHECK(twice.exit == 6);
    CHECK(world.daemon.asked().back().line == "GET /v1/fields/contact.email");
    CHECK(run_on_terminal(unset, {{"[y/N]", "no\n"}}).exit == 6);
    CHECK(run_on_terminal(unset, {{"[y/N]", "clear\n"}, {"neither yes", "Yes\n"}}).exit == 0);
    CHECK(world.daemon.asked().back().line == "DELETE /v1/fields/contact.email");
  }
}

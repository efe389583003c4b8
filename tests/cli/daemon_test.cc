// Starting the daemon when it is needed, and stopping it; vrmd is played by a script beside a copy
// of vrm.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A copy of vrm with a vrmd beside it, and a vault's folder.
struct Place {
  Folder folder;
  How how;

  explicit Place(const std::string& vrmd) {
    fs::copy_file(vrm_program(), folder.path() + "/vrm");
    how.program = folder.path() + "/vrm";
    if (!vrmd.empty()) folder.file("vrmd", "#!/bin/sh\n" + vrmd, 0700);
    fs::create_directories(vault());
  }

  std::string vault() const { return folder.path() + "/home/vault"; }

  Ran run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--vault", vault()});
    return run_vrm(words, how);
  }
};

// Tells its arguments, puts a socket where it was told to, and says that it is ready.
std::string vrmd_reaching(const FakeDaemon& daemon) {
  return "echo \"$@\" > \"$2/arguments\"\nln -s " + daemon.socket() +
         " \"$4\"\nprintf 'ready\\n' >&3\n";
}

}  // namespace

TEST_SUITE("cli/daemon") {
  TEST_CASE("the status counts documents where there are some") {
    FakeDaemon daemon;
    std::string status = kStatusOpen;
    status.insert(status.find(R"("fields":12)"), R"("documents":2,)");
    daemon.answer("GET /v1/status", status);
    const Place place(vrmd_reaching(daemon));
    CHECK(place.run({"status"}).out.find("12 fields, 2 documents\n") != std::string::npos);
  }

  TEST_CASE("the first command that needs the daemon starts it, with a word") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon));
    const auto first = place.run({"status"});
    CHECK(first.exit == 0);
    CHECK(first.err == "(started the vault’s daemon)\n");
    CHECK(first.out.starts_with("Vault "));
    CHECK(first.out.find("12 fields\n") != std::string::npos);
    const auto second = place.run({"status"});
    CHECK(second.err.empty());
    CHECK(content(place.vault() + "/arguments") ==
          "--vault " + place.vault() + " --socket " + place.vault() + "/vrm.sock --ready-fd 3\n");
  }

  TEST_CASE("the daemon is told the person's language, for what it says while it starts") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const std::string script = "echo \"$VRM_LANG\" > \"$2/language\"\n" + vrmd_reaching(daemon);
    struct Told {
      std::vector<std::string> words;
      Environment environment;
      const char* language;
    };
    for (const auto& told :
         std::vector<Told>{{{"status", "--lang", "fr"}, {{"VRM_LANG", "en"}}, "fr\n"},
                           {{"status"}, {{"LANG", "fr_FR.UTF-8"}}, "fr\n"},
                           {{"status"}, {}, "en\n"}}) {
      Place place(script);
      place.how.environment = told.environment;
      REQUIRE(place.run(told.words).exit == 0);
      CHECK(content(place.vault() + "/language") == told.language);
    }
  }

  TEST_CASE("what the system refuses is told in the person's language, without its own words") {
    FakeDaemon daemon;
    const Place place(vrmd_reaching(daemon));
    fs::create_directories(place.vault() + "/vrmd.log");  // a folder where the log should be
    const auto ran = place.run({"status", "--lang", "fr"});
    CHECK(ran.exit == 1);
    CHECK(ran.err.find("est un dossier") != ran.err.npos);
    CHECK(ran.err.find("directory") == ran.err.npos);
  }

  TEST_CASE("a vault's folder that is not there is not made, but by what begins a vault") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon));
    fs::remove(place.vault());
    for (const auto* command : {"status", "list", "lock"}) {
      const auto ran = place.run({command});
      CHECK(ran.exit == 10);
      CHECK(ran.err.find("vrm init --vault " + place.vault()) != ran.err.npos);
    }
    CHECK(!fs::exists(place.vault()));
    CHECK(place.run({"init"}).err.find("(started the vault’s daemon)") != std::string::npos);
    CHECK(fs::exists(place.vault()));
  }

  TEST_CASE("Ctrl-C at the question behind a daemon that was started tells that it runs on") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", status_in("empty"));
    const Place place(vrmd_reaching(daemon));
    fs::remove(place.vault());
    for (const bool started : {true, false}) {
      const auto ran = run_on_terminal({"init", "--vault", place.vault()},
                                       {{"better six words):", "\x03"}}, place.how);
      CHECK(ran.exit == 130);
      CHECK(ran.out.find("nothing was sent") != ran.out.npos);
      CHECK((ran.out.find("vrm daemon stop --vault") != ran.out.npos) == started);
    }
  }

  TEST_CASE("folders are made for the owner alone, and so is the log") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon) + "echo a word for the log\n");
    fs::remove(place.vault());
    REQUIRE(place.run({"daemon", "start"}).exit == 0);
    struct stat facts {};
    REQUIRE(stat(place.vault().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0700);
    REQUIRE(stat((place.vault() + "/vrmd.log").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
  }

  TEST_CASE("the options of daemon start are passed on") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon));
    const auto ran =
        place.run({"daemon", "start", "--brand-door", "127.0.0.1:7610", "--base=http://x",
                   "--allow-loopback-brands", "--poll-interval", "1"});
    CHECK(ran.exit == 0);
    const auto told = content(place.vault() + "/arguments");
    for (const auto* part : {"--brand-door 127.0.0.1:7610", "--base http://x",
                             "--allow-loopback-brands", "--poll-interval 1"})
      CHECK(told.find(part) != told.npos);
    CHECK(place.run({"daemon", "start"}).exit == 0);
    CHECK(place.run({"daemon", "start", "--brand-door", "127.0.0.1:1"}).exit == 8);
  }

  TEST_CASE(
      "the options of daemon start are remembered for the next start, until they are dropped") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon));
    const auto kept = place.vault() + "/vrmd.json";
    const auto first =
        place.run({"daemon", "start", "--brand-door", "127.0.0.1:7610", "--allow-loopback-brands"});
    REQUIRE(first.exit == 0);
    CHECK(first.err.find(kept) != first.err.npos);
    CHECK(first.err.find("--allow-loopback-brands --brand-door 127.0.0.1:7610") != first.err.npos);
    struct stat facts {};
    REQUIRE(stat(kept.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);

    const auto ended = [&] { fs::remove(place.vault() + "/vrm.sock"); };
    ended();
    REQUIRE(place.run({"status"}).exit == 0);  // started on demand
    CHECK(content(place.vault() + "/arguments").find("--config " + kept) != std::string::npos);
    ended();
    const auto more = place.run({"daemon", "start", "--poll-interval", "1", "--tls-cert", "c.pem"});
    REQUIRE(more.exit == 0);
    CHECK(more.err.find("--brand-door 127.0.0.1:7610") != more.err.npos);
    CHECK(content(kept).find("--") == std::string::npos);
    CHECK(content(kept).find("\"" + fs::current_path().string() + "/c.pem\"") != std::string::npos);
    ended();
    REQUIRE(place.run({"daemon", "start", "--forget", "--base", "http://x"}).exit == 0);
    const auto told = content(place.vault() + "/arguments");
    CHECK(told.find("--config") == told.npos);
    CHECK(told.find("--base http://x") != told.npos);
    CHECK(content(kept).find("brand-door") == std::string::npos);
    ended();
    REQUIRE(place.run({"daemon", "start", "--forget"}).exit == 0);
    CHECK_FALSE(fs::exists(kept));
  }

  TEST_CASE("options with which the daemon does not start are not remembered") {
    const Place place("exit 1\n");
    CHECK(place.run({"daemon", "start", "--brand-door", "here"}).exit == 5);
    CHECK_FALSE(fs::exists(place.vault() + "/vrmd.json"));
  }

  TEST_CASE("a start that fails with remembered options tells how to start without them") {
    const Place place("echo 'vrmd: the port is taken' >&2\nexit 1\n");
    fs::create_directories(place.vault());
    std::ofstream(place.vault() + "/vrmd.json") << R"({"brand-door":"127.0.0.1:7610"})";
    const auto ran = place.run({"status"});
    CHECK(ran.exit == 5);
    CHECK(ran.err.find("the port is taken") != ran.err.npos);
    CHECK(ran.err.find("vrm daemon start --vault " + place.vault() + " --forget") != ran.err.npos);
  }

  TEST_CASE("a file of options that holds something else stops nothing silently") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(daemon));
    fs::create_directories(place.vault());
    for (const auto* text : {"", "[]", R"({"base":1})"}) {
      std::ofstream(place.vault() + "/vrmd.json") << text;
      fs::remove(place.vault() + "/vrm.sock");
      const auto ran = place.run({"daemon", "start", "--base", "http://x"});
      CHECK(ran.exit == 2);
      CHECK(ran.err.find("--forget") != ran.err.npos);
    }
  }

  TEST_CASE("a daemon that ends instead is told with its last words, exit 5") {
    const Place place(
        "echo first line >&2\necho 'the vault is held by another daemon' >&2\nexit 1\n");
    const auto ran = place.run({"status"});
    CHECK(ran.exit == 5);
    CHECK(ran.err.find("held by another daemon") != ran.err.npos);
    CHECK(ran.err.find("first line") == ran.err.npos);
    CHECK(ran.err.find(place.vault() + "/vrmd.log") != ran.err.npos);
  }

  TEST_CASE("a daemon that another vrm started meanwhile serves as well") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place("ln -s " + daemon.socket() + " \"$4\"\nexit 1\n");
    CHECK(place.run({"status"}).exit == 0);
  }

  TEST_CASE("a daemon that ends while it is asked is asked again, and started when it is gone") {
    FakeDaemon ending;
    FakeDaemon fresh;
    fresh.answer("GET /v1/status", kStatusOpen);
    const Place place(vrmd_reaching(fresh));
    fs::create_directories(place.vault());
    fs::create_symlink(ending.socket(), place.vault() + "/vrm.sock");
    ending.answer_in_turn("GET /v1/status", {{200, "", true}, {200, kStatusOpen}});
    CHECK(place.run({"status"}).exit == 0);
    CHECK(ending.asked().size() == 2);

    ending.answer_in_turn("GET /v1/status", {{200, "", true}});
    int looks = 0;
    ending.before_answers([&](const std::string&) {
      if (++looks == 3) fs::remove(place.vault() + "/vrm.sock");
    });
    const auto ran = place.run({"daemon", "start"});
    CHECK(ran.exit == 0);
    CHECK(ran.out.find("The daemon runs") != ran.out.npos);
    CHECK(looks == 3);
  }

  TEST_CASE("what changes something is asked once, and its lost answer is no late one") {
    FakeDaemon daemon;
    daemon.answer_in_turn("POST /v1/lock", {{200, "", true}, {200, kStatusOpen}});
    const auto ran = run_vrm({"lock", "--vault", daemon.folder().path()});
    CHECK(ran.exit == 13);
    CHECK(ran.err.find("ended before it answered") != ran.err.npos);
    CHECK(daemon.asked().size() == 1);
  }

  TEST_CASE("without vrmd, and where nothing is to be started, it is exit 5") {
    const Place place("");
    CHECK(place.run({"status"}).exit == 5);
    CHECK(place.run({"daemon", "status"}).exit == 5);
    CHECK(place.run({"daemon", "stop"}).exit == 5);
    const auto overview = place.run({});
    CHECK(overview.exit == 0);
    CHECK(fs::is_empty(place.vault()));
  }

  TEST_CASE("the daemon inherits no terminal, no open file and no signal mask") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const Place place(
        "ls /proc/$$/fd > \"$2/fds\"\ncut -d ' ' -f 1,6 /proc/$$/stat > \"$2/session\"\n" +
        vrmd_reaching(daemon));
    auto how = place.how;
    how.fd3 = "a passphrase";
    REQUIRE(run_vrm({"status", "--vault", place.vault()}, how).exit == 0);
    std::istringstream fds(content(place.vault() + "/fds"));
    for (int fd = 0; fds >> fd;) CHECK((fd <= 3 || fd >= 10));  // from 10 on: the shell's own
    std::istringstream session(content(place.vault() + "/session"));
    long sid = 0;
    long pid = 1;
    session >> sid >> pid;
    CHECK(sid == pid);
  }

  TEST_CASE("daemon stop comes back when the process is gone") {
    FakeDaemon daemon;
    daemon.answer_all(
        R"({"schema":"vrm.status/1","vault":{"state":"sealed"},"daemon":{"pid":999999999}})");
    const auto ran = run_vrm({"daemon", "stop", "--vault", daemon.folder().path()});
    CHECK(ran.exit == 0);
    CHECK(daemon.asked().back().line == "POST /v1/stop");
  }

  TEST_CASE("a daemon that does not end in time is exit 13") {
    FakeDaemon daemon;
    daemon.answer_all(R"({"schema":"vrm.status/1","vault":{"state":"sealed"},"daemon":{"pid":)" +
                      std::to_string(getpid()) + "}}");
    const auto ran =
        run_vrm({"daemon", "stop", "--timeout", "1s", "--vault", daemon.folder().path()});
    CHECK(ran.exit == 13);
  }

  TEST_CASE("where the socket is: flag, the vault's folder, environment, the user's run folder") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    const auto& folder = daemon.folder().path();
    How how;
    CHECK(run_vrm({"daemon", "status", "--socket", daemon.socket()}, how).exit == 0);
    how.environment = {{"VRM_SOCKET", daemon.socket()}};
    CHECK(run_vrm({"daemon", "status"}, how).exit == 0);
    CHECK(run_vrm({"daemon", "status", "--vault", folder + "/other"}, how).exit == 5);
    how.environment = {{"VRM_VAULT", folder}};
    CHECK(run_vrm({"daemon", "status"}, how).exit == 0);
    fs::create_directory(folder + "/vrm");
    fs::create_symlink(daemon.socket(), folder + "/vrm/vrm.sock");
    how.environment = {{"XDG_RUNTIME_DIR", folder}};
    CHECK(run_vrm({"daemon", "status"}, how).exit == 0);
    CHECK(run_vrm({"daemon", "status", "--vault", "/tmp/" + std::string(120, 'a')}, how).exit == 2);
  }
}

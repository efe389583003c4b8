// What a person sees of documents that no transcript shows: names that are not what they seem, types, codes, and the
// copy that is wiped.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/file.h"
#include "cli/media_type.h"
#include "cli/plain_copy.h"
#include "cli/qr_code.h"
#include "tests/cli/doc_documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm;            // tests only
using namespace vrm::cli_test;  // tests only

TEST_SUITE("cli/documents") {
  TEST_CASE("whatever a document is called, its copy is one file in its folder") {
    CHECK(cli::safe_file_name("Passport.pdf") == "Passport.pdf");
    CHECK(cli::safe_file_name("../../etc/passwd") == "_.._etc_passwd");
    CHECK(cli::safe_file_name("-rf") == "rf");
    CHECK(cli::safe_file_name(".profile") == "profile");
    CHECK(cli::safe_file_name("") == "document");
    CHECK(cli::safe_file_name("...") == "document");
    CHECK(cli::safe_file_name("a\x1b[31mb\n").find('\x1b') == std::string::npos);
    std::string accents;
    for (int i = 0; i < 300; ++i) accents += "é";
    CHECK(cli::safe_file_name(accents).size() == 200);
    CHECK(cli::safe_file_name("x" + accents).size() == 199);
  }

  TEST_CASE("a file that is not there is told apart from a folder that is not there") {
    const Folder folder;
    const auto why = [](const std::string& path) {
      const auto read = cli::read_file(path, 1);
      return read.ok() ? std::string() : read.error().say;
    };
    CHECK(why(folder.path() + "/none.pdf") == "file.none");
    CHECK(why(folder.path() + "/nowhere/none.pdf") == "file.no_folder");
    CHECK(why("none-at-all.pdf") == "file.none");
  }

  TEST_CASE("the end of a file's name says what it is") {
    CHECK(cli::media_type_of("a.pdf") == "application/pdf");
    CHECK(cli::media_type_of("A.JPG") == "image/jpeg");
    CHECK(cli::media_type_of("pass.pkpass") == "application/vnd.apple.pkpass");
    for (const auto* other : {"", "pdf", "a.", "a.exe", ".txt.x"})
      CHECK(cli::media_type_of(other) == "application/octet-stream");
  }

  TEST_CASE("a code is a square with a margin; what is too long or too wide is refused") {
    const auto code = cli::qr_code("AF-12345", 80);
    REQUIRE(code.ok());
    CHECK(code.value().size() == 13);  // 21 modules and twice the margin, two in a line
    CHECK(code.value()[0].starts_with("████"));
    CHECK_FALSE(cli::qr_code("AF-12345", 24).ok());
    CHECK_FALSE(cli::qr_code("", 80).ok());
    CHECK_FALSE(cli::qr_code(std::string(3000, 'x'), 1000).ok());
    CHECK(cli::qr_code("AF-12345", 24).error().say == "doc.no_qr");
  }

  TEST_CASE("a copy is shown for as long as the person looks, and wiped then") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/documents/ticket", kTicket);
    daemon.answer("GET /v1/documents/document.ticket/parts/1", "AF-12345");
    const auto runtime = daemon.folder().path() + "/run";
    std::filesystem::create_directory(runtime);
    std::filesystem::permissions(runtime, std::filesystem::perms::owner_all);
    How how;
    how.environment["XDG_RUNTIME_DIR"] = runtime;
    const auto ran = run_on_terminal({"doc", "open", "ticket", "--vault", daemon.folder().path()},
                                     {{"Enter", "\n"}}, how);
    CHECK(ran.exit == 0);
    CHECK(ran.out.find(runtime + "/vrm-doc-") != std::string::npos);
    CHECK((ran.out + ran.err).find("wiped") != std::string::npos);
    CHECK(std::filesystem::is_empty(runtime));
    // What a killed one left goes with the next; what another still shows stays.
    for (const std::string left : {"/vrm-doc-killed", "/vrm-doc-shown"}) {
      std::filesystem::create_directory(runtime + left);
      std::ofstream(runtime + left + "/ticket.txt") << "AF-12345";
    }
    const int shown = open((runtime + "/vrm-doc-shown/ticket.txt").c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(flock(shown, LOCK_EX) == 0);
    CHECK(run_on_terminal({"doc", "open", "ticket", "--vault", daemon.folder().path()},
                          {{"Enter", "\n"}}, how)
              .exit == 0);
    CHECK_FALSE(std::filesystem::exists(runtime + "/vrm-doc-killed"));
    CHECK(std::filesystem::file_size(runtime + "/vrm-doc-shown/ticket.txt") == 8);
    close(shown);
    std::filesystem::remove_all(runtime + "/vrm-doc-shown");
    // A folder that others may enter is no place for it, nor is none: there are the system's.
    std::filesystem::permissions(runtime, std::filesystem::perms::all);
    for (const bool named : {true, false}) {
      if (!named) how.environment.erase("XDG_RUNTIME_DIR");
      const auto elsewhere = run_on_terminal(
          {"doc", "open", "ticket", "--vault", daemon.folder().path()}, {{"Enter", "\n"}}, how);
      CHECK(elsewhere.exit == 0);
      CHECK(elsewhere.out.find("/vrm-doc-") != std::string::npos);
      CHECK(elsewhere.out.find(runtime) == std::string::npos);
      CHECK(std::filesystem::is_empty(runtime));
    }
  }

  TEST_CASE(
      "a copy lies in a folder of its own, in the first place where nobody else can move it") {
    const Folder folder;
    const auto mode_of = [](const std::filesystem::path& path) {
      return std::filesystem::status(path).permissions();
    };
    const auto make = [&](const char* name, std::filesystem::perms mode) {
      const auto path = folder.path() + "/" + name;
      std::filesystem::create_directory(path);
      std::filesystem::permissions(path, mode);
      return path;
    };
    using std::filesystem::perms;
    const auto open_to_all = make("open", perms::all);
    const auto sticky = make("sticky", perms::all | perms::sticky_bit);
    std::filesystem::create_directory_symlink(folder.path(), sticky + "/vrm-doc-link");
    std::filesystem::create_directory(sticky + "/vrm-doc-killed");
    std::ofstream(sticky + "/vrm-doc-killed/old.pdf") << "secret";
    std::string path;
    {
      const auto copy = cli::PlainCopy::make("pass.pdf", {"/nowhere", "", open_to_all, sticky});
      REQUIRE(copy.ok());
      path = copy.value().path();
      CHECK(path.starts_with(sticky + "/vrm-doc-"));
      CHECK(mode_of(path) == (perms::owner_read | perms::owner_write));
      CHECK(mode_of(std::filesystem::path(path).parent_path()) == perms::owner_all);
    }
    CHECK_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
    CHECK_FALSE(std::filesystem::exists(sticky + "/vrm-doc-killed"));
    CHECK(std::filesystem::exists(open_to_all));
    const auto refused = cli::PlainCopy::make("pass.pdf", {"/nowhere", open_to_all});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().say == "doc.no_room");
  }

  TEST_CASE("a document that is refused in the middle is dropped, and what it was is said") {
    FakeDaemon daemon;
    const auto file = daemon.folder().file("a.bin", std::string((1 << 20) + 5, 'x'));
    daemon.answer("POST /v1/uploads", upload_of(2));
    daemon.answer("PUT /v1/uploads/up_2QK7T0AB/parts/1", upload_of(2));
    daemon.answer("PUT /v1/uploads/up_2QK7T0AB/parts/2",
                  R"({"error":{"code":"io","message":"no space"}})", 500);
    daemon.answer("DELETE /v1/uploads/up_2QK7T0AB", upload_of(2));
    const auto ran = run_vrm({"doc", "add", file, "--vault", daemon.folder().path()}, {});
    CHECK(ran.exit == 1);
    const auto asked = daemon.asked();
    REQUIRE(asked.size() == 4);
    CHECK(asked[1].body.size() == 1 << 20);
    CHECK(asked[2].body == "xxxxx");
    CHECK(asked[3].line == "DELETE /v1/uploads/up_2QK7T0AB");
  }
}

// Who a brand is: its keys when they changed, what it says of itself, and what it asks beyond that.

#include <doctest/doctest.h>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kOver =
    R"({"schema":"vrm.request/1","id":"rq_7F2K9QXD","brand":{"brand":"velo","name":"Vélo","domain":"velo.example","fingerprint":"SHA256:9fQ2","trust":"unchecked","known_since":"2024-03-12T08:00:00Z"},)"
    R"("state":"pending","received_at":"2024-11-21T13:00:00Z","purpose":"marketing","purpose_label_en":"marketing","purpose_label_fr":"publicité",)"
    R"("needed":[{"field":"contact.email","have":true,"value":"a@example.org","unusual":false,"unregistered":true}],"optional":[],"until":"2024-11-28T18:00:00Z","retention_days":300,)"
    R"("unregistered_purpose":true,"unregistered_retention":true,"registered_days":30})";

std::vector<std::string> typed(const FakeDaemon& daemon, std::vector<std::string> words) {
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  return words;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const std::string kLetsSee =
    R"({"schema":"vrm.grant/1","brand":"velo","brand_name":"Vélo Example","lets_see":{
  "exact":true,"items":[{"brand":"velo","field":"contact.email","for":["delivery"],"purposes":["delivery"],
  "grant":"gr_7F","from":null,"until":"2024-12-21T13:00:00Z","times_of_day":null,
  "reads":{"after":0,"left":3},"policies":["grant"]}],"closed":[]}})";

std::size_t posts(const FakeDaemon& daemon) {
  std::size_t count = 0;
  for (const auto& asked : daemon.asked())
    if (asked.line.starts_with("POST ") && !says(asked.line, "dry_run=1")) ++count;
  return count;
}

}  // namespace

TEST_SUITE("cli/brand_identity") {
  TEST_CASE("a brand is shown with all that it says of itself, and both keys when they changed") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/brands/velo", kKeysChanged);
    daemon.answer("GET /v1/brands", R"({"schema":"vrm.brands/1","items":[)" + kKeysChanged + "]}");
    const auto shown = run_vrm(typed(daemon, {"brand", "show", "velo"}));
    CHECK(shown.exit == 0);
    for (const char* part :
         {"its keys changed", "looks like veio", "Velo Lyon", "Vélo SAS", "vat FR1",
          "privacy@velo.example", "1 rue Neuve", "of itself, and nobody checked",
          "delivery (delivering what you bought): address.home", "T-1", "SHA256:old", "SHA256:new",
          "vrm brand keys"}) {
      CAPTURE(part);
      CHECK(says(shown.out, part));
    }
    CHECK(says(run_vrm(typed(daemon, {"brand", "list"})).out, "its keys changed"));
  }

  TEST_CASE("keys are pinned by a person who saw both, and those that were shown") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/brands/velo", kKeysChanged);
    daemon.answer("POST /v1/brands/velo/keys", kBrand);
    CHECK(says(run_vrm(typed(daemon, {"brand", "keys", "velo"})).out, "SHA256:new"));
    CHECK(run_vrm(typed(daemon, {"brand", "keys", "velo", "--accept"})).exit == 7);
    const auto refused =
        run_on_terminal(typed(daemon, {"brand", "keys", "velo", "--accept"}), {{"[y/N]", "n\n"}});
    CHECK(says(refused.out, "SHA256:old"));
    CHECK(posts(daemon) == 0);
    const auto accepted =
        run_on_terminal(typed(daemon, {"brand", "keys", "velo", "--accept"}), {{"[y/N]", "y\n"}});
    CHECK(accepted.exit == 0);
    CHECK(says(accepted.out, "good again"));
    REQUIRE(posts(daemon) == 1);
    CHECK(says(daemon.asked().back().body, "SHA256:new"));
  }

  TEST_CASE("the question before an approval names all that would be given") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/requests/rq_7F2K9QXD", kOver);
    daemon.answer("POST /v1/requests/rq_7F2K9QXD/approve?dry_run=1", kLetsSee);
    struct Row {
      std::vector<std::string> flags;
      std::string all;
    };
    for (const Row& row :
         {Row{{}, "all that is given: contact.email."},
          Row{{"--also", "size.shoe_eu"}, "given: contact.email, size.shoe_eu."},
          Row{{"--only", "contact.email", "--also", "size.shoe_eu"},
              "given: contact.email, size.shoe_eu."},
          Row{{"--coarse", "contact.email=contact.has_email"}, "given: contact.has_email."}}) {
      CAPTURE(row.all);
      auto words = std::vector<std::string>{"approve", "rq_7F2K9QXD"};
      words.insert(words.end(), row.flags.begin(), row.flags.end());
      const auto refused = run_on_terminal(typed(daemon, words), {{"[y/N]", "n\n"}});
      CHECK(says(refused.out, row.all));
    }
    CHECK(posts(daemon) == 0);
  }

  TEST_CASE("a decision that gives again what was taken back is told") {
    FakeDaemon daemon;
    daemon.answer(
        "POST /v1/grants/revoke",
        R"({"schema":"vrm.revoked/1","items":[{"id":"gr_7F2K9QXD","brand":"velo","reads":0,"last_read_at":null,"already":false,"rules":["ru_HBKF3AMA"]}]})");
    const auto said = run_vrm(typed(daemon, {"revoke", "gr_7F2K9QXD"}));
    CHECK(says(said.out + said.err, "! ru_HBKF3AMA still gives velo the same"));
    CHECK(says(said.err, "end that: vrm rule remove"));
  }

  TEST_CASE("keys that did not change are told, and nothing is asked") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/brands/velo", kBrand);
    const auto shown = run_vrm(typed(daemon, {"brand", "keys", "velo", "--accept"}));
    CHECK(shown.exit == 0);
    CHECK(says(shown.out + shown.err, "SHA256:9fQ2"));
    CHECK(posts(daemon) == 0);
  }

  TEST_CASE("what is new in a document is named, in both languages") {
    FakeDaemon daemon;
    auto renewed = kBrand;
    renewed.insert(1, R"("changes":["name","uses"],)");
    daemon.answer("POST /v1/brands/velo/refresh", renewed);
    const auto english = run_vrm(typed(daemon, {"brand", "refresh", "velo"}));
    CHECK(says(english.out + english.err, "its name, what it asks for"));
    const auto french = run_vrm(typed(daemon, {"brand", "refresh", "velo", "--lang", "fr"}));
    CHECK(says(french.out + french.err, "son nom, ce qu’elle demande"));
    daemon.answer("POST /v1/brands/velo/refresh", kBrand);
    const auto same = run_vrm(typed(daemon, {"brand", "refresh", "velo"}));
    CHECK(says(same.out + same.err, "nothing new"));
  }

  TEST_CASE("an introduction is sent, or printed alone") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/brands/velo/introduce", kBrand);
    const auto sent = run_vrm(typed(daemon, {"brand", "introduce", "velo"}));
    CHECK(says(sent.out + sent.err, "knows where to reach"));
    auto printed = kBrand;
    printed.insert(1, R"("introduction":"eyJhbGci.eyJpc3Mi.c2ln",)");
    daemon.answer("POST /v1/brands/velo/introduce", printed);
    CHECK(run_vrm(typed(daemon, {"brand", "introduce", "velo", "--paste"})).out ==
          "eyJhbGci.eyJpc3Mi.c2ln\n");
    CHECK(says(daemon.asked().back().body, "true"));
  }

  TEST_CASE("a mark of trust is set and taken off") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/brands/velo/trust", kBrand);
    daemon.answer("POST /v1/brands/velo/untrust", kBrand);
    const auto marked = run_vrm(typed(daemon, {"brand", "trust", "velo"}));
    CHECK(says(marked.out + marked.err, "marked as trusted"));
    const auto bare = run_vrm(typed(daemon, {"brand", "untrust", "velo"}));
    CHECK(says(bare.out + bare.err, "no longer marked"));
  }

  TEST_CASE("what a request asks beyond the brand's own document is marked, and asked about") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/requests/rq_7F2K9QXD", kOver);
    daemon.answer("POST /v1/requests/rq_7F2K9QXD/approve?dry_run=1", kLetsSee);
    daemon.answer("GET /v1/requests", R"({"schema":"vrm.requests/1","items":[)" + kOver + "]}");
    daemon.answer("POST /v1/requests/rq_7F2K9QXD/approve", kGrant);
    const auto shown = run_vrm(typed(daemon, {"request", "show", "rq_7F2K9QXD"}));
    for (const char* part : {"address not checked", "asks this for this purpose",
                             "asks anything for this purpose", "30 days at most"}) {
      CAPTURE(part);
      CHECK(says(shown.out, part));
    }
    const auto list = run_vrm(typed(daemon, {"request", "list"}));
    CHECK(says(list.out, "! contact.email"));
    CHECK(says(list.out, "! marketing"));
    CHECK(run_vrm(typed(daemon, {"approve", "rq_7F2K9QXD"})).exit == 7);
    const auto asked =
        run_on_terminal(typed(daemon, {"approve", "rq_7F2K9QXD"}), {{"[y/N]", "n\n"}});
    CHECK(says(asked.out, "30 days at most"));
    CHECK(says(asked.out, "contact.email"));
    CHECK(says(asked.out, "This lets Vélo Example see, and nothing else:"));
    CHECK(says(asked.out, "reads left: 3"));
    CHECK(posts(daemon) == 0);
    // To name the field is to have seen it, but not what it is for.
    const auto only = run_vrm(typed(daemon, {"approve", "rq_7F2K9QXD", "--only", "contact.email"}));
    CHECK(only.exit == 7);
    CHECK(posts(daemon) == 0);
    CHECK(run_vrm(typed(daemon, {"approve", "rq_7F2K9QXD", "-y"})).exit == 0);
  }
}

// What `vrm terms` shows and sends, and where terms are shown.

#include <doctest/doctest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

constexpr const char* kTermsHead =
    R"({"schema":"vrm.terms/1","items":[{"id":"https://w3id.org/x#SD-BASE","word":"SD-BASE","says_en":"Only this.","says_fr":"Seulement cela.","digest":"sha-256:00"},)"
    R"({"id":"https://w3id.org/x#PDC-AI","word":"PDC-AI","says_en":"For machines.","says_fr":"Pour des machines.","digest":"sha-256:01"}],)";
const std::string kNoneWanted = std::string(kTermsHead) + R"("wanted":[],"wanted_of_new":null})";
const std::string kSomeWanted =
    std::string(kTermsHead) +
    R"("wanted":[{"brand":"velo","id":"https://w3id.org/x#SD-BASE","word":"SD-BASE","signed":true}],"wanted_of_new":{"id":"https://w3id.org/x#SD-BASE","word":"SD-BASE","signed":false}})";
constexpr const char* kGrantUnderTerms =
    R"({"schema":"vrm.grant/1","id":"gr_7F2K9QXD","brand":"velo","brand_name":"Velo","fields":["contact.email"],"missing":[],"state":"active","made_at":"2026-11-21T08:00:00Z","expires_at":"2026-12-21T08:00:00Z","reads":{"used":0,"max":null},"last_read_at":null,)"
    R"("retention_days":0,"served_while_locked":false,"request":"","revoked_at":null,"renewed_at":null,"unused_at":null,"purpose":"delivery","purpose_dpv":"dpv:DeliveryOfGoods",)"
    R"("terms":{"id":"https://w3id.org/x#SD-BASE","word":"SD-BASE","digest":"sha-256:00","signed":true,"jws":"a.b.c"}})";

Ran vrm_terms(const FakeDaemon& daemon, std::vector<std::string> words, const How& how = {}) {
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  return run_vrm(words, how);
}

bool tells(const Ran& ran, std::string_view text) {
  return (ran.out + ran.err).find(text) != std::string::npos;
}

}  // namespace

TEST_SUITE("cli/terms") {
  TEST_CASE("the terms are listed with what they say, and that none are wanted") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/terms", kNoneWanted);
    const auto list = vrm_terms(daemon, {"terms"});
    CHECK(list.exit == 0);
    CHECK(tells(list, "SD-BASE\n  Only this."));
    CHECK(tells(list, "PDC-AI\n  For machines."));
    CHECK(tells(list, "No terms are wanted"));
    const auto one = vrm_terms(daemon, {"terms", "sd-base"});
    CHECK(tells(one, "https://w3id.org/x#SD-BASE"));
    CHECK(tells(one, "sha-256:00"));
    CHECK_FALSE(tells(one, "PDC-AI"));
    CHECK(vrm_terms(daemon, {"terms", "mine"}).exit == 3);
  }

  TEST_CASE("what is wanted is sent, and shown as it stands then") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/terms/want", kSomeWanted);
    daemon.answer("POST /v1/terms/unwant", kNoneWanted);
    const auto want =
        vrm_terms(daemon, {"terms", "want", "sd-base", "--brand", "velo", "--signed"});
    CHECK(want.exit == 0);
    CHECK(daemon.asked().back().body == R"({"brand":"velo","id":"sd-base","signed":true})");
    CHECK(tells(want, "velo must accept SD-BASE, signed"));
    CHECK(tells(want, "brands that you add must accept SD-BASE"));
    CHECK(vrm_terms(daemon, {"terms", "unwant", "--all"}).exit == 0);
    CHECK(daemon.asked().back().body == R"({"all":true})");
  }

  TEST_CASE("nothing is sent before it is said of whom") {
    FakeDaemon daemon;
    const auto sent = daemon.asked().size();
    CHECK(vrm_terms(daemon, {"terms", "want", "SD-BASE"}).exit == 2);
    CHECK(vrm_terms(daemon, {"terms", "want", "SD-BASE", "--all", "--brand", "velo"}).exit == 2);
    CHECK(vrm_terms(daemon, {"terms", "unwant"}).exit == 2);
    CHECK(daemon.asked().size() == sent);
  }

  TEST_CASE("a grant shows under which terms it was given") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/grants/gr_7F2K9QXD", kGrantUnderTerms);
    CHECK(tells(vrm_terms(daemon, {"grants", "gr_7F2K9QXD"}), "SD-BASE, signed by the brand"));
  }
}

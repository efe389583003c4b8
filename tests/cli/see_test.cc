// vrm see, why, never, and what a grant would let its brand see.

#include <doctest/doctest.h>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kNotSold =
    R"({"id":"never-sold","effect":"forbid","reason":"Your data is not given out to be sold."})";
const std::string kPermit = R"({"id":"grant","effect":"permit","reason":""})";

const std::string kSees =
    R"({"schema":"vrm.sees/1","brand":"velo","brand_name":"Vélo Example","at":"2024-11-21T13:00:00Z","items":[
  {"brand":"velo","field":"address.home.locality","for":["delivery"],"purposes":["delivery","returns"],"grant":"gr_7F2K9QXD",
   "from":null,"until":"2024-12-21T13:00:00Z","times_of_day":null,"reads":{"after":0,"left":3},"policies":["grant"]},
  {"brand":"velo","field":"contact.email","for":["marketing","service"],"purposes":["marketing","service"],"grant":"gr_9A2K9QXD",
   "from":"2024-11-25T08:00:00Z","until":"2024-12-21T13:00:00Z","times_of_day":{"from":"08:00","until":"20:00"},
   "reads":{"after":2,"left":null},"policies":["grant"]}]})";

std::string why_document(bool allowed, const std::string& decisions, const std::string& if_given) {
  return R"({"schema":"vrm.why/1","brand":"velo","brand_name":"Vélo Example","field":"contact.email",)"
         R"("at":"2024-11-21T13:00:00Z","allowed":)" +
         std::string(allowed ? "true" : "false") + R"(,"decisions":[)" + decisions +
         R"(],"if_given":)" + if_given + "}";
}

std::string decision(const std::string& grant, const std::string& state, bool allowed,
                     const std::string& policies, const std::string& erring = "") {
  return R"({"grant":")" + grant + R"(","state":")" + state +
         R"(","covers":true,"purpose":"delivery","allowed":)" + (allowed ? "true" : "false") +
         R"(,"policies":[)" + policies + R"(],"erring":[)" + erring + "]}";
}

std::string lets_see_document(const std::string& lets_see) {
  return R"({"schema":"vrm.grant/1","id":"gr_7F2K9QXD","brand":"velo","brand_name":"Vélo Example","lets_see":)" +
         lets_see + "}";
}

Ran ran(const FakeDaemon& daemon, std::vector<std::string> words, const char* language = "en") {
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  How how;
  how.environment["VRM_LANG"] = language;
  return run_vrm(words, how);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_SUITE("cli/see") {
  TEST_CASE(
      "a brand's sight is a row for each field, with what, when, how often and by which grant") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/brands/velo/see", kSees);
    const auto shown = ran(daemon, {"see", "velo"});
    CHECK(shown.exit == 0);
    CHECK(shown.out ==
          "address.home.locality\tdelivery\tuntil 2024-12-21T13:00:00Z\t3\tgr_7F2K9QXD\n"
          "contact.email\tmarketing, service\tfrom 2024-11-25T08:00:00Z until 2024-12-21T13:00:00Z "
          "08:00–20:00 UTC\tany after 2 more\tgr_9A2K9QXD\n");
    CHECK(says(shown.err, "Vélo Example can read this, and nothing else:"));
    CHECK(says(ran(daemon, {"see", "velo", "--json"}).out, "vrm.sees/1"));
    CHECK(says(ran(daemon, {"see", "velo"}, "fr").err, "et rien d’autre"));
    daemon.answer(
        "GET /v1/brands/velo/see",
        R"({"schema":"vrm.sees/1","brand":"velo","brand_name":"Vélo Example","items":[]})");
    const auto nothing = ran(daemon, {"see", "velo"});
    CHECK(nothing.out.empty());
    CHECK(says(nothing.err, "Vélo Example can read nothing."));
  }

  TEST_CASE("policies that cannot be enumerated are told with their place") {
    FakeDaemon daemon;
    daemon.answer(
        "GET /v1/brands/velo/see",
        R"({"error":{"code":"malformed","say":"see.not_exact","with":{"why":"policy `odd`, line 2, column 8: x"},"message":"x"}})",
        400);
    const auto refused = ran(daemon, {"see", "velo"});
    CHECK(refused.exit != 0);
    CHECK(says(refused.err, "cannot be told exactly: policy `odd`, line 2, column 8"));
  }

  TEST_CASE("why tells for each grant what decided, with its reason") {
    FakeDaemon daemon;
    const std::string path = "GET /v1/brands/velo/why?field=contact.email";
    daemon.answer(path, why_document(true,
                                     decision("gr_1", "active", true, kPermit) + "," +
                                         decision("gr_2", "expired", false, "") + "," +
                                         decision("gr_3", "active", false, "") + "," +
                                         decision("gr_4", "active", false, "", kNotSold),
                                     "null"));
    const auto yes = ran(daemon, {"why", "velo", "contact.email"});
    CHECK(yes.exit == 0);
    for (const char* part :
         {"Vélo Example can read contact.email", "gr_1, for delivery: yes, by grant",
          "gr_2, for delivery: no, the grant is not in force: expired",
          "gr_3, for delivery: no, no policy permits it",
          "gr_4, for delivery: no: a policy fails on it, and that means no: never-sold"}) {
      CAPTURE(part);
      CHECK(says(yes.out, part));
    }
    daemon.answer(path + "&purpose=delivery&at=2027-01-31T12%3A00%3A00Z",
                  why_document(false, "",
                               R"({"purpose":"delivery","allowed":false,"policies":[)" + kNotSold +
                                   R"(],"erring":[]})"));
    const auto no = ran(daemon, {"why", "velo", "contact.email", "--purpose", "delivery", "--at",
                                 "2027-01-31T12:00:00Z"});
    for (const char* part :
         {"Vélo Example cannot read contact.email", "holds no grant for contact.email",
          "A grant for delivery, if you made one: no, by never-sold (Your data is not given out"}) {
      CAPTURE(part);
      CHECK(says(no.out, part));
    }
    const auto bad = ran(daemon, {"why", "velo", "contact.email", "--at", "soon"});
    CHECK(bad.exit == 2);
    CHECK(says(bad.err, "“soon” is no point in time"));
  }

  TEST_CASE("never is a yes with its policies, an example, or that it cannot be told") {
    FakeDaemon daemon;
    const std::string path = "GET /v1/fields/document.passport/never";
    const std::string head = R"({"schema":"vrm.never/1","field":"document.passport",)";
    daemon.answer(path, head + R"("never":true,"example":null,"policies":[)" + kNotSold +
                            R"(],"open_now":[]})");
    const auto yes = ran(daemon, {"never", "document.passport"});
    CHECK(says(yes.out, "Nobody can ever read document.passport: whatever grant you make"));
    CHECK(says(yes.out, "by never-sold (Your data"));
    daemon.answer(path, head + R"("never":true,"example":null,"policies":[],"open_now":[]})");
    CHECK(says(ran(daemon, {"never", "document.passport"}).out, "no policy permits it"));
    daemon.answer(
        path,
        head +
            R"("never":false,"example":{"brand":"velo","trust":"known","purpose":"delivery","policies":[)" +
            kPermit + R"(]},"policies":[],"open_now":[]})");
    const auto no = ran(daemon, {"never", "document.passport"});
    CHECK(says(no.out, "for example by velo, for delivery."));
    CHECK(says(no.out, "Now no grant opens it."));
    daemon.answer(
        path,
        head +
            R"("never":false,"example":{"brand":null,"trust":"trusted","purpose":"delivery","policies":[]},"policies":[],"open_now":[
      {"brand":"velo","field":"document.passport","for":["delivery"],"purposes":["delivery"],"grant":"gr_7F","from":null,"until":null,
       "times_of_day":null,"reads":{"after":0,"left":1},"policies":["grant"]}]})");
    const auto imagined = ran(daemon, {"never", "document.passport"});
    CHECK(says(imagined.out, "by a brand that is yet to come (trusted)"));
    CHECK(says(imagined.out, "velo\tdocument.passport\tdelivery\t\t1\tgr_7F\n"));
    daemon.answer(path, head + R"("never":null,"example":null,"policies":[],"open_now":[]})");
    CHECK(says(ran(daemon, {"never", "document.passport"}).out, "It cannot be told"));
  }

  TEST_CASE("a dry run of a grant tells what it would let be seen, and what stays closed") {
    FakeDaemon daemon;
    daemon.answer(
        "GET /v1/catalogue",
        R"({"schema":"vrm.catalogue/1","fields":[{"name":"contact.email"}],"purposes":[]})");
    daemon.answer(
        "POST /v1/grants?dry_run=1",
        lets_see_document(
            R"({"exact":true,"items":[],"closed":[{"field":"contact.email","policies":[)" +
            kNotSold + "]}]}"));
    const auto shown =
        ran(daemon, {"grant", "velo", "contact.email", "--purpose", "marketing", "--dry-run"});
    CHECK(shown.exit == 0);
    for (const char* part :
         {"This lets Vélo Example see nothing.",
          "contact.email stays closed: never-sold (Your data", "Nothing was given."}) {
      CAPTURE(part);
      CHECK(says(shown.out, part));
    }
    for (const auto& asked : daemon.asked())
      CHECK((asked.line.starts_with("GET ") || says(asked.line, "dry_run=1")));
    daemon.answer(
        "POST /v1/requests/rq_7F2K9QXD/approve?dry_run=1",
        lets_see_document(R"({"exact":false,"why":"policy `odd`, line 2, column 8: x"})"));
    const auto unsure = ran(daemon, {"approve", "rq_7F2K9QXD", "--dry-run"});
    CHECK(says(unsure.out, "cannot be told exactly: policy `odd`"));
  }
}

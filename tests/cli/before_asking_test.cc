// What cannot be done is said before the person is asked whether it shall be.

#include <doctest/doctest.h>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kLives =
    R"({"error":{"code":"denied","say":"erase.grant_lives","with":{"grant":"gr_7F"},"message":"x"}})";
const std::string kNoField =
    R"({"error":{"code":"not_found","say":"profile.no_field_near","with":{"field":"contact.emial","near":"contact.email"},"message":"x"}})";
const std::string kNoOffer =
    R"({"error":{"code":"not_found","say":"offer.unknown","with":{"offer":"of_9"},"message":"x"}})";

std::vector<std::string> typed(const FakeDaemon& daemon, std::vector<std::string> words) {
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  return words;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string with_words() {
  auto status = kStatusOpen;
  const std::string vault = R"("vault":{)";
  return status.insert(status.find(vault) + vault.size(), R"("keys":{"recovery":true},)");
}

bool changed(const FakeDaemon& daemon) {
  for (const auto& asked : daemon.asked())
    if (!asked.line.starts_with("GET ") && !says(asked.line, "dry_run=1")) return true;
  return false;
}

}  // namespace

TEST_SUITE("cli/before_asking") {
  TEST_CASE("a grant that is not to be erased yet, and a field that is not there") {
    FakeDaemon daemon;
    daemon.answer("DELETE /v1/grants/gr_7F?dry_run=1", kLives, 403);
    daemon.answer("GET /v1/fields/contact.emial", kNoField, 404);
    daemon.answer("POST /v1/offers/of_9/accept?dry_run=1", kNoOffer, 404);
    const auto forgotten = run_vrm(typed(daemon, {"forget", "gr_7F"}));
    CHECK(forgotten.exit == 6);
    CHECK(says(forgotten.err, "vrm revoke gr_7F"));
    const auto unset = run_vrm(typed(daemon, {"unset", "contact.emial"}));
    CHECK(unset.exit == 3);
    CHECK(says(unset.err, "contact.email"));
    const auto accepted = run_vrm(typed(daemon, {"accept", "of_9"}));
    CHECK(accepted.exit == 3);
    CHECK(says(accepted.err, "of_9"));
    CHECK_FALSE(changed(daemon));
  }

  TEST_CASE("what can be done is asked about as ever") {
    FakeDaemon daemon;
    daemon.answer("DELETE /v1/grants/gr_7F?dry_run=1", kErasedGrant);
    daemon.answer("GET /v1/fields/contact.email", kEmail);
    CHECK(run_vrm(typed(daemon, {"forget", "gr_7F"})).exit == 7);
    CHECK(run_vrm(typed(daemon, {"unset", "contact.email"})).exit == 7);
    CHECK_FALSE(changed(daemon));
  }

  TEST_CASE("nothing to take back or to confirm is told without a question") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/grants?all=1", R"({"items":[{"id":"gr_1","state":"revoked"}]})");
    daemon.answer("POST /v1/grants/revoke", R"({"items":[]})");
    daemon.answer("POST /v1/grants/confirm", R"({"items":[]})");
    const auto revoked = run_vrm(typed(daemon, {"revoke", "--all"}));
    CHECK(revoked.exit == 0);
    CHECK(says(revoked.err, "nothing to take back"));
    const auto confirmed = run_vrm(typed(daemon, {"confirm", "--all"}));
    CHECK(confirmed.exit == 0);
    CHECK(says(confirmed.err, "No grant waits"));
    daemon.answer("GET /v1/grants?all=1", kGrants);
    CHECK(run_vrm(typed(daemon, {"revoke", "--all"})).exit == 7);
    CHECK(run_vrm(typed(daemon, {"confirm", "--all"})).exit == 0);
    // While it is locked nobody tells what there is.
    daemon.answer("GET /v1/grants?all=1", R"({"error":{"code":"locked","message":"x"}})", 423);
    CHECK(run_vrm(typed(daemon, {"revoke", "--all"})).exit == 7);
  }

  TEST_CASE("a passphrase too short and words too few are refused before a key is made of them") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", status_in("empty"));
    const auto made = run_on_terminal(typed(daemon, {"init"}), {{"assphrase", "short\n"}});
    CHECK(made.exit == 2);
    CHECK(says(made.out, "too short"));
    CHECK_FALSE(says(made.out, "making the key"));
    How how;
    how.fd3 = "short\n";
    CHECK(says(run_vrm(typed(daemon, {"init", "--password-fd", "3"}), how).err, "too short"));
    daemon.answer("GET /v1/status", with_words());
    const auto checked = run_on_terminal(typed(daemon, {"recovery", "check"}),
                                         {{"words", "1. abandon 2. ability\n"}});
    CHECK(says(checked.out, "twelve words are wanted; 2 came"));
    CHECK_FALSE(says(checked.out, "making the key"));
    const auto changed_to =
        run_on_terminal(typed(daemon, {"passwd"}),
                        {{"assphrase", "voile cumin tracteur\n"}, {"ew passphrase", "abc\n"}});
    CHECK(says(changed_to.out, "too short"));
    CHECK_FALSE(says(changed_to.out, "making the key"));
    CHECK_FALSE(changed(daemon));
  }

  TEST_CASE("suspended grants: how they go on, and that there are none") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/grants", R"({"items":[{"id":"gr_1","state":"suspended"}]})");
    CHECK(says(run_vrm(typed(daemon, {"grants"})).err, "vrm confirm --all"));
    daemon.answer("GET /v1/grants", kGrants);
    CHECK_FALSE(says(run_vrm(typed(daemon, {"grants"})).err, "vrm confirm"));
    for (const auto* code : {"older_copy", "no_anchor", "bad_anchor", "restored", "newer_token"}) {
      CAPTURE(code);
      daemon.answer("GET /v1/status", kStatusOpen.substr(0, kStatusOpen.size() - 3) +
                                          R"([{"code":")" + code + R"(","with":{"n":"0"}}]})");
      const auto ran = run_vrm(typed(daemon, {"status"}));
      CHECK(says(ran.out, "No grant is suspended"));
      CHECK_FALSE(says(ran.out, "Suspended grants: 0"));
    }
  }
}

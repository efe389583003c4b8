// What cannot be done is said before the person is asked whether it shall be.

#include <doctest/doctest.h>

#include <array>
#include <ctime>
#include <filesystem>

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
    CHECK(says(forgotten.err, "vrm revoke --vault " + daemon.folder().path() + " gr_7F"));
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
    const auto made =
        run_on_terminal(typed(daemon, {"init"}),
                        {{"assphrase", "short\n"}, {"shorter", "short\n"}, {"shorter", "short\n"}});
    CHECK(made.exit == 2);
    CHECK(says(made.out, "too short"));
    CHECK_FALSE(says(made.out, "making the key"));
    How how;
    how.fd3 = "short\n";
    CHECK(says(run_vrm(typed(daemon, {"init", "--password-fd", "3"}), how).err, "too short"));
    daemon.answer("GET /v1/status", with_words());
    const auto checked =
        run_on_terminal(typed(daemon, {"recovery", "check"}), {{"words", "1. abandon 2. ability\n"},
                                                               {"2 came", "abandon\n"},
                                                               {"1 came", "abandon ability\n"}});
    CHECK(says(checked.out, "twelve words are wanted; 2 came"));
    CHECK_FALSE(says(checked.out, "making the key"));
    const auto changed_to =
        run_on_terminal(typed(daemon, {"passwd"}), {{"assphrase", "voile cumin tracteur\n"},
                                                    {"ew passphrase", "abc\n"},
                                                    {"shorter", "abc\n"},
                                                    {"shorter", "abc\n"}});
    CHECK(says(changed_to.out, "too short"));
    CHECK_FALSE(says(changed_to.out, "making the key"));
    CHECK_FALSE(changed(daemon));
  }

  TEST_CASE(
      "what a person has is not overwritten unasked, and by whom it is said before the question") {
    FakeDaemon daemon;
    const auto card = daemon.folder().file("ana.vcf", "BEGIN:VCARD\n");
    const std::string asks_new = "POST /v1/import?format=auto&keep=new";
    const std::string previews = "POST /v1/import?format=auto&preview=1&keep=new";
    daemon.answer(previews, import_report(false));
    daemon.answer(asks_new, import_report(true));
    const auto wrote = [&] {
      for (const auto& asked : daemon.asked())
        if (asked.line == asks_new) return true;
      return false;
    };
    CHECK(run_vrm(typed(daemon, {"import", card, "--keep", "new"})).exit == 7);
    const auto no =
        run_on_terminal(typed(daemon, {"import", card, "--keep", "new"}), {{"[y/N]", "n\n"}});
    CHECK(says(no.out, "Overwrite 1 value of yours with those of the file (9 are new)?"));
    CHECK(no.exit != 0);
    CHECK_FALSE(wrote());
    CHECK(run_vrm(typed(daemon, {"import", card, "--keep", "new", "-y"})).exit == 9);
    CHECK(wrote());
    // Without a word what differs stays, and how to take it is said.
    auto kept = import_report(true);
    kept.replace(kept.find(R"("changed":1)"), 11, R"("changed":0)");
    kept.replace(kept.find(R"("kept":0)"), 8, R"("kept":1)");
    daemon.answer("POST /v1/import?format=auto", kept);
    CHECK(says(run_vrm(typed(daemon, {"import", card})).err, "--keep new"));
  }

  TEST_CASE("what goes with a brand is counted, and an order under way is named") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/brands", kBrands);
    daemon.answer("GET /v1/brands/velo", kBrand);
    daemon.answer("DELETE /v1/brands/velo?dry_run=1", kForgotten);
    CHECK(run_vrm(typed(daemon, {"brand", "forget", "velo"})).exit == 7);
    How wide;
    wide.columns = 200;
    const auto asked =
        run_on_terminal(typed(daemon, {"brand", "forget", "velo"}), {{"[y/N]", "n\n"}}, wide);
    CHECK(says(asked.out, "2 grants, 1 request, 3 intents it was told, 4 offers"));
    CHECK(says(asked.out, "VELO-42 (of_2QK7T0AB)"));
    CHECK_FALSE(changed(daemon));
  }

  TEST_CASE("who wants today's backup checked is not told to overwrite it") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    daemon.answer_in_turn("POST /v1/backup/check", {{200, kBackup}});
    daemon.answer_in_turn(
        "POST /v1/backup",
        {{409,
          R"({"error":{"code":"conflict","say":"backup.exists","with":{"file":"a"},"message":"x"}})"}});
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(daemon.folder().path());
    const std::time_t now = std::time(nullptr);
    std::array<char, 32> name{};
    std::tm parts{};
    gmtime_r(&now, &parts);
    REQUIRE(std::strftime(name.data(), name.size(), "vrm-%Y-%m-%d.vrmbak", &parts) > 0);
    daemon.folder().file(name.data(), "a backup");
    const auto checked = run_vrm(typed(daemon, {"backup", "--verify"}));
    const auto named = run_vrm(typed(daemon, {"backup", "--verify", "-o", "a"}));
    std::filesystem::current_path(before);
    CHECK(checked.exit == 0);
    CHECK(says(checked.out, "is whole"));
    CHECK(says(checked.out, "No other was written"));
    CHECK(named.exit != 0);
    CHECK(says(named.err, "vrm backup --vault " + daemon.folder().path() + " --verify"));
    CHECK_FALSE(says(checked.out + checked.err + named.err, "--force"));
    std::size_t written = 0;
    for (const auto& asked : daemon.asked()) written += asked.line.starts_with("POST /v1/backup?");
    CHECK(written == 1);
  }

  TEST_CASE("suspended grants: how they go on, and that there are none") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/grants", R"({"items":[{"id":"gr_1","state":"suspended"}]})");
    CHECK(says(run_vrm(typed(daemon, {"grants"})).err,
               "vrm confirm --vault " + daemon.folder().path() + " --all"));
    daemon.answer("GET /v1/grants", kGrants);
    CHECK_FALSE(says(run_vrm(typed(daemon, {"grants"})).err, "vrm confirm"));
    for (const auto* code : {"older_copy", "no_anchor", "bad_anchor", "restored", "newer_token"}) {
      CAPTURE(code);
      daemon.answer("GET /v1/status", kStatusOpen.substr(0, kStatusOpen.size() - 3) +
                                          R"([{"code":")" + code + R"(","with":{"n":"0"}}]})");
      const auto ran = run_vrm(typed(daemon, {"status"}));
      CHECK(says(ran.out, "No grant was suspended"));
      CHECK_FALSE(says(ran.out, "Suspended grants: 0"));
    }
  }
}

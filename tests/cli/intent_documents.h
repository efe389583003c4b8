#pragma once
// Intents, offers and acceptances as docs/api/owner.md draws them.

#include <string>

#include "vault/base/clock.h"
#include "vault/base/time.h"

namespace vrm::cli_test {

// `state` of the intent; how the brands velo and decat stand to being told.
inline std::string intent_in(const std::string& state, const std::string& velo = "sent",
                             const std::string& decat = "sent",
                             const std::string& acceptance = "null") {
  return R"({"schema":"vrm.intent/1","id":"in_7F2K9QXD","text":"mountain bike","category":"bicycle","gtin":["4006381333931"],"near":"Lyon",)"
         R"("must":[{"name":"frame","value":"L"}],"nice":[{"name":"colour","value":"green"}],"limit":{"amount":"900.00","currency":"EUR"},"limit_told":"band","limit_shown":{"amount":"1000.00","currency":"EUR"},)"
         R"("deadline":"2024-11-27","deadline_told":"none","deadline_shown":null,"weights":{"price":5,"delivery":3,"data":3,"terms":0,"nice":2},"state":")" +
         state +
         R"(","made_at":"2024-11-21T14:00:00Z","offers_until":"2024-11-23T14:00:00Z","offers_live":3,"acceptance":)" +
         acceptance + R"(,"brands":[{"brand":"velo","name":"Vélo Example","delivery":")" + velo +
         R"(","attempts":0,"next_at":null,"offers":1},{"brand":"decat","name":"Decat","delivery":")" +
         decat + R"(","attempts":2,"next_at":"2024-11-21T14:10:00Z","offers":2}]})";
}

inline const std::string kIntents =
    R"({"schema":"vrm.intents/1","items":[)" + intent_in("open") + "]}";

inline const std::string kDryRun =
    R"({"schema":"vrm.dry_run/1","intent":)" + intent_in("open") +
    R"(,"messages":[{"brand":"velo","url":"https://velo.example/vrm/intents","demand":{"@type":"Demand"},)"
    R"("claims":{"iss":"http://127.0.0.1:7610/v/Yk3v","aud":"https://velo.example/vrm-brand.json","demand":{"@type":"Demand","itemOffered":{"name":"mountain bike"}}},"bytes":"eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjc2MTAvdi9ZazN2In0.c2lnbmVkLWJ5LXRoZS1rZXktb2YtdGhpcy1icmFuZC1hbG9uZQ"}],)"
    R"("kept":["limit","deadline","weights"]})";

inline std::string data_item(const std::string& field, bool optional, bool sensitive) {
  const std::string yes = "true";
  const std::string no = "false";
  return R"({"field":")" + field +
         R"(","purpose":"delivery","needed_at":"ship","retention_days":30,"recipients":["La Poste"],"optional":)" +
         (optional ? yes : no) + R"(,"have":true,"sensitive":)" + (sensitive ? yes : no) + "}";
}

struct CannedOffer {
  std::string id;
  std::string brand;
  std::string title;
  std::string total;
  int score = 0;
  int rev = 1;
  std::string state = "live";
  std::string failed = {};  // the word of a must that is not met
  std::string valid_until = "2024-11-22T14:00:00Z";
  std::string arrives = "2024-11-26";
  std::string change = {};  // of the price
  bool sensitive = false;
  bool over_asking = false;
};

// The members of a vrm.offer/1 without its braces.
inline std::string offer_members(const CannedOffer& offer) {
  const bool passes = offer.failed.empty();
  std::string change = "null";
  if (!offer.change.empty()) change = R"({"amount":")" + offer.change + R"(","currency":"EUR"})";
  const std::string brought =
      R"("id":")" + offer.id + R"(","brand":")" + offer.brand +
      R"(","brand_name":"Vélo Example","title":")" + offer.title + R"(","rev":)" +
      std::to_string(offer.rev) + R"(,"state":")" + offer.state +
      R"(","subtotal":{"amount":"829.00","currency":"EUR"},"shipping":{"amount":"29.90","currency":"EUR"},"fee":{"amount":"0.00","currency":"EUR"},)"
      R"("total":{"amount":")" +
      offer.total + R"(","currency":"EUR"},"arrives":")" + offer.arrives + R"(","valid_until":")" +
      offer.valid_until + R"(","warranty_months":24,"return_days":null,"data":[)" +
      data_item("address.home.street_address", false, false) + "," +
      data_item("person.birthdate", false, offer.sensitive) + "," +
      data_item("contact.phone_number", true, false) + R"(],"over_asking":)" +
      (offer.over_asking ? "true" : "false") + R"(,"price_change":)" + change;
  // What is over is not compared.
  if (offer.state != "live" && offer.state != "accepted") return brought;
  return brought + R"(,"musts":[{"name":"price","pass":true},{"name":"frame","pass":)" +
         (passes ? "true" : R"(false,"why":")" + offer.failed + "\"") + R"(}],"musts_passed":)" +
         (passes ? "2" : "1") +
         R"(,"musts_asked":2,"nices":[{"name":"colour","pass":true},{"name":"lights","pass":false,"why":"not_said"}],"data_cost":2,"score":)" +
         (passes ? std::to_string(offer.score) : "null") +
         R"(,"parts":[{"name":"price","weight":5,"points":90},{"name":"delivery","weight":3,"points":80},{"name":"data","weight":3,"points":90},{"name":"nice","weight":2,"points":50}])";
}

inline std::string offers_of(const std::vector<CannedOffer>& offers, int cursor = 17) {
  std::string items;
  for (const auto& offer : offers)
    items += (items.empty() ? "{" : ",{") + offer_members(offer) + "}";
  return R"({"schema":"vrm.offers/1","intent":"in_7F2K9QXD","cursor":)" + std::to_string(cursor) +
         R"(,"weights":{"price":5,"delivery":3,"data":3,"terms":0,"nice":2},"items":[)" + items +
         "]}";
}

inline const CannedOffer kRockrider = {.id = "of_2QK7T0AB",
                                       .brand = "velo",
                                       .title = "Rockrider 540",
                                       .total = "858.90",
                                       .score = 81,
                                       .rev = 2,
                                       .change = "-20.00",
                                       .sensitive = true,
                                       .over_asking = true};
inline const CannedOffer kTrail = {
    .id = "of_2QK9AAAA", .brand = "decat", .title = "Trail 5", .total = "880.00", .score = 78};
inline const CannedOffer kTooSmall = {.id = "of_9ZZZBBBB",
                                      .brand = "decat",
                                      .title = "Trail 3 with a very long name of its own",
                                      .total = "612.00",
                                      .failed = "not_said",
                                      .over_asking = true};
inline const CannedOffer kGone = {.id = "of_1AAAAAAA",
                                  .brand = "troc",
                                  .title = "Used bike",
                                  .total = "300.00",
                                  .state = "withdrawn"};

inline const std::string kOffers = offers_of({kRockrider, kTrail, kTooSmall, kGone});

inline const std::string kOffer =
    R"({"schema":"vrm.offer/1",)" + offer_members(kRockrider) +
    R"(,"intent":"in_7F2K9QXD","revisions":[{"rev":1,"total":{"amount":"878.90","currency":"EUR"},"received_at":"2024-11-21T14:05:00Z"},{"rev":2,"total":{"amount":"858.90","currency":"EUR"},"received_at":"2024-11-21T15:00:00Z"}],)"
    R"("offer":{"@type":"Offer"}})";

inline std::string acceptance_in(const std::string& state, const std::string& order = "null") {
  return R"({"schema":"vrm.acceptance/1","id":"ac_2QK7T0AB","intent":"in_7F2K9QXD","offer":"of_2QK7T0AB","rev":2,"brand":"velo","brand_name":"Vélo Example","title":"Rockrider 540","state":")" +
         state +
         R"(","total":{"amount":"858.90","currency":"EUR"},"until":"2024-11-21T15:15:00Z","order":)" +
         order +
         R"(,"send":[{"field":"address.home.street_address","purpose":"delivery","have":true,"until":"2024-12-26T00:00:00Z","max_reads":2},{"field":"person.birthdate","purpose":"delivery","have":false,"until":"2024-12-26T00:00:00Z","max_reads":2}],)"
         R"("keep_back":["contact.phone_number"],"tell_closed":["decat","troc"],"grants":["gr_7F2K9QXD"]})";
}

inline std::string events_to(int cursor, const std::string& kind = "") {
  return R"({"schema":"vrm.events/1","cursor":)" + std::to_string(cursor) + R"(,"items":[)" +
         (kind.empty() ? ""
                       : R"({"number":)" + std::to_string(cursor) +
                             R"(,"at":"2024-11-21T14:00:00Z","kind":")" + kind +
                             R"(","intent":"in_7F2K9QXD"})") +
         "]}";
}

// A time that is this far away.
inline std::string from_now(Duration ahead) {
  return to_rfc3339(SystemClock().now() + ahead);
}

}  // namespace vrm::cli_test

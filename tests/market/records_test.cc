#include <functional>
#include <random>

#include "tests/market/scene.h"
#include "vault/market/acceptance.h"
#include "vault/market/intent.h"
#include "vault/market/invitation.h"
#include "vault/market/messages.h"
#include "vault/market/offer_file.h"
#include "vault/market/record.h"

using namespace vrm;  // tests only
using namespace vrm::market;
using nlohmann::json;

namespace {

Intent an_intent() {
  Intent intent;
  intent.id.text = "in_7F2K9QXD";
  intent.told = demand();
  intent.kept = {Money{90'000, "EUR"}, day(5), {1, 2, 3, 4, 5}};
  intent.made_at = kNow;
  intent.acceptance = "ac_00000001";
  return intent;
}

Invitation an_invitation() {
  Invitation invitation;
  invitation.iid = kIid;
  invitation.intent = "in_7F2K9QXD";
  invitation.brand = "velo";
  invitation.currency = "EUR";
  invitation.offers_until = day(2);
  invitation.url = "https://velo.example/vrm/intents";
  invitation.delivered = Delivered::Retrying;
  invitation.attempts = 2;
  OfferEntry entry;
  entry.id.text = "of_2QK7T0AB";
  entry.oid = "rock-540";
  entry.rev = 2;
  entry.sha256 = sha256_of("x");
  entry.stored = OfferState::Declined;
  entry.valid_until = day(3);
  invitation.offers = {entry};
  return invitation;
}

OfferFile an_offer_file() {
  OfferFile file;
  file.id.text = "of_2QK7T0AB";
  file.intent = "in_7F2K9QXD";
  file.iid = kIid;
  file.brand = "velo";
  file.oid = "rock-540";
  file.revisions = {{1, kNow, "a.b.c"}, {3, day(1), "d.e.f"}};
  return file;
}

Acceptance an_acceptance() {
  Acceptance acceptance;
  acceptance.id.text = "ac_00000001";
  acceptance.intent = "in_7F2K9QXD";
  acceptance.iid = kIid;
  acceptance.offer = "of_2QK7T0AB";
  acceptance.oid = "rock-540";
  acceptance.rev = 2;
  acceptance.brand = "velo";
  acceptance.jti = "jti-1";
  acceptance.sha256 = sha256_of("a.b.c");
  acceptance.url = "https://velo.example/vrm/intents";
  acceptance.made_at = kNow;
  acceptance.until = day(1);
  acceptance.state = AcceptanceState::Acknowledged;
  acceptance.grants = {"gr_00000001"};
  acceptance.order = "VELO-42";
  return acceptance;
}

// A kind of record: an example, and reading and writing it again.
struct Kind {
  const char* name;
  Bytes example;
  std::function<Result<Bytes>(BytesView)> again;
};

std::vector<Kind> kinds() {
  return {{"intent", write_intent(an_intent()),
           [](BytesView record) -> Result<Bytes> {
             const Intent read = TRY(read_intent(record));
             return write_intent(read);
           }},
          {"invitation", write_invitation(an_invitation()),
           [](BytesView record) -> Result<Bytes> {
             const Invitation read = TRY(read_invitation(record));
             return write_invitation(read);
           }},
          {"offer", write_offer_file(an_offer_file()),
           [](BytesView record) -> Result<Bytes> {
             const OfferFile read = TRY(read_offer_file(record));
             return write_offer_file(read);
           }},
          {"acceptance", write_acceptance(an_acceptance()), [](BytesView record) -> Result<Bytes> {
             const Acceptance read = TRY(read_acceptance(record));
             return write_acceptance(read);
           }}};
}

bool is_corrupt(const Result<Bytes>& read) {
  return !read.ok() && read.error().code == ErrorCode::Corrupt;
}

// Where a member may be missing.
bool may_be_missing(const std::string& path) {
  return path.ends_with("limit_told") || path.ends_with("/deadline_told") ||
         path.ends_with("/limit") || path.ends_with("/deadline");
}

}  // namespace

TEST_SUITE("market/records") {
  TEST_CASE("a record gives back what was written") {
    for (const auto& kind : kinds()) {
      CAPTURE(kind.name);
      const auto again = kind.again(kind.example);
      REQUIRE(again.ok());
      CHECK(again.value() == kind.example);
    }
    const Intent intent = read_intent(write_intent(an_intent())).value();
    CHECK(intent.kept.limit == Money{90'000, "EUR"});
    CHECK(intent.kept.weights == Weights{1, 2, 3, 4, 5});
    CHECK(intent.told.must == demand().must);
    const Invitation invitation = read_invitation(write_invitation(an_invitation())).value();
    CHECK(invitation.find("rock-540")->stored == OfferState::Declined);
    CHECK(invitation.find("rock-541") == nullptr);
    CHECK_FALSE(invitation.passes);  // also what a record from before says, that has no such member
    Invitation passed = an_invitation();
    passed.passes = true;
    CHECK(read_invitation(write_invitation(passed)).value().passes);
    CHECK(read_offer_file(write_offer_file(an_offer_file())).value().latest().jws == "d.e.f");
    CHECK(read_acceptance(write_acceptance(an_acceptance())).value().order == "VELO-42");
  }

  TEST_CASE("what may be empty or missing is") {
    Intent intent = an_intent();
    intent.acceptance.clear();
    intent.cancelled = true;
    intent.kept = {};
    intent.told.limit_told.reset();
    intent.told.limit_kind = Told::None;
    intent.told.deadline_told.reset();
    intent.told.gtins.clear();
    const Intent read = read_intent(write_intent(intent)).value();
    CHECK(write_intent(read) == write_intent(intent));
    CHECK(read.cancelled);
    CHECK_FALSE(read.kept.limit);
    CHECK_FALSE(read.told.deadline_told);
  }

  TEST_CASE("a record cut anywhere is corrupt") {
    for (const auto& kind : kinds()) {
      CAPTURE(kind.name);
      for (std::size_t size = 0; size < kind.example.size(); ++size) {
        CAPTURE(size);
        CHECK(is_corrupt(kind.again(BytesView(kind.example).first(size))));
      }
    }
  }

  TEST_CASE("a record without one of its members, or with one of another type, is corrupt") {
    for (const auto& kind : kinds()) {
      CAPTURE(kind.name);
      const json whole = read_json(text_of(kind.example)).value();
      const json flat = whole.flatten();
      for (const auto& [path, value] : flat.items()) {
        const std::string shown = path;
        CAPTURE(shown);
        const json::json_pointer pointer(path);
        for (const json& other : {json(nullptr), json(1.5), json(std::vector<int>{1}),
                                  value.is_string() ? json(7) : json("7")}) {
          json changed = whole;
          changed[pointer] = other;
          CHECK(is_corrupt(kind.again(to_record(changed))));
        }
        json changed = whole;
        json& parent = changed[pointer.parent_pointer()];
        if (!parent.is_object()) continue;
        parent.erase(pointer.back());
        if (!may_be_missing(path)) CHECK(is_corrupt(kind.again(to_record(changed))));
      }
    }
  }

  TEST_CASE("a record with an unknown word, a bad id or a number out of range is corrupt") {
    struct {
      std::size_t kind;
      const char* path;
      json value;
    } const cases[] = {
        {0, "/id", "in_7F2K9QX"},
        {0, "/id", "of_7F2K9QXD"},
        {0, "/id", "in_7f2k9qxd"},
        {0, "/acceptance", "in_7F2K9QXD"},
        {0, "/made_at", -1},
        {0, "/made_at", INT64_MAX},
        {0, "/told/limit_kind", "Band"},
        {0, "/told/limit_kind", "none"},
        {0, "/told/text", ""},
        {0, "/told/currency", "XXX"},
        {0, "/told/limit_told", 0},
        {0, "/told/gtins", {"1"}},
        {0, "/told/deadline_told", 5},
        {0, "/told/most_offers", 9},
        {0, "/kept/limit", -5},
        {0, "/kept/deadline", 5},
        {0, "/kept/weights/price", 11},
        {0, "/kept/weights/price", -1},
        {1, "/iid", ""},
        {1, "/iid", "a/b"},
        {1, "/intent", "in_"},
        {1, "/currency", "eur"},
        {1, "/delivered", "lost"},
        {1, "/attempts", -1},
        {1, "/offers/0/state", "expired"},
        {1, "/offers/0/state", "Live"},
        {1, "/offers/0/rev", 0},
        {1, "/offers/0/rev", 21},
        {1, "/offers/0/sha256", "short"},
        {1, "/offers/0/id", "x"},
        {1, "/offers/0/valid_until", -1},
        {2, "/revisions", json::array()},
        {2, "/revisions/0/rev", 3},
        {2, "/revisions/0/rev", 0},
        {2, "/revisions/0/jws", ""},
        {2, "/revisions/0/jws", std::string(16'385, 'a')},
        {2, "/oid", "a b"},
        {3, "/state", "done"},
        {3, "/grants", {"rq_00000001"}},
        {3, "/sha256", ""},
        {3, "/rev", 21},
        {3, "/offer", "ac_00000001"},
    };
    const auto all = kinds();
    for (const auto& wanted : cases) {
      CAPTURE(wanted.path);
      json changed = read_json(text_of(all[wanted.kind].example)).value();
      changed[json::json_pointer(wanted.path)] = wanted.value;
      CHECK(is_corrupt(all[wanted.kind].again(to_record(changed))));
    }
    json many = read_json(text_of(all[1].example)).value();
    for (std::size_t i = 0; i < kMostOffersEver; ++i) many["offers"].push_back(many["offers"][0]);
    CHECK(is_corrupt(all[1].again(to_record(many))));
    json weightless = read_json(text_of(all[0].example)).value();
    for (auto& weight : weightless["kept"]["weights"]) weight = 0;
    CHECK(is_corrupt(all[0].again(to_record(weightless))));
  }

  TEST_CASE("changed bytes are corrupt, or another record that is whole") {
    std::mt19937 random(11);
    for (const auto& kind : kinds()) {
      CAPTURE(kind.name);
      for (int i = 0; i < 3000; ++i) {
        Bytes changed = kind.example;
        changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
        const auto again = kind.again(changed);
        if (!again.ok()) {
          REQUIRE(again.error().code == ErrorCode::Corrupt);
          continue;
        }
        REQUIRE(kind.again(again.value()).value() == again.value());
      }
    }
  }

  TEST_CASE("the largest record of each kind is read again") {
    OfferFile file = an_offer_file();
    file.revisions.clear();
    for (std::int64_t rev = 1; rev <= kMostRevision; ++rev)
      file.revisions.push_back({rev, kNow, std::string(kMostOfferBytes, 'a')});
    CHECK(read_offer_file(write_offer_file(file)).ok());

    Intent intent = an_intent();
    intent.told.text = intent.told.category = intent.told.near = std::string(kMostTextBytes, '"');
    intent.told.must.assign(kMostWantedProperties, {std::string(kMostPropertyNameBytes, '"'),
                                                    std::string(kMostPropertyValueBytes, '"')});
    intent.told.nice = intent.told.must;
    REQUIRE(read_intent(write_intent(intent)).ok());

    Invitation invitation = an_invitation();
    invitation.offers.assign(kMostOffersEver, invitation.offers.front());
    CHECK(read_invitation(write_invitation(invitation)).ok());
  }

  TEST_CASE("ids and names have one spelling") {
    CHECK(is_id("in_7F2K9QXD", "in"));
    for (const char* id : {"", "in_", "in_7F2K9QX", "in_7F2K9QXDD", "IN_7F2K9QXD", "in_7f2k9qxd",
                           "in_7F2K9QXO", "in-7F2K9QXD"})
      CHECK_FALSE(is_id(id, "in"));
    CHECK(is_wire_name("a-Z_09"));
    CHECK(is_wire_name(std::string(64, 'a')));
    for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a.b"),
                                    std::string("é"), std::string("a\0", 2)})
      CHECK_FALSE(is_wire_name(name));
  }
}

// Three shops and an intent that a seed draws, and everything that each of them gets from the vault: what must not be in
// it, and what two of them may have in common.

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/routes/protocol_pieces.h"
#include "tests/routes/random_intent.h"
#include "tests/support/bidder.h"
#include "tests/support/wire_capture.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::Bidder;
using testing::Capture;
using testing::CapturedText;
using testing::Dice;
using testing::has_number;
using testing::must;
using testing::payload_of;
using testing::Pieces;
using testing::protocol;
using testing::RandomIntent;
using testing::SeededRandom;
using testing::type_of;
using testing::World;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kScenes = 3;
#else
constexpr std::uint64_t kScenes = 25;
#endif
constexpr int kRoundsOfAScene = 8;  // one vault and its three brands play so many
constexpr std::size_t kBrands = 3;

constexpr const char* kFields[] = {
    "address.home.street_address", "address.home.locality", "contact.email",
    "contact.phone_number",        "person.given_name",     "person.family_name"};
// Given to two brands before the intents, by grants of their own.
constexpr const char* kGivenToBoth = "person.nickname";

// Thousands of durable writes that no test looks at: in memory where there is a folder in it.
std::filesystem::path in_memory() {
  constexpr const char* kMemory = "/dev/shm";
  return ::access(kMemory, W_OK | X_OK) == 0 ? std::filesystem::path(kMemory)
                                             : std::filesystem::temp_directory_path();
}

struct Declared {
  std::string field;
  std::string purpose;
  bool optional = false;
};

// One of the three, and all that it got.
struct Shop {
  std::unique_ptr<Bidder> bidder;
  Capture introduced;  // before the first intent
  Capture capture;
  std::size_t made = 0;                                 // offers
  std::map<std::string, std::vector<Declared>> offers;  // by {oid}, as the last revision declares
  std::set<std::string> disclosed;                      // fields that it may have read by now
  std::vector<std::string> names;                       // that no other brand may see

  std::string handle() const { return bidder->brand.handle; }
};

// A vault, three brands that know it, and intents one after the other.
class Scene {
 public:
  explicit Scene(std::uint64_t seed)
      : dice(seed), random_(seed ^ 0x5EED), world(World::default_limits(), &random_, in_memory()) {
    secrets_.push_back(world.folder.filename().string());
    secrets_.push_back(std::string(store::kCredentialBytes, '\7'));
    set_fields();
    for (const auto& reason : protocol()) always_.add_all(reason.pieces);
    always_.add_text(values_.at(kGivenToBoth));
    note_time();
    const auto suffix = dice.letters(4);
    for (std::size_t i = 0; i < kBrands; ++i) add_shop(i, suffix);
    world.overhear = [this](const std::string& path, const routes::Answer& answer) {
      hear_answer(path, answer);
    };
    introduce();
    for (auto& shop : shops) shop.introduced = shop.capture;
  }

  void play() {
    begin_round();
    intent_ = testing::random_intent(dice, world.clock.now());
    tell();
    for (auto* shop : in_any_order()) shop->bidder->hear(), pass_time();
    for (auto* shop : in_any_order()) make_offers(*shop);
    check_fields("before an acceptance");
    if (dice.one_in(4)) decline_one();
    if (dice.one_in(10)) {
      must(world.owner->cancel_intent(intent_id_));
    } else if (!accept_one() && dice.one_in(2)) {
      accept_one();  // another, after the first came to nothing
    }
    hear_messages();
    linger();
    check();
  }

  Dice dice;
  std::size_t texts = 0;
  std::size_t bytes = 0;
  std::map<std::string, int> kinds;  // how often a kind of message was captured

 private:
  SeededRandom random_;

 public:
  World world;
  std::array<Shop, kBrands> shops;

 private:
  void set_fields() {
    const auto keep = [this](const std::string& field, const std::string& value) {
      world.set(field, value);
      values_[field] = value;
    };
    keep("address.home.street_address", dice.letters(12) + " 12");
    keep("address.home.locality", dice.letters(12));
    keep("contact.email", dice.letters(12) + "@" + dice.letters(8) + ".net");
    keep("contact.phone_number", "+336" + dice.digits(8));
    keep("person.given_name", dice.letters(12));
    keep("person.family_name", dice.letters(12));
    keep(kGivenToBoth, dice.letters(12));
  }

  void add_shop(std::size_t i, const std::string& suffix) {
    constexpr const char* kNames[] = {"velo", "decathlonia", "troc"};
    auto& shop = shops[i];
    const std::string owner_says = "mine-" + dice.letters(8);
    const std::string tag = "circle-" + dice.letters(8);
    const std::string host = kNames[i] + suffix + ".example";
    const std::string name = std::string("Maison ") + kNames[i] + ' ' + dice.letters(6);
    shop.bidder =
        std::make_unique<Bidder>(world, host, name, json{{"name", owner_says}, {"tags", {tag}}});
    secrets_.insert(secrets_.end(), {owner_says, tag});
    shop.names = {host, name, shop.bidder->brand.vid};
    shop.capture.add("introduction", shop.bidder->brand.introduction);
    shop.names.push_back(payload_of(shop.bidder->brand.introduction)["sub"]);
    shop.names.push_back(payload_of(shop.bidder->brand.introduction)["jwks"]["keys"][0]["x"]);
    shop.names.push_back(payload_of(shop.bidder->brand.introduction)["jwks"]["keys"][0]["kid"]);
  }

  // Discovery by each; and one field that two of them get by grants of their own.
  void introduce() {
    for (auto& shop : shops) {
      const std::string own = "/v/" + shop.bidder->brand.vid;
      for (const auto& path :
           {"/.well-known/oauth-authorization-server" + own,
            "/.well-known/oauth-protected-resource" + own + "/v1", own + "/jwks.json"})
        CHECK(world
                  .call({.method = "GET",
                         .path = path,
                         .query = "",
                         .headers = {},
                         .body = "",
                         .peer = ""})
                  .status == 200);
    }
    pass_time();
    for (std::size_t i = 0; i < 2; ++i) {
      auto& brand = shops[i].bidder->brand;
      const auto token = brand.granted({kGivenToBoth}, {{"purpose", "service"}})["access_token"];
      CHECK(brand.read(token, kGivenToBoth, "service").status == 200);
      shops[i].disclosed.insert(kGivenToBoth);
      pass_time();
    }
  }

  void begin_round() {
    world.web.delivered.clear();
    heard_ = 0;
    for (auto& shop : shops) {
      shop.capture = shop.introduced;
      shop.offers.clear();
      shop.disclosed.clear();
      if (&shop != &shops[2]) shop.disclosed.insert(kGivenToBoth);
    }
    round_secrets_.clear();
    winner_ = nullptr;
  }

  void pass_time(std::int64_t most = 40'000) { advance(Duration(dice.number(1, most))); }
  void advance(Duration by) {
    world.clock.advance(by);
    note_time();
  }
  // Times that brands may see: what the clock shows, and its ends by the lengths of the protocol. Two that differ have
  // their first digits in common, and no more.
  void note_time() {
    const Instant now = world.clock.now();
    for (const std::int64_t minutes : {0, 10, 15, 24 * 60, 7 * 24 * 60, 15 * 24 * 60, 30 * 24 * 60})
      always_.add_time(std::to_string((now + std::chrono::minutes(minutes)).seconds()));
    for (const std::int64_t days : {90, 180})
      always_.add_time(to_rfc3339(now + std::chrono::hours(24 * days)));
    always_.add_time(market::date_of(now));
  }
  static void tell_time(Pieces& pieces, Instant at) {
    pieces.add_time(std::to_string(at.seconds()));
    pieces.add_time(to_rfc3339(at));
  }

  std::vector<Shop*> in_any_order() {
    std::vector<Shop*> order;
    for (auto& shop : shops) order.push_back(&shop);
    dice.shuffle(order);
    return order;
  }
  Shop& shop_of(const std::string& handle) {
    for (auto& shop : shops)
      if (shop.handle() == handle) return shop;
    FAIL("no such brand");
    return shops[0];
  }

  void hear_answer(const std::string& path, const routes::Answer& answer) {
    for (auto& shop : shops) {
      if (path.find("/v/" + shop.bidder->brand.vid) == path.npos) continue;
      std::string text = "HTTP " + std::to_string(answer.status) + "\n";
      for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\n";
      shop.capture.add("answer to " + path, text + "\n" + answer.body);
    }
  }
  // What left for the brands since the last time.
  void hear_messages() {
    for (; heard_ < world.web.delivered.size(); ++heard_) {
      const auto& message = world.web.delivered[heard_];
      for (auto& shop : shops) {
        const auto& own = shop.bidder->brand.client_id;
        if (!message.url.starts_with(own.substr(0, own.rfind('/') + 1))) continue;
        shop.capture.add(type_of(message.body), "POST " + message.url + "\ncontent-type: " +
                                                    message.content_type + "\n\n" + message.body);
        ++kinds[type_of(message.body)];
      }
    }
    CHECK(world.web.posted.empty());
  }

  void tell() {
    auto body = intent_.body;
    for (auto& shop : shops) body["to"].push_back(shop.handle());
    intent_id_ = must(world.owner->new_intent(body, false))["id"];
    round_secrets_.push_back(intent_id_);
    hear_messages();
    for (auto& shop : shops) {
      const json claims = payload_of(shop.bidder->last_message());
      CHECK(claims["demand"] == intent_.demand);
      CHECK(members_of(claims) == std::set<std::string>{"iss", "aud", "sub", "iat", "exp", "jti",
                                                        "auth_req_id", "interval", "demand"});
      shop.bidder->answers(202, "");
    }
    pass_time();
  }
  static std::set<std::string> members_of(const json& object) {
    std::set<std::string> names;
    for (const auto& [name, value] : object.items()) names.insert(name);
    return names;
  }

  void renew(Shop& shop) {
    const auto answer = shop.bidder->brand.refresh(shop.bidder->refresh);
    if (answer.status == 200) shop.bidder->token = json::parse(answer.body)["access_token"];
  }

  void make_offers(Shop& shop) {
    renew(shop);
    for (auto count = dice.number(0, 2); count > 0; --count) {
      const std::string oid = dice.letters(3) + std::to_string(++shop.made);
      CHECK(put(shop, oid, 1) == 200);
      pass_time();
      if (dice.one_in(3)) CHECK(put(shop, oid, 2) == 200);
      if (dice.one_in(5)) {
        CHECK(shop.bidder->withdraw(oid).status == 200);
        shop.offers.erase(oid);
      }
    }
    if (shop.offers.empty()) CHECK(shop.bidder->pass().status == 200);
    shop.bidder->shown();
    pass_time();
  }
  int put(Shop& shop, const std::string& oid, int rev) {
    std::vector<const char*> fields(std::begin(kFields), std::end(kFields));
    dice.shuffle(fields);
    fields.resize(static_cast<std::size_t>(dice.number(0, 4)));
    json required = json::array();
    auto& declared = shop.offers[oid];
    declared.clear();
    for (const char* field : fields) {
      const Declared one{field, dice.one_in(3) ? "service" : "delivery", dice.one_in(3)};
      declared.push_back(one);
      required.push_back({{"field", one.field},
                          {"purpose", one.purpose},
                          {"neededAt", "ship"},
                          {"retention", dice.one_in(2) ? "P90D" : "P180D"},
                          {"recipients", json::array()},
                          {"optional", one.optional}});
    }
    const Money total{dice.number(100'000, 999'999), intent_.currency};
    const std::string none = amount_of({0, intent_.currency});
    json offer = shop.bidder->offer(amount_of(total));
    offer["priceCurrency"] = intent_.currency;
    offer["vrm:total"]["shipping"] = offer["vrm:total"]["fee"] = none;
    offer["vrm:requiredData"] = std::move(required);
    return shop.bidder->put_signed(oid, shop.bidder->signed_offer(oid, rev, offer)).status;
  }

  // The live offers as the owner sees them.
  std::vector<json> live_offers() {
    std::vector<json> live;
    const auto table = must(world.owner->offers(intent_id_, json::object()));
    for (const auto& item : table["items"]) {
      round_secrets_.push_back(item["id"]);
      if (item["state"] == "live") live.push_back(item);
    }
    return live;
  }
  void decline_one() {
    const auto live = live_offers();
    if (live.size() > 1) must(world.owner->decline(dice.pick(live)["id"].get<std::string>()));
    pass_time();
  }

  // True: it came to hold.
  bool accept_one() {
    const auto live = live_offers();
    if (live.empty()) return true;
    const json chosen = dice.pick(live);
    Shop& shop = shop_of(chosen["brand"]);
    const std::string oid = world.vault->rooms()->offers.find(chosen["id"].get<std::string>())->oid;
    std::set<std::string> given;
    json also = json::array();
    for (const auto& one : shop.offers.at(oid)) {
      if (one.optional && dice.one_in(2)) continue;
      if (one.optional) also.push_back(one.field);
      given.insert(one.field);
    }
    const auto accepted =
        must(world.owner->accept(chosen["id"].get<std::string>(), {{"also", also}}, false));
    round_secrets_.push_back(accepted["id"]);
    hear_messages();
    const std::string message = shop.bidder->last_message();
    REQUIRE(type_of(message) == "vrm-accept+jwt");
    pass_time();
    try_early(shop, message);
    check_fields("before the acknowledgement");
    if (!settle(shop, message)) return false;
    winner_ = &shop;
    shop.disclosed.insert(given.begin(), given.end());
    hear_messages();
    read_as_winner(shop, message);
    return true;
  }

  // Before the acknowledgement nobody reads, neither the winner nor another.
  void try_early(Shop& shop, const std::string& message) {
    const json claims = payload_of(message);
    for (const auto& grant : claims["grants"])
      CHECK(shop.bidder->brand.poll(grant["auth_req_id"]).status == 400);
    for (auto* other : in_any_order()) {
      renew(*other);
      CHECK(other->bidder->brand.read(other->bidder->token, dice.pick(kFields)).status == 401);
      if (other != &shop)
        for (const auto& grant : claims["grants"])
          CHECK(other->bidder->brand.poll(grant["auth_req_id"]).status == 400);
    }
  }

  // The brand's answer to an acceptance: yes at once, yes later, no, or none.
  bool settle(Shop& shop, const std::string& message) {
    auto& bidder = *shop.bidder;
    switch (dice.number(1, 6)) {
      case 1:
        bidder.answers(409, "", brands::Step::Dead);
        break;
      case 2:
        bidder.answers(202, "");
        advance(std::chrono::minutes(16));
        world.deals->tick();
        must(world.vault->rooms()->store->run([](store::Txn&) -> Result<void> { return {}; }));
        renew(shop);
        CHECK(acknowledge(shop, message) == 409);
        break;
      case 3:
        bidder.answers(202, "");
        pass_time();
        renew(shop);
        CHECK(acknowledge(shop, message) == 200);
        return true;
      default:
        bidder.answers(200, bidder.acknowledgement(message));
        return true;
    }
    hear_messages();
    CHECK(type_of(bidder.last_message()) == "vrm-cancel+jwt");
    return false;
  }
  static int acknowledge(Shop& shop, const std::string& message) {
    auto& bidder = *shop.bidder;
    return bidder.brand
        .call_with(bidder.token, "POST", "/v1/intents/" + bidder.iid + "/acknowledgement",
                   bidder.acknowledgement(message))
        .status;
  }

  void read_as_winner(Shop& shop, const std::string& message) {
    auto& brand = shop.bidder->brand;
    const json claims = payload_of(message);
    for (const auto& grant : claims["grants"]) {
      pass_time();
      const auto collected = brand.poll(grant["auth_req_id"]);
      REQUIRE(collected.status == 200);
      const std::string token = json::parse(collected.body)["access_token"];
      const auto& details = grant["authorization_details"][0];
      std::string fields;
      for (const auto& field : details["datatypes"])
        fields += (fields.empty() ? "" : ",") + field.get<std::string>();
      CHECK(brand.read(token, fields, details["purpose"]).status == 200);
      for (const char* field : kFields)
        if (!shop.disclosed.contains(field))
          CHECK(brand.read(token, field, details["purpose"]).status == 403);
      if (dice.one_in(4)) {
        const std::string id = json::parse(collected.body)["grant_id"];
        must(world.owner->revoke({{"ids", {id}}}));
        hear_messages();
        CHECK(brand.read(token, fields, details["purpose"]).status == 401);
      }
    }
  }

  // The brands go on calling when all is over.
  void linger() {
    for (auto* shop : in_any_order()) {
      pass_time();
      renew(*shop);
      put(*shop, "late", 1);
      auto& bidder = *shop->bidder;
      bidder.brand.call_with(bidder.token, "GET", "/v1/intents/" + bidder.iid);
      bidder.withdraw("late");
      bidder.brand.read(bidder.token, dice.pick(kFields));
    }
  }

  void check_fields(const char* when) {
    CAPTURE(when);
    for (const auto& shop : shops)
      for (const auto& [field, value] : values_) {
        if (shop.disclosed.contains(field)) continue;
        if (const auto* text = shop.capture.find(value))
          FAIL_CHECK(field << " is in " << shop.handle() << "'s \"" << text->what << "\"");
      }
  }

  void check_secret(const std::string& secret) {
    for (const auto& shop : shops)
      if (const auto* text = shop.capture.find(secret))
        FAIL_CHECK("`" << secret << "` is in " << shop.handle() << "'s \"" << text->what << "\"");
  }
  void check_secrets() {
    for (const auto* list : {&secrets_, &round_secrets_, &intent_.secrets})
      for (const auto& secret : *list) check_secret(secret);
    for (const auto& shop : shops) {
      for (const auto& text : shop.capture.texts()) {
        for (const char* word : {"weight", "\"kept\"", "\"limit\"", "\"deadline\""})
          if (text.bytes.find(word) != text.bytes.npos)
            FAIL_CHECK(word << " is in " << shop.handle() << "'s \"" << text.what << "\"");
        for (const auto& number : intent_.secret_numbers)
          if (number != std::to_string(grants_end().seconds()) && has_number(text.bytes, number))
            FAIL_CHECK(number << " is in " << shop.handle() << "'s \"" << text.what << "\"");
      }
      for (const auto& other : shops)
        for (const auto& name : other.names)
          if (const auto* text = &other == &shop ? nullptr : shop.capture.find(name))
            FAIL_CHECK("`" << name << "` of another is in " << shop.handle() << "'s \""
                           << text->what << "\"");
    }
  }

  // When an accepted offer's grants end: counted from the day that the brand itself named. A secret deadline may be the
  // same day by chance.
  static Instant grants_end() {
    return must(date_from_text(testing::kArrives)) + std::chrono::hours(24 * 15);
  }

  // The list for this round: the protocol, times, what the owner gave to both; and the intent's own words.
  Pieces allowed() const {
    Pieces pieces = always_;
    for (const auto& word : intent_.words) pieces.add_text(word);
    pieces.add_all(intent_.parts);
    tell_time(pieces, intent_.offers_until);
    tell_time(pieces, grants_end());
    return pieces;
  }

  void check() {
    check_fields("in the end");
    check_secrets();
    if (winner_ != nullptr)
      for (const auto& field : winner_->disclosed)
        CHECK_MESSAGE(winner_->capture.find(values_.at(field)) != nullptr,
                      field << " was declared and not read");
    const Pieces pieces = allowed();
    std::vector<testing::Sequences> sequences;
    for (auto& shop : shops) {
      shop.capture.explain(pieces);
      sequences.emplace_back(shop.capture);
      texts += shop.capture.texts().size();
      for (const auto& text : shop.capture.texts()) bytes += text.bytes.size();
    }
    for (std::size_t one = 0; one < kBrands; ++one)
      for (std::size_t other = 0; other < kBrands; ++other) {
        if (one == other) continue;
        for (const auto& shared :
             shared_with(shops[one].capture, sequences[other], shops[other].capture))
          FAIL_CHECK("two brands share " << shared);
      }
  }

  std::map<std::string, std::string> values_;  // of the owner's fields
  std::vector<std::string> secrets_;           // of this vault, for all brands
  std::vector<std::string> round_secrets_;
  Pieces always_;  // what is allowed in every round
  RandomIntent intent_;
  std::string intent_id_;
  std::size_t heard_ = 0;
  const Shop* winner_ = nullptr;
};

// VRM_SEED=7: that scene alone.
std::vector<std::uint64_t> seeds() {
  if (const char* only = std::getenv("VRM_SEED")) return {std::strtoull(only, nullptr, 10)};
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = 1; seed <= kScenes; ++seed) all.push_back(seed);
  return all;
}

}  // namespace

TEST_SUITE("routes/capture") {
  TEST_CASE(
      "three shops' captures hold nothing private, and have nothing in common but what is listed") {
    std::size_t rounds = 0, texts = 0, bytes = 0;
    std::map<std::string, int> kinds;
    for (const auto seed : seeds()) {
      CAPTURE(seed);
      Scene scene(seed);
      for (int round = 1; round <= kRoundsOfAScene; ++round, ++rounds) {
        CAPTURE(round);
        scene.play();
      }
      texts += scene.texts;
      bytes += scene.bytes;
      for (const auto& [kind, count] : scene.kinds) kinds[kind] += count;
    }
    for (const char* kind :
         {"vrm-intent+jwt", "vrm-accept+jwt", "vrm-close+jwt", "vrm-cancel+jwt", "secevent+jwt"})
      CHECK_MESSAGE(kinds[kind] > 0, kind << " was never sent");
    MESSAGE(rounds << " rounds, " << texts << " texts of " << bytes << " bytes");
  }
}

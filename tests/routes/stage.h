#pragma once
// A vault on a disk that loses and fails, in the midst of its life: fields, documents, grants, a request that waits, three
// intents.
// Every verb can be done from there, and the whole is taken back in a moment.

#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/bidder.h"
#include "tests/support/owner_door.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/store_content.h"
#include "vault/store/backup.h"
#include "vault/store/document.h"

namespace vrm::testing {

// Random bytes that come again with the same seed.
class DrawnRandom final : public Random {
 public:
  explicit DrawnRandom(std::uint64_t seed) : dice_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard hold(mutex_);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(dice_());
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 dice_;
};

class Stage {
 public:
  using json = nlohmann::json;
  static constexpr const char* kValue = "canary-5Rk9@example.org";
  static constexpr const char* kPass = "boarding pass of canary-5Rk9@example.org";

  // What a brand has in hand of one intent.
  struct Hand {
    std::string iid;
    std::string token;
  };

  Stage() {
    world.set("contact.email", kValue);
    world.set("work.role", "carpenter");
    world.set("work.role", "baker");
    world.set("garden.tree", "apple");
    world.set("garden.tree", "pear");
    world.set("address.home.locality", "Lyon");
    world.set("address.home.street_address", "12 rue Merciere");
    REQUIRE(add_document("pass", kPass).status == 200);
    REQUIRE(add_document("old_ticket", std::string(900, 'o')).status == 200);
    pass_token = velo.brand.granted({"document.pass"})["access_token"];
    read_token = velo.brand.granted({"contact.email"})["access_token"];
    const auto to_revoke = velo.brand.granted({"contact.email"});
    revoked_token = to_revoke["access_token"];
    revoked_grant = to_revoke["grant_id"];
    const auto to_refresh = velo.brand.granted({"address.home.locality"});
    refresh_token = to_refresh["refresh_token"];
    ticket = must(world.owner->make_grant({{"brand", velo.brand.handle},
                                           {"fields", {"address.home.locality"}},
                                           {"purpose", "delivery"}}))["auth_req_id"];
    REQUIRE(decat.brand.ask(TestBrand::wish({"contact.email"})).status == 200);
    request = must(world.owner->requests(false))["items"].at(0)["id"];
    accepting = tell(velo);
    REQUIRE(velo.put("a1").status == 200);
    to_accept = offer_of(must(world.owner->intents(false))["items"]);
    acknowledging = tell(decat);
    REQUIRE(decat.put("k1").status == 200);
    must(world.owner->accept(offer_of(json::array({{{"id", intent}}})), json::object(), false));
    acknowledgement = decat.acknowledgement(decat.last_message());
    offering = tell(decat);
    REQUIRE(decat.put("w1").status == 200);
    backed_up = content();
    vault_id = world.vault->rooms()->store->vault_id();
    must(world.owner->back_up({.file = kept_backup()}));
    old_vault = put_old_vault();
    begun_at = world.clock.now();
    world.stop();
    image = disk.now();
  }

  // The vault as it was at the beginning, or on another disk; opened.
  Result<void> load(const Medium& medium) {
    world.stop();
    disk.begin(medium);
    world.web.delivered.clear();
    return open();
  }
  void load() { must(load(Medium(image))); }
  Result<void> open() {
    world.clock.jump(begun_at - world.clock.now());
    TRY(world.start());
    TRY(world.owner->unlock(gate::SlotKind::Credential, World::credential(), gate::Unlock::ForUse));
    world.clock.advance(std::chrono::seconds(10));
    return {};
  }
  // Of a disk that holds this vault's files, by the store alone.
  Result<StoreContent> verified(SimulatedDisk& other) const {
    const store::Opener opener = store::Credential{World::credential()};
    const store::Options options{
        .folder = world.folder / "vault", .kdf = {}, .anchors = world.folder / "anchors"};
    return testing::verified(other, options, opener);
  }
  StoreContent content() { return must(content_of(*world.vault->rooms()->store)); }

  routes::Answer owner(const std::string& method, const std::string& path,
                       const json& body = nullptr) {
    return raw(method, path, "", body.is_null() ? "" : write_json(body));
  }
  // A call whose body is what opens the vault.
  routes::Answer proven(const std::string& path, const std::string& query) {
    return raw("POST", path, query, std::string(store::kCredentialBytes, '\x07'));
  }
  routes::Answer raw(const std::string& method, const std::string& path, const std::string& query,
                     std::string body) {
    return OwnerDoor(world).raw(method, path, query, std::move(body));
  }

  // Puts a document away in parts; the answer to the last call, or the first that is a refusal.
  routes::Answer add_document(const std::string& name, const std::string& text) {
    papers.insert(text);
    const auto begun =
        owner("POST", "/v1/uploads", {{"file", name}, {"name", name}, {"size", text.size()}});
    if (begun.status != 200) return begun;
    const std::string upload =
        "/v1/uploads/" + json::parse(begun.body)["id"].template get<std::string>();
    const auto put = raw("PUT", upload + "/parts/1", "", text);
    if (put.status != 200) return put;
    return owner("POST", upload + "/finish", json::object());
  }
  // Wrong with the documents of a vault, or of its copy in another folder, that was opened on that disk and holds
  // `content`: one is not byte for byte what was put in, or a file is left over. "", or what.
  std::string wrong_documents(SimulatedDisk& other, const StoreContent& content,
                              const char* in = "vault") const {
    const auto folder = world.folder / in;
    std::string wrong;
    std::set<std::string> named;
    for (const auto& [key, record] : content.rows) {
      if (key.first != store::Table::Documents) continue;
      const std::string id = to_hex(key.second);
      named.insert(id);
      const auto read = must(store::decode_document(bytes_of(record)));
      const auto file = store::DocumentFile::open(other, folder, vault_id, key.second, read.seal);
      if (!file.ok()) {
        wrong += " document " + id + ": " + said(file.error());
        continue;
      }
      Bytes bytes(file.value()->size());
      const auto came = file.value()->read(0, bytes);
      if (!came.ok() || !papers.contains(text_of(bytes))) wrong += " document " + id + " differs";
    }
    for (const std::string& name : must(other.list(folder / store::kDocumentsName)))
      if (!named.contains(name)) wrong += " document " + name + " is left over";
    return wrong;
  }

  // Files beside the vault's, on the same disk.
  std::string kept_backup() const { return (world.folder / "kept.vrmbak").string(); }
  std::string new_backup() const { return (world.folder / "new.vrmbak").string(); }
  store::Options beside(const char* folder) const {
    return {.folder = world.folder / folder, .kdf = {}};
  }
  // What another vault on that disk holds.
  Result<StoreContent> verified_beside(SimulatedDisk& other, const char* folder) const {
    const store::Opener opener = store::Credential{World::credential()};
    return testing::verified(other, beside(folder), opener);
  }

  Bidder& with(Bidder& bidder, const Hand& hand) {
    bidder.iid = hand.iid;
    bidder.token = hand.token;
    return bidder;
  }

  struct Verb {
    const char* name;
    std::function<routes::Answer(Stage&)> run;
    bool many = false;    // more than one commit
    bool beside = false;  // the vault itself holds the same afterwards
    bool tells = false;   // records first what it then reads: a refusal may come behind the record
    // Whether a disk, once the vault itself was verified, has also what else the verb makes: whole when it was told
    // done, whole or not at all otherwise. "", or what is wrong.
    std::function<std::string(const Stage&, SimulatedDisk&, bool done)> left = {};
  };
  // Each can be done once from the beginning, in any order.
  static const std::vector<Verb>& verbs();

  SimulatedDisk disk;
  DrawnRandom drawn{20261122};
  World world{World::default_limits(), &drawn, std::filesystem::temp_directory_path(), &disk};
  Bidder velo{world, "velo.example", "Velo"};
  Bidder decat{world, "decat.example", "Decat"};

  std::string read_token, revoked_token, revoked_grant, refresh_token, pass_token, ticket, request;
  std::string intent, to_accept, acknowledgement;
  Hand accepting, acknowledging, offering;
  std::set<std::string> papers;  // the texts of all documents that were ever put in
  std::array<std::uint8_t, 16> vault_id{};
  StoreContent backed_up;  // what kept_backup() holds
  StoreContent old_vault;  // a vault of the first format, in the folder "old"
  Instant begun_at;
  Image image;

 private:
  json wanted(const Bidder& bidder) const {
    return {{"text", "mountain bike"},     {"max", "900EUR"},
            {"by", "2026-11-27"},          {"near", "Lyon"},
            {"to", {bidder.brand.handle}}, {"jitter", false}};
  }
  // The golden vault of the first format. Gives what it holds.
  StoreContent put_old_vault() {
    const auto golden = std::filesystem::path(VRM_SOURCE_DIR) / "tests/store/golden/vault_1";
    for (const char* name : {"vault.db", "slots"}) {
      std::ifstream in(golden / name, std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      must(store::replace_file(disk, beside("old").folder / name, bytes_of(bytes)));
    }
    SimulatedDisk copy(disk.now());
    return must(verified_beside(copy, "old"));
  }
  Hand tell(Bidder& bidder) {
    world.web.delivered.clear();
    intent = must(world.owner->new_intent(wanted(bidder), false))["id"];
    bidder.hear();
    return {bidder.iid, bidder.token};
  }
  std::string offer_of(const json& intents) {
    return must(
               world.owner->offers(intents.at(0)["id"].get<std::string>(), json::object()))["items"]
        .at(0)["id"];
  }
};

// ---- what verbs leave beside the vault

inline std::string backup_left(const Stage& stage, SimulatedDisk& disk, bool done) {
  if (!must(disk.exists(stage.new_backup()))) return done ? "the backup is missing" : "";
  const store::Opener opener = store::Credential{World::credential()};
  const auto read = store::check_backup(disk, stage.new_backup(), opener);
  return read.ok() ? "" : "the backup: " + said(read.error());
}

inline std::string restore_left(const Stage& stage, SimulatedDisk& disk, bool done) {
  if (!must(disk.exists(stage.beside("restored").folder / "vault.db")))
    return done ? "the restored vault is missing" : "";
  const auto found = stage.verified_beside(disk, "restored");
  if (!found.ok()) return "the restored vault: " + said(found.error());
  return difference(found.value(), stage.backed_up) +
         stage.wrong_documents(disk, found.value(), "restored");
}

inline std::string migrate_left(const Stage& stage, SimulatedDisk& disk, bool) {
  const auto found = stage.verified_beside(disk, "old");
  if (!found.ok()) return "the old vault: " + said(found.error());
  return difference(found.value(), stage.old_vault);
}

inline const std::vector<Stage::Verb>& Stage::verbs() {
  using Answer = routes::Answer;
  const auto set = [](Stage& s, const char* name, const char* value) -> Answer {
    return s.owner("PUT", "/v1/fields/" + std::string(name), {{"value", value}});
  };
  static const std::vector<Verb> all = {
      {"set", [=](Stage& s) { return set(s, "person.given_name", "Ana"); }},
      {"set again", [=](Stage& s) { return set(s, "address.home.locality", "Paris"); }},
      {"unset",
       [](Stage& s) { return s.owner("DELETE", "/v1/fields/address.home.street_address"); }},
      {"go back",
       [](Stage& s) {
         return s.owner("POST", "/v1/fields/work.role/restore", {{"version", 1}});
       }},
      {"unset with its history",
       [](Stage& s) { return s.owner("DELETE", "/v1/fields/garden.tree"); }},
      {"grant",
       [](Stage& s) {
         return s.owner("POST", "/v1/grants",
                        {{"brand", s.decat.brand.handle},
                         {"fields", {"contact.email"}},
                         {"purpose", "delivery"}});
       }},
      {"revoke",
       [](Stage& s) {
         return s.owner("POST", "/v1/grants/revoke", {{"ids", {s.revoked_grant}}});
       }},
      {"read", [](Stage& s) { return s.velo.brand.read(s.read_token, "contact.email"); }},
      {"read again", [](Stage& s) { return s.velo.brand.read(s.read_token, "contact.email"); }},
      {"doc add",
       [](Stage& s) {
         return s.add_document("new_ticket", std::string(store::kChunkBytes + 700, 'n'));
       }},
      {"doc rm", [](Stage& s) { return s.owner("DELETE", "/v1/documents/old_ticket"); }},
      {"doc show", [](Stage& s) { return s.owner("GET", "/v1/documents/pass/parts/1"); }, false,
       false, true},
      {"doc read",
       [](Stage& s) {
         return s.velo.brand.call_with(s.pass_token, "GET", "/v1/documents/document.pass/parts/1",
                                       "", "purpose=delivery");
       },
       false, false, true},
      {"intent", [](Stage& s) { return s.owner("POST", "/v1/intents", s.wanted(s.velo)); }},
      {"offer", [](Stage& s) { return s.with(s.decat, s.offering).put("n1"); }},
      {"withdraw", [](Stage& s) { return s.with(s.decat, s.offering).withdraw("w1"); }},
      {"accept",
       [](Stage& s) {
         return s.owner("POST", "/v1/offers/" + s.to_accept + "/accept", json::object());
       }},
      {"acknowledge",
       [](Stage& s) {
         return s.decat.brand.call_with(s.acknowledging.token, "POST",
                                        "/v1/intents/" + s.acknowledging.iid + "/acknowledgement",
                                        s.acknowledgement);
       }},
      {"token", [](Stage& s) { return s.velo.brand.poll(s.ticket); }},
      {"refresh", [](Stage& s) { return s.velo.brand.refresh(s.refresh_token); }},
      {"ask", [](Stage& s) { return s.velo.brand.ask(TestBrand::wish({"contact.email"})); }},
      {"approve",
       [](Stage& s) {
         return s.owner("POST", "/v1/requests/" + s.request + "/approve", json::object());
       }},
      {"rekey", [](Stage& s) { return s.proven("/v1/rekey", "slot=credential"); }},
      {"backup", [](Stage& s) { return s.raw("POST", "/v1/backup", "file=" + s.new_backup(), ""); },
       false, false, false, backup_left},
      {"restore",
       [](Stage& s) {
         const std::string into = s.beside("restored").folder.string();
         return s.proven("/v1/restore",
                         "slot=credential&file=" + s.kept_backup() + "&into=" + into);
       },
       false, true, false, restore_left},
      {"migrate",
       [](Stage& s) {
         const store::Opener opener = store::Credential{World::credential()};
         const auto opened = testing::opened(s.disk, s.beside("old"), opener);
         return opened.ok() ? Answer{200, {}, "open"} : Answer{500, {}, said(opened.error())};
       },
       false, true, false, migrate_left},
      {"lock",
       [](Stage& s) {
         const Answer locked = s.owner("POST", "/v1/lock");
         const auto opened = s.world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                                                   gate::Unlock::ForUse);
         return opened.ok() ? locked : Answer{500, {}, opened.error().message};
       },
       true},
      {"restart",
       [](Stage& s) {
         s.world.stop();
         const auto started = s.world.start();
         if (!started.ok()) return Answer{500, {}, started.error().message};
         const auto opened = s.world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                                                   gate::Unlock::ForUse);
         s.world.clock.advance(std::chrono::seconds(5));
         return opened.ok() ? Answer{200, {}, "open"} : Answer{500, {}, opened.error().message};
       },
       true},
  };
  return all;
}

}  // namespace vrm::testing

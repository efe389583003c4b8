// Documents: in and out by the owner's door part by part, and out by a brand's with a grant.

#include <fstream>

#include "tests/support/owner_door.h"
#include "tests/support/simulated_disk.h"
#include "vault/base/text.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

constexpr std::size_t kPart = api::kPartBytes;

std::string some_text(std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 251 + i / kPart);
  return text;
}

struct Owner {
  explicit Owner(World& of) : world(of) { restarted(); }
  void restarted() { door.emplace(world); }

  routes::Answer call(const std::string& method, const std::string& path, std::string body = "") {
    return door->raw(method, path, "", std::move(body));
  }
  json begin(json what) {
    const auto answer = call("POST", "/v1/uploads", write_json(what));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
  }
  static std::string say(const routes::Answer& answer) {
    const auto body = json::parse(answer.body, nullptr, false);
    if (!body.is_object() || !body.contains("error")) return "";
    return body["error"].value("say", body["error"].value("code", ""));
  }
  std::string put(const std::string& upload, std::size_t part, std::string bytes) {
    return say(
        call("PUT", "/v1/uploads/" + upload + "/parts/" + std::to_string(part), std::move(bytes)));
  }
  routes::Answer finish(const std::string& upload, const json& body = json::object()) {
    return call("POST", "/v1/uploads/" + upload + "/finish", write_json(body));
  }
  json add(const std::string& name, const std::string& text) {
    const json upload = begin(
        {{"file", name + ".txt"}, {"name", name}, {"type", "text/plain"}, {"size", text.size()}});
    std::size_t part = 0;
    for (std::size_t at = 0; at < text.size(); at += kPart)
      REQUIRE(put(upload["id"], ++part, text.substr(at, kPart)) == "");
    const auto done = finish(upload["id"], {{"sha-256", to_hex(crypto::sha256(bytes_of(text)))}});
    CAPTURE(done.body);
    REQUIRE(done.status == 200);
    return json::parse(done.body);
  }
  std::string get(const std::string& name) {
    std::string all;
    const auto document = json::parse(call("GET", "/v1/documents/" + name).body);
    for (std::uint64_t part = 1; part <= document["parts"].get<std::uint64_t>(); ++part) {
      const auto answer = call("GET", "/v1/documents/" + name + "/parts/" + std::to_string(part));
      REQUIRE(answer.status == 200);
      all += answer.body;
    }
    return all;
  }

  World& world;
  std::optional<testing::OwnerDoor> door;
};

std::size_t files_of(const World& world) {
  const auto folder = world.folder / "vault" / "documents";
  if (!std::filesystem::exists(folder)) return 0;
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_SUITE("routes/documents") {
  TEST_CASE("a document goes in part by part and comes out the same, also after a restart") {
    World world;
    Owner owner(world);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, kPart - 1, kPart, kPart + 1, 2 * kPart + 70'000}) {
      const std::string name = "d" + std::to_string(size);
      const std::string text = some_text(size);
      const json document = owner.add(name, text);
      CHECK(document["name"] == "document." + name);
      CHECK(document["size"] == size);
      CHECK(document["sha-256"] == to_hex(crypto::sha256(bytes_of(text))));
      CHECK(owner.get(name) == text);
      CHECK(owner.get("document." + name) == text);
    }
    CHECK(world.log_count("document_added", "done") == 6);
    CHECK(world.log_count("document_read", "done") == 12);
    world.restart();
    owner.restarted();
    world.unlock();
    CHECK(json::parse(owner.call("GET", "/v1/documents").body)["items"].size() == 6);
    CHECK(must(world.owner->status())["counts"]["documents"] == 6);
    CHECK(owner.get("d1048577") == some_text(kPart + 1));
    CHECK(must(world.owner->verify())["ok"] == true);
  }

  TEST_CASE("a name is made of the file's, whatever that is, and no path goes in") {
    World world;
    Owner owner(world);
    const auto named = [&](const char* file) {
      const json upload = owner.begin({{"file", file}, {"size", 0}});
      const auto made = json::parse(owner.finish(upload["id"]).body);
      CHECK(made["type"] == "application/octet-stream");
      return std::pair(made["name"].get<std::string>(), made["file"].get<std::string>());
    };
    CHECK(named("Pièce d'identité.PDF") ==
          std::pair<std::string, std::string>("document.piece_d_identite", "Pièce d'identité.PDF"));
    CHECK(named("../../etc/passwd").second == "passwd");
    CHECK(named("C:\\My Files\\Billet TGV.txt").first == "document.billet_tgv");
    CHECK(named("2026-11-22.png").first == "document.file_2026_11_22");
    CHECK(named("").first == "document.file");
    CHECK(named("a\x1b[31m\xe2\x80\xae.txt").second.find('\x1b') == std::string::npos);
    CHECK(is_utf8(named("\xff\xfeq.bin").second));
    CHECK(named(std::string(300, 'x').c_str()).first.size() <= 64);
  }

  TEST_CASE("parts in disorder, of another length or too many are refused, and it goes on") {
    World world;
    Owner owner(world);
    const std::string text = some_text(kPart + 10);
    const std::string id = owner.begin({{"file", "a"}, {"size", text.size()}})["id"];
    CHECK(owner.put(id, 2, text.substr(kPart)) == "document.part_order");
    CHECK(owner.put(id, 1, text.substr(0, kPart - 1)) == "document.part_size");
    CHECK(owner.put(id, 1, "") == "document.part_size");
    CHECK(owner.put(id, 1, text.substr(0, kPart)) == "");
    CHECK(owner.put(id, 1, text.substr(0, kPart)) == "document.part_order");
    CHECK(owner.put(id, 2, text.substr(kPart) + "x") == "document.part_size");
    CHECK(owner.put(id, 2, text.substr(kPart)) == "");
    CHECK(owner.put(id, 3, "x") == "document.part_order");
    CHECK(owner.put(id, 0, "x") == "not_found");
    CHECK(owner.put("up_NONE", 1, "x") == "document.no_upload");
    CHECK(owner.finish(id).status == 200);
    CHECK(owner.get("a") == text);
    CHECK(Owner::say(owner.finish(id)) == "document.no_upload");
  }

  TEST_CASE("what is not whole, or not what was sent, is no document and leaves no file") {
    World world;
    Owner owner(world);
    std::string id = owner.begin({{"file", "a"}, {"size", 10}})["id"];
    CHECK(files_of(world) == 1);
    CHECK(Owner::say(owner.finish(id)) == "document.incomplete");
    CHECK(files_of(world) == 0);
    id = owner.begin({{"file", "a"}, {"size", 3}})["id"];
    CHECK(owner.put(id, 1, "abc") == "");
    CHECK(Owner::say(owner.finish(id, {{"sha-256", to_hex(crypto::sha256(bytes_of("abd")))}})) ==
          "document.damaged");
    CHECK(files_of(world) == 0);
    id = owner.begin({{"file", "a"}, {"size", 3}})["id"];
    CHECK(owner.call("DELETE", "/v1/uploads/" + id).status == 200);
    CHECK(files_of(world) == 0);
    CHECK(json::parse(owner.call("GET", "/v1/documents").body)["items"].empty());
    CHECK(world.log_count("document_added", "done") == 0);
  }

  TEST_CASE("too big, too many, a name that is taken or none, a type that is none are refused") {
    World world;
    Owner owner(world);
    world.set("document.note", "a text");
    const auto refused = [&](const json& what) {
      return Owner::say(owner.call("POST", "/v1/uploads", write_json(what)));
    };
    CHECK(refused({{"file", "a"}, {"size", (100 << 20) + 1}}) == "document.too_big");
    CHECK(refused({{"file", "a"}, {"size", -1}}) == "document.too_big");
    CHECK(refused({{"file", "a"}, {"size", 1}, {"name", "A b"}}) == "document.bad_name");
    CHECK(refused({{"file", "a"}, {"size", 1}, {"name", "a.b"}}) == "document.bad_name");
    CHECK(refused({{"file", "a"}, {"size", 1}, {"type", "pdf"}}) == "document.bad_type");
    CHECK(refused({{"file", "a"}, {"size", 1}, {"name", "note"}}) == "document.exists");
    CHECK(refused({{"file", "a"}, {"size", 1}, {"name", "passport_number"}}) == "document.exists");
    CHECK(refused({{"file", "a"}}) == "malformed");
    for (int i = 0; i < 4; ++i) owner.begin({{"file", "a" + std::to_string(i)}, {"size", 1}});
    CHECK(refused({{"file", "b"}, {"size", 1}}) == "document.too_many");
    CHECK(files_of(world) == 4);
    // Nobody goes on with them.
    world.clock.advance(std::chrono::minutes(6));
    owner.begin({{"file", "b"}, {"size", 1}});
    CHECK(files_of(world) == 1);
  }

  TEST_CASE("two uploads of one name: the second is refused at its end") {
    World world;
    Owner owner(world);
    const std::string one = owner.begin({{"file", "a"}, {"size", 0}})["id"];
    const std::string two = owner.begin({{"file", "a"}, {"size", 0}})["id"];
    CHECK(owner.finish(one).status == 200);
    CHECK(Owner::say(owner.finish(two)) == "document.exists");
    CHECK(files_of(world) == 1);
  }

  TEST_CASE("locking and sealing drop what is on its way; a locked vault shows nothing") {
    World world;
    Owner owner(world);
    owner.add("a", "text");
    for (const bool seals : {false, true}) {
      const std::string id = owner.begin({{"file", "b"}, {"size", 3}})["id"];
      CHECK(files_of(world) == 2);
      must(seals ? world.owner->seal() : world.owner->lock());
      CHECK(files_of(world) == 1);
      const std::string shut = seals ? "vault.sealed" : "vault.locked";
      CHECK(owner.put(id, 1, "abc") == shut);
      CHECK(Owner::say(owner.call("GET", "/v1/documents")) == shut);
      CHECK(Owner::say(owner.call("GET", "/v1/documents/a/parts/1")) == shut);
      world.unlock();
      CHECK(owner.put(id, 1, "abc") == "document.no_upload");
    }
    CHECK(owner.get("a") == "text");
  }

  TEST_CASE("a document that was removed is gone, file and all, and its name is free") {
    World world;
    Owner owner(world);
    owner.add("a", "one");
    CHECK(owner.call("DELETE", "/v1/documents/a").status == 200);
    CHECK(files_of(world) == 0);
    CHECK(Owner::say(owner.call("GET", "/v1/documents/a")) == "document.none");
    CHECK(Owner::say(owner.call("DELETE", "/v1/documents/a")) == "document.none");
    CHECK(world.log_count("document_removed", "done") == 1);
    owner.add("a", "two");
    CHECK(owner.get("a") == "two");
    CHECK(Owner::say(owner.call("GET", "/v1/documents/b")) == "document.none_near");
    CHECK(Owner::say(owner.call("GET", "/v1/documents/a/parts/2")) == "document.no_part");
  }

  TEST_CASE("no value takes the place of a document") {
    World world;
    Owner owner(world);
    owner.add("a", "one");
    const auto set = world.owner->set_field("document.a", {{"value", "x"}});
    REQUIRE_FALSE(set.ok());
    CHECK(set.error().say == "document.by_hand");
    CHECK(world.owner->field("document.a").error().say == "document.is_one");
    CHECK(world.owner->field("document.b").error().say != "document.is_one");
  }

  TEST_CASE("a rescue reads documents and changes none; a damaged one is named") {
    World world;
    Owner owner(world);
    owner.add("a", "one");
    owner.add("b", "two");
    const auto folder = world.folder / "vault" / "documents";
    must(world.owner->seal());
    std::string missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      missing = entry.path().filename().string();
    std::filesystem::remove(folder / missing);
    const auto refused =
        world.owner->unlock(gate::SlotKind::Credential, World::credential(), gate::Unlock::ForUse);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Corrupt);
    CHECK(refused.error().with.front().second == "document " + missing + ": is missing");
    must(world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                             gate::Unlock::ForRescue));
    CHECK(json::parse(owner.call("GET", "/v1/documents").body)["items"].size() == 2);
    int read = 0;
    for (const auto* name : {"a", "b"})
      if (owner.call("GET", std::string("/v1/documents/") + name + "/parts/1").status == 200)
        ++read;
    CHECK(read == 1);
    CHECK(Owner::say(owner.call("DELETE", "/v1/documents/a")) == "store.rescue_read_only");
    CHECK(Owner::say(owner.call("POST", "/v1/uploads", R"({"file":"c","size":1})")) ==
          "store.rescue_read_only");
  }

  TEST_CASE("a full disk refuses a document clearly and keeps nothing of it") {
    testing::SimulatedDisk disk;
    World world(World::default_limits(), nullptr, std::filesystem::temp_directory_path(), &disk);
    Owner owner(world);
    const std::uint64_t used = disk.used();
    const std::string text = some_text(kPart + 5);
    const std::string id = owner.begin({{"file", "a"}, {"size", text.size()}})["id"];
    disk.limit_room(used + kPart / 2);
    CHECK(owner.put(id, 1, text.substr(0, kPart)) == "io");
    CHECK(owner.put(id, 1, text.substr(0, kPart)) == "document.no_upload");
    CHECK(must(disk.list(world.folder / "vault" / "documents")).empty());
    disk.limit_room(std::nullopt);
    CHECK(owner.add("a", text)["size"] == text.size());
  }

  TEST_CASE("a brand with a grant reads what a document is, and its bytes, as one read") {
    World world;
    Owner owner(world);
    TestBrand velo{world, "velo.example", "Velo"};
    const std::string text = some_text(2 * kPart + 9);
    owner.add("passport", text);
    const auto granted = velo.granted({"document.passport"}, {{"max_reads", 2}});
    std::string token = granted["access_token"];
    const auto part = [&](std::size_t n, const std::string& purpose = "delivery") {
      return velo.call_with(token, "GET",
                            "/v1/documents/document.passport/parts/" + std::to_string(n), "",
                            "purpose=" + purpose);
    };
    const auto what = velo.read(token, "document.passport");
    REQUIRE(what.status == 200);
    const json value = json::parse(what.body)["data"]["document.passport"]["value"];
    CHECK(value["name"] == "passport.txt");
    CHECK(value["type"] == "text/plain");
    CHECK(value["size"] == text.size());
    CHECK(value["parts"] == 3);
    CHECK(value["sha-256"] == to_hex(crypto::sha256(bytes_of(text))));
    // The one read that was recorded covers its parts, in any order and more than once.
    std::string all;
    for (const std::size_t n : {1U, 2U, 3U}) {
      const auto answer = part(n);
      REQUIRE(answer.status == 200);
      bool is_bytes = false;
      for (const auto& [name, said] : answer.headers)
        is_bytes = is_bytes || (name == "Content-Type" && said == "application/octet-stream");
      CHECK(is_bytes);
      all += answer.body;
    }
    CHECK(all == text);
    CHECK(part(2).status == 200);
    CHECK(part(4).status == 404);
    CHECK(part(1, "marketing").status == 403);
    CHECK(world.log_count("read", "allowed") == 1);
    // A later one is another read, and the last that the grant allows; its own parts still come.
    world.clock.advance(std::chrono::minutes(11));
    const auto fresh = velo.refresh(granted["refresh_token"]);
    REQUIRE(fresh.status == 200);
    token = json::parse(fresh.body)["access_token"];
    CHECK(part(1).status == 200);
    CHECK(part(2).status == 200);
    CHECK(world.log_count("read", "allowed") == 2);
    CHECK(velo.read(token, "document.passport").status == 401);
    CHECK(part(3).status == 200);
    world.restart();
    world.unlock();
    CHECK(part(3).status == 401);
    CHECK(world.log_count("read", "allowed") == 2);
  }

  TEST_CASE("bytes are recorded before they leave, also without asking what the document is") {
    World world;
    Owner owner(world);
    TestBrand velo{world, "velo.example", "Velo"};
    owner.add("ticket", "AF-12345");
    const std::string token = velo.granted({"document.ticket"})["access_token"];
    const auto read = [&] {
      return velo.call_with(token, "GET", "/v1/documents/document.ticket/parts/1", "",
                            "purpose=delivery");
    };
    CHECK(read().body == "AF-12345");
    CHECK(world.log_count("read", "allowed") == 1);
    // Another document of the same name is another read.
    CHECK(owner.call("DELETE", "/v1/documents/ticket").status == 200);
    CHECK(read().status == 404);
    owner.add("ticket", "AF-99999");
    CHECK(read().body == "AF-99999");
    CHECK(world.log_count("read", "allowed") == 3);
  }

  TEST_CASE("without a grant, or after it was taken back, no part leaves, known or unknown alike") {
    World world;
    Owner owner(world);
    TestBrand velo{world, "velo.example", "Velo"};
    owner.add("passport", "secret");
    world.set("contact.email", "a@b.example");
    const auto other = velo.granted({"contact.email"});
    const auto ask = [&](const json& granted, const std::string& name) {
      return velo.call_with(granted["access_token"], "GET", "/v1/documents/" + name + "/parts/1",
                            "", "purpose=delivery");
    };
    const auto there = ask(other, "document.passport");
    const auto none = ask(other, "document.nothing");
    CHECK(there.status == 403);
    CHECK(error_of(there) == "insufficient_scope");
    CHECK(there.body == none.body);
    CHECK(ask(other, "contact.email").status == 404);  // a field that it may read, and no document

    const auto granted = velo.granted({"document.passport"});
    CHECK(ask(granted, "document.passport").body == "secret");
    must(world.owner->revoke({{"ids", {granted["grant_id"]}}}));
    const auto revoked = ask(granted, "document.passport");
    CHECK(revoked.status == 401);
    CHECK(revoked.body.find("secret") == std::string::npos);
    CHECK(world.log_count("read", "refused") == 3);
    // And a malformed call is no read at all.
    CHECK(velo.call_with(granted["access_token"], "GET", "/v1/documents/document.passport/parts/0",
                         "", "purpose=delivery")
              .status == 404);
    CHECK(velo.call_with(granted["access_token"], "GET", "/v1/documents/document.passport/parts/1")
              .status == 400);
  }

  TEST_CASE("a locked vault serves the documents that the owner said, and no others") {
    World world;
    Owner owner(world);
    TestBrand velo{world, "velo.example", "Velo"};
    owner.add("ticket", "AF-12345");
    owner.add("passport", "secret");
    const auto served = velo.granted({"document.ticket"}, {{"served_while_locked", true}});
    const auto shut = velo.granted({"document.passport"});
    must(world.owner->lock());
    const auto ask = [&](const json& granted, const std::string& name) {
      return velo.call_with(granted["access_token"], "GET", "/v1/documents/" + name + "/parts/1",
                            "", "purpose=delivery");
    };
    CHECK(ask(served, "document.ticket").body == "AF-12345");
    CHECK(error_of(ask(shut, "document.passport")) == "vault_locked");
    CHECK(json::parse(velo.read(served["access_token"], "document.ticket")
                          .body)["data"]["document.ticket"]["value"]["size"] == 8);
    must(world.owner->seal());
    CHECK(error_of(ask(served, "document.ticket")) == "vault_sealed");
  }

  TEST_CASE("a brand asks for a document, and the owner sees what it is") {
    World world;
    Owner owner(world);
    TestBrand velo{world, "velo.example", "Velo"};
    owner.add("passport", "secret");
    REQUIRE(velo.ask(TestBrand::wish({"document.passport", "document.visa"})).status == 200);
    const auto id = must(world.owner->requests(false))["items"].at(0)["id"].get<std::string>();
    const json request = must(world.owner->request(id));
    CHECK(request["needed"][0]["have"] == true);
    CHECK(request["needed"][0]["value"] == "passport.txt");
    CHECK(request["needed"][1]["have"] == false);
    must(world.owner->approve(id, json::object()));
    const json document = must(world.owner->document("passport"));
    REQUIRE(document["readers"].size() == 1);
    CHECK(document["readers"][0]["brand"] == velo.handle);
  }

  TEST_CASE("a backup brings the documents with it") {
    World world;
    Owner owner(world);
    owner.add("a", some_text(kPart + 3));
    const auto there = world.folder / "elsewhere";
    std::filesystem::create_directory(there);
    const auto file = (there / "b").string();
    const json made = must(world.owner->back_up({file, false, true}));
    CHECK(made["tables"]["documents"] == 1);
    const json restored = must(world.owner->restore(
        file, (there / "v").string(), gate::SlotKind::Credential, World::credential()));
    CHECK(restored["digest"] == made["digest"]);
    world.stop();
    std::filesystem::remove_all(world.folder / "vault");
    std::filesystem::rename(there / "v", world.folder / "vault");
    must(world.start());
    owner.restarted();
    world.unlock();
    CHECK(owner.get("a") == some_text(kPart + 3));
  }

  TEST_CASE("an export writes the documents beside the JSON, which names them") {
    World world;
    Owner owner(world);
    const std::string text = some_text(kPart + 3);
    owner.add("passport", text);
    const auto there = world.folder / "elsewhere";
    std::filesystem::create_directory(there);
    const json exported = must(world.owner->export_all((there / "all.json").string(), false));
    CHECK(exported["documents"] == 1);
    const json all = json::parse(std::ifstream(there / "all.json"));
    REQUIRE(all["documents"].size() == 1);
    CHECK(all["documents"][0]["path"] == "all.json.documents/passport.txt");
    std::ifstream copy(there / "all.json.documents" / "passport.txt", std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(copy), {}) == text);
    std::filesystem::remove(there / "all.json");
    const auto refused = world.owner->export_all((there / "all.json").string(), false);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().say == "backup.exists");
    CHECK(must(world.owner->export_all((there / "all.json").string(), true))["documents"] == 1);
  }
}

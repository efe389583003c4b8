// What was used once is worth nothing a second time: at once from everywhere, after a restart, after the clock went back,
// and signed before a revocation.

#include <atomic>
#include <thread>

#include "tests/routes/attack_kit.h"

using namespace vrm;  // tests only
using namespace testing;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr int kAtOnce = 64;

// One request, sent from many threads at the same moment: how many were answered so.
std::map<std::string, int> all_at_once(World& world, const routes::Request& request) {
  std::map<std::string, int> answers;
  std::mutex mutex;
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i)
    threads.emplace_back([&] {
      const auto reply = std::make_shared<WaitingReply>();
      auto mine = request;
      ++ready;
      while (ready < kAtOnce) std::this_thread::yield();
      world.routes->handle(std::move(mine), reply);
      world.routes->turn_ended();
      const auto answer = reply->wait();
      const std::lock_guard lock(mutex);
      ++answers[answer.status == 200 ? "served" : error_of(answer)];
    });
  for (auto& thread : threads) thread.join();
  return answers;
}

routes::Request a_read(Scene& scene) {
  return scene.brand.read_request(scene.token, "address.home.locality");
}
routes::Request a_refresh(Scene& scene) {
  return scene.refreshed(scene.refresh, scene.proof("POST", scene.token_path()).text());
}
routes::Request a_question(Scene& scene) {
  auto fields = scene.brand.form();
  fields["scope"] = "vrm";
  fields["authorization_details"] =
      write_json(nlohmann::json::array({TestBrand::wish({"contact.email"})}));
  return Scene::post("/v/" + scene.brand.vid + "/grants/request", fields, "");
}

// The end of the process without a word, and a new one.
void start_anew(Scene& scene) {
  scene.world.restart();
  scene.world.unlock();
}

}  // namespace

TEST_SUITE("routes/replays") {
  TEST_CASE("sixty-four times one read at once: one is served, the others were used before") {
    Scene scene;
    for (int round = 0; round < 10; ++round) {
      const auto answers = all_at_once(scene.world, a_read(scene));
      CHECK(answers ==
            std::map<std::string, int>{{"served", 1}, {"invalid_dpop_proof", kAtOnce - 1}});
    }
    CHECK(scene.world.log_count("read", "allowed") == 10);
  }

  TEST_CASE("sixty-four times one refresh, or one question, at once: one is served") {
    Scene scene;
    const auto tokens = scene.world.log_count("token_issued", "allowed");
    const std::map<std::string, int> one{{"served", 1}, {"invalid_client", kAtOnce - 1}};
    CHECK(all_at_once(scene.world, a_refresh(scene)) == one);
    CHECK(scene.world.log_count("token_issued", "allowed") == tokens + 1);
    CHECK(all_at_once(scene.world, a_question(scene)) == one);
    CHECK(scene.world.log_count("request_received", "done") == 1);
  }

  TEST_CASE("sixty-four times one auth_req_id at once, each well signed: one gets a token") {
    Scene scene;
    const auto grant = must(scene.world.owner->make_grant({{"brand", scene.brand.handle},
                                                           {"fields", {"address.home.locality"}},
                                                           {"purpose", "delivery"}}));
    std::vector<std::shared_ptr<WaitingReply>> replies;
    for (int i = 0; i < kAtOnce; ++i) {
      auto fields = scene.brand.form();
      fields["grant_type"] = "urn:openid:params:grant-type:ciba";
      fields["auth_req_id"] = grant["auth_req_id"];
      replies.push_back(std::make_shared<WaitingReply>());
      scene.world.routes->handle(
          Scene::post(scene.token_path(), fields, scene.proof("POST", scene.token_path()).text()),
          replies.back());
    }
    scene.world.routes->turn_ended();
    int served = 0;
    for (const auto& reply : replies) served += reply->wait().status == 200 ? 1 : 0;
    CHECK(served == 1);
  }

  TEST_CASE("used, and sent again after a restart: a read, a refresh and a question") {
    Scene scene;
    for (const auto& make : {a_read, a_refresh, a_question}) {
      const auto request = make(scene);
      REQUIRE(scene.world.call(request).status == 200);
      scene.world.clock.advance(milliseconds(1500));
      start_anew(scene);
      const auto at_once = scene.world.call(request);
      CHECK(at_once.status != 200);
      scene.world.clock.advance(seconds(30));
      CHECK(scene.world.call(request).status != 200);
    }
  }

  TEST_CASE("never sent before a restart, sent after it: not taken either") {
    Scene scene;
    for (const auto& make : {a_read, a_refresh, a_question}) {
      const auto request = make(scene);
      scene.world.clock.advance(milliseconds(1500));
      start_anew(scene);
      CHECK(scene.world.call(request).status != 200);
    }
  }

  TEST_CASE("used, and sent again after the clock went back: within a minute, and later") {
    for (const auto back : {Duration(seconds(20)), Duration(seconds(90)), Duration(hours(1))})
      for (const auto& make : {a_read, a_refresh, a_question}) {
        CAPTURE(back.count());
        Scene scene;
        const auto request = make(scene);
        REQUIRE(scene.world.call(request).status == 200);
        scene.world.clock.jump(-back);
        // Until the clock is past where it was, and all that can be remembered is forgotten.
        for (int step = 0; step < 80; ++step) {
          CAPTURE(step);
          REQUIRE(scene.world.call(request).status != 200);
          scene.world.clock.advance(seconds(step < 40 ? 10 : 90));
        }
      }
  }

  TEST_CASE("used, and sent again when the vault was started anew on a clock that went back") {
    for (const auto back : {Duration(seconds(20)), Duration(seconds(90)), Duration(hours(1))})
      for (const auto& make : {a_read, a_refresh, a_question}) {
        CAPTURE(back.count());
        Scene scene;
        const auto request = make(scene);
        REQUIRE(scene.world.call(request).status == 200);
        scene.world.clock.advance(milliseconds(1500));
        scene.world.set("garden.tree", "apple");  // any record keeps the time
        scene.world.clock.jump(-back);
        start_anew(scene);
        for (int step = 0; step < 80; ++step) {
          CAPTURE(step);
          REQUIRE(scene.world.call(request).status != 200);
          scene.world.clock.advance(seconds(step < 40 ? 10 : 90));
        }
      }
  }

  TEST_CASE(
      "an honest brand gets on after the clock went back a little, and when it is right again") {
    Scene scene;
    scene.world.clock.advance(minutes(1));
    scene.world.clock.jump(-seconds(20));
    CHECK(scene.world.call(a_read(scene)).status == 200);
    CHECK(scene.world.call(a_refresh(scene)).status == 200);
    scene.world.clock.jump(seconds(20));
    scene.world.clock.advance(seconds(30));
    CHECK(scene.world.call(a_refresh(scene)).status == 200);
  }

  TEST_CASE("signed before a revocation and sent after it: a read, a refresh, a collection") {
    Scene scene;
    const auto read = a_read(scene);
    const auto refresh = a_refresh(scene);
    const auto grant = must(scene.world.owner->make_grant({{"brand", scene.brand.handle},
                                                           {"fields", {"address.home.locality"}},
                                                           {"purpose", "delivery"}}));
    auto fields = scene.brand.form();
    fields["grant_type"] = "urn:openid:params:grant-type:ciba";
    fields["auth_req_id"] = grant["auth_req_id"];
    const auto collection =
        Scene::post(scene.token_path(), fields, scene.proof("POST", scene.token_path()).text());
    must(scene.world.owner->revoke({{"all", true}}));
    CHECK(error_of(scene.world.call(read)) == "invalid_token");
    CHECK(error_of(scene.world.call(refresh)) == "invalid_grant");
    CHECK(error_of(scene.world.call(collection)) == "invalid_grant");
    CHECK(scene.world.log_reasons("read", "refused") == std::vector<std::string>{"revoked"});
    CHECK(scene.world.log_reasons("token_issued", "refused").size() == 2);
  }

  TEST_CASE("back-dated to before a revocation: a read and a refresh") {
    Scene scene;
    scene.world.clock.advance(seconds(30));
    must(scene.world.owner->revoke({{"ids", {scene.grant}}}));
    const auto back_dated = [](Scene& s, Doc& doc) {
      claim("iat", seconds_from_now(s, -20))(s, doc);
    };
    CHECK(error_of(scene.world.call(read_proof(back_dated)(scene))) == "invalid_token");
    CHECK(error_of(scene.world.call(token_proof(back_dated)(scene))) == "invalid_grant");
    CHECK(error_of(scene.world.call(assertion(back_dated)(scene))) == "invalid_grant");
    CHECK(error_of(scene.world.call(es_read_proof(back_dated)(scene))) == "invalid_token");
  }

  TEST_CASE("a brand that fills its share of the replay memory is told to wait, and no other is") {
    auto limits = World::default_limits();
    limits.replay = {.total = 1000, .per_share = 10};
    Scene scene(limits);
    int served = 0;
    for (int i = 0; i < 20; ++i) {
      const auto answer = scene.world.call(a_read(scene));
      if (answer.status == 200) {
        ++served;
        continue;
      }
      CHECK(answer.status == 503);
      CHECK(error_of(answer) == "temporarily_unavailable");
    }
    CHECK(served == 10);
    CHECK(error_of(scene.world.call(a_read(scene))) == "temporarily_unavailable");
    const auto theirs = [&] {
      return scene.other.read(scene.other_token, "address.home.locality").status;
    };
    for (int i = 0; i < 10; ++i) CHECK(theirs() == 200);
    scene.world.clock.advance(minutes(3));
    CHECK(scene.world.call(a_read(scene)).status == 200);  // what was remembered has ended
  }

  TEST_CASE("what is not good uses up nothing of the replay memory") {
    auto limits = World::default_limits();
    limits.replay = {.total = 1000, .per_share = 4};
    Scene scene(limits);
    for (int i = 0; i < 20; ++i) {
      CHECK(scene.world.call(read_proof(claim("htm", R"("POST")"))(scene)).status == 401);
      CHECK(scene.world.call(assertion(claim("aud", R"("https://other.example")"))(scene)).status ==
            401);
    }
    CHECK(scene.world.call(a_read(scene)).status == 200);
    CHECK(scene.world.call(a_refresh(scene)).status == 200);
  }
}

#include "vault/outbound/mailbox.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/outbound/servers.h"
#include "tests/support/fake_clock.h"
#include "vault/base/bytes.h"
#include "vault/base/json.h"

using namespace vrm;                  // tests only
using namespace vrm::outbound_tests;  // tests only
using nlohmann::json;
using outbound::Mailbox;
using outbound::Mailboxes;
using namespace std::chrono_literals;

namespace {

struct Begun {
  std::uint64_t key = 0;
  std::string url;
  std::string body;
  Duration total{};
};

// The hosts of all mailboxes: a test takes each call in turn and says what it is answered.
class Hosts final : public outbound::Calls {
 public:
  void begin(std::uint64_t key, outbound::Outgoing outgoing) override {
    const std::lock_guard lock(mutex_);
    CHECK(outgoing.method == outbound::Method::Post);
    CHECK(outgoing.content_type == "application/jwt");
    begun_.push_back({key, outgoing.url, outgoing.body, outgoing.total.value_or(Duration(0))});
    open_.insert(key);
    changed_.notify_all();
  }
  void drop(std::uint64_t key) override {
    const std::lock_guard lock(mutex_);
    open_.erase(key);
    std::erase_if(begun_, [key](const Begun& one) { return one.key == key; });
    ++dropped_;
    changed_.notify_all();
  }
  std::vector<outbound::Ended> wait(Duration most) override {
    std::unique_lock lock(mutex_);
    ++turns_;
    idle_ = true;
    changed_.notify_all();
    (void)changed_.wait_for(lock, most, [this] { return woken_ || !ended_.empty(); });
    idle_ = false;
    woken_ = false;
    return std::exchange(ended_, {});
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

  // The next call to a URL with this end, waited for.
  Begun next(const std::string& end) {
    std::unique_lock lock(mutex_);
    Begun made;
    REQUIRE(changed_.wait_for(lock, 20s, [&] {
      const auto at = std::find_if(begun_.begin(), begun_.end(),
                                   [&](const Begun& one) { return one.url.ends_with(end); });
      if (at == begun_.end()) return false;
      made = *at;
      begun_.erase(at);
      return true;
    }));
    return made;
  }
  void answer(const Begun& call, Result<Fetched> with) {
    const std::lock_guard lock(mutex_);
    REQUIRE(open_.erase(call.key) == 1);
    ended_.push_back({call.key, std::move(with)});
    changed_.notify_all();
  }
  void answer(const Begun& call, int status, const std::string& body = "") {
    answer(call, Fetched{status, "application/json", body});
  }
  // Lets the loop turn until it has nothing to do.
  void settle() {
    std::unique_lock lock(mutex_);
    const std::size_t from = turns_;
    woken_ = true;
    changed_.notify_all();
    const auto quiet = [&] { return turns_ > from && idle_ && !woken_ && ended_.empty(); };
    REQUIRE(changed_.wait_for(lock, 20s, quiet));
  }
  // How many calls that no test took have this end.
  std::size_t untaken(const std::string& end) {
    settle();
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        begun_.begin(), begun_.end(), [&](const Begun& one) { return one.url.ends_with(end); }));
  }
  std::size_t dropped() {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Begun> begun_;
  std::set<std::uint64_t> open_;
  std::vector<outbound::Ended> ended_;
  std::size_t dropped_ = 0;
  std::size_t turns_ = 0;
  bool idle_ = false;
  bool woken_ = false;
};

// Echoes the body at once; keeps the reply of a path that ends in "later".
class Echo final : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view) const override { return 1000; }
  void handle(routes::Request request, std::shared_ptr<routes::Reply> reply) override {
    const std::lock_guard lock(mutex_);
    thread = std::this_thread::get_id();
    const std::string body = request.body;
    const bool later = request.path.ends_with("later");
    const bool never = request.path.ends_with("never");
    requests.push_back(std::move(request));
    if (later) {
      held.push_back(std::move(reply));
    } else if (!never) {
      reply->send({201, {{"content-type", "text/plain"}}, "echo " + body});
    }
  }
  void turn_ended() override {
    const std::lock_guard lock(mutex_);
    ++turns;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return requests.size();
  }

  std::mutex mutex_;
  std::vector<routes::Request> requests;
  std::vector<std::shared_ptr<routes::Reply>> held;
  std::thread::id thread;
  std::size_t turns = 0;
};

json request(const std::string& id, const std::string& path = "/v/Vid/a",
             const std::string& body = "body") {
  return {{"id", id},
          {"method", "POST"},
          {"path", path},
          {"query", ""},
          {"headers", json::array({json::array({"X-A", "b"})})},
          {"body", to_base64url(bytes_of(body))}};
}

std::string envelope(std::vector<json> requests) {
  return json{{"requests", requests}}.dump();
}

struct Post {
  explicit Post(outbound::MailboxOptions options = {}) {
    options.tell = [this](const std::string& line) {
      const std::lock_guard lock(mutex);
      lines.push_back(line);
    };
    auto made = std::make_unique<Hosts>();
    hosts = made.get();
    mailboxes.emplace(std::move(made), echo, clock, std::move(options));
  }
  // "poll <url> <n>" and "answer <url> <id> <status> <body>" stand for the signed messages.
  Mailbox box(const std::string& url = "https://a.fr/m", const std::string& vid = "Vid") {
    return {.url = url,
            .vid = vid,
            .peer = "mailbox:" + url,
            .keys = {.poll_token = [this, url]() -> std::string {
                       signing = std::this_thread::get_id();
                       return sealed ? "" : "poll " + url + " " + std::to_string(++signed_polls);
                     },
                     .answer_token =
                         [url](const std::string& id, const routes::Answer& answer) {
                           return "answer " + url + " " + id + " " + std::to_string(answer.status) +
                                  " " + answer.body;
                         }}};
  }
  void set(std::vector<Mailbox> boxes) { mailboxes->set(std::move(boxes)); }
  void move(Duration by) {
    clock.advance(by);
    hosts->settle();
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex);
    return lines;
  }

  testing::FakeClock clock;
  Echo echo;
  Hosts* hosts = nullptr;
  std::atomic<bool> sealed = false;
  std::atomic<int> signed_polls = 0;
  std::atomic<std::thread::id> signing;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::optional<Mailboxes> mailboxes;
};

}  // namespace

TEST_SUITE("outbound/mailbox") {
  TEST_CASE("a request of the mailbox is served, and its answer posted back, signed") {
    Post post;
    post.set({post.box()});
    const Begun poll = post.hosts->next("/m/poll");
    CHECK(poll.url == "https://a.fr/m/poll");
    CHECK(poll.body == "poll https://a.fr/m 1");
    CHECK(poll.total == Duration(40s));
    post.hosts->answer(poll, 200, envelope({request("r1"), request("r2", "/v/Vid/b", "two")}));
    const Begun first = post.hosts->next("/m/answer");
    const Begun second = post.hosts->next("/m/answer");
    CHECK(first.body == "answer https://a.fr/m r1 201 echo body");
    CHECK(second.body == "answer https://a.fr/m r2 201 echo two");
    // It is asked again at once, while the answers are still under way.
    CHECK(post.hosts->next("/m/poll").body == "poll https://a.fr/m 2");
    post.hosts->answer(first, 204);
    post.hosts->answer(second, 204);
    CHECK(post.hosts->untaken("/answer") == 0);
    const std::lock_guard lock(post.echo.mutex_);
    REQUIRE(post.echo.requests.size() == 2);
    CHECK(post.echo.requests[0].peer == "mailbox:https://a.fr/m");
    CHECK(post.echo.requests[0].headers == routes::Headers{{"x-a", "b"}});
    CHECK(post.echo.turns == 1);
  }

  TEST_CASE("an answer may come later and from any thread, and is finished on the mailboxes'") {
    Post post;
    post.set({post.box()});
    post.hosts->answer(post.hosts->next("/poll"), 200,
                       envelope({request("1", "/v/Vid/later"), request("2", "/v/Vid/later")}));
    (void)post.hosts->next("/poll");
    std::vector<std::shared_ptr<routes::Reply>> held;
    {
      const std::lock_guard lock(post.echo.mutex_);
      held.swap(post.echo.held);
    }
    REQUIRE(held.size() == 2);
    CHECK(post.hosts->untaken("/answer") == 0);
    std::atomic<std::thread::id> finishing;
    std::thread other([&] {
      held[1]->send({200, {}, "from elsewhere"});
      held[0]->send_later([&finishing] {
        finishing = std::this_thread::get_id();
        return routes::Answer{202, {}, "finished"};
      });
    });
    other.join();
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 2 200 from elsewhere");
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 1 202 finished");
    CHECK(finishing.load() == post.signing.load());
    const std::lock_guard lock(post.echo.mutex_);
    CHECK(finishing.load() == post.echo.thread);
  }

  TEST_CASE("a request that nobody answers is answered 500") {
    Post post;
    post.set({post.box()});
    post.hosts->answer(post.hosts->next("/poll"), 200, envelope({request("1", "/v/Vid/never")}));
    CHECK(post.hosts->next("/answer").body.starts_with("answer https://a.fr/m 1 500 "));
  }

  TEST_CASE("an id is executed once; again, it gets the same answer while that is held") {
    outbound::MailboxOptions options;
    options.executed.answers = 1;
    Post post(options);
    post.set({post.box()});
    const auto bring = [&](const json& one) {
      post.hosts->answer(post.hosts->next("/poll"), 200, envelope({one}));
      post.hosts->settle();
      post.move(1s);
    };
    bring(request("1", "/v/Vid/a", "first"));
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 1 201 echo first");
    bring(request("1", "/v/Vid/a", "another"));
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 1 201 echo first");
    CHECK(post.echo.count() == 1);
    // While it is being served there is nothing to say.
    bring(request("2", "/v/Vid/later"));
    bring(request("2", "/v/Vid/later"));
    CHECK(post.hosts->untaken("/answer") == 0);
    CHECK(post.echo.count() == 2);
    // One answer is held: the next pushes the first out.
    bring(request("3"));
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 3 201 echo body");
    bring(request("1"));
    CHECK(post.hosts->untaken("/answer") == 0);
    CHECK(post.echo.count() == 3);
  }

  TEST_CASE("what a door refuses is answered without a route, and the rest is served") {
    Post post;
    post.set({post.box()});
    json unknown = request("method");
    unknown["method"] = "TRACE";
    json hostile = request("header");
    hostile["headers"] = json::array({json::array({"Transfer-Encoding", "chunked"})});
    post.hosts->answer(
        post.hosts->next("/poll"), 200,
        envelope({unknown, hostile, request("path", "/v/Vid/../x"), request("vid", "/v/Other/a"),
                  request("long", "/v/Vid/a", std::string(1001, 'x')), request("good")}));
    std::set<std::string> answers;
    while (answers.size() < 6) {
      const Begun answer = post.hosts->next("/answer");
      answers.insert(answer.body.substr(0, answer.body.find(' ', 25)));
      post.hosts->answer(answer, 204);
    }
    CHECK(post.echo.count() == 1);
    for (const auto* start :
         {"method 405", "header 411", "path 400", "vid 404", "long 413", "good 201"}) {
      CAPTURE(start);
      CHECK(std::any_of(answers.begin(), answers.end(), [&](const std::string& one) {
        return ("answer https://a.fr/m " + std::string(start)).starts_with(one);
      }));
    }
  }

  TEST_CASE("garbage, too much or a refusal from one host leaves the other mailboxes unharmed") {
    for (const std::string& text :
         {std::string("garbage"), std::string("{}"), std::string("[]"), std::string(),
          std::string("{\"requests\":[{\"id\":\"1\"}]}"), envelope({request("1"), request("1")}),
          std::string(outbound::kMostEnvelopeBytes + 1, ' ')}) {
      Post post;
      post.set({post.box("https://bad.fr/m"), post.box("https://good.fr/m")});
      post.hosts->answer(post.hosts->next("bad.fr/m/poll"), 200, text);
      post.hosts->answer(post.hosts->next("good.fr/m/poll"), 200, envelope({request("1")}));
      CHECK(post.hosts->next("/answer").url == "https://good.fr/m/answer");
      CHECK(post.echo.count() == 1);
      CHECK(post.hosts->untaken("bad.fr/m/poll") == 0);
      post.move(1s);
      CHECK(post.hosts->untaken("bad.fr/m/poll") == 1);
      CHECK(post.told().size() == 1);
    }
  }

  TEST_CASE("a host that is away is asked after 1, 2, 4 … 60 s, and at once when it is back") {
    Post post;
    post.set({post.box()});
    const auto away = [] { return refusal(ErrorCode::Unavailable, "outbound.no_answer"); };
    post.hosts->answer(post.hosts->next("/poll"), away());
    for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
      CAPTURE(pause);
      post.hosts->settle();
      post.move(std::chrono::seconds(pause) - Duration(1));
      CHECK(post.hosts->untaken("/poll") == 0);
      post.move(Duration(1));
      const Begun poll = post.hosts->next("/poll");
      if (pause % 8 == 0) {
        post.hosts->answer(poll, 503);
      } else {
        post.hosts->answer(poll, away());
      }
    }
    CHECK(post.told().size() == 1);
    post.hosts->settle();
    post.move(60s);
    post.hosts->answer(post.hosts->next("/poll"), 200, envelope({request("1")}));
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 1 201 echo body");
    (void)post.hosts->next("/poll");
    CHECK(post.told().size() == 2);
    CHECK(post.told()[1] == "a brand's mailbox answers again");
    CHECK(post.told()[0].find("a.fr") == std::string::npos);
  }

  TEST_CASE("a host that says at once that there is nothing is not asked more than once a second") {
    for (const int status : {204, 200}) {
      Post post;
      post.set({post.box()});
      const std::string body = status == 200 ? "{\"requests\":[]}" : "";
      post.hosts->answer(post.hosts->next("/poll"), status, body);
      CHECK(post.hosts->untaken("/poll") == 0);
      post.move(Duration(999));
      CHECK(post.hosts->untaken("/poll") == 0);
      post.move(Duration(1));
      const Begun held = post.hosts->next("/poll");
      // One that was held long enough is asked again at once.
      post.move(30s);
      post.hosts->answer(held, status, body);
      (void)post.hosts->next("/poll");
      CHECK(post.told().empty());
    }
  }

  TEST_CASE("a mailbox with too much unanswered is not asked for more") {
    outbound::MailboxOptions options;
    options.unanswered = 2;
    Post post(options);
    post.set({post.box(), post.box("https://b.fr/m")});
    post.hosts->answer(post.hosts->next("a.fr/m/poll"), 200,
                       envelope({request("1", "/v/Vid/later"), request("2")}));
    const Begun answer = post.hosts->next("a.fr/m/answer");
    post.move(10s);
    CHECK(post.hosts->untaken("a.fr/m/poll") == 0);
    CHECK(post.hosts->untaken("b.fr/m/poll") == 1);
    post.hosts->answer(answer, 204);
    (void)post.hosts->next("a.fr/m/poll");
  }

  TEST_CASE("no more answers than allowed are posted at once, and no more mailboxes asked") {
    outbound::MailboxOptions options;
    options.answers = 2;
    options.polls = 2;
    Post post(options);
    post.set({post.box("https://a.fr/m"), post.box("https://b.fr/m"), post.box("https://c.fr/m")});
    CHECK(post.hosts->untaken("/poll") == 2);
    post.move(Duration(1));  // c has waited longer than a will have
    post.hosts->answer(post.hosts->next("a.fr/m/poll"), 200,
                       envelope({request("1"), request("2"), request("3")}));
    CHECK(post.hosts->untaken("/answer") == 2);
    CHECK(post.hosts->untaken("c.fr/m/poll") == 1);
    post.hosts->answer(post.hosts->next("/answer"), 204);
    CHECK(post.hosts->untaken("/answer") == 2);
  }

  TEST_CASE("an answer that does not get through is posted again, three times in all") {
    Post post;
    post.set({post.box()});
    post.hosts->answer(post.hosts->next("/poll"), 200, envelope({request("1")}));
    post.hosts->answer(post.hosts->next("/answer"), 503);
    CHECK(post.hosts->untaken("/answer") == 0);
    post.move(1s);
    post.hosts->answer(post.hosts->next("/answer"),
                       refusal(ErrorCode::Unavailable, "outbound.no_answer"));
    post.hosts->settle();
    post.move(2s);
    post.hosts->answer(post.hosts->next("/answer"), 500);
    post.hosts->settle();
    post.move(60s);
    CHECK(post.hosts->untaken("/answer") == 0);
    post.hosts->answer(post.hosts->next("/poll"), 200, envelope({request("2")}));
    post.hosts->answer(post.hosts->next("/answer"), 404);
    post.hosts->settle();
    post.move(60s);
    CHECK(post.hosts->untaken("/answer") == 0);
  }

  TEST_CASE("the set changes while it runs: one comes, one goes, and comes back knowing its ids") {
    Post post;
    post.set({post.box("https://a.fr/m")});
    post.hosts->answer(post.hosts->next("a.fr/m/poll"), 200,
                       envelope({request("1"), request("2", "/v/Vid/later")}));
    const Begun answer = post.hosts->next("a.fr/m/answer");
    post.hosts->answer(answer, 204);
    (void)post.hosts->next("a.fr/m/poll");
    post.set({post.box("https://a.fr/m"), post.box("https://b.fr/m")});
    (void)post.hosts->next("b.fr/m/poll");
    CHECK(post.hosts->untaken("a.fr/m/poll") == 0);  // the one under way goes on
    CHECK(post.hosts->dropped() == 0);
    post.set({post.box("https://b.fr/m")});
    post.hosts->settle();
    CHECK(post.hosts->dropped() == 1);
    std::shared_ptr<routes::Reply> held;
    {
      const std::lock_guard lock(post.echo.mutex_);
      held = post.echo.held.at(0);
    }
    held->send({200, {}, "too late"});
    CHECK(post.hosts->untaken("/answer") == 0);
    post.set({post.box("https://a.fr/m"), post.box("https://b.fr/m")});
    post.hosts->answer(post.hosts->next("a.fr/m/poll"), 200,
                       envelope({request("1"), request("2"), request("3")}));
    CHECK(post.hosts->next("/answer").body == "answer https://a.fr/m 3 201 echo body");
    CHECK(post.hosts->untaken("/answer") == 0);
    CHECK(post.echo.count() == 3);
    post.set({});
    post.hosts->settle();
    post.move(60s);
    CHECK(post.hosts->untaken("/poll") == 0);
  }

  TEST_CASE("the same id in two mailboxes is two requests") {
    Post post;
    post.set({post.box("https://a.fr/m"), post.box("https://a.fr/m", "Other")});
    std::set<std::string> answered;
    for (int i = 0; i < 2; ++i) {
      const Begun poll = post.hosts->next("/poll");
      post.hosts->answer(poll, 200,
                         envelope({request("1", "/v/Vid/a"), request("2", "/v/Other/a")}));
    }
    for (int i = 0; i < 4; ++i) answered.insert(post.hosts->next("/answer").body.substr(0, 28));
    CHECK(answered.size() == 4);
    CHECK(post.echo.count() == 2);
  }

  TEST_CASE("while nothing can be signed nothing is asked") {
    Post post;
    post.sealed = true;
    post.set({post.box()});
    CHECK(post.hosts->untaken("/poll") == 0);
    post.sealed = false;
    post.move(1s);
    CHECK(post.hosts->next("/poll").body == "poll https://a.fr/m 1");
  }

  TEST_CASE("stop ends what is under way, and a reply that comes after the end is dropped") {
    Post post;
    post.set({post.box()});
    post.hosts->answer(post.hosts->next("/poll"), 200, envelope({request("1", "/v/Vid/later")}));
    (void)post.hosts->next("/poll");
    post.mailboxes->stop();
    CHECK(post.hosts->dropped() == 1);
    post.mailboxes->stop();
    post.mailboxes.reset();
    const std::lock_guard lock(post.echo.mutex_);
    post.echo.held.at(0)->send_later([] {
      CHECK(false);
      return routes::Answer{};
    });
    post.echo.held.clear();
  }

  TEST_CASE("twenty mailboxes of one host, over the wire, while another host says nothing") {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::string> answers;
    std::set<std::string> brought;
    Brand host;
    host.server.Post(
        R"(/m/(\d+)/poll)", [&](const httplib::Request& asked, httplib::Response& response) {
          const std::string n = asked.matches[1];
          const std::lock_guard lock(mutex);
          if (brought.insert(n).second) {
            response.set_content(envelope({request("r" + n, "/v/Vid" + n + "/x", "body " + n)}),
                                 "application/json");
          } else {
            response.status = 204;
          }
        });
    host.server.Post(R"(/m/(\d+)/answer)",
                     [&](const httplib::Request& asked, httplib::Response& response) {
                       const std::lock_guard lock(mutex);
                       answers[asked.matches[1]] = asked.body;
                       response.status = 204;
                       changed.notify_all();
                     });
    Raw mute([](int fd) {
      char byte = 0;
      (void)::recv(fd, &byte, 1, 0);
    });
    Post post;
    outbound::SystemResolver resolver;
    auto calls = std::make_unique<outbound::WebCalls>(loopback(), resolver, the_clock());
    Mailboxes mailboxes(std::move(calls), post.echo, the_clock());
    std::vector<Mailbox> boxes{post.box(mute.url() + "m")};
    for (int i = 0; i < 20; ++i) {
      const std::string n = std::to_string(i);
      boxes.push_back(post.box(host.url("/m/" + n), "Vid" + n));
    }
    mailboxes.set(std::move(boxes));
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 20s, [&] { return answers.size() == 20; }));
    for (int i = 0; i < 20; ++i) {
      const std::string n = std::to_string(i);
      CHECK(answers[n] == "answer " + host.url("/m/" + n) + " r" + n + " 201 echo body " + n);
    }
    lock.unlock();
    mailboxes.stop();
  }
}

// Two brands of one vault: every call there is, with every kind of name and secret of the one in the hands of the other, is
// answered as it is for a name that never was.

#include <nlohmann/json.hpp>

#include "tests/support/bidder.h"
#include "tests/support/owner_door.h"

using namespace vrm;  // tests only
using namespace testing;
using nlohmann::json;

namespace {

// What a brand knows and holds, or what nobody ever held.
struct Names {
  std::string iid, oid, field, grant, request, subject, acceptance;
  std::string access_token, intent_token, refresh_token, intent_refresh, pending, approved;

  // Everything that may stand where a ticket or a token is asked for.
  std::vector<std::pair<const char*, std::string>> secrets() const {
    return {{"access token", access_token},
            {"intent's access token", intent_token},
            {"refresh token", refresh_token},
            {"intent's refresh token", intent_refresh},
            {"auth_req_id that waits", pending},
            {"auth_req_id that is approved", approved},
            {"grant", grant},
            {"request", request},
            {"intent", iid}};
  }
};

void put_document(World& world, const std::string& name) {
  OwnerDoor owner(world);
  const auto begun = owner.post("/v1/uploads", {{"file", name}, {"name", name}, {"size", 6}});
  const std::string path = "/v1/uploads/" + begun["id"].get<std::string>();
  REQUIRE(owner.raw("PUT", path + "/parts/1", "", "secret").status == 200);
  REQUIRE(owner.call("POST", path + "/finish", json::object()).status == 200);
}

class Two {
 public:
  Two() {
    world.set("address.home.locality", "Lyon");
    world.set("contact.email", "ana@example.org");
    put_document(world, "passport");
    put_document(world, "ticket");
    theirs = holdings_of(velo, "document.passport", "v1");
    mine = holdings_of(troc, "document.ticket", "t1");
    never = {.iid = "it_neverneverneverneverne",
             .oid = "n1",
             .field = "document.nothing",
             .grant = "gr_00000000",
             .request = "rq_00000000",
             .subject = "ppid:never",
             .acceptance = "never",
             .access_token = unsigned_one(theirs.access_token),
             .intent_token = unsigned_one(theirs.intent_token),
             .refresh_token = troc.brand.draw(),
             .intent_refresh = troc.brand.draw(),
             .pending = troc.brand.draw(),
             .approved = troc.brand.draw()};
  }

  World world;
  Bidder velo{world, "velo.example", "Velo"};
  Bidder troc{world, "troc.example", "Troc"};
  Names theirs, mine, never;

 private:
  Names holdings_of(Bidder& bidder, const std::string& document, const std::string& oid) {
    Names names;
    const auto granted = bidder.brand.granted({"address.home.locality", document});
    names.field = document;
    names.access_token = granted["access_token"];
    names.refresh_token = granted["refresh_token"];
    names.grant = granted["grant_id"];
    names.pending =
        json::parse(bidder.brand.ask(TestBrand::wish({"contact.email"})).body)["auth_req_id"];
    names.request = must(world.owner->requests(false))["items"].at(0)["id"];
    names.approved = must(world.owner->make_grant({{"brand", bidder.brand.handle},
                                                   {"fields", {"contact.email"}},
                                                   {"purpose", "delivery"}}))["auth_req_id"];
    must(world.owner->new_intent({{"text", "mountain bike"},
                                  {"max", "900EUR"},
                                  {"by", "2026-11-27"},
                                  {"near", "Lyon"},
                                  {"to", {bidder.brand.handle}},
                                  {"jitter", false}},
                                 false));
    bidder.hear();
    names.iid = bidder.iid;
    names.intent_token = bidder.token;
    names.intent_refresh = bidder.refresh;
    names.oid = oid;
    REQUIRE(bidder.put(oid).status == 200);
    names.subject = payload_of(bidder.brand.introduction)["sub"];
    names.acceptance = names.iid;
    return names;
  }
  // The same token by another hand: what a brand could make up.
  std::string unsigned_one(const std::string& token) {
    return jose::sign_jws(troc.brand.key, {.typ = "at+jwt", .kid = "k"},
                          write_json(payload_of(token)));
  }
};

struct Sent {
  std::string what;
  routes::Request request;
};

std::string filled(std::string_view pattern, const std::string& vid, const Names& names) {
  std::string path(pattern);
  const std::pair<std::string_view, std::string> places[] = {{"{vid}", vid},
                                                             {"{iid}", names.iid},
                                                             {"{oid}", names.oid},
                                                             {"{field}", names.field},
                                                             {"{grant}", names.grant},
                                                             {"{gid}", names.grant},
                                                             {"{grant_id}", names.grant},
                                                             {"{id}", names.grant},
                                                             {"{n}", "1"}};
  for (const auto& [place, value] : places)
    if (const auto at = path.find(place); at != path.npos) path.replace(at, place.size(), value);
  CAPTURE(path);
  REQUIRE(path.find('{') == path.npos);  // else a new kind of name: put it into Names
  return path;
}

routes::Request bare(const routes::BrandCall& call, std::string path) {
  return {.method = std::string(call.method),
          .path = std::move(path),
          .query = "",
          .headers = {},
          .body = "",
          .peer = ""};
}

// One brand calling with names of `names`, at the issuer of `vid`; its tokens and keys are its own.
class Caller {
 public:
  Caller(Two& of, Bidder& by, const Names& own) : two_(of), by_(by), own_(own) {}

  std::vector<Sent> all(const routes::BrandCall& call, const Names& names) {
    if (call.shows == routes::Shows::Nothing)
      return {{"", bare(call, filled(call.path, by_.brand.vid, names))}};
    if (call.takes == routes::Takes::Form) return forms(call, names);
    if (call.shows != routes::Shows::TokenAndProof)
      return {{"", with_proof(call, bare(call, filled(call.path, by_.brand.vid, names)), "")}};
    const bool is_intent = call.path.find("/intents/") != call.path.npos;
    const std::string& own_token = is_intent ? own_.intent_token : own_.access_token;
    std::vector<Sent> sent{{"own token", resource(call, names, own_token)}};
    for (const auto& [name, secret] : names.secrets())
      sent.push_back({name, resource(call, own_, secret)});
    return sent;
  }

 private:
  routes::Request with_proof(const routes::BrandCall& call, routes::Request request,
                             const std::string& token) {
    if (!token.empty()) request.headers.emplace_back("authorization", "DPoP " + token);
    request.headers.emplace_back(
        "dpop", by_.brand.proof_for(std::string(call.method), request.path, token));
    return request;
  }

  routes::Request resource(const routes::BrandCall& call, const Names& names,
                           const std::string& token) {
    auto request = bare(call, filled(call.path, by_.brand.vid, names));
    if (call.takes == routes::Takes::Query)
      request.query = call.path.ends_with("/data") ? "fields=" + names.field + "&purpose=delivery"
                                                   : "purpose=delivery";
    if (call.takes == routes::Takes::Json) {
      request.headers.emplace_back("content-type", "application/json");
      request.body = R"({"fields":[")" + names.field + R"("],"purpose":"delivery"})";
    }
    if (call.takes == routes::Takes::Jwt) {
      request.headers.emplace_back("content-type", "application/jwt");
      request.body = call.method == "PUT" ? offer_for(names) : acknowledgement_for(names);
    }
    return with_proof(call, std::move(request), token);
  }
  std::string signed_here(std::string_view typ, json claims) {
    const auto now = two_.world.clock.now().seconds();
    claims.update({{"iss", by_.brand.client_id},
                   {"aud", by_.brand.issuer},
                   {"iat", now},
                   {"exp", now + 3600}});
    return jose::sign_jws(
        by_.brand.key,
        {.typ = std::string(typ), .kid = jose::jwk_of(by_.brand.key.public_key()).kid},
        write_json(claims));
  }
  std::string offer_for(const Names& names) {
    return signed_here(
        "vrm-offer+jwt",
        {{"jti", names.oid}, {"rev", 2}, {"intent", names.iid}, {"offer", by_.offer("799.00")}});
  }
  std::string acknowledgement_for(const Names& names) {
    return signed_here("vrm-ack+jwt", {{"jti", "ack"},
                                       {"acceptance", names.acceptance},
                                       {"accept_sha256", market::sha256_of(names.acceptance)},
                                       {"order", "1"}});
  }

  routes::Request form(const routes::BrandCall& call, const Names& names,
                       const std::map<std::string, std::string>& more) {
    auto fields = by_.brand.form();
    for (const auto& [name, value] : more) fields[name] = value;
    auto request = bare(call, filled(call.path, by_.brand.vid, names));
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    request.body = form_encoded(fields);
    if (call.shows != routes::Shows::AssertionAndProof) return request;
    return with_proof(call, std::move(request), "");
  }
  std::vector<Sent> forms(const routes::BrandCall& call, const Names& names) {
    std::vector<Sent> sent;
    if (call.path.ends_with("/grants/request")) {
      sent.push_back(
          {"login_hint",
           form(call, own_,
                {{"scope", "vrm"},
                 {"login_hint", names.subject},
                 {"authorization_details",
                  write_json(json::array({TestBrand::wish({"address.home.locality"})}))}})});
      return sent;
    }
    for (const auto& [name, secret] : names.secrets()) {
      const std::string what = name;
      sent.push_back(
          {what + " for auth_req_id", form(call, names,
                                           {{"grant_type", "urn:openid:params:grant-type:ciba"},
                                            {"auth_req_id", secret},
                                            {"token", secret}})});
      sent.push_back({what + " for refresh_token", form(call, names,
                                                        {{"grant_type", "refresh_token"},
                                                         {"refresh_token", secret},
                                                         {"token", secret},
                                                         {"token_type_hint", "refresh_token"}})});
    }
    return sent;
  }

  Two& two_;
  Bidder& by_;
  const Names& own_;
};

// An answer without what its caller itself wrote: the names of its own path.
std::string told(const routes::Answer& answer, const Names& names) {
  std::string text = std::to_string(answer.status);
  for (const auto& [name, value] : answer.headers) text += '\n' + name + ": " + value;
  text += "\n\n" + answer.body;
  for (const auto& own : {names.iid, names.oid, names.field})
    for (auto at = text.find('"' + own + '"'); at != text.npos; at = text.find('"' + own + '"'))
      text.replace(at, own.size() + 2, "NAME");
  return text;
}

// What the owner's log got by one call: kind, outcome and reason, and nothing that names an intent or offer.
std::string noted(World& world, std::size_t before) {
  world.desk->note_strangers();
  const auto log =
      must(world.owner->log({.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = 100'000}));
  std::string text;
  for (std::size_t i = 0; i + before < log["items"].size(); ++i) {
    const auto& item = log["items"][i];
    text += item["kind"].get<std::string>() + ' ' + item["outcome"].get<std::string>() + ' ' +
            item["reason"].get<std::string>() + '\n';
  }
  return text;
}
std::size_t records(World& world) {
  world.desk->note_strangers();
  return must(world.owner->log(
      {.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = 100'000}))["items"]
      .size();
}

void check_alike(Two& two, const Sent& theirs, const Sent& never) {
  const auto before = records(two.world);
  const auto of_theirs = told(two.world.call(theirs.request), two.theirs);
  const auto noted_theirs = noted(two.world, before);
  const auto between = records(two.world);
  const auto of_never = told(two.world.call(never.request), two.never);
  const auto noted_never = noted(two.world, between);
  CHECK(of_theirs == of_never);
  CHECK(noted_theirs == noted_never);
}

}  // namespace

TEST_SUITE("routes/two_brands") {
  TEST_CASE("what is one brand's is to the other as what never was, by every call there is") {
    Two two;
    Caller troc(two, two.troc, two.mine);
    int asked = 0;
    for (const auto& call : routes::BrandRoutes::calls()) {
      const std::string name = std::string(call.method) + ' ' + std::string(call.path);
      CAPTURE(name);
      const auto theirs = troc.all(call, two.theirs);
      const auto never = troc.all(call, two.never);
      REQUIRE(theirs.size() == never.size());
      for (std::size_t i = 0; i < theirs.size(); ++i) {
        const std::string what = theirs[i].what;
        CAPTURE(what);
        check_alike(two, theirs[i], never[i]);
        ++asked;
      }
    }
    CHECK(asked >= 80);
  }

  TEST_CASE("after all that, the one brand holds what it held") {
    Two two;
    Caller troc(two, two.troc, two.mine);
    for (const auto& call : routes::BrandRoutes::calls())
      for (const auto& sent : troc.all(call, two.theirs)) two.world.call(sent.request);
    two.world.clock.advance(std::chrono::seconds(10));
    auto& velo = two.velo.brand;
    CHECK(velo.read(two.theirs.access_token, "address.home.locality").status == 200);
    CHECK(velo.refresh(two.theirs.refresh_token).status == 200);
    CHECK(velo.refresh(two.theirs.intent_refresh).status == 200);
    CHECK(velo.poll(two.theirs.approved).status == 200);
    CHECK(error_of(velo.poll(two.theirs.pending)) == "authorization_pending");
    const auto shown = two.velo.shown();
    CHECK(shown["state"] == "open");
    CHECK(shown["no_offer"] == false);
    REQUIRE(shown["offers"].size() == 1);
    CHECK(shown["offers"][0]["rev"] == 1);
    CHECK(shown["offers"][0]["state"] == "live");
    CHECK(must(two.world.owner->verify())["ok"] == true);
  }

  TEST_CASE("at another's issuer a brand is a stranger: what it gets there anybody gets") {
    Two two;
    Bidder nobody(two.world, "nobody.example", "Nobody");  // holds nothing
    for (const auto& call : routes::BrandRoutes::calls()) {
      if (call.shows == routes::Shows::Nothing) continue;
      const std::string name = std::string(call.method) + ' ' + std::string(call.path);
      CAPTURE(name);
      const auto at_velo = [&](Bidder& by, const std::string& token) {
        auto request = bare(call, filled(call.path, two.velo.brand.vid, two.theirs));
        if (call.takes == routes::Takes::Query)
          request.query = call.path.ends_with("/data")
                              ? "fields=address.home.locality&purpose=delivery"
                              : "purpose=delivery";
        if (call.takes == routes::Takes::Json) {
          request.headers.emplace_back("content-type", "application/json");
          request.body = R"({"fields":["address.home.locality"],"purpose":"delivery"})";
        }
        if (call.takes == routes::Takes::Jwt)
          request.headers.emplace_back("content-type", "application/jwt");
        if (call.takes == routes::Takes::Form) {
          auto fields = by.brand.form();
          fields["grant_type"] = "refresh_token";
          fields["refresh_token"] = two.theirs.refresh_token;
          request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
          request.body = form_encoded(fields);
        }
        if (call.shows == routes::Shows::TokenAndProof)
          request.headers.emplace_back("authorization", "DPoP " + token);
        request.headers.emplace_back(
            "dpop", by.brand.proof_by(by.brand.key, std::string(call.method), request.path, token,
                                      two.velo.brand.nonce()));
        return told(two.world.call(std::move(request)), two.theirs);
      };
      const auto by_troc = at_velo(two.troc, two.mine.access_token);
      CHECK(by_troc == at_velo(nobody, "a.b.c"));
      // Not even with the token itself, which the other's key does not go with.
      const auto stolen = at_velo(two.troc, two.theirs.access_token);
      CHECK(stolen.starts_with("401"));
    }
  }

  TEST_CASE("an issuer that never was is one answer for every call and whoever asks") {
    Two two;
    for (const auto& call : routes::BrandRoutes::calls()) {
      const std::string name = std::string(call.method) + ' ' + std::string(call.path);
      CAPTURE(name);
      auto request = bare(call, filled(call.path, "neverneverneverneverne", two.theirs));
      request.headers.emplace_back("authorization", "DPoP " + two.mine.access_token);
      request.headers.emplace_back(
          "dpop", two.troc.brand.proof_for(request.method, request.path, two.mine.access_token));
      if (call.takes == routes::Takes::Form) {
        request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
        request.body = form_encoded(two.troc.brand.form());
      }
      if (call.takes == routes::Takes::Json)
        request.headers.emplace_back("content-type", "application/json");
      if (call.takes == routes::Takes::Jwt)
        request.headers.emplace_back("content-type", "application/jwt");
      const auto answer = two.world.call(std::move(request));
      CHECK(answer.status == 404);
      CHECK(error_of(answer) == "not_found");
    }
  }
}

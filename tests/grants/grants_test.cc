#include <doctest/doctest.h>

#include <set>

#include "vault/grants/grant.h"
#include "vault/grants/purposes.h"
#include "vault/grants/request.h"
#include "vault/grants/rule.h"
#include "vault/grants/ticket.h"

using namespace vrm;  // tests only
using namespace vrm::grants;

namespace {

Grant sample() {
  Grant grant;
  grant.id.text = "gr_7F2K9QXD";
  grant.brand = "velo";
  grant.fields = {"contact.email", "address.home.locality"};
  grant.purpose = "dpv:DeliveryOfGoods";
  grant.stored = Stored::Active;
  grant.made_at = {1000};
  grant.expires_at = {5000};
  grant.max_reads = 3;
  grant.reads = 1;
  grant.last_read_at = Instant{2000};
  grant.retention_days = 30;
  grant.served_while_locked = true;
  grant.request = "rq_00000000";
  grant.coarse = {{"address.home.postal_code", "address.home.region"}};
  grant.once = {"contact.email"};
  grant.once_read = {"contact.email"};
  grant.aliases = {{"contact.email", {"email", "velo@me.example"}}};
  grant.while_order = "of_2QK7T0AB";
  return grant;
}

}  // namespace

TEST_SUITE("grants/grant") {
  TEST_CASE("a record gives back what was written") {
    auto grant = sample();
    grant.stored = Stored::Revoked;
    grant.revoked_at = Instant{3000};
    const auto read = read_grant(write_grant(grant)).value();
    CHECK(write_grant(read) == write_grant(grant));
    CHECK(read.stored == Stored::Revoked);
    CHECK(read.fields == grant.fields);
    CHECK(*read.revoked_at == Instant{3000});
    CHECK(read.coarse == grant.coarse);
    CHECK(read.once == grant.once);
    CHECK(read.once_read == grant.once_read);
    CHECK(read.aliases.at("contact.email").value == "velo@me.example");
    CHECK(read.while_order == grant.while_order);
  }

  TEST_CASE(
      "a record from before there were forms has none, and one whose form is no text is corrupt") {
    auto grant = sample();
    grant.coarse.clear();
    grant.once.clear();
    grant.once_read.clear();
    grant.aliases.clear();
    grant.while_order.clear();
    const auto record = write_grant(grant);
    for (const auto* name : {"coarse", "once", "alias", "while_order"})
      CHECK(text_of(record).find(name) == std::string::npos);
    CHECK(read_grant(record).value().coarse.empty());
    for (const char* form : {"7", "[]", R"({"a":7})", R"("a")"}) {
      CAPTURE(form);
      std::string text = text_of(record);
      text.insert(1, R"("coarse":)" + std::string(form) + ",");
      CHECK(read_grant(bytes_of(text)).error().code == ErrorCode::Corrupt);
    }
  }

  TEST_CASE("a record cut anywhere is corrupt") {
    const auto record = write_grant(sample());
    for (std::size_t size = 0; size < record.size(); ++size) {
      CAPTURE(size);
      CHECK(read_grant(BytesView(record).first(size)).error().code == ErrorCode::Corrupt);
    }
  }

  TEST_CASE("a field that is read once is covered until it was, and again when that is uncounted") {
    auto grant = sample();
    grant.once_read.clear();
    const std::vector<std::string> both = {"contact.email", "address.home.locality"};
    grant.count_read(both);
    CHECK(grant.reads == 2);
    CHECK_FALSE(grant.covers("contact.email"));
    CHECK(grant.covers("address.home.locality"));
    grant.uncount_read({"address.home.locality"});
    CHECK_FALSE(grant.covers("contact.email"));
    grant.uncount_read(both);
    CHECK(grant.covers("contact.email"));
    CHECK(grant.reads == 0);
    grant.uncount_read(both);
    CHECK(grant.reads == 0);
  }

  TEST_CASE(
      "what a grant is follows from its state, the clock and the count, the strictest first") {
    auto grant = sample();
    CHECK(grant.condition({2000}) == Condition::Active);
    CHECK(grant.condition({4999}) == Condition::Active);
    CHECK(grant.condition({5000}) == Condition::Expired);
    grant.reads = 3;
    CHECK(grant.condition({2000}) == Condition::Spent);
    grant.stored = Stored::Revoked;
    CHECK(grant.condition({2000}) == Condition::Revoked);
    CHECK(grant.condition({9000}) == Condition::Revoked);
    grant.given_back = true;
    CHECK(grant.condition({9000}) == Condition::GivenBack);
    CHECK(read_grant(write_grant(grant)).value().condition({2000}) == Condition::GivenBack);
    grant = sample();
    grant.stored = Stored::Waiting;
    CHECK(grant.condition({2000}) == Condition::Waiting);
    CHECK(grant.condition({5000}) == Condition::Expired);
  }
}

TEST_SUITE("grants/request") {
  TEST_CASE("a record gives back what was written, and a request lapses by the clock") {
    AccessRequest request;
    request.id.text = "rq_7F2K9QXD";
    request.brand = "velo";
    request.needed = {"contact.email"};
    request.purpose = "dpv:DeliveryOfGoods";
    request.received_at = {1000};
    request.lapses_at = {2000};
    const auto read = read_request(write_request(request)).value();
    CHECK(write_request(read) == write_request(request));
    CHECK(read.condition({1999}) == RequestCondition::Pending);
    CHECK(read.condition({2000}) == RequestCondition::Lapsed);
    CHECK(read_request({}).error().code == ErrorCode::Corrupt);
  }
}

TEST_SUITE("grants/ticket") {
  TEST_CASE("a record gives back what was written, and knows no other kinds") {
    const Ticket ticket{
        .kind = TicketKind::ForGrant, .brand = "velo", .target = "gr_7F2K9QXD", .expires_at = {5}};
    const auto read = read_ticket(write_ticket(ticket)).value();
    CHECK(read.kind == TicketKind::ForGrant);
    CHECK(read.target == ticket.target);
    for (const auto kind : {TicketKind::Refresh, TicketKind::ForIntent, TicketKind::IntentRefresh,
                            TicketKind::Ended}) {
      const Ticket other{.kind = kind, .brand = "velo", .target = "x", .expires_at = {5}};
      CHECK(read_ticket(write_ticket(other)).value().kind == kind);
    }
    CHECK_FALSE(
        read_ticket(bytes_of(R"({"kind":"other","brand":"a","target":"b","expires_at":1})")).ok());
  }
}

TEST_SUITE("grants/purposes") {
  TEST_CASE("the tree that is linked in has one root, and every purpose leads to it") {
    const auto tree = Purposes::load().value();
    int roots = 0;
    for (const auto& purpose : tree.all()) {
      CAPTURE(purpose.word);
      if (purpose.parent.empty()) ++roots;
      CHECK(tree.find(purpose.dpv) == tree.find(purpose.word));
      CHECK_FALSE(purpose.label_fr.empty());
    }
    CHECK(roots == 1);
    CHECK_FALSE(tree.find("resale")->grantable);
    CHECK(tree.find("nothing") == nullptr);
  }

  TEST_CASE("a tree with a name twice, a parent that comes later or an unknown rule is refused") {
    const std::string root =
        R"({"word":"any","dpv":"dpv:Purpose","parent":null,"rule":"ask","usual":[],"label_en":"a","label_fr":"a"})";
    CHECK(Purposes::parse("[" + root + "]").ok());
    CHECK_FALSE(Purposes::parse("[" + root + "," + root + "]").ok());
    CHECK_FALSE(Purposes::parse("{}").ok());
    CHECK_FALSE(
        Purposes::parse(
            R"([{"word":"a","dpv":"b","parent":"c","rule":"ask","usual":[],"label_en":"","label_fr":""}])")
            .ok());
    CHECK_FALSE(
        Purposes::parse(
            R"([{"word":"a","dpv":"b","parent":null,"rule":"yes","usual":[],"label_en":"","label_fr":""}])")
            .ok());
  }

  TEST_CASE("usual fields are whole names or whole beginnings") {
    const auto tree = Purposes::load().value();
    const auto& delivery = *tree.find("delivery");
    CHECK(Purposes::is_usual(delivery, "address.home.postal_code"));
    CHECK(Purposes::is_usual(delivery, "contact.email"));
    CHECK_FALSE(Purposes::is_usual(delivery, "address.homely"));
    CHECK_FALSE(Purposes::is_usual(delivery, "person.birthdate"));
  }
}

namespace {

Rule sample_rule() {
  Rule rule;
  rule.id.text = "ru_7F2K9QXD";
  rule.brand = "velo";
  rule.says = Says::Approve;
  rule.purpose = "dpv:DeliveryOfGoods";
  rule.decided = {"address.home.locality", "person.birthdate"};
  rule.asked_s = 1000;
  rule.retention_days = 30;
  rule.asked_reads = 5;
  rule.gives = {"address.home.locality"};
  rule.life_s = 600;
  rule.max_reads = 2;
  rule.request = "rq_00000000";
  rule.made_at = {1000};
  return rule;
}

AccessRequest within() {
  AccessRequest request;
  request.id.text = "rq_11111111";
  request.brand = "velo";
  request.needed = {"address.home.locality"};
  request.purpose = "dpv:DeliveryOfGoods";
  request.expires_in_s = 1000;
  request.retention_days = 30;
  request.max_reads = 5;
  return request;
}

}  // namespace

TEST_SUITE("grants/rule") {
  TEST_CASE("a record gives back what was written, and one cut anywhere is corrupt") {
    auto rule = sample_rule();
    rule.served_while_locked = true;
    const auto record = write_rule(rule);
    CHECK(write_rule(read_rule(record).value()) == record);
    for (std::size_t size = 0; size < record.size(); ++size)
      CHECK(read_rule(BytesView(record).first(size)).error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("what it gives is the least of what was given and what is asked") {
    const auto rule = sample_rule();
    auto request = within();
    request.optional = {"person.birthdate"};
    REQUIRE(rule.covers(request));
    const auto grant = rule.grant_for(request, {"gr_00000000"}, {5000});
    CHECK(grant.fields == std::vector<std::string>{"address.home.locality"});
    CHECK(grant.expires_at == Instant{5000 + 600 * 1000});
    CHECK(grant.max_reads == 2);
    request.expires_in_s = 60;
    request.max_reads = 1;
    const auto less = rule.grant_for(request, {"gr_00000000"}, {5000});
    CHECK(less.expires_at == Instant{5000 + 60 * 1000});
    CHECK(less.max_reads == 1);
  }

  TEST_CASE("every thing beyond it is not covered by an approval") {
    const auto rule = sample_rule();
    CHECK(rule.covers(within()));
    const auto changed = [](auto change) {
      auto request = within();
      change(request);
      return request;
    };
    const std::vector<AccessRequest> beyond = {
        changed([](auto& r) { r.brand = "troc"; }),
        changed([](auto& r) { r.purpose = "dpv:Marketing"; }),
        changed([](auto& r) { r.needed.push_back("contact.email"); }),
        changed([](auto& r) { r.optional = {"contact.email"}; }),
        changed([](auto& r) { r.needed = {"person.birthdate"}; }),
        changed([](auto& r) { r.expires_in_s = 1001; }),
        changed([](auto& r) { r.retention_days = 31; }),
        changed([](auto& r) { r.retention_days = 0; }),
        changed([](auto& r) { r.max_reads = 6; }),
        changed([](auto& r) { r.max_reads = std::nullopt; })};
    for (std::size_t i = 0; i < beyond.size(); ++i) {
      CAPTURE(i);
      CHECK(!rule.covers(beyond[i]));
    }
    auto denial = sample_rule();
    denial.says = Says::Deny;
    denial.gives = {};
    for (std::size_t i = 4; i < beyond.size(); ++i) CHECK(denial.covers(beyond[i]));
    for (std::size_t i = 0; i < 4; ++i) CHECK(!denial.covers(beyond[i]));
  }
}

#include "vault/gate/exposure.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <random>

#include "vault/gate/policy_world.h"

using namespace vrm;  // tests only

namespace {

constexpr std::int64_t kMinute_ms = 60'000;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// 23:40 in UTC, so that an hour has a midnight in it.
constexpr Instant kBegun{20'777 * cedar::kDayMs - 20 * kMinute_ms};

constexpr std::string_view kGrantPolicy = R"(@id("grant") permit (principal, action, resource)
  when { context has grant && resource in context.grant && context.grant.brand == principal &&
         context.grant.state == "active" && context.purpose in context.grant.purposes }
  unless { context.grant has maxReads && context.grant.reads >= context.grant.maxReads };)";

profile::Catalogue small_catalogue() {
  return profile::Catalogue::from_text(R"({"about": "", "groups": [
      {"name": "person", "en": "a", "fr": "a"}, {"name": "contact", "en": "b", "fr": "b"}],
    "fields": [
      {"name": "contact.email", "type": "text", "sensitivity": 1, "dpv": "pd:A", "en": "a", "fr": "a"},
      {"name": "contact.phone", "type": "text", "sensitivity": 1, "dpv": "pd:A", "en": "a", "fr": "a"},
      {"name": "person.birthdate", "type": "date", "sensitivity": 2, "dpv": "pd:B", "en": "b", "fr": "b"},
      {"name": "person.age_over_18", "type": "bool", "sensitivity": 1, "dpv": "pd:C", "en": "c", "fr": "c",
       "claim": {"rule": "age_over", "from": "person.birthdate", "years": 18}}]})")
      .value();
}

grants::Purposes small_tree() {
  return grants::Purposes::parse(R"([
    {"word": "any", "dpv": "dpv:Purpose", "parent": null, "rule": "never", "usual": [], "label_en": "a", "label_fr": "a"},
    {"word": "sale", "dpv": "dpv:Sale", "parent": "dpv:Purpose", "rule": "ask", "usual": [], "label_en": "b", "label_fr": "b"},
    {"word": "delivery", "dpv": "dpv:Delivery", "parent": "dpv:Sale", "rule": "ask", "usual": [], "label_en": "c", "label_fr": "c"},
    {"word": "marketing", "dpv": "dpv:Marketing", "parent": "dpv:Purpose", "rule": "ask", "usual": [], "label_en": "d", "label_fr": "d"}])")
      .value();
}

struct SmallBook {
  profile::Catalogue catalogue = small_catalogue();
  grants::Purposes purposes = small_tree();
  std::vector<std::string> fields = {"contact.email", "contact.phone", "person.birthdate",
                                     "person.age_over_18", "contact.own"};
};

brands::Brand velo() {
  brands::Brand brand;
  brand.handle = "velo";
  brand.client_id = "https://velo.example/vrm-brand.json";
  return brand;
}

grants::Grant grant_for(std::string id, std::vector<std::string> fields, std::int64_t minutes) {
  grants::Grant grant;
  grant.id.text = std::move(id);
  grant.brand = "velo";
  grant.fields = std::move(fields);
  grant.purpose = "dpv:Sale";
  grant.stored = grants::Stored::Active;
  grant.made_at = kBegun;
  grant.expires_at = {kBegun.ms + minutes * kMinute_ms};
  return grant;
}

gate::Rules rules_of(const SmallBook& book, const std::vector<std::string>& policies) {
  auto rules = gate::Rules::parse(policies, book.catalogue, book.purposes);
  REQUIRE_MESSAGE(rules.ok(), rules.error().message);
  return std::move(rules).value();
}

std::string minutes_of(const cedar::Span& span, std::int64_t begin) {
  const auto said = [begin](std::int64_t ms) {
    return ms == kNever ? std::string("end") : std::to_string((ms - begin) / kMinute_ms);
  };
  return said(span.first) + "-" + said(span.last == kNever ? kNever : span.last + 1);
}

// As `contact.email for dpv:Sale by a, minutes 0-30, reads 0-2: grant`.
std::string spelled_out(const gate::Opening& opening) {
  std::string text = opening.field + " for " + opening.purpose + " by " + opening.grant +
                     ", minutes " + minutes_of(opening.when.values, kBegun.ms);
  if (opening.when.time_of_day) text += " at " + minutes_of(*opening.when.time_of_day, 0);
  text += ", reads " + std::to_string(opening.reads.first) + "-" +
          (opening.reads.last == kNever ? "end" : std::to_string(opening.reads.last)) + ":";
  for (const auto& reason : opening.reasons) text += " " + reason;
  return text;
}

std::vector<std::string> lines(const std::vector<gate::Opening>& openings) {
  std::vector<std::string> all;
  for (const auto& opening : openings) all.push_back(spelled_out(opening));
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<gate::Opening> openings(const SmallBook& book, const std::vector<std::string>& policies,
                                    const grants::Grant& grant) {
  const auto rules = rules_of(book, policies);
  const gate::Exposure exposure(rules.ground(), book.purposes, book.fields);
  auto found = exposure.of(velo(), grant, kBegun);
  REQUIRE_MESSAGE(found.ok(), found.error().message);
  return std::move(found).value();
}

using Lines = std::vector<std::string>;

// Random policies over the vault's schema; a few of them err.
class RandomPolicies {
 public:
  explicit RandomPolicies(std::mt19937_64& random) : random_(random) {}

  std::vector<std::string> policies() {
    std::vector<std::string> all;
    if (!chance(6)) all.emplace_back(kGrantPolicy);
    for (std::uint64_t i = below(4); i > 0; --i) all.push_back(policy());
    return all;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }
  std::string number(std::uint64_t bound) { return std::to_string(below(bound)); }

  std::string policy() {
    std::string text = chance(3) ? "permit (" : "forbid (";
    text += one_of({"principal", "principal is VRM::Brand",
                    "principal == VRM::Brand::\"https://velo.example/vrm-brand.json\""});
    text += one_of({", action, ", ", action == VRM::Action::\"read\", "});
    text += one_of({"resource", "resource is VRM::Field", "resource in VRM::Category::\"contact\"",
                    "resource == VRM::Field::\"contact.email\""});
    text += ") ";
    for (std::uint64_t i = 1 + below(2); i > 0; --i)
      text += one_of({"when { ", "unless { "}) + condition(2) + " } ";
    return text + ";";
  }

  std::string condition(int depth) {
    if (depth == 0 || chance(2)) return leaf();
    const std::string left = condition(depth - 1);
    const std::string right = condition(depth - 1);
    if (chance(4)) return "(if " + leaf() + " then " + left + " else " + right + ")";
    if (chance(4)) return "!(" + left + ")";
    return "(" + left + one_of({" && ", " || "}) + right + ")";
  }

  std::string op() { return one_of({" < ", " <= ", " > ", " >= ", " == ", " != "}); }
  std::string minute() {  // of the hour that is looked at, on the clock
    return "duration(\"" + std::to_string((1420 + static_cast<std::int64_t>(below(60))) % 1440) +
           "m\")";
  }
  std::string moment() {
    return "datetime(\"1970-01-01\").offset(duration(\"" +
           std::to_string(kBegun.ms + static_cast<std::int64_t>(below(60)) * kMinute_ms) + "ms\"))";
  }

  std::string leaf() {
    switch (below(14)) {
      case 0:
      case 1:
        return "(context.now.toTime()" + op() + minute() + ")";
      case 2:
        return "(context.now" + op() + moment() + ")";
      case 3:
        return "(context.now.offset(duration(\"" + number(20) + "m\"))" + op() + moment() + ")";
      case 4:
        return "(context.now.offset(duration(\"-" + number(90) + "m\")).toDate()" + op() +
               "context.grant.notBefore.toDate())";
      case 5:
        return "(context.grant.expires.durationSince(context.now)" + op() + "duration(\"" +
               number(40) + "m\"))";
      case 6:
        return "(context.grant.reads" + op() + number(4) + ")";
      case 7:
        return "(context.grant has maxReads && context.grant.reads" + op() +
               "context.grant.maxReads)";
      case 8:
        return chance(3) ? "(context.grant.maxReads > 1)" : "principal.addressChecked";
      case 9:
        return "(context.purpose in VRM::Purpose::\"" +
               one_of({"dpv:Sale", "dpv:Delivery", "dpv:Marketing", "dpv:Purpose"}) + "\")";
      case 10:
        return one_of(
            {"resource.claim", "(resource.sensitivity > 1)", "(resource.sensitivity < 1)"});
      case 11:
        return one_of({"principal.blocked", "(principal.trust == \"trusted\")",
                       "(context.grant.state == \"active\")"});
      case 12:
        return "(resource in context.grant)";
      default:
        return chance(5) ? "principal.nothing" : "(context has grant)";
    }
  }

  std::mt19937_64& random_;
};

struct SmallWorld {
  std::vector<std::string> policies;
  brands::Brand brand = velo();
  std::vector<grants::Grant> grants;
  Instant from = kBegun;
  std::int64_t minutes = 1;
  std::int64_t more_reads = 0;
};

SmallWorld random_world(const SmallBook& book, std::mt19937_64& random) {
  SmallWorld world{.policies = RandomPolicies(random).policies(), .grants = {}};
  world.brand.address_checked = random() % 2 == 0;
  world.brand.trusted = random() % 3 == 0;
  if (random() % 6 == 0) world.brand.standing = brands::Standing::Blocked;
  if (random() % 8 == 0) world.brand.standing = brands::Standing::KeysChanged;
  for (std::uint64_t i = 0; i <= random() % 2; ++i) {
    std::vector<std::string> fields;
    for (const auto& field : book.fields)
      if (random() % 2 == 0) fields.push_back(field);
    grants::Grant grant = grant_for("g" + std::to_string(i), std::move(fields),
                                    static_cast<std::int64_t>(random() % 50));
    grant.purpose = book.purposes.all()[random() % book.purposes.all().size()].dpv;
    if (random() % 2 == 0) grant.max_reads = 1 + static_cast<std::int64_t>(random() % 3);
    grant.reads = static_cast<std::int64_t>(random() % 2);
    if (random() % 8 == 0) grant.suspended = true;
    if (random() % 10 == 0) grant.stored = grants::Stored::Revoked;
    if (!grant.fields.empty() && random() % 4 == 0)
      grant.once_read = grant.once = {grant.fields.front()};
    world.grants.push_back(std::move(grant));
  }
  world.from.ms += static_cast<std::int64_t>(random() % 30) * kMinute_ms;
  world.minutes = 4 + static_cast<std::int64_t>(random() % 7);
  world.more_reads = static_cast<std::int64_t>(random() % 2);
  return world;
}

// The reasons for which it is open at that place; "no" where it is not, and twice the text where two openings say so.
std::string open_at(const std::vector<gate::Opening>& openings, std::string_view field,
                    std::string_view purpose, std::int64_t now, std::int64_t reads) {
  std::string text;
  for (const auto& opening : openings) {
    if (opening.field != field || opening.purpose != purpose) continue;
    const auto& when = opening.when;
    const std::int64_t time = cedar::time_of_day(now);
    const bool in =
        when.values.first <= now && now <= when.values.last && opening.reads.first <= reads &&
        reads <= opening.reads.last &&
        (!when.time_of_day || (when.time_of_day->first <= time && time <= when.time_of_day->last));
    if (!in) continue;
    for (const auto& reason : opening.reasons) text += "[" + reason + "]";
  }
  return text.empty() ? "no" : text;
}

std::string decided(const gate::Rules& rules, const gate::Question& question) {
  if (question.grant->condition(question.now) != grants::Condition::Active) return "no";
  const auto decision = rules.decide(question);
  std::string text;
  if (decision.allowed)
    for (const auto& reason : decision.reasons) text += "[" + reason + "]";
  return text.empty() ? "no" : text;
}

struct Tally {
  std::uint64_t places = 0;
  std::uint64_t open = 0;
  std::uint64_t worlds_that_change = 0;  // some cell is open at one place and not at another
};

void check_world(const SmallBook& book, const SmallWorld& world, Tally& tally) {
  std::string told;
  for (const auto& policy : world.policies) told += policy + "\n";
  CAPTURE(told);
  const auto rules = rules_of(book, world.policies);
  const gate::Exposure exposure(rules.ground(), book.purposes, book.fields);
  bool changes = false;
  for (const grants::Grant& grant : world.grants) {
    const auto found = exposure.of(world.brand, grant, world.from);
    REQUIRE_MESSAGE(found.ok(), found.error().message);
    for (const auto& field : book.fields)
      for (const auto& purpose : book.purposes.all()) {
        std::uint64_t open = 0;
        std::uint64_t closed = 0;
        for (std::int64_t minute = 0; minute < world.minutes; ++minute)
          for (std::int64_t more = 0; more <= world.more_reads; ++more) {
            const Instant now{world.from.ms + minute * kMinute_ms};
            grants::Grant then = grant;
            then.reads += more;
            const std::string is = decided(rules, {world.brand, &then, field, purpose.dpv, now});
            const std::string said = open_at(found.value(), field, purpose.dpv, now.ms, then.reads);
            if (is != said)
              FAIL(field << " for " << purpose.dpv << " by " << grant.id.text << " in minute "
                         << minute << " after " << then.reads << " reads: decided " << is
                         << ", enumerated " << said);
            ++(is == "no" ? closed : open);
          }
        tally.places += open + closed;
        tally.open += open;
        changes |= open > 0 && closed > 0;
      }
  }
  tally.worlds_that_change += changes ? 1 : 0;
}

// Fewer where a sanitizer makes each slow.
std::uint64_t worlds() {
  const char* fewer = std::getenv("VRM_WORLDS");
  return fewer == nullptr ? 1000 : std::strtoull(fewer, nullptr, 10);
}

}  // namespace

TEST_SUITE("gate/exposure") {
  TEST_CASE("a grant opens its fields, for its purpose and those under it, until it ends") {
    const SmallBook book;
    CHECK(
        lines(openings(book, {std::string(kGrantPolicy)}, grant_for("a", {"contact.email"}, 30))) ==
        Lines{"contact.email for dpv:Delivery by a, minutes 0-30, reads 0-end: grant",
              "contact.email for dpv:Sale by a, minutes 0-30, reads 0-end: grant"});
  }

  TEST_CASE("reads that are counted are those left, and none are left of a spent grant") {
    const SmallBook book;
    grants::Grant grant = grant_for("a", {"contact.email"}, 30);
    grant.purpose = "dpv:Delivery";
    grant.max_reads = 3;
    grant.reads = 1;
    CHECK(lines(openings(book, {std::string(kGrantPolicy)}, grant)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-30, reads 1-2: grant"});
    grant.reads = 3;
    CHECK(openings(book, {std::string(kGrantPolicy)}, grant).empty());
  }

  TEST_CASE("a grant that waits for its brand counts as taken up, one that rests opens nothing") {
    const SmallBook book;
    grants::Grant grant = grant_for("a", {"contact.email"}, 30);
    grant.purpose = "dpv:Delivery";
    for (const auto stored : {grants::Stored::Waiting, grants::Stored::Held}) {
      grant.stored = stored;
      CHECK(openings(book, {std::string(kGrantPolicy)}, grant).size() == 1);
    }
    grant.suspended = true;
    CHECK(openings(book, {std::string(kGrantPolicy)}, grant).empty());
    grant.suspended = false;
    grant.stored = grants::Stored::Revoked;
    CHECK(openings(book, {"permit(principal, action, resource);"}, grant).empty());
  }

  TEST_CASE("a field that is read once and was read is closed") {
    const SmallBook book;
    grants::Grant grant = grant_for("a", {"contact.email", "contact.phone"}, 30);
    grant.purpose = "dpv:Delivery";
    grant.once = grant.once_read = {"contact.phone"};
    CHECK(lines(openings(book, {std::string(kGrantPolicy)}, grant)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-30, reads 0-end: grant"});
  }

  TEST_CASE("times of day are told once for all days, and as moments within two days") {
    const SmallBook book;
    const std::string by_day =
        "@id(\"day\") forbid (principal, action, resource) unless { context.now.toTime() >= "
        "duration(\"8h\") && context.now.toTime() < duration(\"20h\") };";
    grants::Grant grant = grant_for("a", {"contact.email"}, 10 * 1440);
    grant.purpose = "dpv:Delivery";
    CHECK(lines(openings(book, {std::string(kGrantPolicy), by_day}, grant)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-14400 at 480-1200, reads 0-end: "
                "grant"});
    grant.expires_at = {kBegun.ms + 600 * kMinute_ms};
    CHECK(lines(openings(book, {std::string(kGrantPolicy), by_day}, grant)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 500-600, reads 0-end: grant"});
  }

  TEST_CASE("a field that a policy names is told apart from others like it") {
    const SmallBook book;
    grants::Grant grant = grant_for("a", {"contact.email", "contact.phone"}, 30);
    grant.purpose = "dpv:Delivery";
    const std::string named =
        "forbid (principal, action, resource) when { resource == VRM::Field::\"contact.email\" };";
    CHECK(lines(openings(book, {std::string(kGrantPolicy), named}, grant)) ==
          Lines{"contact.phone for dpv:Delivery by a, minutes 0-30, reads 0-end: grant"});
  }

  TEST_CASE("where a policy errs nothing is open, even where Cedar would skip it") {
    const SmallBook book;
    const std::string erring =
        "forbid (principal, action, resource) when { context.grant.reads > 2 && principal.nothing "
        "};";
    grants::Grant grant = grant_for("a", {"contact.email"}, 30);
    grant.purpose = "dpv:Delivery";
    CHECK(lines(openings(book, {std::string(kGrantPolicy), erring}, grant)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-30, reads 0-2: grant"});
  }

  TEST_CASE("policies that cannot be enumerated are refused with their name and place") {
    const SmallBook book;
    const auto rules = rules_of(book, {"@id(\"odd\") permit (principal, action, resource)\n"
                                       "when { context.grant.reads * 2 < 9 };"});
    const gate::Exposure exposure(rules.ground(), book.purposes, book.fields);
    const auto found = exposure.of(velo(), grant_for("a", {"contact.email"}, 30), kBegun);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().message ==
          "policy `odd`, line 2, column 8: `VRM::Grant::\"a\".reads` is open and may only be "
          "compared, "
          "with what is not open itself");
  }

  TEST_CASE("what is newly open is what was not open before, and nothing else") {
    const SmallBook book;
    grants::Grant grant = grant_for("a", {"contact.email"}, 30);
    grant.purpose = "dpv:Delivery";
    grant.max_reads = 5;
    const auto all = openings(book, {std::string(kGrantPolicy)}, grant);
    const std::string later =
        "@id(\"later\") forbid (principal, action, resource) when { context.now < "
        "context.grant.notBefore.offset(duration(\"10m\")) || "
        "context.grant.reads > 2 };";
    const auto some = openings(book, {std::string(kGrantPolicy), later}, grant);
    CHECK(gate::newly_open(all, some).empty());
    CHECK(gate::newly_open(all, all).empty());
    CHECK(lines(gate::newly_open(some, all)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-10, reads 0-4: grant",
                "contact.email for dpv:Delivery by a, minutes 10-30, reads 3-4: grant"});
    CHECK(lines(gate::newly_open({}, all)) == lines(all));
    grant.expires_at = {kBegun.ms + 10 * 1440 * kMinute_ms};
    const std::string by_day =
        "forbid (principal, action, resource) when { context.now.toTime() < duration(\"8h\") };";
    const auto long_all = openings(book, {std::string(kGrantPolicy)}, grant);
    const auto by_days = openings(book, {std::string(kGrantPolicy), by_day}, grant);
    CHECK(lines(gate::newly_open(by_days, long_all)) ==
          Lines{"contact.email for dpv:Delivery by a, minutes 0-14400 at 0-480, reads 0-4: grant"});
  }

  TEST_CASE(
      "in random small worlds the enumeration is what the gate decides in every cell and minute") {
    const SmallBook book;
    std::mt19937_64 random(2026);
    Tally tally;
    const std::uint64_t count = worlds();
    for (std::uint64_t i = 0; i < count; ++i) check_world(book, random_world(book, random), tally);
    CHECK(tally.places > count * 100);
    CHECK(tally.open > tally.places / 50);
    CHECK(tally.worlds_that_change > count / 8);
  }
}

#include "tests/bench/policy_bench.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "policies/cedar/entity_json.h"
#include "tests/bench/grant_policies.h"
#include "tests/bench/latency.h"
#include "tests/bench/machine.h"
#include "tests/bench/process.h"
#include "tests/bench/rig.h"
#include "vault/base/json.h"
#include "vault/gate/rules.h"

namespace vrm::bench {
namespace {

constexpr std::size_t kDecisionsOfARound = 5'000;
constexpr Instant kAsked{1'795'000'000'000};
constexpr int kComparedWithReference = 2'000;  // grants
constexpr int kReferenceCalls = 300;

using Nanoseconds = std::vector<std::uint64_t>;

// Whom the decisions are about: always the same brand, which has ten grants, or any grant of all.
enum class About { OneBrand, Any };

// What one decision costs at one size, and what a grant weighs there.
struct AtSize {
  int grants;
  Nanoseconds one_brand = {};
  Nanoseconds any = {};
  std::uint64_t bytes_of_a_grant = 0;
  bool right = true;
};

// The vault's side: brands, and grants of three fields each, as the vault holds them.
class VaultSide {
 public:
  VaultSide(int grants, const profile::Catalogue& catalogue, const grants::Purposes& purposes)
      : rules_(gate::Rules::load(catalogue, purposes).value()) {
    for (int i = 0; i * kGrantsOfABrand < grants; ++i) brands_.push_back(brand(i));
    const std::uint64_t before = heap_bytes();
    for (int i = 0; i < grants; ++i)
      grants_.push_back(std::make_shared<const grants::Grant>(grant(i)));
    bytes_ = (heap_bytes() - before) / static_cast<std::uint64_t>(grants);
  }

  std::uint64_t bytes_of_a_grant() const { return bytes_; }

  // What the gate has at hand when it decides: the brand, and a copy of the grant.
  struct Asked {
    const brands::Brand& brand;
    grants::Grant grant;
  };
  Asked ask(int grant) const {
    const auto of = static_cast<std::size_t>(grant);
    return {brands_[of / kGrantsOfABrand], *grants_[of]};
  }

  bool decide(const Asked& asked) const {
    return rules_
        .decide({asked.brand, &asked.grant, "address.home.locality", "dpv:DeliveryOfGoods", kAsked})
        .allowed;
  }

 private:
  static brands::Brand brand(int number) {
    brands::Brand brand;
    brand.handle = "brand" + std::to_string(number);
    brand.client_id = "https://" + brand.handle + ".example/vrm-brand.json";
    brand.address_checked = true;
    return brand;
  }

  static grants::Grant grant(int number) {
    grants::Grant grant;
    grant.id.text = "gr_" + std::to_string(10'000'000 + number);
    grant.brand = "brand" + std::to_string(number / kGrantsOfABrand);
    grant.fields = {"address.home.postal_code", "address.home.locality", "contact.email"};
    grant.purpose = "dpv:ServiceProvision";
    grant.stored = grants::Stored::Active;
    grant.made_at = {kAsked.ms - 1'000};
    grant.expires_at = {kAsked.ms + 86'400'000};
    grant.max_reads = 1'000'000;
    return grant;
  }

  gate::Rules rules_;
  std::vector<brands::Brand> brands_;
  std::vector<std::shared_ptr<const grants::Grant>> grants_;
  std::uint64_t bytes_ = 0;
};

// The bare engine's side: a policy for each grant, and the entities of all brands.
class EngineSide {
 public:
  static Result<EngineSide> make(int grants) {
    EngineSide side;
    const std::uint64_t before = heap_bytes();
    side.policies_ = TRY(cedar::PolicySet::parse(grant_policies(grants)));
    side.bytes_ = (heap_bytes() - before) / static_cast<std::uint64_t>(grants);
    std::vector<cedar::Entity> entities;
    for (int i = 0; i < grants; ++i) {
      for (auto& entity : grant_entities(i)) entities.push_back(std::move(entity));
    }
    side.entities_ = TRY(cedar::Entities::make(std::move(entities)));
    return side;
  }

  std::uint64_t bytes_of_a_grant() const { return bytes_; }

  static cedar::Request ask(int grant) { return grant_request(grant); }

  bool decide(const cedar::Request& request) const {
    const auto answer = cedar::is_authorized(request, policies_, entities_);
    return answer.decision == cedar::Decision::Allow && answer.reasons.size() == 1 &&
           answer.errors.empty();
  }

 private:
  cedar::PolicySet policies_;
  cedar::Entities entities_;
  std::uint64_t bytes_ = 0;
};

int draw_grant(About about, int grants, std::mt19937_64& draw) {
  if (about == About::Any) return static_cast<int>(draw() % static_cast<std::uint64_t>(grants));
  const int first = grants / 2 / kGrantsOfABrand * kGrantsOfABrand;
  return first + static_cast<int>(draw() % kGrantsOfABrand);
}

// A round of decisions. What a question is made of is at hand before its time begins.
template <typename Side>
void take_turn(const Side& side, About about, std::mt19937_64& draw, AtSize& at) {
  using Clock = std::chrono::steady_clock;
  Nanoseconds& times = about == About::OneBrand ? at.one_brand : at.any;
  for (std::size_t i = 0; i < kDecisionsOfARound; ++i) {
    const auto question = side.ask(draw_grant(about, at.grants, draw));
    const Clock::time_point from = Clock::now();
    const bool allowed = side.decide(question);
    const auto took = std::chrono::nanoseconds(Clock::now() - from).count();
    times.push_back(static_cast<std::uint64_t>(took));
    at.right = at.right && allowed;
  }
}

template <typename Side>
std::vector<AtSize> measure(const std::vector<Side>& sides, const PolicyBenchPlan& plan) {
  std::vector<AtSize> sizes;
  for (std::size_t i = 0; i < sides.size(); ++i)
    sizes.push_back({.grants = plan.grants[i], .bytes_of_a_grant = sides[i].bytes_of_a_grant()});
  std::mt19937_64 draw(1);
  for (int round = 0; round < plan.rounds; ++round)
    for (const About about : {About::OneBrand, About::Any})
      for (std::size_t i = 0; i < sides.size(); ++i) take_turn(sides[i], about, draw, sizes[i]);
  return sizes;
}

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000.0;
}

// Gives the median about any grant at kComparedWithReference, if that is among the sizes.
std::optional<double> print_sizes(const char* title, std::vector<AtSize>& sizes) {
  std::optional<double> compared;
  std::printf(
      "\n%s\n           about one brand      about any grant\n  grants   median us  p99 us   "
      "median "
      "us  p99 us   bytes a grant\n",
      title);
  const auto middle = [](Nanoseconds& took) { return microseconds(percentile(took, 0.5)); };
  for (AtSize& at : sizes) {
    std::printf("%8d %11.2f %7.2f %11.2f %7.2f %15llu\n", at.grants, middle(at.one_brand),
                microseconds(percentile(at.one_brand, 0.99)), middle(at.any),
                microseconds(percentile(at.any, 0.99)),
                static_cast<unsigned long long>(at.bytes_of_a_grant));
    if (at.grants == kComparedWithReference) compared = middle(at.any);
  }
  AtSize& few = sizes.front();
  AtSize& many = sizes.back();
  std::printf("growth of the median from %d to %d grants: %.2f about one brand, %.2f about any\n",
              few.grants, many.grants, middle(many.one_brand) / middle(few.one_brand),
              middle(many.any) / middle(few.any));
  return compared;
}

bool all_right(const std::vector<AtSize>& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](const AtSize& at) { return at.right; });
}

nlohmann::json uid_json(const cedar::EntityUid& uid) {
  return {{"type", uid.type()}, {"id", uid.id()}};
}

// The question about one grant in the middle, with only the entities that it needs.
nlohmann::json reference_task() {
  const int grant = kComparedWithReference / 2;
  const auto request = grant_request(grant);
  return {{"policies", grant_policies(kComparedWithReference)},
          {"entities", cedar::entities_to_json(grant_entities(grant))},
          {"principal", uid_json(request.principal)},
          {"action", uid_json(request.action)},
          {"resource", uid_json(request.resource)},
          {"context", cedar::value_to_json(cedar::Value(request.context))},
          {"calls", kReferenceCalls}};
}

struct ReferenceTimes {
  double decision_us;  // a call with the policies preparsed
  double json_us;      // of which: the same call with no policy at all
};

Result<ReferenceTimes> time_reference(const PolicyBenchPlan& plan) {
  const TemporaryFolder folder = TRY(TemporaryFolder::make(plan.below));
  const auto task = folder.path() / "task.json";
  const auto answer = folder.path() / "answer.json";
  std::ofstream(task) << reference_task().dump();
  Program node = TRY(Program::start(
      {.words = {"/usr/bin/env", "node", "--no-opt", VRM_SOURCE_DIR "/tests/bench/cedar_wasm.mjs",
                 plan.wasm_folder.string(), task.string(), answer.string()},
       .log = (folder.path() / "log").string()}));
  if (node.wait() != 0)
    return Error{ErrorCode::Unavailable, "node did not measure the reference; is " +
                                             plan.wasm_folder.string() +
                                             "/node_modules/@cedar-policy/cedar-wasm there?"};
  std::ostringstream text;
  text << std::ifstream(answer).rdbuf();
  const nlohmann::json times = TRY(read_json(text.str()));
  return ReferenceTimes{times.at("decision_ns").get<double>() / 1000,
                        times.at("json_ns").get<double>() / 1000};
}

Result<void> print_reference(const PolicyBenchPlan& plan, std::optional<double> ours_us) {
  if (plan.wasm_folder.empty() || !ours_us) {
    std::printf("\nthe reference was not measured: --wasm FOLDER, and %d among --grants\n",
                kComparedWithReference);
    return {};
  }
  const ReferenceTimes reference = TRY(time_reference(plan));
  std::printf(
      "\nthe reference (cedar-wasm 4.10.0), %d policies preparsed, 11 entities, median of %d "
      "calls: %.0f us,\nof which %.0f us are for the JSON of the call; ours %.2f us: %.0f times "
      "faster, %.0f without the JSON\n",
      kComparedWithReference, kReferenceCalls, reference.decision_us, reference.json_us, *ours_us,
      reference.decision_us / *ours_us, (reference.decision_us - reference.json_us) / *ours_us);
  return {};
}

}  // namespace

Result<bool> run_policy_bench(const PolicyBenchPlan& plan) {
  std::thread([] {}).join();  // counts of references are atomic from here on, as in the daemon
  const profile::Catalogue catalogue = TRY(profile::Catalogue::embedded());
  const grants::Purposes purposes = TRY(grants::Purposes::load());
  std::vector<AtSize> in_vault;
  {
    std::vector<VaultSide> sides;
    for (const int grants : plan.grants) sides.emplace_back(grants, catalogue, purposes);
    in_vault = measure(sides, plan);
  }
  std::vector<AtSize> on_engine;
  {
    std::vector<EngineSide> sides;
    for (const int grants : plan.grants) {
      EngineSide side = TRY(EngineSide::make(grants));
      sides.push_back(std::move(side));
    }
    on_engine = measure(sides, plan);
  }
  print_sizes("a) the gate's decision about a read, grants as data", in_vault);
  const auto ours = print_sizes("b) the bare engine, a policy for each grant", on_engine);
  TRY(print_reference(plan, ours));
  return all_right(in_vault) && all_right(on_engine);
}

}  // namespace vrm::bench

#include "tests/bench/few_and_many.h"

#include <nlohmann/json.hpp>
#include <string>

#include "tests/bench/brand.h"
#include "tests/bench/latency.h"
#include "tests/bench/load.h"
#include "tests/bench/machine.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

namespace vrm::bench {
namespace {

constexpr int kTurns = 7;
constexpr Duration kTurn(2000);
constexpr std::size_t kProofs = 60'000;    // more than a core can have answered in a turn
constexpr std::size_t kOfAnImport = 1000;  // fields

// One vault, its daemon, and the brand that reads one of its fields.
struct Side {
  std::unique_ptr<Rig> rig;
  std::unique_ptr<BenchBrand> brand;
};

// The brand brings a field itself.
Result<void> add_fields(Owner& owner, std::size_t fields) {
  for (std::size_t begun = 1; begun < fields; begun += kOfAnImport) {
    nlohmann::json document = nlohmann::json::object();
    for (std::size_t i = begun; i < std::min(fields, begun + kOfAnImport); ++i)
      document["bench"]["field_" + std::to_string(i)] =
          "a short value, number " + std::to_string(i);
    TRY(owner.post("/v1/import?format=json", document));
  }
  return {};
}

Result<Side> make_side(const RigPlan& plan, std::size_t fields) {
  Side side;
  side.rig = TRY(Rig::start(plan));
  TRY(add_fields(side.rig->owner(), fields));
  side.brand = TRY(BenchBrand::open(*side.rig));
  const nlohmann::json listed = TRY(side.rig->owner().get("/v1/fields"));
  if (listed["items"].size() != fields)
    return Error{ErrorCode::Denied, "the vault has " + std::to_string(listed["items"].size()) +
                                        " fields, not " + std::to_string(fields)};
  return side;
}

Result<double> reads_per_second(Side& side) {
  TRY(side.brand->refresh_token());
  const std::vector<std::string> proofs = TRY(side.brand->sign_proofs(kProofs));
  const LoadResult reads = TRY(run_load({"127.0.0.1", side.rig->port(), kReadConnections, kTurn},
                                        side.brand->read_requests(proofs)));
  if (!reads.other.empty())
    return Error{ErrorCode::Denied, "a read was answered " + printable(reads.first_other, 200)};
  if (reads.broken > 0) return Error{ErrorCode::Unavailable, "a connection broke"};
  return reads.per_second();
}

}  // namespace

double ReadRates::ratio() const {
  VRM_CHECK(!few.empty() && few.size() == many.size());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < few.size(); ++i) ratios.push_back(many[i] / few[i]);
  return median(std::move(ratios));
}

Result<ReadRates> time_few_and_many(RigPlan plan) {
  raise_file_limit();
  const std::vector<int> cores = usable_cores();
  if (cores.size() >= 2) {
    plan.core = cores[0];
    TRY(pin_to_core(cores[1]));  // the brands' own threads follow
  }
  Side few = TRY(make_side(plan, kFewFields));
  Side many = TRY(make_side(plan, kManyFields));
  ReadRates rates;
  for (int turn = 0; turn < kTurns; ++turn) {
    // Who begins changes, so that neither always comes after the other.
    const bool few_first = turn % 2 == 0;
    const double first = TRY(reads_per_second(few_first ? few : many));
    const double second = TRY(reads_per_second(few_first ? many : few));
    rates.few.push_back(few_first ? first : second);
    rates.many.push_back(few_first ? second : first);
  }
  return rates;
}

}  // namespace vrm::bench

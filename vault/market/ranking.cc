#include "vault/market/ranking.h"

#include <algorithm>
#include <array>
#include <compare>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "vault/base/check.h"

namespace vrm::market {

namespace {

constexpr std::int64_t kMsOfDay = 86'400'000;
constexpr std::int64_t kFullPoints = 100;
constexpr std::int64_t kGraceDays = 14;  // behind the earliest, when there is no deadline
constexpr int kPlainFieldPoints = 5;
constexpr int kSensitiveFieldPoints = 25;
constexpr std::int64_t kFullReturnDays = 30;
constexpr std::int64_t kFullWarrantyMonths = 24;
constexpr std::size_t kGtinDigits = 14;

constexpr std::string_view kSortWords[] = {"score", "price", "delivery", "data"};

// Half up. REQUIRES: 0 <= numerator, 0 < denominator.
std::int64_t rounded(std::int64_t numerator, std::int64_t denominator) {
  return (2 * numerator + denominator) / (2 * denominator);
}

// 100 at `best`, 0 at `worst` and behind it, a straight line between them.
int falling(std::int64_t at, std::int64_t best, std::int64_t worst) {
  if (at <= best) return static_cast<int>(kFullPoints);
  if (at >= worst) return 0;
  return static_cast<int>(rounded(kFullPoints * (worst - at), worst - best));
}

// A shorter article number is the longer one without its leading zeros.
std::string whole_gtin(const std::string& gtin) {
  return std::string(kGtinDigits - gtin.size(), '0') + gtin;
}

std::vector<Property> made_comparable(const std::vector<Property>& properties) {
  std::vector<Property> out;
  out.reserve(properties.size());
  for (const auto& property : properties)
    out.push_back({comparable(property.name), comparable(property.value)});
  return out;
}

// Both sides are comparable. One property may be offered with several values.
Why why_of(const Property& wanted, const std::vector<Property>& offered) {
  Why why = Why::NotSaid;
  for (const auto& property : offered) {
    if (property.name != wanted.name) continue;
    if (property.value == wanted.value) return Why::Passes;
    why = Why::OtherValue;
  }
  return why;
}

// What is wanted, made ready to be asked of many offers.
class Wishes {
 public:
  explicit Wishes(const Wanted& wanted)
      : wanted_(wanted),
        must_(made_comparable(wanted.told.must)),
        nice_(made_comparable(wanted.told.nice)) {
    for (const auto& gtin : wanted.told.gtins) gtins_.insert(whole_gtin(gtin));
  }

  std::vector<Met> musts_of(const Offer& offer, const std::vector<Property>& offered) const {
    std::vector<Met> musts;
    const PrivatePart& kept = wanted_.kept;
    if (kept.limit)
      musts.push_back(
          {"price", offer.total.minor > kept.limit->minor ? Why::TooDear : Why::Passes});
    if (kept.deadline)
      musts.push_back({"delivery", offer.arrives > *kept.deadline ? Why::TooLate : Why::Passes});
    if (!gtins_.empty()) musts.push_back({"gtin", why_of_gtin(offer.gtin)});
    for (std::size_t i = 0; i < must_.size(); ++i)
      musts.push_back({wanted_.told.must[i].name, why_of(must_[i], offered)});
    return musts;
  }

  std::vector<Met> nices_of(const std::vector<Property>& offered) const {
    std::vector<Met> nices;
    for (std::size_t i = 0; i < nice_.size(); ++i)
      nices.push_back({wanted_.told.nice[i].name, why_of(nice_[i], offered)});
    return nices;
  }

 private:
  Why why_of_gtin(const std::string& gtin) const {
    if (gtin.empty()) return Why::NotSaid;
    return gtins_.contains(whole_gtin(gtin)) ? Why::Passes : Why::OtherArticle;
  }

  const Wanted& wanted_;
  std::vector<Property> must_;
  std::vector<Property> nice_;
  std::set<std::string> gtins_;
};

bool is_met(const Met& met) {
  return met.why == Why::Passes;
}

int nice_points(const std::vector<Met>& nices) {
  if (nices.empty()) return static_cast<int>(kFullPoints);
  const auto has = std::count_if(nices.begin(), nices.end(), is_met);
  return static_cast<int>(rounded(kFullPoints * has, std::ssize(nices)));
}

int terms_points(const Offer& offer) {
  const std::int64_t days = std::min(offer.return_days.value_or(0), kFullReturnDays);
  const std::int64_t months = std::min(offer.warranty_months.value_or(0), kFullWarrantyMonths);
  return static_cast<int>(
      rounded(kFullPoints * (days * kFullWarrantyMonths + months * kFullReturnDays),
              2 * kFullReturnDays * kFullWarrantyMonths));
}

// An offer on its way to its place.
struct Entry {
  Ranked ranked;
  std::int64_t total = 0;
  std::int64_t arrives = 0;
  std::int64_t failed = 0;   // musts
  int data_points_lost = 0;  // by all that would be disclosed, above 100 too
};

void count_data(const Offer& offer, const Wanted& wanted, Entry& entry) {
  std::set<std::string_view> fields;
  for (const auto& data : offer.required) {
    if (data.optional || !fields.insert(data.field).second) continue;
    const bool sensitive = wanted.is_sensitive && wanted.is_sensitive(data.field);
    entry.data_points_lost += sensitive ? kSensitiveFieldPoints : kPlainFieldPoints;
  }
  entry.ranked.data_cost = static_cast<int>(fields.size());
}

Entry judged(const Offer& offer, std::size_t index, const Wanted& wanted, const Wishes& wishes) {
  const std::vector<Property> offered = made_comparable(offer.properties);
  Entry entry;
  entry.ranked.index = index;
  entry.ranked.musts = wishes.musts_of(offer, offered);
  entry.failed = std::ssize(entry.ranked.musts) -
                 std::count_if(entry.ranked.musts.begin(), entry.ranked.musts.end(), is_met);
  entry.ranked.passes = entry.failed == 0;
  entry.total = offer.total.minor;
  entry.arrives = offer.arrives.ms;
  entry.ranked.nices = wishes.nices_of(offered);
  count_data(offer, wanted, entry);
  return entry;
}

// Where the lines of price and delivery begin and end.
struct Scale {
  std::int64_t cheapest = 0;
  std::int64_t dearest = 0;
  std::int64_t earliest = 0;
  std::int64_t latest = 0;
};

Scale scale_of(const std::vector<Entry>& entries, const PrivatePart& kept) {
  std::optional<Scale> scale;
  for (const auto& entry : entries) {
    if (!entry.ranked.passes) continue;
    if (!scale) scale = Scale{entry.total, 0, entry.arrives, 0};
    scale->cheapest = std::min(scale->cheapest, entry.total);
    scale->earliest = std::min(scale->earliest, entry.arrives);
  }
  if (!scale) return {};
  scale->dearest = kept.limit ? kept.limit->minor : 2 * scale->cheapest;
  scale->latest =
      kept.deadline ? kept.deadline->ms + kMsOfDay : scale->earliest + kGraceDays * kMsOfDay;
  return *scale;
}

void score(Entry& entry, const Offer& offer, const Scale& scale, const Weights& weights) {
  const int data = std::max(0, static_cast<int>(kFullPoints) - entry.data_points_lost);
  entry.ranked.parts = {
      {"price", weights.price, falling(entry.total, scale.cheapest, scale.dearest)},
      {"delivery", weights.delivery, falling(entry.arrives, scale.earliest, scale.latest)},
      {"data", weights.data, data},
      {"terms", weights.terms, terms_points(offer)},
      {"nice", weights.nice, nice_points(entry.ranked.nices)}};
  std::int64_t sum = 0;
  std::int64_t by = 0;
  for (const auto& part : entry.ranked.parts) {
    sum += std::int64_t{part.weight} * part.points;
    by += part.weight;
  }
  entry.ranked.score = static_cast<int>(rounded(sum, by));
}

std::int64_t first_key(const Entry& entry, Sort sort) {
  switch (sort) {
    case Sort::Score:
      return -entry.ranked.score;
    case Sort::Price:
      return entry.total;
    case Sort::Delivery:
      return entry.arrives;
    case Sort::Data:
      return entry.data_points_lost;
  }
  VRM_CHECK(false);
  return 0;
}

bool goes_before(const Entry& a, const Entry& b, Sort sort) {
  const auto key = [sort](const Entry& entry) {
    return std::tuple(!entry.ranked.passes,
                      entry.ranked.passes ? first_key(entry, sort) : entry.failed, entry.total,
                      entry.arrives, entry.ranked.index);
  };
  return key(a) < key(b);
}

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::Passes:
      return "passes";
    case Why::TooDear:
      return "too_dear";
    case Why::TooLate:
      return "too_late";
    case Why::NotSaid:
      return "not_said";
    case Why::OtherValue:
      return "other_value";
    case Why::OtherArticle:
      return "other_article";
  }
  VRM_CHECK(false);
  return {};
}

Result<Sort> sort_from(std::string_view word) {
  for (const auto sort : {Sort::Score, Sort::Price, Sort::Delivery, Sort::Data})
    if (kSortWords[static_cast<std::size_t>(sort)] == word) return sort;
  return refusal(ErrorCode::Malformed, "market.bad_sort", {{"typed", std::string(word)}});
}

std::vector<Ranked> rank(const std::vector<Offer>& offers, const Wanted& wanted, Sort sort) {
  VRM_CHECK(check_weights(wanted.weights).ok());
  const Wishes wishes(wanted);
  std::vector<Entry> entries;
  entries.reserve(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i)
    entries.push_back(judged(offers[i], i, wanted, wishes));
  const Scale scale = scale_of(entries, wanted.kept);
  for (auto& entry : entries)
    if (entry.ranked.passes) score(entry, offers[entry.ranked.index], scale, wanted.weights);
  std::sort(entries.begin(), entries.end(),
            [sort](const Entry& a, const Entry& b) { return goes_before(a, b, sort); });
  std::vector<Ranked> ranked;
  ranked.reserve(entries.size());
  for (auto& entry : entries) ranked.push_back(std::move(entry.ranked));
  return ranked;
}

}  // namespace vrm::market

#include "vault/gate/exposure.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "policies/cedar/mentions.h"
#include "vault/gate/policy_world.h"

namespace vrm::gate {

namespace {

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

// A span cut into those that begin at these.
std::vector<cedar::Span> cut_at(const cedar::Span& span, std::vector<std::int64_t> cuts) {
  std::sort(cuts.begin(), cuts.end());
  std::vector<cedar::Span> spans;
  std::int64_t from = span.first;
  for (const std::int64_t cut : cuts) {
    if (cut <= from || cut > span.last) continue;
    spans.push_back({from, cut - 1});
    from = cut;
  }
  spans.push_back({from, span.last});
  return spans;
}

grants::Grant taken_up(grants::Grant grant) {
  const bool waits =
      grant.stored == grants::Stored::Waiting || grant.stored == grants::Stored::Held;
  if (waits) grant.stored = grants::Stored::Active;
  return grant;
}

std::vector<cedar::OpenValue> left_open(const grants::Grant& grant, const cedar::Span& times,
                                        const cedar::Span& reads) {
  return {{{}, kNow, cedar::OpenValue::Kind::Datetime, times},
          {uid_of(grant), kReads, cedar::OpenValue::Kind::Long, reads}};
}

// One cell, whoever decided.
auto cell_of(const Opening& opening) {
  return std::tie(opening.brand, opening.grant, opening.field, opening.purpose);
}

// What an extent is made of: moments, and times of day.
cedar::Span times_of_day(const cedar::Extent& extent) {
  return extent.time_of_day.value_or(cedar::Span{0, cedar::kDayMs - 1});
}

bool overlap(const cedar::Span& a, const cedar::Span& b) {
  return a.first <= b.last && b.first <= a.last;
}

// Cuts off what of `span` is outside `other`, calling `keep` with each piece; the rest stays in `span`.
template <typename Keep>
void cut_off(cedar::Span& span, const cedar::Span& other, const Keep& keep) {
  if (span.first < other.first) keep(cedar::Span{span.first, other.first - 1});
  if (span.last > other.last) keep(cedar::Span{other.last + 1, span.last});
  span = {std::max(span.first, other.first), std::min(span.last, other.last)};
}

// What of `opening` is not in `taken`.
std::vector<Opening> cut_out(const Opening& opening, const Opening& taken) {
  const cedar::Span taken_times = times_of_day(taken.when);
  cedar::Span times = times_of_day(opening.when);
  if (!overlap(opening.when.values, taken.when.values) || !overlap(opening.reads, taken.reads) ||
      !overlap(times, taken_times))
    return {opening};
  std::vector<Opening> left;
  Opening rest = opening;
  const auto keep = [&](const Opening& piece) {
    if (cedar::first_in(piece.when)) left.push_back(piece);
  };
  cut_off(rest.when.values, taken.when.values, [&](const cedar::Span& piece) {
    Opening beside = rest;
    beside.when.values = piece;
    keep(beside);
  });
  cut_off(rest.reads, taken.reads, [&](const cedar::Span& piece) {
    Opening beside = rest;
    beside.reads = piece;
    keep(beside);
  });
  cut_off(times, taken_times, [&](const cedar::Span& piece) {
    Opening beside = rest;
    beside.when.time_of_day = piece;
    keep(beside);
  });
  return left;
}

}  // namespace

Exposure::Exposure(const PolicyGround& ground, const grants::Purposes& purposes,
                   const std::vector<std::string>& fields)
    : ground_(ground), purposes_(purposes) {
  sort_into_alikes(fields);
}

// Two fields that no policy names, of the same attributes and in the same categories, get the same answers.
void Exposure::sort_into_alikes(const std::vector<std::string>& fields) {
  const auto named = cedar::entities_named_in(ground_.policies, "VRM::Field");
  std::map<std::pair<cedar::Record, std::vector<cedar::EntityUid>>, std::size_t> known;
  const brands::Brand nobody;
  for (const std::string& field : fields) {
    const auto world = world_of(ground_, {nobody, nullptr, field, "", {}});
    const cedar::Entity* entity =
        world.ok() ? world.value().entities.find(world.value().request.resource) : nullptr;
    if (entity == nullptr || named.contains(entity->uid)) {
      alikes_.push_back({field});
      continue;
    }
    auto parents = entity->parents;
    std::sort(parents.begin(), parents.end());
    const auto [place, is_new] =
        known.try_emplace({entity->attributes, std::move(parents)}, alikes_.size());
    if (is_new) alikes_.emplace_back();
    alikes_[place->second].push_back(field);
  }
}

std::vector<Exposure::Part> Exposure::parts_of(const grants::Grant& grant, Instant from) {
  std::vector<std::int64_t> moments;
  for (const Instant at : grant.turning_moments()) moments.push_back(at.ms);
  std::vector<Part> parts;
  for (const auto& times : cut_at({from.ms, kNoEnd}, std::move(moments)))
    for (const auto& reads : cut_at({grant.reads, kNoEnd}, grant.turning_counts()))
      parts.push_back({times, reads});
  return parts;
}

Result<std::vector<Opening>> Exposure::of(const brands::Brand& brand, const grants::Grant& grant,
                                          Instant from) const {
  std::vector<Opening> openings;
  for (const Part& part : parts_of(grant, from)) {
    grants::Grant then = taken_up(grant);
    then.reads = part.reads.first;
    if (then.condition({part.times.first}) != grants::Condition::Active) continue;
    TRY(add_part(brand, then, part, openings));
  }
  for (Opening& opening : openings) opening.reads_so_far = grant.reads;
  return openings;
}

Result<void> Exposure::add_part(const brands::Brand& brand, const grants::Grant& grant,
                                const Part& part, std::vector<Opening>& openings) const {
  if (alikes_.empty()) return {};
  const auto open = left_open(grant, part.times, part.reads);
  for (const auto& purpose : purposes_.all()) {
    const Question question{
        brand, &grant, alikes_.front().front(), purpose.dpv, {part.times.first}};
    const auto world = TRY(world_of(ground_, question));
    if (cedar::may_allow_some(world.request, ground_.policies, world.entities, open))
      TRY(add_purpose(question, part, openings));
  }
  return {};
}

Result<void> Exposure::add_purpose(const Question& question, const Part& part,
                                   std::vector<Opening>& openings) const {
  const auto open = left_open(*question.grant, part.times, part.reads);
  for (Alike fields : alikes_) {
    std::erase_if(fields, [&](const auto& field) { return !question.grant->covers(field); });
    if (fields.empty()) continue;
    Question asked = question;
    asked.field = fields.front();
    const auto world = TRY(world_of(ground_, asked));
    const auto pieces =
        TRY(cedar::enumerate(world.request, ground_.policies, world.entities, open));
    for (const std::string& field : fields)
      for (const cedar::Piece& piece : pieces)
        if (lets_pass(piece.response))
          openings.push_back({question.brand.handle, question.grant->id.text, field,
                              std::string(question.purpose), piece.box[0], 0, piece.box[1].values,
                              question.grant->is_once(field), piece.response.reasons});
  }
  return {};
}

std::vector<Opening> newly_open(const std::vector<Opening>& before,
                                const std::vector<Opening>& after) {
  using Cell = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Cell, std::vector<const Opening*>> by_cell;
  for (const Opening& opening : before) by_cell[Cell(cell_of(opening))].push_back(&opening);
  std::vector<Opening> all;
  for (const Opening& opening : after) {
    std::vector<Opening> left{opening};
    const auto found = by_cell.find(Cell(cell_of(opening)));
    if (found != by_cell.end())
      for (const Opening* taken : found->second) {
        std::vector<Opening> rest;
        for (const Opening& piece : left)
          for (Opening& cut : cut_out(piece, *taken)) rest.push_back(std::move(cut));
        left = std::move(rest);
      }
    all.insert(all.end(), left.begin(), left.end());
  }
  return all;
}

}  // namespace vrm::gate

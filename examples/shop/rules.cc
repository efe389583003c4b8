#include "examples/shop/rules.h"

#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostFields = 20;
constexpr std::size_t kMostReasonBytes = 200;

Error not_asked(const char* why) {
  return {ErrorCode::Malformed, why};
}

}  // namespace

std::vector<std::string> Wish::all() const {
  std::vector<std::string> fields = needed;
  fields.insert(fields.end(), optional.begin(), optional.end());
  return fields;
}

Result<void> check_wish(const Wish& wish) {
  const std::vector<std::string> fields = wish.all();
  if (wish.needed.empty()) return not_asked("at least one field must be needed");
  if (fields.size() > kMostFields) return not_asked("more than 20 fields: nobody grants that");
  if (std::set(fields.begin(), fields.end()).size() != fields.size()) {
    return not_asked("a field is named twice");
  }
  if (wish.purpose.empty()) return not_asked("a purpose is missing");
  if (wish.reason.empty()) return not_asked("a reason is missing: the owner will want one");
  if (wish.reason.size() > kMostReasonBytes) return not_asked("the reason is too long to be read");
  if (wish.max_reads.value_or(1) <= 0 || wish.retention_days <= 0 || wish.expires_in_s <= 0) {
    return not_asked("reads, days and seconds are at least 1");
  }
  return {};
}

std::string details_of(const Wish& wish) {
  nlohmann::json detail = {{"type", "vrm_data"},
                           {"actions", {"read"}},
                           {"datatypes", wish.needed},
                           {"purpose", wish.purpose},
                           {"retention_days", wish.retention_days},
                           {"expires_in", wish.expires_in_s},
                           {"reason", wish.reason}};
  if (!wish.optional.empty()) detail["optional"] = wish.optional;
  if (wish.max_reads) detail["max_reads"] = *wish.max_reads;
  if (!wish.terms.empty()) detail["terms"] = {{"id", wish.terms}, {"digest", wish.terms_digest}};
  return write_json(nlohmann::json::array({detail}));
}

}  // namespace vrm::shop

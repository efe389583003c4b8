#include "policies/cedar/sample.h"

#include <algorithm>

#include "vault/base/check.h"

namespace cedar {

namespace {

Value value_at(const OpenValue& open, std::int64_t at) {
  return open.kind == OpenValue::Kind::Long ? Value(at) : Value(Datetime{at});
}

// REQUIRES: the record has such a member.
Record with_member(const Record& record, const std::string& name, Value value) {
  std::vector<Record::Member> members(record.begin(), record.end());
  const auto found =
      std::find_if(members.begin(), members.end(),
                   [&](const Record::Member& member) { return member.first == name; });
  VRM_CHECK(found != members.end());
  found->second = std::move(value);
  return Record(std::move(members));
}

}  // namespace

bool stands(const Request& request, const Entities& entities, const OpenValue& open) {
  if (!open.owner) return request.context.find(open.name) != nullptr;
  const Entity* owner = entities.find(*open.owner);
  return owner != nullptr && owner->attributes.find(open.name) != nullptr;
}

Sample::Sample(const Request& request, const Entities& entities, std::span<const OpenValue> open,
               const Box& box)
    : request_(request), entities_(&entities) {
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto at = first_in(box[i]);
    VRM_CHECK(at.has_value());
    Value value = value_at(open[i], *at);
    if (!open[i].owner) {
      request_.context = with_member(request_.context, open[i].name, std::move(value));
      continue;
    }
    const Entity* owner = entities_->find(*open[i].owner);
    VRM_CHECK(owner != nullptr);
    auto overlay = Entities::with_attributes(
        *entities_, *open[i].owner, with_member(owner->attributes, open[i].name, std::move(value)));
    VRM_CHECK(overlay.ok());
    overlays_.push_back(std::make_unique<const Entities>(std::move(overlay).value()));
    entities_ = overlays_.back().get();
  }
}

}  // namespace cedar

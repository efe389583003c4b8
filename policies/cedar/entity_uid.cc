#include "policies/cedar/entity_uid.h"

#include <functional>
#include <utility>

#include "policies/cedar/name.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/check.h"

namespace cedar {

EntityUid::EntityUid(std::string type, std::string id) {
  VRM_CHECK(is_name(type));
  parts_ = make_parts(std::move(type), std::move(id));
}

std::shared_ptr<const EntityUid::Parts> EntityUid::make_parts(std::string type, std::string id) {
  const std::hash<std::string> hash;
  const std::size_t both = hash(type) * 31 + hash(id);
  return std::make_shared<const Parts>(Parts{std::move(type), std::move(id), both});
}

std::string EntityUid::to_string() const {
  return type() + "::" + quote_string(id());
}

std::strong_ordering operator<=>(const EntityUid& a, const EntityUid& b) {
  if (a.parts_ == b.parts_) return std::strong_ordering::equal;
  const auto types = a.type() <=> b.type();
  return types != 0 ? types : a.id() <=> b.id();
}

}  // namespace cedar

#pragma once
// The name of an entity: its type and its id, as User::"alice".
//
// A uid is a handle to something that never changes: copies share it, from any thread.

#include <compare>
#include <memory>
#include <string>
#include <utility>

#include "policies/cedar/same_text.h"

namespace cedar {

class EntityUid {
 public:
  // REQUIRES: is_name(type).
  EntityUid(std::string type, std::string id);

  const std::string& type() const { return parts_->type; }
  const std::string& id() const { return parts_->id; }
  std::size_t hash() const { return parts_->hash; }

  // Another one of the same type.
  EntityUid with_id(std::string id) const { return EntityUid(make_parts(type(), std::move(id))); }

  // As a policy writes it.
  std::string to_string() const;

  friend bool operator==(const EntityUid& a, const EntityUid& b) {
    return a.parts_ == b.parts_ ||
           (a.hash() == b.hash() && same_text(a.id(), b.id()) && same_text(a.type(), b.type()));
  }
  friend std::strong_ordering operator<=>(const EntityUid& a, const EntityUid& b);

 private:
  struct Parts {
    std::string type;
    std::string id;
    std::size_t hash;
  };
  explicit EntityUid(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  static std::shared_ptr<const Parts> make_parts(std::string type, std::string id);

  std::shared_ptr<const Parts> parts_;
};

struct EntityUidHash {
  std::size_t operator()(const EntityUid& uid) const { return uid.hash(); }
};

}  // namespace cedar

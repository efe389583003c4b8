#pragma once
// The name of an entity: its type and its id, as User::"alice".
//
// A uid is a handle to something that never changes: copies share it, from any thread.

#include <compare>
#include <memory>
#include <string>

namespace cedar {

class EntityUid {
 public:
  // REQUIRES: is_name(type).
  EntityUid(std::string type, std::string id);

  const std::string& type() const { return parts_->type; }
  const std::string& id() const { return parts_->id; }
  std::size_t hash() const { return parts_->hash; }

  // As a policy writes it.
  std::string to_string() const;

  friend bool operator==(const EntityUid& a, const EntityUid& b) {
    return a.parts_ == b.parts_ ||
           (a.hash() == b.hash() && a.id() == b.id() && a.type() == b.type());
  }
  friend std::strong_ordering operator<=>(const EntityUid& a, const EntityUid& b);

 private:
  struct Parts {
    std::string type;
    std::string id;
    std::size_t hash;
  };
  std::shared_ptr<const Parts> parts_;
};

struct EntityUidHash {
  std::size_t operator()(const EntityUid& uid) const { return uid.hash(); }
};

}  // namespace cedar

#pragma once
// The entities that policies may look at: attributes, tags and who is in what.
//
//   resident store  <-  overlay of one request  <-  ...
//
// A store never changes once it is made and may be read from any thread. An overlay shows
// everything of the store under it and adds a few entities and memberships, without copying the
// store.

#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "policies/cedar/value.h"
#include "vault/base/result.h"

namespace cedar {

struct Entity {
  EntityUid uid;
  Record attributes = {};
  Record tags = {};
  std::vector<EntityUid> parents = {};  // an entity is also in the parents of its parents
};

// `member` gets `group` as one more parent.
struct Membership {
  EntityUid member;
  EntityUid group;
};

class Entities {
 public:
  // The empty store.
  Entities() = default;

  // Parents need not be in the store. One entity may be given twice if both are the same.
  // Conflict: two different entities of one uid. Malformed: an entity would be in itself.
  static vrm::Result<Entities> make(std::vector<Entity> entities);

  // What make() would give for the entities of both, with the memberships added.
  // Conflict: an entity that the base has; or parents for one that entities of the base are in,
  // since their ancestors are settled. NotFound: the member of a membership has no entity.
  // Malformed: an entity would be in itself. REQUIRES: `base` lives, and stays where it is, as long
  // as the overlay.
  static vrm::Result<Entities> overlay(const Entities& base, std::vector<Entity> entities,
                                       std::span<const Membership> memberships = {});

  // The base with other attributes for one entity, which keeps its parents and tags. NotFound: it has
  // no such entity. REQUIRES: as for overlay().
  static vrm::Result<Entities> with_attributes(const Entities& base, const EntityUid& uid,
                                               Record attributes);

  // Null: no such entity here or below. The pointer lives as long as the store that has it.
  const Entity* find(const EntityUid& uid) const;

  // Whether `member` is `group`, or in it through any number of parents. Neither needs to be in the
  // store.
  bool is_in(const EntityUid& member, const EntityUid& group) const;

  // What it is in, through any number of parents, in an order of ours; without itself. It lives as long as the store that has
  // it.
  std::span<const EntityUid> ancestors(const EntityUid& uid) const;
  // Whether the group is among what ancestors() gave.
  static bool has(std::span<const EntityUid> ancestors, const EntityUid& group);

  // How many are here, without the store below.
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Node {
    Entity entity;
    std::vector<EntityUid> ancestors = {};  // transitive, sorted by hash
    std::size_t settled = 0;                // so many of its parents are in `ancestors` already
  };

  vrm::Result<void> add(Entity entity);
  vrm::Result<void> add_membership(const Membership& membership);
  void put(Node node);
  vrm::Result<void> close();
  bool is_flat() const;
  vrm::Result<void> close_from(Node& start, std::unordered_set<EntityUid, EntityUidHash>& closed);
  void gather_ancestors(Node& node) const;
  const Node* find_here(const EntityUid& uid) const;
  Node* find_here(const EntityUid& uid);
  const Node* find_node(const EntityUid& uid) const;
  bool has_members(const EntityUid& group) const;

  // What finds a node among many. A few, as in an overlay, are looked through.
  struct Tables {
    std::unordered_map<EntityUid, std::size_t, EntityUidHash> places;  // in nodes_
    std::unordered_set<EntityUid, EntityUidHash> groups;               // every parent of a node
  };

  const Entities* base_ = nullptr;
  std::vector<Node> nodes_;
  std::shared_ptr<Tables>
      tables_;  // null: there are few; else it changes no more once the store is made
};

}  // namespace cedar

#include "policies/cedar/entities.h"

#include <algorithm>
#include <utility>

namespace cedar {

namespace {

// So many nodes are looked through; for more there is a table.
constexpr std::size_t kFewNodes = 8;

bool by_hash(const EntityUid& a, const EntityUid& b) {
  return a.hash() != b.hash() ? a.hash() < b.hash() : a < b;
}

// REQUIRES: they are as sort_once() leaves them.
void insert_once(std::vector<EntityUid>& uids, const EntityUid& uid) {
  const auto place = std::lower_bound(uids.begin(), uids.end(), uid, by_hash);
  if (place == uids.end() || *place != uid) uids.insert(place, uid);
}

void sort_once(std::vector<EntityUid>& uids) {
  std::sort(uids.begin(), uids.end(), by_hash);
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
}

bool same(const Entity& a, const Entity& b) {
  auto parents_a = a.parents;
  auto parents_b = b.parents;
  sort_once(parents_a);
  sort_once(parents_b);
  return a.attributes == b.attributes && a.tags == b.tags && parents_a == parents_b;
}

vrm::Error conflict(std::string message) {
  return vrm::Error{vrm::ErrorCode::Conflict, std::move(message)};
}

}  // namespace

vrm::Result<Entities> Entities::make(std::vector<Entity> entities) {
  Entities store;
  store.nodes_.reserve(entities.size());
  for (Entity& entity : entities) TRY(store.add(std::move(entity)));
  TRY(store.close());
  return store;
}

vrm::Result<Entities> Entities::overlay(const Entities& base, std::vector<Entity> entities,
                                        std::span<const Membership> memberships) {
  Entities store;
  store.base_ = &base;
  store.nodes_.reserve(entities.size() + memberships.size());
  for (Entity& entity : entities) {
    if (base.find_node(entity.uid) != nullptr)
      return conflict("the entity `" + entity.uid.to_string() + "` is in the store already");
    TRY(store.add(std::move(entity)));
  }
  for (const Membership& membership : memberships) TRY(store.add_membership(membership));
  for (const Node& node : store.nodes_) {
    if (!node.entity.parents.empty() && base.has_members(node.entity.uid))
      return conflict("the entity `" + node.entity.uid.to_string() +
                      "` cannot get parents: others in the store are in it");
  }
  TRY(store.close());
  return store;
}

vrm::Result<Entities> Entities::with_attributes(const Entities& base, const EntityUid& uid,
                                                Record attributes) {
  const Node* below = base.find_node(uid);
  if (below == nullptr)
    return vrm::Error{vrm::ErrorCode::NotFound, "entity `" + uid.to_string() + "` does not exist"};
  Entities store;
  store.base_ = &base;
  Node node = *below;
  node.entity.attributes = std::move(attributes);
  store.put(std::move(node));
  return store;
}

vrm::Result<void> Entities::add(Entity entity) {
  const Node* found = find_here(entity.uid);
  if (found == nullptr) {
    put({std::move(entity)});
    return {};
  }
  if (same(found->entity, entity)) return {};
  return conflict("duplicate entity entry `" + entity.uid.to_string() + "`");
}

vrm::Result<void> Entities::add_membership(const Membership& membership) {
  Node* found = find_here(membership.member);
  if (found == nullptr) {
    const Node* below = base_->find_node(membership.member);
    if (below == nullptr)
      return vrm::Error{vrm::ErrorCode::NotFound,
                        "entity `" + membership.member.to_string() + "` does not exist"};
    const Entity& entity = below->entity;
    std::vector<EntityUid> parents;
    parents.reserve(entity.parents.size() + 1);
    parents.assign(entity.parents.begin(), entity.parents.end());
    std::vector<EntityUid> ancestors;
    ancestors.reserve(below->ancestors.size() + 2);
    ancestors.assign(below->ancestors.begin(), below->ancestors.end());
    put({{entity.uid, entity.attributes, entity.tags, std::move(parents)},
         std::move(ancestors),
         entity.parents.size()});
    found = &nodes_.back();
  }
  found->entity.parents.push_back(membership.group);
  return {};
}

void Entities::put(Node node) {
  nodes_.push_back(std::move(node));
  if (nodes_.size() <= kFewNodes) return;
  std::size_t first = nodes_.size() - 1;
  if (tables_ == nullptr) {
    tables_ = std::make_shared<Tables>();
    first = 0;
  }
  for (std::size_t i = first; i < nodes_.size(); ++i)
    tables_->places.emplace(nodes_[i].entity.uid, i);
}

vrm::Result<void> Entities::close() {
  if (is_flat()) {
    for (Node& node : nodes_)
      if (!node.entity.parents.empty()) gather_ancestors(node);
  } else {
    std::unordered_set<EntityUid, EntityUidHash> closed;
    for (Node& node : nodes_) TRY(close_from(node, closed));
  }
  if (tables_ == nullptr) return {};
  for (const Node& node : nodes_)
    tables_->groups.insert(node.entity.parents.begin(), node.entity.parents.end());
  return {};
}

// Whether nobody here is in somebody here who is in something: then there is no order to keep, and no circle.
bool Entities::is_flat() const {
  for (const Node& node : nodes_)
    for (const EntityUid& parent : node.entity.parents)
      if (const Node* found = find_here(parent); found != nullptr && !found->entity.parents.empty())
        return false;
  return true;
}

// Depth first without recursion, so that a long chain needs no stack. `path` is the way from
// `start` to the node at hand; a parent that is on the path closes a circle.
vrm::Result<void> Entities::close_from(Node& start,
                                       std::unordered_set<EntityUid, EntityUidHash>& closed) {
  struct Step {
    Node* node;
    std::size_t next_parent;
  };
  if (start.entity.parents.empty() || closed.contains(start.entity.uid)) return {};
  std::vector<Step> path{{&start, 0}};
  std::unordered_set<EntityUid, EntityUidHash> on_path{start.entity.uid};
  while (!path.empty()) {
    Node& node = *path.back().node;
    if (path.back().next_parent == node.entity.parents.size()) {
      gather_ancestors(node);
      closed.insert(node.entity.uid);
      on_path.erase(node.entity.uid);
      path.pop_back();
      continue;
    }
    const EntityUid& parent = node.entity.parents[path.back().next_parent++];
    if (on_path.contains(parent))
      return vrm::Error{vrm::ErrorCode::Malformed,
                        "the entity `" + parent.to_string() + "` would be in itself"};
    Node* found = find_here(parent);
    if (found == nullptr || closed.contains(parent)) continue;
    path.push_back({found, 0});
    on_path.insert(parent);
  }
  return {};
}

// The parents and their ancestors, which are settled before.
void Entities::gather_ancestors(Node& node) const {
  const auto& parents = node.entity.parents;
  if (node.settled > 0 && parents.size() - node.settled == 1) {
    insert_once(node.ancestors, parents.back());
    const Node* found = find_node(parents.back());
    if (found != nullptr)
      for (const EntityUid& above : found->ancestors) insert_once(node.ancestors, above);
    node.settled = parents.size();
    return;
  }
  node.ancestors.reserve(node.ancestors.size() + 2 * (parents.size() - node.settled));
  for (std::size_t i = node.settled; i < parents.size(); ++i) {
    node.ancestors.push_back(parents[i]);
    const Node* found = find_node(parents[i]);
    if (found == nullptr) continue;
    node.ancestors.insert(node.ancestors.end(), found->ancestors.begin(), found->ancestors.end());
  }
  node.settled = parents.size();
  sort_once(node.ancestors);
}

const Entities::Node* Entities::find_here(const EntityUid& uid) const {
  if (tables_ == nullptr) {
    for (const Node& node : nodes_)
      if (node.entity.uid == uid) return &node;
    return nullptr;
  }
  const auto found = tables_->places.find(uid);
  return found == tables_->places.end() ? nullptr : &nodes_[found->second];
}

Entities::Node* Entities::find_here(const EntityUid& uid) {
  return const_cast<Node*>(std::as_const(*this).find_here(uid));
}

const Entities::Node* Entities::find_node(const EntityUid& uid) const {
  for (const Entities* store = this; store != nullptr; store = store->base_)
    if (const Node* found = store->find_here(uid)) return found;
  return nullptr;
}

bool Entities::has_members(const EntityUid& group) const {
  for (const Entities* store = this; store != nullptr; store = store->base_) {
    if (store->tables_ != nullptr) {
      if (store->tables_->groups.contains(group)) return true;
      continue;
    }
    for (const Node& node : store->nodes_) {
      const auto& parents = node.entity.parents;
      if (std::find(parents.begin(), parents.end(), group) != parents.end()) return true;
    }
  }
  return false;
}

const Entity* Entities::find(const EntityUid& uid) const {
  const Node* node = find_node(uid);
  return node == nullptr ? nullptr : &node->entity;
}

std::span<const EntityUid> Entities::ancestors(const EntityUid& uid) const {
  const Node* node = find_node(uid);
  if (node == nullptr) return {};
  return node->ancestors;
}

bool Entities::has(std::span<const EntityUid> ancestors, const EntityUid& group) {
  return std::binary_search(ancestors.begin(), ancestors.end(), group, by_hash);
}

bool Entities::is_in(const EntityUid& member, const EntityUid& group) const {
  return member == group || has(ancestors(member), group);
}

}  // namespace cedar

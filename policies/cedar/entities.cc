#include "policies/cedar/entities.h"

#include <algorithm>

namespace cedar {

namespace {

bool by_hash(const EntityUid& a, const EntityUid& b) {
  return a.hash() != b.hash() ? a.hash() < b.hash() : a < b;
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
                                        const std::vector<Membership>& memberships) {
  Entities store;
  store.base_ = &base;
  for (Entity& entity : entities) {
    if (base.find_node(entity.uid) != nullptr)
      return conflict("the entity `" + entity.uid.to_string() + "` is in the store already");
    TRY(store.add(std::move(entity)));
  }
  for (const Membership& membership : memberships) TRY(store.add_membership(membership));
  for (const auto& [uid, node] : store.nodes_) {
    if (!node.entity.parents.empty() && base.has_members(uid))
      return conflict("the entity `" + uid.to_string() +
                      "` cannot get parents: others in the store are in it");
  }
  TRY(store.close());
  return store;
}

vrm::Result<void> Entities::add(Entity entity) {
  const auto found = nodes_.find(entity.uid);
  if (found == nodes_.end()) {
    const EntityUid uid = entity.uid;
    nodes_.emplace(uid, Node{std::move(entity)});
    return {};
  }
  if (same(found->second.entity, entity)) return {};
  return conflict("duplicate entity entry `" + entity.uid.to_string() + "`");
}

vrm::Result<void> Entities::add_membership(const Membership& membership) {
  auto found = nodes_.find(membership.member);
  if (found == nodes_.end()) {
    const Node* below = base_->find_node(membership.member);
    if (below == nullptr)
      return vrm::Error{vrm::ErrorCode::NotFound,
                        "entity `" + membership.member.to_string() + "` does not exist"};
    found = nodes_.emplace(membership.member, Node{below->entity}).first;
  }
  found->second.entity.parents.push_back(membership.group);
  return {};
}

vrm::Result<void> Entities::close() {
  for (const auto& [uid, node] : nodes_)
    groups_.insert(node.entity.parents.begin(), node.entity.parents.end());
  std::unordered_set<EntityUid, EntityUidHash> closed;
  for (auto& [uid, node] : nodes_) TRY(close_from(node, closed));
  return {};
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
    const auto found = nodes_.find(parent);
    if (found == nodes_.end() || closed.contains(parent)) continue;
    path.push_back({&found->second, 0});
    on_path.insert(parent);
  }
  return {};
}

// The parents and their ancestors, which are settled before.
void Entities::gather_ancestors(Node& node) const {
  node.ancestors = node.entity.parents;
  for (const EntityUid& parent : node.entity.parents) {
    const Node* found = find_node(parent);
    if (found == nullptr) continue;
    node.ancestors.insert(node.ancestors.end(), found->ancestors.begin(), found->ancestors.end());
  }
  sort_once(node.ancestors);
}

const Entities::Node* Entities::find_node(const EntityUid& uid) const {
  for (const Entities* store = this; store != nullptr; store = store->base_) {
    const auto found = store->nodes_.find(uid);
    if (found != store->nodes_.end()) return &found->second;
  }
  return nullptr;
}

bool Entities::has_members(const EntityUid& group) const {
  for (const Entities* store = this; store != nullptr; store = store->base_)
    if (store->groups_.contains(group)) return true;
  return false;
}

const Entity* Entities::find(const EntityUid& uid) const {
  const Node* node = find_node(uid);
  return node == nullptr ? nullptr : &node->entity;
}

bool Entities::is_in(const EntityUid& member, const EntityUid& group) const {
  if (member == group) return true;
  const Node* node = find_node(member);
  return node != nullptr &&
         std::binary_search(node->ancestors.begin(), node->ancestors.end(), group, by_hash);
}

}  // namespace cedar

#include "vault/grants/grant_book.h"

#include <algorithm>

namespace vrm::grants {

namespace {

Error unknown_grant(std::string_view typed) {
  return refusal(ErrorCode::NotFound, "grant.unknown", {{"grant", std::string(typed)}});
}

Error ended(const Grant& grant, Condition condition) {
  return Error{ErrorCode::Denied,
               "grant " + grant.id.text + " is " + std::string(to_string(condition))};
}

}  // namespace

Result<GrantPtr> GrantBook::find_typed(std::string_view typed) const {
  const std::string id = TRY(id_from_typed(GrantKind::kPrefix, typed));
  const auto found = rows_.beginning_with(id);
  if (found.empty()) return unknown_grant(typed);
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  return found.front();
}

std::vector<GrantPtr> GrantBook::list() const {
  auto all = rows_.all();
  std::stable_sort(all.begin(), all.end(),
                   [](const GrantPtr& a, const GrantPtr& b) { return a->made_at > b->made_at; });
  return all;
}

Result<GrantPtr> GrantBook::make(store::Txn& txn, Grant grant, Random& random) {
  random.fill(grant.row);
  txn.anchor();
  return rows_.put(txn, std::move(grant));
}

Result<GrantPtr> GrantBook::release(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  const Condition condition = grant->condition(now);
  if (condition == Condition::Waiting || condition == Condition::Active) return grant;
  if (condition != Condition::Held) return ended(*grant, condition);
  Grant next = *grant;
  next.stored = Stored::Waiting;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::activate(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  const Condition condition = grant->condition(now);
  if (condition == Condition::Active) return grant;
  if (condition != Condition::Waiting) return ended(*grant, condition);
  Grant next = *grant;
  next.stored = Stored::Active;
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::revoke(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  if (grant->stored == Stored::Revoked) return grant;
  Grant next = *grant;
  next.stored = Stored::Revoked;
  next.revoked_at = now;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::give_back(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  const Condition condition = grant->condition(now);
  if (has_ended(condition)) return ended(*grant, condition);
  Grant next = *grant;
  next.stored = Stored::Revoked;
  next.revoked_at = now;
  next.given_back = true;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::renew(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  const Condition condition = grant->condition(now);
  if (condition != Condition::Active && condition != Condition::Waiting)
    return refusal(ErrorCode::Denied, "grant.no_renewal", {{"grant", grant->id.text}});
  Grant next = *grant;
  next.expires_at = now + grant->life();
  next.renewed_at = now;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::end_unused(store::Txn& txn, std::string_view id, Instant now,
                                       Duration limit) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  if (!grant->is_unused(now, limit)) return GrantPtr();
  Grant next = *grant;
  next.stored = Stored::Unused;
  next.unused_at = now;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::suspend(store::Txn& txn, std::string_view id) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  Grant next = *grant;
  next.suspended = true;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::confirm(store::Txn& txn, std::string_view id, Instant now) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  const Condition condition = grant->condition(now);
  if (has_ended(condition)) return ended(*grant, condition);
  if (!grant->suspended) return grant;
  Grant next = *grant;
  next.suspended = false;
  txn.anchor();
  return rows_.put(txn, std::move(next));
}

Result<GrantPtr> GrantBook::use(store::Txn& txn, std::string_view id,
                                const std::vector<std::string>& fields, Instant now,
                                Counting counting) {
  const GrantPtr grant = find(id);
  if (grant == nullptr) return unknown_grant(id);
  Grant next = *grant;
  if (counting == Counting::Before) next.uncount_read(fields);
  const Condition condition = next.condition(now);
  if (condition != Condition::Active) return ended(*grant, condition);
  for (const auto& field : fields)
    if (!next.covers(field)) return Error{ErrorCode::Conflict, "a field is not in the grant"};
  next.count_read(fields);
  next.last_read_at = now;
  return rows_.put_late(txn, std::move(next));
}

}  // namespace vrm::grants

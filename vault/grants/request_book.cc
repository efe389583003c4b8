#include "vault/grants/request_book.h"

#include <algorithm>

namespace vrm::grants {

namespace {

Error unknown_request(std::string_view typed) {
  return refusal(ErrorCode::NotFound, "request.unknown", {{"request", std::string(typed)}});
}

}  // namespace

Result<RequestPtr> RequestBook::find_typed(std::string_view typed) const {
  const std::string id = TRY(id_from_typed(RequestKind::kPrefix, typed));
  const auto found = rows_.beginning_with(id);
  if (found.empty()) return unknown_request(typed);
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  return found.front();
}

std::vector<RequestPtr> RequestBook::list() const {
  auto all = rows_.all();
  std::stable_sort(all.begin(), all.end(), [](const RequestPtr& a, const RequestPtr& b) {
    return a->received_at > b->received_at;
  });
  return all;
}

RequestBook::Load RequestBook::load_of(std::string_view brand, Instant now, Instant since) const {
  Load load;
  for (const auto& request : rows_.all()) {
    if (request->brand != brand) continue;
    if (request->looks_pending(now)) load.lapse_at.push_back(request->lapses_at);
    if (request->received_at > since) load.came_at.push_back(request->received_at);
  }
  std::sort(load.lapse_at.begin(), load.lapse_at.end());
  std::sort(load.came_at.begin(), load.came_at.end());
  return load;
}

Result<RequestPtr> RequestBook::receive(store::Txn& txn, AccessRequest request, Random& random) {
  random.fill(request.row);
  return rows_.put(txn, std::move(request));
}

Result<RequestPtr> RequestBook::pending(std::string_view id, Instant now) const {
  const RequestPtr request = find(id);
  if (request == nullptr) return unknown_request(id);
  const RequestCondition condition = request->condition(now);
  if (condition != RequestCondition::Pending)
    return refusal(ErrorCode::Conflict, "request.answered", {{"request", request->id.text}});
  return request;
}

Result<RequestPtr> RequestBook::approve(store::Txn& txn, std::string_view id,
                                        std::string_view grant, Instant now,
                                        std::string_view rule) {
  const RequestPtr request = TRY(pending(id, now));
  AccessRequest next = *request;
  next.rule = rule;
  next.answered = Answered::Approved;
  next.grant = grant;
  return rows_.put(txn, std::move(next));
}

Result<RequestPtr> RequestBook::deny(store::Txn& txn, std::string_view id, bool tell, Instant now) {
  const RequestPtr request = TRY(pending(id, now));
  AccessRequest next = *request;
  next.answered = Answered::Denied;
  next.tell = tell;
  return rows_.put(txn, std::move(next));
}

}  // namespace vrm::grants

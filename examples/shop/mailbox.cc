#include "examples/shop/mailbox.h"

#include <algorithm>
#include <utility>

#include "vault/base/ids.h"

namespace vrm::shop {
namespace {

// What the shape of an envelope, and escapes in its texts, may add.
constexpr std::size_t kShapeBytes = 200;
constexpr std::size_t kPairBytes = 8;

}  // namespace

std::size_t envelope_bytes(const Parcel& parcel) {
  const Request& request = parcel.request;
  std::size_t text = request.path.size() + request.query.size();
  for (const auto& [name, value] : request.headers) {
    text += name.size() + value.size() + kPairBytes;
  }
  return kShapeBytes + 2 * text + (request.body.size() + 2) / 3 * 4;
}

Result<Response> Mailbox::pass_on(const std::string& vid, Request request) {
  Waiting fresh{.parcel = {new_unguessable_name(random_), std::move(request)}};
  if (envelope_bytes(fresh.parcel) > kMostEnvelopeBytes) {
    return Error{ErrorCode::Denied, "the request is too large to be passed on"};
  }
  std::unique_lock guard(lock_);
  Box& box = boxes_[vid];
  if (box.waiting.size() >= kMostWaiting) {
    return Error{ErrorCode::Denied, "too many requests wait for this vault"};
  }
  const auto mine = box.waiting.insert(box.waiting.end(), std::move(fresh));
  changed_.notify_all();
  changed_.wait_for(guard, hold_, [&] { return closed_ || mine->response.has_value(); });
  std::optional<Response> response = std::move(mine->response);
  box.waiting.erase(mine);
  if (!response) return Error{ErrorCode::Unavailable, "the vault did not answer in time"};
  return std::move(*response);
}

std::vector<Parcel> Mailbox::take_parcels(Box& box) const {
  const Steady::time_point now = Steady::now();
  std::vector<Parcel> taken;
  std::size_t bytes = 0;
  for (Waiting& one : box.waiting) {
    if (one.response || (one.collected && *one.collected + again_ > now)) continue;
    bytes += envelope_bytes(one.parcel);
    if (bytes > kMostEnvelopeBytes) break;
    one.collected = now;
    taken.push_back(one.parcel);
  }
  return taken;
}

// When the first of those that were collected is given out again, but not after `latest`.
Mailbox::Steady::time_point Mailbox::next_again(const Box& box, Steady::time_point latest) const {
  for (const Waiting& one : box.waiting) {
    if (one.collected && !one.response) latest = std::min(latest, *one.collected + again_);
  }
  return latest;
}

std::vector<Parcel> Mailbox::collect(const std::string& vid) {
  std::unique_lock guard(lock_);
  Box& box = boxes_[vid];
  const std::uint64_t turn = ++box.turn;
  changed_.notify_all();
  const Steady::time_point end = Steady::now() + hold_;
  while (!closed_ && box.turn == turn) {
    std::vector<Parcel> taken = take_parcels(box);
    if (!taken.empty() || Steady::now() >= end) return taken;
    changed_.wait_until(guard, next_again(box, end));
  }
  return {};
}

Result<void> Mailbox::answer(const std::string& vid, const std::string& id, Response response) {
  const std::lock_guard guard(lock_);
  Box& box = boxes_[vid];
  const auto found = std::find_if(box.waiting.begin(), box.waiting.end(), [&](const Waiting& one) {
    return one.parcel.id == id && one.collected && !one.response;
  });
  if (found == box.waiting.end()) return Error{ErrorCode::NotFound, "nobody waits for that"};
  found->response = std::move(response);
  changed_.notify_all();
  return {};
}

void Mailbox::close() {
  const std::lock_guard guard(lock_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace vrm::shop

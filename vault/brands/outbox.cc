#include "vault/brands/outbox.h"

#include <nlohmann/json.hpp>

#include "vault/base/ids.h"
#include "vault/base/json.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kMostRecordBytes = 256 * 1024;

Result<Outgoing> outgoing_from(const nlohmann::json& record) {
  Outgoing message;
  message.id = TRY(need_string(record, "id"));
  message.brand = TRY(need_string(record, "brand"));
  message.about = TRY(need_string(record, "about"));
  message.url = TRY(need_string(record, "url"));
  message.content_type = TRY(need_string(record, "content_type"));
  message.body = TRY(need_string(record, "body"));
  message.attempts = TRY(need_int(record, "attempts"));
  message.due = {TRY(need_int(record, "due"))};
  message.given_up_at = {TRY(need_int(record, "given_up_at"))};
  return message;
}

}  // namespace

Bytes write_outgoing(const Outgoing& message) {
  const std::string text = write_json({{"id", message.id},
                                       {"brand", message.brand},
                                       {"about", message.about},
                                       {"url", message.url},
                                       {"content_type", message.content_type},
                                       {"body", message.body},
                                       {"attempts", message.attempts},
                                       {"due", message.due.ms},
                                       {"given_up_at", message.given_up_at.ms}});
  return {text.begin(), text.end()};
}

Result<Outgoing> read_outgoing(BytesView record) {
  const auto json = read_json(text_of(record), {.bytes = kMostRecordBytes});
  if (json.ok()) {
    auto message = outgoing_from(json.value());
    if (message.ok()) return message;
  }
  return Error{ErrorCode::Corrupt, "a waiting message's record cannot be read"};
}

Result<OutgoingPtr> Outbox::add(store::Txn& txn, Outgoing message, Random& random) {
  random.fill(message.row);
  message.id = new_unguessable_name(random);
  return rows_.put(txn, std::move(message));
}

}  // namespace vrm::brands

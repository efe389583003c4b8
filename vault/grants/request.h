#pragma once
// What a brand asks of the owner: fields it needs, fields it would like, for one purpose.
//
//   pending ──owner──► approved (a grant answers it)      pending ──owner──► denied
//      └──clock──► lapsed
//
// A brand cannot tell a denied request from a lapsed one, unless the owner chose to tell.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/grants/terms.h"
#include "vault/store/store.h"

namespace vrm::grants {

enum class Answered { Pending, Approved, Denied };
enum class RequestCondition { Pending, Approved, Denied, Lapsed };

std::string_view to_string(RequestCondition condition);

struct AccessRequest {
  RequestId id;
  std::string brand;  // handle
  std::vector<std::string> needed;
  std::vector<std::string> optional;
  std::string purpose;              // DPV name
  std::string reason;               // the brand's own words
  std::string binding_message;      // the brand's own words
  std::int64_t expires_in_s = 0;    // how long the grant should last
  std::int64_t retention_days = 0;  // 0: not said
  std::optional<std::int64_t> max_reads;
  Instant received_at;
  Instant lapses_at;
  Answered answered = Answered::Pending;
  bool tell = false;                // a denial is told as access_denied
  std::string grant;                // id of the grant that answers it, "" before
  std::string rule;                 // id of the rule that answered it, "" of none
  std::optional<NamedTerms> terms;  // that its brand accepts

  store::RowId row{};
  store::KeyId key{};  // the brand's

  RequestCondition condition(Instant now) const;
  // Whether it waits, as far as its brand can tell: a denial that is not told looks so until it lapses.
  bool looks_pending(Instant now) const;
};

Bytes write_request(const AccessRequest& request);
// Corrupt: not what write_request wrote.
Result<AccessRequest> read_request(BytesView record);

}  // namespace vrm::grants

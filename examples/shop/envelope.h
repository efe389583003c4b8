#pragma once
// How requests and answers are written for a mailbox (docs/api/brand.md, "Mailbox").

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "examples/shop/mailbox.h"
#include "vault/base/result.h"

namespace vrm::shop {

// {"requests":[…]}
std::string write_requests(const std::vector<Parcel>& parcels);

struct Answered {
  std::string id;
  Response response;
};

// Of the payload of a vrm-answer+jwt. Headers that are about the connection and not the answer are
// left out. Malformed: not as the contract tells it, or a header that would not stay one.
Result<Answered> read_answer(const nlohmann::json& payload);

// Whether a header of a request is for the vault: what is about the connection stays here.
bool is_for_the_vault(std::string_view name);

}  // namespace vrm::shop

#include "vault/base/error.h"

#include "vault/base/check.h"
#include "vault/base/text.h"

namespace vrm {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::Malformed:
      return "malformed";
    case ErrorCode::NotFound:
      return "not_found";
    case ErrorCode::Conflict:
      return "conflict";
    case ErrorCode::Locked:
      return "locked";
    case ErrorCode::Denied:
      return "denied";
    case ErrorCode::BadKey:
      return "bad_key";
    case ErrorCode::Corrupt:
      return "corrupt";
    case ErrorCode::Unavailable:
      return "unavailable";
    case ErrorCode::Io:
      return "io";
  }
  VRM_CHECK(false);
  return {};
}

Error refusal(ErrorCode code, std::string key, Gaps with) {
  std::string message = key;
  for (const auto& [name, value] : with) message += " " + name + "=`" + printable(value) + "`";
  return Error{code, std::move(message), std::move(key), std::move(with)};
}

}  // namespace vrm

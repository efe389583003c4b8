#pragma once
// Speaks to the daemon over its socket: one call, one JSON document.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::cli {

enum class BodyKind { None, Json, Bytes };

struct ApiCall {
  std::string method;
  std::string path;  // with its query
  std::string body = {};
  BodyKind kind = BodyKind::None;
  Duration patience = Duration(0);  // of a call that takes long; for the person's word see Settings
  bool by_person = false;           // keeps the vault from locking as idle
};

// The daemon ended while it was asked; what it was asked may be done or not.
inline constexpr const char* kLost = "answer.lost";
// It did not answer in time; likewise.
inline constexpr const char* kLate = "answer.late";

class Client {
 public:
  Client(std::string socket, Duration timeout) : socket_(std::move(socket)), timeout_(timeout) {}

  // The daemon's document. Its error documents come back as the Errors they tell. Both bodies are wiped
  // once they are sent and read. Unavailable: daemon.none when nobody listens, answer.late when no whole answer
  // came in time, kLost when the connection ended before one. Io: the answer cannot be read.
  Result<nlohmann::json> call(ApiCall call) const;
  // The same for an answer that is no document: its bytes.
  Result<std::string> fetch(ApiCall call) const;

 private:
  struct Answered;
  Result<Answered> exchange(ApiCall call) const;

  std::string socket_;
  Duration timeout_;
};

}  // namespace vrm::cli

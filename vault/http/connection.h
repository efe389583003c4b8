#pragma once
// What a loop knows of one connection.

#include <cstddef>
#include <optional>
#include <string>

#include "vault/base/time.h"
#include "vault/http/listen.h"
#include "vault/routes/request.h"

struct MHD_Connection;

namespace vrm::http {

enum class Stage {
  Head,      // a request, or the first one, is expected or has begun
  Body,      // its head has passed
  Serving,   // the routes have it; no deadline
  Answered,  // its answer is here
  Writing,   // its answer is on the way
  Idle,      // between two requests
};

struct Connection {
  MHD_Connection* mhd = nullptr;
  int fd = -1;
  bool plain = true;  // bytes may be written to fd beside the library
  Peer peer;
  Stage stage = Stage::Head;
  Duration since{};  // when the stage began
  bool suspended = false;
  bool cut = false;       // shut down; whatever still comes out of it is not heard
  std::size_t index = 0;  // its place in the loop's list
  std::string target;
  const char* target_at = nullptr;
  std::size_t body_bytes = 0;  // announced
  routes::Request request;
  std::optional<routes::Answer> answer;
};

}  // namespace vrm::http

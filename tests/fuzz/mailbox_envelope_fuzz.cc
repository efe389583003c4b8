// Any bytes as a mailbox's envelope: what comes out of it is what a route may see.

#include <cstdint>
#include <cstdlib>
#include <set>

#include "vault/base/ascii.h"
#include "vault/outbound/envelope.h"

namespace {

using namespace vrm;

void require(bool holds) {
  if (!holds) std::abort();
}

class Limits final : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view method, std::string_view) const override {
    return method == "POST" ? 32 : 0;
  }
  void handle(routes::Request, std::shared_ptr<routes::Reply>) override {}
};

void require_clean(const routes::Request& request) {
  require(request.method == "GET" || request.method == "POST");
  require(request.path.find("/v/box") != std::string::npos);
  require(request.path.find_first_of("%? \\") == std::string::npos);
  require(request.path.find("//") == std::string::npos);
  require(request.path.find("/../") == std::string::npos);
  require(request.body.size() <= (request.method == "POST" ? 32U : 0U));
  require(request.headers.size() <= 8 && request.peer == "peer");
  for (const auto& [name, value] : request.headers) {
    require(!name.empty() && name == lower(name));
    require(name != "transfer-encoding" && name != "expect" && name != "upgrade");
    require(name.find_first_of("_ :\r\n") == std::string::npos);
    require(value.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const outbound::EnvelopeRules rules{.methods = {"GET", "POST"}, .head_bytes = 1000, .headers = 8};
  const Limits limits;
  const auto read = outbound::read_envelope(text, rules, limits, "box", "peer");
  if (!read.ok()) {
    require(read.error().code == ErrorCode::Malformed);
    return 0;
  }
  std::set<std::string> ids;
  for (const auto& enclosed : read.value()) {
    require(!enclosed.id.empty() && enclosed.id.size() <= 64 && ids.insert(enclosed.id).second);
    if (const auto* request = std::get_if<routes::Request>(&enclosed.content)) {
      require_clean(*request);
    } else {
      require(std::get<routes::Refusal>(enclosed.content).status >= 400);
    }
  }
  return 0;
}

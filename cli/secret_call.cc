#include "cli/secret_call.h"

#include <nlohmann/json.hpp>

#include "vault/api/paths.h"

namespace vrm::cli {

using nlohmann::json;

namespace {

// Deriving a key takes a second, and longer on a machine that does much else.
constexpr Duration kSecretPatience = std::chrono::minutes(5);

Result<json> send_bytes(Session& session, std::string path, const SlotSecret& opener,
                        std::string body) {
  path = api::with_query(std::move(path), "slot", to_string(opener.slot));
  if (opener.asked) session.screen().note("unlock.working");
  return session.send_if_running(
      {"POST", std::move(path), std::move(body), BodyKind::Bytes, kSecretPatience});
}

// Who mistyped a moment ago knows it.
void leave_out_own_tries(json& status, int own) {
  const auto vault = status.find("vault");
  if (own == 0 || vault == status.end() || !vault->contains("wrong_keys")) return;
  auto& count = (*vault)["wrong_keys"]["count"];
  if (count.is_number_integer()) count = count.get<std::int64_t>() - own;
}

}  // namespace

Result<json> send_secret(Session& session, std::string path, const SlotSecret& opener) {
  return send_bytes(session, std::move(path), opener, std::string(opener.secret.view()));
}

Result<json> send_secrets(Session& session, std::string path, const SlotSecret& opener,
                          const WipedText& fresh) {
  const auto first = opener.secret.view();
  std::string body;
  body.reserve(2 + first.size() + fresh.view().size());  // so that it never moves
  body += static_cast<char>(first.size() & 0xFFU);
  body += static_cast<char>(first.size() >> 8U);
  body += first;
  body += fresh.view();
  return send_bytes(session, std::move(path), opener, std::move(body));
}

Result<json> until_it_opens(Session& session, const AsksOpener& ask, const SendsOpener& send) {
  for (int left = kMostTries;; --left) {
    const auto opener = TRY(ask());
    auto answer = send(opener);
    if (answer.ok()) {
      json status = std::move(answer).value();
      leave_out_own_tries(status, kMostTries - left);
      return status;
    }
    const bool again = answer.error().code == ErrorCode::BadKey && opener.asked;
    if (!again || left == 1) return answer;
    session.screen().note("unlock.again");
  }
}

}  // namespace vrm::cli

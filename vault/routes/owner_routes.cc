#include "vault/routes/owner_routes.h"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "vault/api/error.h"
#include "vault/api/paths.h"
#include "vault/base/json.h"
#include "vault/crypto/secret.h"
#include "vault/routes/form.h"

namespace vrm::routes {

using nlohmann::json;

namespace {

constexpr std::size_t kMostSecretBytes = 2 + 2 * 4096;
constexpr std::size_t kMostBodyBytes = 64 * 1024;
constexpr std::size_t kMostLogItems = 100'000;

Error no_such_call() {
  return Error{ErrorCode::NotFound, "no such call"};
}

Answer answer_of(const Result<json>& document) {
  Answer answer;
  answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  answer.status = document.ok() ? 200 : api::http_status(document.error());
  answer.body = write_json(document.ok() ? document.value() : api::to_json(document.error()));
  return answer;
}

// Calls whose body is one secret or two.
bool takes_secrets(std::string_view path) {
  return path == api::kInit || path == api::kUnlock || path == api::kPassphrase ||
         path == api::kRecovery || path == api::kRecoveryCheck || path == api::kRecover ||
         path == api::kRekey || path == api::kBackupCheck || path == api::kRestore;
}

bool is_slow(const Request& request) {
  if (request.method != "POST") return false;
  if (request.path.starts_with(api::kUploads) && request.path.ends_with(api::kFinish)) return true;
  const bool calls_a_brand =
      request.path.starts_with(api::kBrands) &&
      (request.path.ends_with(api::kRefresh) || request.path.ends_with(api::kIntroduce));
  if (calls_a_brand) return true;
  return takes_secrets(request.path) || request.path == api::kBrands ||
         request.path == api::kIntents || request.path.starts_with(api::kImport) ||
         request.path == api::kVerify || request.path.starts_with(api::kBackup) ||
         request.path == api::kExport || request.path == api::kLogVerify;
}

// Moves the body into guarded memory and wipes where it was.
crypto::Secret take_secret(std::string& body) {
  auto secret = crypto::Secret::copy_of(bytes_of(body));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(body.data()), body.size()});
  body.clear();
  return secret;
}

// A body of two: the length of the first in two bytes, the lower first, and both.
Result<std::pair<crypto::Secret, crypto::Secret>> take_two_secrets(std::string& body) {
  const crypto::Secret both = take_secret(body);
  const BytesView bytes = both.bytes();
  if (bytes.size() < 2) return Error{ErrorCode::Malformed, "two secrets are wanted"};
  const std::size_t first = bytes[0] + bytes[1] * std::size_t{256};
  const BytesView rest = bytes.subspan(2);
  if (first > rest.size()) return Error{ErrorCode::Malformed, "two secrets are wanted"};
  return std::pair(crypto::Secret::copy_of(rest.first(first)),
                   crypto::Secret::copy_of(rest.subspan(first)));
}

Error no_such_slot() {
  return Error{ErrorCode::Malformed, "slot: passphrase, credential or recovery"};
}

}  // namespace

struct OwnerRoutes::Call {
  Request request;
  std::map<std::string, std::string, std::less<>> query = {};
  std::vector<std::string> parts = {};  // of the path, behind /v1

  // None: the path is of another version.
  void take_apart() {
    constexpr std::string_view kVersion = "/v1/";
    std::string_view path = request.path;
    if (!path.starts_with(kVersion)) return;
    path.remove_prefix(kVersion.size());
    for (std::size_t begin = 0; begin <= path.size();) {
      const auto end = std::min(path.find('/', begin), path.size());
      parts.emplace_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  // The number in …/parts/{n}, 0 when it is none.
  std::uint64_t part() const {
    std::uint64_t number = 0;
    const std::string& text = parts.back();
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole && text[0] != '0' ? number : 0;
  }
  const std::string& method() const { return request.method; }
  // "GET fields", "POST requests approve": the method and the fixed words.
  bool is(std::string_view wanted_method, std::string_view family, std::size_t size) const {
    return request.method == wanted_method && parts.size() == size && parts[0] == family;
  }
  bool is(std::string_view wanted_method, std::string_view family, std::string_view verb) const {
    return is(wanted_method, family, 3) && parts[2] == verb;
  }
  std::string argument(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  }
  bool flag(std::string_view name) const { return argument(name) == "1"; }
  gate::Erasing erasing() const {
    return flag("dry_run") ? gate::Erasing::Rehearsed : gate::Erasing::Done;
  }
  gate::Making making() const { return flag("dry_run") ? gate::Making::Shown : gate::Making::Done; }
  Result<json> body() const {
    if (request.body.empty()) return json::object();
    auto read = TRY(read_json(request.body));
    if (!read.is_object()) return Error{ErrorCode::Malformed, "an object is wanted"};
    return read;
  }
};

OwnerRoutes::OwnerRoutes(gate::OwnerDesk& desk, std::function<void()> stop)
    : desk_(desk), stop_(std::move(stop)), slow_thread_([this] { run_slow(); }) {}

OwnerRoutes::~OwnerRoutes() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  slow_thread_.join();
}

void OwnerRoutes::run_slow() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !slow_.empty(); });
    if (slow_.empty()) return;
    const auto work = std::move(slow_.front());
    slow_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

std::size_t OwnerRoutes::body_limit(std::string_view method, std::string_view path) const {
  if (method == "GET" || method == "DELETE") return 0;
  if (path == api::kImport) return api::kMostImportBytes;
  if (takes_secrets(path)) return kMostSecretBytes;
  if (method == "PUT" && path.starts_with(api::kUploads)) return api::kPartBytes;
  return kMostBodyBytes;
}

void OwnerRoutes::handle(Request request, std::shared_ptr<Reply> reply) {
  const bool ends = request.method == "POST" && request.path == api::kStop;
  auto call = std::make_shared<Call>(Call{.request = std::move(request)});
  desk_.lock_when_due();
  if (call->request.header(api::kPersonHeader) == "1") desk_.touch();
  if (call->request.method == "GET" && call->request.path == api::kEvents)
    return follow(*call, reply);
  const auto serve = [this, call, reply, ends] {
    call->take_apart();
    if (auto part = part_of_document(*call)) return reply->send(std::move(*part));
    auto document = answer_for(*call);
    // The vault locked in the midst of it: whichever key was missing first, that is what happened.
    const bool bare = !document.ok() && document.error().code == ErrorCode::Locked &&
                      !document.error().say.starts_with("vault.");
    if (bare) document = desk_.locked_refusal();
    reply->send(answer_of(document));
    if (ends) stop_();
  };
  if (!is_slow(call->request)) return serve();
  {
    const std::lock_guard lock(mutex_);
    slow_.push_back(serve);
  }
  changed_.notify_all();
}

OwnerRoutes::Document OwnerRoutes::answer_for(Call& call) {
  call.query = TRY(read_form(call.request.query));
  if (call.parts.empty()) return no_such_call();
  const std::string& family = call.parts[0];
  if (call.is("GET", "progress", 1)) return desk_.progress();
  if (family == "fields" || family == "catalogue") return field_call(call);
  if (family == "import") return import_call(call);
  if (family == "uploads") return upload_call(call);
  if (family == "documents") return document_call(call);
  if (family == "brands") return brand_call(call);
  if (family == "requests") return request_call(call);
  if (family == "rules") return rule_call(call);
  if (family == "policies") return policy_call(call);
  if (family == "terms") return terms_call(call);
  if (family == "grants") return grant_call(call);
  if (family == "intents") return intent_call(call);
  if (family == "offers") return offer_call(call);
  if (family == "log" || family == "verify" || family == "receipts") return log_call(call);
  if (family == "passphrase" || family == "recovery" || family == "recover" || family == "rekey")
    return key_call(call);
  if (family == "backup" || family == "restore" || family == "export") return backup_call(call);
  return vault_call(call);
}

OwnerRoutes::Document OwnerRoutes::key_call(Call& call) {
  const auto slot = gate::slot_kind_from(call.argument("slot"));
  if (call.is("POST", "passphrase", 1)) {
    auto secrets = TRY(take_two_secrets(call.request.body));
    if (!slot) return no_such_slot();
    return desk_.change_passphrase(*slot, std::move(secrets.first), std::move(secrets.second));
  }
  if (call.is("POST", "rekey", 1)) return rekey_call(call);
  if (call.is("POST", "recovery", 1)) {
    auto secret = take_secret(call.request.body);
    if (!slot) return no_such_slot();
    return desk_.make_recovery(*slot, std::move(secret));
  }
  if (call.is("POST", "recovery", 2) && call.parts[1] == "check")
    return desk_.check_recovery(take_secret(call.request.body));
  if (!call.is("POST", "recover", 1)) return no_such_call();
  auto secrets = TRY(take_two_secrets(call.request.body));
  return desk_.recover(std::move(secrets.first), std::move(secrets.second));
}

OwnerRoutes::Document OwnerRoutes::rekey_call(Call& call) {
  const auto slot = gate::slot_kind_from(call.argument("slot"));
  if (!call.flag("fresh")) {
    auto secret = take_secret(call.request.body);
    if (!slot) return no_such_slot();
    return desk_.rekey(*slot, std::move(secret), std::nullopt);
  }
  auto secrets = TRY(take_two_secrets(call.request.body));
  if (!slot) return no_such_slot();
  return desk_.rekey(*slot, std::move(secrets.first), std::move(secrets.second));
}

OwnerRoutes::Document OwnerRoutes::vault_call(Call& call) {
  if (call.is("GET", "status", 1) || call.is("POST", "stop", 1)) return desk_.status();
  if (call.is("POST", "lock", 1)) return desk_.lock();
  if (call.is("POST", "seal", 1)) return desk_.seal();
  const bool makes = call.is("POST", "init", 1);
  if (!makes && !call.is("POST", "unlock", 1)) return no_such_call();
  const auto slot = gate::slot_kind_from(call.argument("slot"));
  auto secret = take_secret(call.request.body);
  if (!slot || (makes && slot == gate::SlotKind::Recovery)) return no_such_slot();
  if (makes) return desk_.init(*slot, std::move(secret));
  const bool rescues = call.argument("mode") == "rescue";
  return desk_.unlock(*slot, std::move(secret),
                      rescues ? gate::Unlock::ForRescue : gate::Unlock::ForUse);
}

OwnerRoutes::Document OwnerRoutes::backup_call(Call& call) {
  const std::string file = call.argument("file");
  if (call.is("POST", "backup", 1))
    return desk_.back_up({file, call.flag("replace"), call.flag("check")});
  if (call.is("POST", "export", 1)) return desk_.export_all(file, call.flag("replace"));
  const bool checks = call.is("POST", "backup", 2) && call.parts[1] == "check";
  if (!checks && !call.is("POST", "restore", 1)) return no_such_call();
  auto secret = take_secret(call.request.body);
  if (checks && !call.query.contains("slot")) return desk_.check_backup(file);
  const auto slot = gate::slot_kind_from(call.argument("slot"));
  if (!slot) return Error{ErrorCode::Malformed, "slot: passphrase or credential"};
  if (checks) return desk_.check_backup(file, *slot, std::move(secret));
  return desk_.restore(file, call.argument("into"), *slot, std::move(secret));
}

OwnerRoutes::Document OwnerRoutes::field_call(const Call& call) {
  if (call.is("GET", "catalogue", 1)) return desk_.catalogue();
  if (call.is("GET", "fields", 1)) return desk_.fields(call.argument("prefix"));
  if (call.is("GET", "fields", 2)) return desk_.field(call.parts[1]);
  if (call.is("DELETE", "fields", 2)) return desk_.unset_field(call.parts[1]);
  if (call.is("GET", "fields", api::kNever)) return desk_.never(call.parts[1]);
  if (call.is("GET", "fields", "history")) return desk_.history(call.parts[1]);
  if (call.is("POST", "fields", "restore")) {
    const auto wanted = TRY(call.body());
    return desk_.restore_field(call.parts[1], wanted);
  }
  if (!call.is("PUT", "fields", 2)) return no_such_call();
  const auto body = TRY(call.body());
  return desk_.set_field(call.parts[1], body);
}

OwnerRoutes::Document OwnerRoutes::upload_call(const Call& call) {
  if (call.is("PUT", "uploads", 4) && call.parts[2] == api::kParts && call.part() > 0)
    return desk_.put_part(call.parts[1], call.part(), bytes_of(call.request.body));
  if (call.is("DELETE", "uploads", 2)) return desk_.drop_upload(call.parts[1]);
  const bool begins = call.is("POST", "uploads", 1);
  if (!begins && !call.is("POST", "uploads", api::kFinish)) return no_such_call();
  const auto body = TRY(call.body());
  return begins ? desk_.begin_document(body) : desk_.finish_document(call.parts[1], body);
}

OwnerRoutes::Document OwnerRoutes::document_call(const Call& call) {
  if (call.is("GET", "documents", 1)) return desk_.documents();
  if (call.is("GET", "documents", 2)) return desk_.document(call.parts[1]);
  if (call.is("DELETE", "documents", 2)) return desk_.remove_document(call.parts[1]);
  return no_such_call();
}

// The one call whose answer is no JSON: a document's own bytes.
std::optional<Answer> OwnerRoutes::part_of_document(const Call& call) {
  if (!call.is("GET", "documents", 4) || call.parts[2] != api::kParts) return std::nullopt;
  desk_.touch();
  auto part = desk_.document_part(call.parts[1], call.part());
  if (!part.ok()) return answer_of(part.error());
  Answer answer;
  answer.headers = {{"Content-Type", "application/octet-stream"}, {"Cache-Control", "no-store"}};
  answer.body = std::move(part).value();
  return answer;
}

OwnerRoutes::Document OwnerRoutes::import_call(const Call& call) {
  if (call.is("POST", "import", "undo"))
    return desk_.undo_import(call.parts[1], call.flag("skip_changed"));
  if (!call.is("POST", "import", 1)) return no_such_call();
  gate::OwnerDesk::ImportCall wanted{.format = call.argument("format"),
                                     .card = std::nullopt,
                                     .preview = call.flag("preview"),
                                     .keep = call.argument("keep")};
  if (call.query.contains("card")) wanted.card = call.argument("card");
  return desk_.import(call.request.body, wanted);
}

OwnerRoutes::Document OwnerRoutes::brand_call(const Call& call) {
  if (call.is("GET", "brands", 1)) return desk_.brands();
  if (call.is("GET", "brands", 2)) return desk_.brand(call.parts[1]);
  if (call.is("GET", "brands", api::kSee)) return desk_.sees(call.parts[1]);
  if (call.is("GET", "brands", api::kWhy)) return why_call(call);
  if (call.is("POST", "brands", "block")) return desk_.block(call.parts[1]);
  if (call.is("POST", "brands", "unblock")) return desk_.unblock(call.parts[1]);
  if (call.is("POST", "brands", "unmute")) return desk_.unmute(call.parts[1]);
  if (call.is("POST", "brands", "mute")) {
    const auto wanted = TRY(call.body());
    return desk_.mute(call.parts[1], wanted);
  }
  if (call.is("POST", "brands", api::kTrust)) return desk_.trust(call.parts[1]);
  if (call.is("POST", "brands", api::kUntrust)) return desk_.untrust(call.parts[1]);
  if (call.is("POST", "brands", api::kRefresh)) return desk_.refresh_brand(call.parts[1]);
  if (call.is("DELETE", "brands", 2)) return desk_.forget_brand(call.parts[1], call.erasing());
  const bool takes_body = call.is("POST", "brands", 1) ||
                          call.is("POST", "brands", api::kBrandKeys) ||
                          call.is("POST", "brands", api::kIntroduce);
  if (!takes_body) return no_such_call();
  const auto body = TRY(call.body());
  if (call.is("POST", "brands", api::kBrandKeys)) return desk_.accept_keys(call.parts[1], body);
  if (call.is("POST", "brands", api::kIntroduce)) return desk_.introduce_again(call.parts[1], body);
  return desk_.add_brand(body);
}

OwnerRoutes::Document OwnerRoutes::why_call(const Call& call) {
  gate::WhyQuery query{.field = call.argument("field"), .purpose = call.argument("purpose")};
  if (const auto at = call.argument("at"); !at.empty()) query.at = TRY(instant_from_rfc3339(at));
  return desk_.why(call.parts[1], query);
}

OwnerRoutes::Document OwnerRoutes::request_call(const Call& call) {
  if (call.is("GET", "requests", 1)) return desk_.requests(call.flag("all"));
  if (call.is("GET", "requests", 2)) return desk_.request(call.parts[1]);
  const auto body = TRY(call.body());
  if (call.is("POST", "requests", "approve"))
    return desk_.approve(call.parts[1], body, call.making());
  if (call.is("POST", "requests", "deny")) return desk_.deny(call.parts[1], body);
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::rule_call(const Call& call) {
  if (call.is("GET", "rules", 1)) return desk_.rules(call.argument("brand"));
  if (call.is("GET", "rules", 2)) return desk_.rule(call.parts[1]);
  if (call.is("DELETE", "rules", 2)) return desk_.remove_rule(call.parts[1]);
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::policy_call(const Call& call) {
  if (call.is("GET", "policies", 1)) return desk_.policies();
  if (call.is("DELETE", "policies", 2))
    return desk_.remove_policy(call.parts[1], call.flag("dry_run"));
  const auto body = TRY(call.body());
  if (call.is("POST", "policies", 1)) return desk_.add_policy(body);
  if (call.is("POST", "policies", 2) && call.parts[1] == "check") return desk_.check_policy(body);
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::terms_call(const Call& call) {
  if (call.is("GET", "terms", 1)) return desk_.terms();
  const auto body = TRY(call.body());
  if (call.is("POST", "terms", 2) && call.parts[1] == "want") return desk_.want_terms(body);
  if (call.is("POST", "terms", 2) && call.parts[1] == "unwant") return desk_.unwant_terms(body);
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::grant_call(const Call& call) {
  if (call.is("GET", "grants", 1)) return desk_.grants(call.argument("brand"), call.flag("all"));
  if (call.is("GET", "grants", 2)) return desk_.grant(call.parts[1]);
  if (call.is("DELETE", "grants", 2)) return desk_.erase_grant(call.parts[1], call.erasing());
  const auto body = TRY(call.body());
  if (call.is("POST", "grants", 1)) return desk_.make_grant(body, call.making());
  if (call.is("POST", "grants", 2) && call.parts[1] == "revoke") return desk_.revoke(body);
  if (call.is("POST", "grants", 2) && call.parts[1] == "confirm") return desk_.confirm(body);
  if (call.is("POST", "grants", 2) && call.parts[1] == "renew")
    return desk_.renew(body, call.flag("dry_run"));
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::intent_call(const Call& call) {
  if (call.is("GET", "intents", 1)) return desk_.intents(call.flag("all"));
  if (call.is("GET", "intents", 2)) return desk_.intent(call.parts[1]);
  if (call.is("DELETE", "intents", 2)) return desk_.erase_intent(call.parts[1], call.erasing());
  if (call.is("POST", "intents", "cancel")) return desk_.cancel_intent(call.parts[1]);
  const auto body = TRY(call.body());
  if (call.is("POST", "intents", 1)) return desk_.new_intent(body, call.flag("dry_run"));
  if (call.is("POST", "intents", "offers")) return desk_.offers(call.parts[1], body);
  return no_such_call();
}

OwnerRoutes::Document OwnerRoutes::offer_call(const Call& call) {
  if (call.is("GET", "offers", 2)) return desk_.offer(call.parts[1]);
  if (call.is("POST", "offers", "decline")) return desk_.decline(call.parts[1]);
  const auto body = TRY(call.body());
  if (call.is("POST", "offers", "accept"))
    return desk_.accept(call.parts[1], body, call.flag("dry_run"));
  return no_such_call();
}

// The news, as soon as there are some: the one call that is answered later.
void OwnerRoutes::follow(const Call& call, const std::shared_ptr<Reply>& reply) {
  constexpr std::int64_t kMostWait_s = 25;
  const auto query = read_form(call.request.query);
  std::uint64_t after = 0;
  std::int64_t wait = 0;
  const auto number = [&](std::string_view name, auto& out) {
    const auto found = query.value().find(name);
    if (found == query.value().end()) return true;
    const auto* end = found->second.data() + found->second.size();
    const auto read = std::from_chars(found->second.data(), end, out);
    return read.ec == std::errc() && read.ptr == end;
  };
  if (!query.ok() || !number("after", after) || !number("wait", wait) || wait < 0)
    return reply->send(answer_of(Error{ErrorCode::Malformed, "after and wait are numbers"}));
  const auto intent = query.value().find("intent");
  desk_.follow(after, std::chrono::seconds(std::min(wait, kMostWait_s)),
               intent == query.value().end() ? "" : intent->second,
               [reply](json document) { reply->send(answer_of(std::move(document))); });
}

OwnerRoutes::Document OwnerRoutes::log_call(const Call& call) {
  if (call.is("POST", "verify", 1) || (call.is("POST", "log", 2) && call.parts[1] == "verify"))
    return desk_.verify();
  if (call.is("POST", "receipts", 2) && call.parts[1] == "check") {
    const auto body = TRY(call.body());
    return desk_.check_receipt(body);
  }
  if (!call.is("GET", "log", 1)) return no_such_call();
  gate::LogQuery query;
  query.brand = call.argument("brand");
  query.field = call.argument("field");
  query.kind = call.argument("kind");
  if (const auto since = call.argument("since"); !since.empty())
    query.since = TRY(instant_from_rfc3339(since));
  if (const auto limit = call.argument("limit"); !limit.empty()) {
    const auto* end = limit.data() + limit.size();
    const auto read = std::from_chars(limit.data(), end, query.limit);
    if (read.ec != std::errc() || read.ptr != end || query.limit == 0 ||
        query.limit > kMostLogItems)
      return refusal(ErrorCode::Malformed, "log.bad_limit", {{"limit", limit}});
  }
  return desk_.log(query);
}

}  // namespace vrm::routes

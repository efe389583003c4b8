#pragma once
// The table of commands: what each is called, takes and says of itself, and the function that does
// it.
//
// Parsing, help, "did you mean" and the short help all read this table and nothing else.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm::cli {

class Session;

// The sentence that explains a flag is `flag.<name>.<command>` where there is one, else `flag.<name>`.
struct Flag {
  std::string_view name;   // without the dashes
  std::string_view value;  // what stands for the value in help; "" for a switch
  char letter = 0;
};

struct Command {
  std::string_view name;       // one or two words
  std::string_view arguments;  // as help shows them
  std::size_t least;           // how many arguments, at least and at most
  std::size_t most;
  std::vector<Flag> flags;
  std::string_view group;                  // key of the heading it stands under
  std::string_view summary;                // key of its sentence
  std::vector<std::string_view> examples;  // without the leading "vrm "
  Result<void> (*run)(Session&);
  std::string_view legend = {};  // key of what its table's headings mean
};

// In the order help shows them. Made once, never changed.
const std::vector<Command>& commands();
const std::vector<Flag>& global_flags();

// A flag that no command uses up: as many as wanted.
inline constexpr std::size_t kAny = 1000;

const Command* find_command(std::string_view name);
// Whether commands of two words begin with it: `brand`, `recovery`.
bool is_family(std::string_view noun);
// The command a synonym stands for (`brands`, `login`), or "" when it is none.
std::string_view meaning_of(std::string_view synonym);
// The command that a noun stands for when no verb is behind it but something else: `intent "bike"`
// is `intent new`. "" when there is none.
std::string_view meaning_with_more(std::string_view noun);

// The families.
Result<void> run_init(Session& session);
Result<void> run_unlock(Session& session);
Result<void> run_lock(Session& session);
Result<void> run_seal(Session& session);
Result<void> run_passwd(Session& session);
Result<void> run_recover(Session& session);
Result<void> run_rekey(Session& session);
Result<void> run_recovery_sheet(Session& session);
Result<void> run_recovery_check(Session& session);
Result<void> run_status(Session& session);
Result<void> run_daemon_start(Session& session);
Result<void> run_daemon_stop(Session& session);
Result<void> run_daemon_status(Session& session);
Result<void> run_get(Session& session);
Result<void> run_set(Session& session);
Result<void> run_unset(Session& session);
Result<void> run_list(Session& session);
Result<void> run_history(Session& session);
Result<void> run_import(Session& session);
Result<void> run_doc_add(Session& session);
Result<void> run_doc_list(Session& session);
Result<void> run_doc_show(Session& session);
Result<void> run_doc_open(Session& session);
Result<void> run_doc_rm(Session& session);
Result<void> run_brand_add(Session& session);
Result<void> run_brand_list(Session& session);
Result<void> run_brand_show(Session& session);
Result<void> run_brand_block(Session& session);
Result<void> run_brand_unblock(Session& session);
Result<void> run_brand_mute(Session& session);
Result<void> run_brand_unmute(Session& session);
Result<void> run_brand_forget(Session& session);
Result<void> run_brand_refresh(Session& session);
Result<void> run_brand_keys(Session& session);
Result<void> run_brand_trust(Session& session);
Result<void> run_brand_untrust(Session& session);
Result<void> run_brand_introduce(Session& session);
Result<void> run_request_list(Session& session);
Result<void> run_request_show(Session& session);
Result<void> run_approve(Session& session);
Result<void> run_deny(Session& session);
Result<void> run_rule_list(Session& session);
Result<void> run_rule_show(Session& session);
Result<void> run_rule_remove(Session& session);
Result<void> run_policy_list(Session& session);
Result<void> run_policy_check(Session& session);
Result<void> run_policy_add(Session& session);
Result<void> run_policy_rm(Session& session);
Result<void> run_terms(Session& session);
Result<void> run_terms_want(Session& session);
Result<void> run_terms_unwant(Session& session);
Result<void> run_grant_renew(Session& session);
Result<void> run_grant(Session& session);
Result<void> run_grants(Session& session);
Result<void> run_see(Session& session);
Result<void> run_why(Session& session);
Result<void> run_never(Session& session);
Result<void> run_revoke(Session& session);
Result<void> run_confirm(Session& session);
Result<void> run_intent_new(Session& session);
Result<void> run_intent_list(Session& session);
Result<void> run_intent_show(Session& session);
Result<void> run_intent_cancel(Session& session);
Result<void> run_offers(Session& session);
Result<void> run_offer_show(Session& session);
Result<void> run_accept(Session& session);
Result<void> run_decline(Session& session);
Result<void> run_forget(Session& session);
Result<void> run_log(Session& session);
Result<void> run_log_verify(Session& session);
Result<void> run_verify(Session& session);
Result<void> run_receipt_check(Session& session);
Result<void> run_backup(Session& session);
Result<void> run_restore(Session& session);
Result<void> run_export(Session& session);
Result<void> run_help(Session& session);
Result<void> run_version(Session& session);

}  // namespace vrm::cli

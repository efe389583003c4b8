#include "cli/command.h"

#include <utility>

namespace vrm::cli {

namespace {

constexpr std::string_view kStart = "group.start";
constexpr std::string_view kData = "group.data";
constexpr std::string_view kBrands = "group.brands";
constexpr std::string_view kIntents = "group.intents";
constexpr std::string_view kTrace = "group.trace";
constexpr std::string_view kKeep = "group.keep";
constexpr std::string_view kTool = "group.tool";

constexpr Flag kPasswordFd{"password-fd", "N"};
constexpr Flag kPasswordFile{"password-file", "FILE"};
constexpr Flag kPasswordCommand{"password-command", "CMD"};
constexpr Flag kCredentialFile{"credential-file", "FILE"};
constexpr Flag kWords{"words", ""};
constexpr Flag kWordsFd{"words-fd", "N"};
constexpr Flag kWordsFile{"words-file", "FILE"};
constexpr Flag kNewPasswordFd{"new-password-fd", "N"};
constexpr Flag kNewPasswordFile{"new-password-file", "FILE"};
constexpr Flag kNewPasswordCommand{"new-password-command", "CMD"};
constexpr Flag kFor{"for", "30d"};
constexpr Flag kMaxReads{"max-reads", "N"};
constexpr Flag kServed{"served-while-locked", ""};
constexpr Flag kCoarse{"coarse", "FIELD=CLAIM"};
constexpr Flag kOnce{"once", "FIELD"};
constexpr Flag kAlias{"alias", "FIELD=VALUE"};
constexpr Flag kWhileOrder{"while-order", "OF"};
constexpr Flag kRemember{"remember", ""};
constexpr Flag kReveal{"reveal", ""};
constexpr Flag kBrand{"brand", "BRAND"};
constexpr Flag kAll{"all", ""};
constexpr Flag kAlso{"also", "FIELDS"};
constexpr Flag kWeights{"weights", "price=5,data=3"};
constexpr Flag kDryRun{"dry-run", ""};
constexpr Flag kWaitFlag{"wait", "20s"};
constexpr Flag kNoWait{"no-wait", ""};

// Whatever opens a vault.
std::vector<Flag> openers() {
  return {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile,
          kWords,      kWordsFd,      kWordsFile};
}

void add_keys(std::vector<Command>& all) {
  const std::vector<Flag> fresh = {kNewPasswordFd, kNewPasswordFile, kNewPasswordCommand};
  auto passwd = openers();
  passwd.insert(passwd.end(), fresh.begin(), fresh.end());
  all.push_back({"passwd",
                 "",
                 0,
                 0,
                 passwd,
                 kStart,
                 "command.passwd",
                 {"passwd", "passwd --password-fd 3 --new-password-fd 4"},
                 run_passwd});
  auto rekey = passwd;
  rekey.insert(rekey.begin(), {{"new-passphrase", ""}, {"print", ""}, {"output", "FILE", 'o'}});
  all.push_back({"rekey",
                 "",
                 0,
                 0,
                 rekey,
                 kStart,
                 "command.rekey",
                 {"rekey", "rekey --new-passphrase -o sheet.txt"},
                 run_rekey});
  std::vector<Flag> recover = {kWordsFd, kWordsFile};
  recover.insert(recover.end(), fresh.begin(), fresh.end());
  all.push_back(
      {"recover", "", 0, 0, recover, kStart, "command.recover", {"recover"}, run_recover});
  auto sheet = openers();
  sheet.insert(sheet.begin(), {{"print", ""}, {"output", "FILE", 'o'}});
  all.push_back({"recovery sheet",
                 "",
                 0,
                 0,
                 sheet,
                 kStart,
                 "command.recovery_sheet",
                 {"recovery sheet", "recovery sheet -o sheet.txt"},
                 run_recovery_sheet});
  all.push_back({"recovery check",
                 "",
                 0,
                 0,
                 {kWordsFd, kWordsFile},
                 kStart,
                 "command.recovery_check",
                 {"recovery check"},
                 run_recovery_check});
}

void add_start(std::vector<Command>& all) {
  const std::vector<Flag> secrets = {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile};
  auto unlock = openers();
  unlock.push_back({"rescue", ""});
  all.push_back({"init",
                 "",
                 0,
                 0,
                 secrets,
                 kStart,
                 "command.init",
                 {"init", "init --credential-file /etc/vrm/key"},
                 run_init});
  all.push_back({"unlock",
                 "",
                 0,
                 0,
                 unlock,
                 kStart,
                 "command.unlock",
                 {"unlock", "unlock --password-command 'pass vrm'"},
                 run_unlock});
  all.push_back({"lock", "", 0, 0, {}, kStart, "command.lock", {"lock"}, run_lock});
  all.push_back({"seal", "", 0, 0, {}, kStart, "command.seal", {"seal"}, run_seal});
  all.push_back({"status",
                 "",
                 0,
                 0,
                 {{"served", ""}},
                 kStart,
                 "command.status",
                 {"status", "status --served", "status --json"},
                 run_status});
}

void add_data(std::vector<Command>& all) {
  all.push_back({"get",
                 "FIELD...",
                 1,
                 kAny,
                 {kReveal, {"raw", ""}},
                 kData,
                 "command.get",
                 {"get contact.email", "get person.birthdate --reveal"},
                 run_get});
  all.push_back({"set",
                 "FIELD [VALUE]",
                 1,
                 2,
                 {{"stdin", ""}, {"type", "TYPE"}, {"own", ""}},
                 kData,
                 "command.set",
                 {"set address.home.locality Lyon", "set person.birthdate",
                  "set note.door --stdin < door.txt"},
                 run_set});
  all.push_back({"unset",
                 "FIELD...",
                 1,
                 kAny,
                 {},
                 kData,
                 "command.unset",
                 {"unset contact.email"},
                 run_unset});
  all.push_back({"list",
                 "[PREFIX]",
                 0,
                 1,
                 {kReveal},
                 kData,
                 "command.list",
                 {"list", "list address"},
                 run_list});
  all.push_back(
      {"import",
       "FILE",
       0,
       1,
       {{"preview", ""},
        {"format", "auto|vcard|json"},
        {"keep", "existing|new"},
        {"card", "N|NAME"},
        {"undo", "ID"},
        kReveal,
        {"skip-changed", ""}},
       kData,
       "command.import",
       {"import contacts.vcf --preview", "import contacts.vcf", "import --undo im_2QK7T0AB"},
       run_import});
  all.push_back({"history",
                 "FIELD",
                 1,
                 1,
                 {{"restore", "N"}, kReveal},
                 kData,
                 "command.history",
                 {"history contact.email", "history contact.email --restore 2"},
                 run_history});
}

void add_documents(std::vector<Command>& all) {
  all.push_back(
      {"doc add",
       "FILE",
       1,
       1,
       {{"name", "NAME"}, {"type", "TYPE"}},
       kData,
       "command.doc_add",
       {"doc add passport.pdf", "doc add scan.bin --name contract --type application/pdf"},
       run_doc_add});
  all.push_back({"doc list", "", 0, 0, {}, kData, "command.doc_list", {"doc list"}, run_doc_list});
  all.push_back({"doc show",
                 "NAME",
                 1,
                 1,
                 {{"qr", ""}},
                 kData,
                 "command.doc_show",
                 {"doc show passport", "doc show ticket --qr"},
                 run_doc_show});
  all.push_back({"doc open",
                 "NAME",
                 1,
                 1,
                 {{"output", "FILE", 'o'}, {"force", ""}},
                 kData,
                 "command.doc_open",
                 {"doc open passport", "doc open passport -o copy.pdf"},
                 run_doc_open});
  all.push_back(
      {"doc rm", "NAME", 1, 1, {}, kData, "command.doc_rm", {"doc rm passport"}, run_doc_rm});
}

void add_brands(std::vector<Command>& all) {
  all.push_back(
      {"brand add",
       "URL|FILE",
       1,
       1,
       {{"name", "NAME"}, {"tag", "TAG"}, {"new", ""}, {"mailbox", ""}},
       kBrands,
       "command.brand_add",
       {"brand add https://velo.example/vrm-brand.json", "brand add velo.json --tag bike"},
       run_brand_add});
  all.push_back(
      {"brand list", "", 0, 0, {}, kBrands, "command.brand_list", {"brand list"}, run_brand_list});
  all.push_back({"brand show",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_show",
                 {"brand show velo"},
                 run_brand_show});
  all.push_back({"brand block",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_block",
                 {"brand block velo"},
                 run_brand_block});
  all.push_back({"brand unblock",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_unblock",
                 {"brand unblock velo"},
                 run_brand_unblock});
  all.push_back({"brand mute",
                 "BRAND",
                 1,
                 1,
                 {kFor},
                 kBrands,
                 "command.brand_mute",
                 {"brand mute velo", "brand mute velo --for 30d"},
                 run_brand_mute});
  all.push_back({"brand unmute",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_unmute",
                 {"brand unmute velo"},
                 run_brand_unmute});
  all.push_back({"brand forget",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_forget",
                 {"brand forget velo"},
                 run_brand_forget});
  all.push_back({"brand refresh",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_refresh",
                 {"brand refresh velo"},
                 run_brand_refresh});
  all.push_back({"brand keys",
                 "BRAND",
                 1,
                 1,
                 {{"accept", ""}},
                 kBrands,
                 "command.brand_keys",
                 {"brand keys velo", "brand keys velo --accept"},
                 run_brand_keys});
  all.push_back({"brand trust",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_trust",
                 {"brand trust velo"},
                 run_brand_trust});
  all.push_back({"brand untrust",
                 "BRAND",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.brand_untrust",
                 {"brand untrust velo"},
                 run_brand_untrust});
  all.push_back({"brand introduce",
                 "BRAND",
                 1,
                 1,
                 {{"paste", ""}},
                 kBrands,
                 "command.brand_introduce",
                 {"brand introduce velo"},
                 run_brand_introduce});
  all.push_back({"request list",
                 "",
                 0,
                 0,
                 {kAll},
                 kBrands,
                 "command.request_list",
                 {"request list"},
                 run_request_list});
  all.push_back({"request show",
                 "RQ",
                 1,
                 1,
                 {kReveal},
                 kBrands,
                 "command.request_show",
                 {"request show rq_7F"},
                 run_request_show});
}

void add_giving(std::vector<Command>& all) {
  all.push_back({"approve",
                 "RQ",
                 1,
                 1,
                 {{"only", "FIELDS"},
                  kAlso,
                  kCoarse,
                  kAlias,
                  kOnce,
                  kWhileOrder,
                  kFor,
                  kMaxReads,
                  kServed,
                  kRemember},
                 kBrands,
                 "command.approve",
                 {"approve rq_7F", "approve rq_7F --only address.home.locality --for 7d",
                  "approve rq_7F --coarse address.home.postal_code=address.home.region",
                  "approve rq_7F --remember"},
                 run_approve});
  all.push_back({"deny",
                 "RQ",
                 1,
                 1,
                 {{"tell", ""}, kRemember},
                 kBrands,
                 "command.deny",
                 {"deny rq_7F", "deny rq_7F --tell", "deny rq_7F --remember"},
                 run_deny});
  all.push_back({"rule list",
                 "",
                 0,
                 0,
                 {kBrand},
                 kBrands,
                 "command.rule_list",
                 {"rule list", "rule list --brand velo"},
                 run_rule_list});
  all.push_back({"rule show",
                 "RU",
                 1,
                 1,
                 {},
                 kBrands,
                 "command.rule_show",
                 {"rule show ru_7F"},
                 run_rule_show});
  all.push_back({"rule remove",
                 "RU...",
                 1,
                 kAny,
                 {},
                 kBrands,
                 "command.rule_remove",
                 {"rule remove ru_7F"},
                 run_rule_remove});
  all.push_back({"terms",
                 "[TERMS]",
                 0,
                 1,
                 {},
                 kBrands,
                 "command.terms",
                 {"terms", "terms SD-BASE"},
                 run_terms});
  all.push_back({"terms want",
                 "TERMS",
                 1,
                 1,
                 {kBrand, kAll, {"signed", ""}},
                 kBrands,
                 "command.terms_want",
                 {"terms want SD-BASE --brand velo", "terms want SD-BASE --all --signed"},
                 run_terms_want});
  all.push_back({"terms unwant",
                 "",
                 0,
                 0,
                 {kBrand, kAll},
                 kBrands,
                 "command.terms_unwant",
                 {"terms unwant --brand velo", "terms unwant --all"},
                 run_terms_unwant});
  all.push_back({"grant",
                 "BRAND FIELD...",
                 2,
                 kAny,
                 {{"purpose", "PURPOSE"},
                  kCoarse,
                  kAlias,
                  kOnce,
                  kWhileOrder,
                  kFor,
                  kMaxReads,
                  kServed,
                  {"own", ""}},
                 kBrands,
                 "command.grant",
                 {"grant velo address.home.locality --purpose delivery --for 30d"},
                 run_grant});
  all.push_back({"grant renew",
                 "[GR...]",
                 0,
                 kAny,
                 {{"ending", "14d"}},
                 kBrands,
                 "command.grant_renew",
                 {"grant renew gr_7F", "grant renew --ending 14d"},
                 run_grant_renew});
  all.push_back({"grants",
                 "[GR]",
                 0,
                 1,
                 {kBrand, kAll},
                 kBrands,
                 "command.grants",
                 {"grants", "grants gr_7F", "grants --brand velo --all"},
                 run_grants});
  all.push_back({"revoke",
                 "[GR...]",
                 0,
                 kAny,
                 {kBrand, kAll},
                 kBrands,
                 "command.revoke",
                 {"revoke gr_7F", "revoke --brand velo", "revoke --all"},
                 run_revoke});
  all.push_back({"confirm",
                 "[GR...]",
                 0,
                 kAny,
                 {kBrand, kAll},
                 kBrands,
                 "command.confirm",
                 {"confirm gr_7F", "confirm --brand velo", "confirm --all"},
                 run_confirm});
}

void add_intents(std::vector<Command>& all) {
  all.push_back({"intent new",
                 "TEXT",
                 1,
                 kAny,
                 {{"to", "BRAND,TAG"},
                  {"max", "900EUR"},
                  {"by", "DAY"},
                  {"near", "PLACE"},
                  {"must", "K=V"},
                  {"nice", "K=V"},
                  {"category", "CATEGORY", 'c'},
                  {"gtin", "GTIN"},
                  {"open-for", "48h"},
                  {"tell-max", "band|exact|none"},
                  {"tell-by", "band|exact|none"},
                  kWeights,
                  {"no-jitter", ""},
                  kDryRun,
                  kWaitFlag,
                  kNoWait},
                 kIntents,
                 "command.intent_new",
                 {"intent \"mountain bike\" --max 900EUR --by friday --near Lyon --to velo,bike",
                  "intent \"mountain bike\" --must frame=L --to velo --dry-run"},
                 run_intent_new});
  all.push_back({"intent list",
                 "",
                 0,
                 0,
                 {kAll},
                 kIntents,
                 "command.intent_list",
                 {"intent list", "intent list --all"},
                 run_intent_list});
  all.push_back({"intent show",
                 "IN",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.intent_show",
                 {"intent show in_7F"},
                 run_intent_show});
  all.push_back({"intent cancel",
                 "IN",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.intent_cancel",
                 {"intent cancel in_7F"},
                 run_intent_cancel});
}

void add_offers(std::vector<Command>& all) {
  all.push_back(
      {"offers",
       "[IN]",
       0,
       1,
       {{"watch", ""}, {"sort", "score|price|delivery|data"}, kWeights, {"must-only", ""}},
       kIntents,
       "command.offers",
       {"offers", "offers --watch", "offers in_7F --sort price --must-only"},
       run_offers,
       "help.offers"});
  all.push_back({"offer show",
                 "OF",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.offer_show",
                 {"offer show of_2Q"},
                 run_offer_show});
  all.push_back(
      {"accept",
       "OF",
       1,
       1,
       {kAlso, kDryRun, kWaitFlag, kNoWait},
       kIntents,
       "command.accept",
       {"accept of_2Q --dry-run", "accept of_2Q", "accept of_2Q --also contact.phone_number"},
       run_accept});
  all.push_back(
      {"decline", "OF", 1, 1, {}, kIntents, "command.decline", {"decline of_2Q"}, run_decline});
}

void add_keep(std::vector<Command>& all) {
  const std::vector<Flag> secrets = {kPasswordFd, kPasswordFile, kPasswordCommand, kCredentialFile,
                                     kWords,      kWordsFd,      kWordsFile};
  auto backup = secrets;
  backup.insert(backup.begin(), {{"output", "FILE", 'o'}, {"verify", ""}, {"force", ""}});
  auto restore = secrets;
  restore.insert(restore.begin(), {{"into", "FOLDER"}, kDryRun});
  all.push_back(
      {"backup",
       "[--verify FILE]",
       0,
       1,
       backup,
       kKeep,
       "command.backup",
       {"backup", "backup -o /media/key/vault.vrmbak --verify", "backup --verify vault.vrmbak"},
       run_backup});
  all.push_back({"restore",
                 "FILE",
                 1,
                 1,
                 restore,
                 kKeep,
                 "command.restore",
                 {"restore vault.vrmbak --dry-run", "restore vault.vrmbak --into ~/vault"},
                 run_restore});
  all.push_back({"export",
                 "",
                 0,
                 0,
                 {{"output", "FILE", 'o'}, {"force", ""}},
                 kKeep,
                 "command.export",
                 {"export -o /media/key/vault.json"},
                 run_export});
}

void add_trace(std::vector<Command>& all) {
  all.push_back(
      {"log",
       "",
       0,
       0,
       {kBrand, {"field", "FIELD"}, {"kind", "KIND"}, {"since", "2d|DATE"}, {"limit", "N"}},
       kTrace,
       "command.log",
       {"log", "log --brand velo --since 2d", "log --kind read --since 2026-11-21"},
       run_log});
  all.push_back(
      {"log verify", "", 0, 0, {}, kTrace, "command.log_verify", {"log verify"}, run_log_verify});
  all.push_back({"verify", "", 0, 0, {}, kTrace, "command.verify", {"verify"}, run_verify});
  all.push_back({"receipt check",
                 "FILE",
                 1,
                 1,
                 {},
                 kTrace,
                 "command.receipt_check",
                 {"receipt check receipt.jwt", "receipt check - < receipt.jwt"},
                 run_receipt_check});
  all.push_back({"forget",
                 "GR|IN...",
                 1,
                 kAny,
                 {},
                 kTrace,
                 "command.forget",
                 {"forget in_7F", "forget gr_7F gr_2Q"},
                 run_forget});
}

void add_tools(std::vector<Command>& all) {
  all.push_back(
      {"daemon start",
       "",
       0,
       0,
       {{"brand-door", "ADDRESS"},
        {"base", "URL"},
        {"tls-cert", "FILE"},
        {"tls-key", "FILE"},
        {"allow-loopback-brands", ""},
        {"poll-interval", "SECONDS"},
        {"idle-lock", "15m|off"},
        {"hard-lock", "12h|off"},
        {"keep-ended", "90d|off"},
        {"unused-after", "90d|off"},
        {"notify-command", "CMD"},
        {"quiet-hours", "22:00-07:30"},
        {"digest", "08:00"},
        {"forget", ""}},
       kTool,
       "command.daemon_start",
       {"daemon start", "daemon start --brand-door 127.0.0.1:7610", "daemon start --forget"},
       run_daemon_start});
  all.push_back({"daemon stop",
                 "",
                 0,
                 0,
                 {},
                 kTool,
                 "command.daemon_stop",
                 {"daemon stop"},
                 run_daemon_stop});
  all.push_back({"daemon status",
                 "",
                 0,
                 0,
                 {},
                 kTool,
                 "command.daemon_status",
                 {"daemon status"},
                 run_daemon_status});
  all.push_back(
      {"help", "[COMMAND]", 0, 2, {}, kTool, "command.help", {"help brand add"}, run_help});
  all.push_back({"version", "", 0, 0, {}, kTool, "command.version", {"version"}, run_version});
}

std::vector<Command> make_table() {
  std::vector<Command> all;
  add_start(all);
  add_keys(all);
  add_data(all);
  add_documents(all);
  add_brands(all);
  add_giving(all);
  add_intents(all);
  add_offers(all);
  add_trace(all);
  add_keep(all);
  add_tools(all);
  return all;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = make_table();
  return table;
}

}  // namespace vrm::cli

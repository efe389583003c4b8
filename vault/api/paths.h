#pragma once
// Where the owner's API answers (docs/api/owner.md): the words both sides build and match paths
// with.
//
// A path carries no percent sign, so what a person typed becomes a segment only when it is one as
// it stands.

#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace vrm::api {

inline constexpr std::string_view kStatus = "/v1/status";
inline constexpr std::string_view kInit = "/v1/init";
inline constexpr std::string_view kUnlock = "/v1/unlock";
inline constexpr std::string_view kLock = "/v1/lock";
inline constexpr std::string_view kSeal = "/v1/seal";
inline constexpr std::string_view kStop = "/v1/stop";
inline constexpr std::string_view kPassphrase = "/v1/passphrase";
inline constexpr std::string_view kRecovery = "/v1/recovery";
inline constexpr std::string_view kRecoveryCheck = "/v1/recovery/check";
inline constexpr std::string_view kRecover = "/v1/recover";
inline constexpr std::string_view kRekey = "/v1/rekey";
inline constexpr std::string_view kProgress = "/v1/progress";
inline constexpr std::string_view kBackup = "/v1/backup";
inline constexpr std::string_view kBackupCheck = "/v1/backup/check";
inline constexpr std::string_view kRestore = "/v1/restore";
inline constexpr std::string_view kExport = "/v1/export";
inline constexpr std::string_view kFields =
    "/v1/fields";  // and /{name}, /{name}/history, /{name}/restore
inline constexpr std::string_view kUploads =
    "/v1/uploads";  // and /{up}, /{up}/parts/{n}, /{up}/finish
inline constexpr std::string_view kDocuments = "/v1/documents";  // and /{name}, /{name}/parts/{n}
inline constexpr std::string_view kCatalogue = "/v1/catalogue";
inline constexpr std::string_view kImport = "/v1/import";  // and /{im}/undo
inline constexpr std::string_view kBrands =
    "/v1/brands";  // and /{brand}, and /{brand}/ block, unblock, mute, unmute, trust, untrust, refresh,
                   // keys, introduce
inline constexpr std::string_view kRequests =
    "/v1/requests";                                      // and /{rq}, /{rq}/approve, /{rq}/deny
inline constexpr std::string_view kRules = "/v1/rules";  // and /{ru}
inline constexpr std::string_view kPolicies = "/v1/policies";  // and /{name}
inline constexpr std::string_view kPolicyCheck = "/v1/policies/check";
inline constexpr std::string_view kTerms = "/v1/terms";
inline constexpr std::string_view kTermsWant = "/v1/terms/want";
inline constexpr std::string_view kTermsUnwant = "/v1/terms/unwant";
inline constexpr std::string_view kGrants = "/v1/grants";  // and /{gr}
inline constexpr std::string_view kRevoke = "/v1/grants/revoke";
inline constexpr std::string_view kConfirm = "/v1/grants/confirm";
inline constexpr std::string_view kRenew = "/v1/grants/renew";
inline constexpr std::string_view kIntents =
    "/v1/intents";  // and /{in}, /{in}/cancel, /{in}/offers
inline constexpr std::string_view kOffers =
    "/v1/offers";  // /{of}, /{of}/accept, /{of}/decline; no list of its own
inline constexpr std::string_view kReceiptCheck = "/v1/receipts/check";
inline constexpr std::string_view kEvents = "/v1/events";
inline constexpr std::string_view kLog = "/v1/log";
inline constexpr std::string_view kLogVerify = "/v1/log/verify";
inline constexpr std::string_view kVerify = "/v1/verify";

inline constexpr std::string_view kParts = "parts";
inline constexpr std::string_view kFinish = "finish";
inline constexpr std::string_view kUndo = "undo";
inline constexpr std::string_view kHistory = "history";
inline constexpr std::string_view kRestoreVersion = "restore";
inline constexpr std::string_view kSee = "see";
inline constexpr std::string_view kWhy = "why";
inline constexpr std::string_view kNever = "never";
inline constexpr std::string_view kBlock = "block";
inline constexpr std::string_view kUnblock = "unblock";
inline constexpr std::string_view kMute = "mute";
inline constexpr std::string_view kUnmute = "unmute";
inline constexpr std::string_view kTrust = "trust";
inline constexpr std::string_view kUntrust = "untrust";
inline constexpr std::string_view kRefresh = "refresh";
inline constexpr std::string_view kBrandKeys = "keys";
inline constexpr std::string_view kIntroduce = "introduce";
inline constexpr std::string_view kApprove = "approve";
inline constexpr std::string_view kDeny = "deny";
inline constexpr std::string_view kCancel = "cancel";
inline constexpr std::string_view kIntentOffers = "offers";
inline constexpr std::string_view kAccept = "accept";
inline constexpr std::string_view kDecline = "decline";

// A document comes and goes in parts of so many bytes; the last may have fewer.
inline constexpr std::size_t kPartBytes = 1024 * 1024;
// A call with this header, whose value is 1, was done by a person: it keeps the vault from locking as idle. Names of
// headers are in lower case.
inline constexpr std::string_view kPersonHeader = "vrm-person";

// The most bytes of an imported file, and of a list that the daemon answers with.
inline constexpr std::size_t kMostImportBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kMostAnswerBytes = 16 * 1024 * 1024;

// `base`/`name`[/`verb`]. Malformed: `name` is empty, longer than 128, a dot segment, or has
// another letter than A-Z a-z 0-9 . _ -
Result<std::string> path_to(std::string_view base, std::string_view name,
                            std::string_view verb = {});

// `path` with ?name=value or &name=value behind it, the value percent-encoded.
std::string with_query(std::string path, std::string_view name, std::string_view value);

}  // namespace vrm::api

#pragma once
// Bringing in what the person already has elsewhere: a vCard (2.1, 3.0, 4.0) or JSON (our names
// flat or nested, the names of OpenID Connect's userinfo, or the values of an export).
//
//   text -> read_import -> ImportPlan -> compare (against what is there) -> shown to the owner
//                                     -> apply, within a job: all valid items or nothing -> undo

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/profile/catalogue.h"
#include "vault/profile/profile.h"
#include "vault/store/store.h"

namespace vrm::profile {

inline constexpr std::size_t kMaxImportBytes = 8 * 1024 * 1024;

enum class ImportFormat { Auto, Vcard, Json };
enum class Change { Added, Changed, Same };
enum class Keep { Existing, New };

std::string_view to_string(Change change);                                   // added, changed, same
std::optional<ImportFormat> import_format_from_text(std::string_view text);  // auto, vcard, json

struct ImportItem {
  std::string field;
  std::string type;
  std::string value;     // canonical
  std::size_t line = 0;  // of the file, from 1; 0: not known
  Change change = Change::Added;
  bool own = false;  // the file says that this name is its owner's own
};

// What was not brought in, and why: `what.say` and `what.with` are the sentence.
struct ImportProblem {
  std::size_t line = 0;
  Error what;

  // Left out because the vault has no place for it, not because it could not be read.
  bool is_notice() const;
};

struct ImportPlan {
  std::string format;     // vcard, json
  std::string card;       // the name on the card that was chosen, "" for JSON
  std::size_t cards = 0;  // in the file
  std::vector<ImportItem>
      items;  // in the order of the catalogue: what others are derived from comes first
  std::vector<ImportProblem> problems;  // by line
};

// Reads the text of a file; touches no vault. `card` chooses one of several: its number from 1, or
// a name on it. Malformed: too large, neither vCard nor JSON, no card in it. NotFound
// (profile.import_no_such_card): no such card. Conflict (profile.import_which_card): several, and
// none chosen, or several of that name; the gap `cards` lists up to 10.
Result<ImportPlan> read_import(const Catalogue& catalogue, std::string_view text,
                               ImportFormat format = {}, std::optional<std::string_view> card = {});

// Fills in what each item would change; what cannot be today becomes a problem, and so does a name
// that no field has and that a known one may have meant. Locked, Corrupt.
Result<void> compare(const Profile& profile, ImportPlan& plan, Instant now);

struct ImportResult {
  std::size_t added = 0;
  std::size_t changed = 0;
  std::size_t same = 0;
  std::size_t kept = 0;  // differ, and were left as they are
};

// Sets every item of the plan with the source import:<id>, and writes down what it changed, for
// undo. Any Error is an Error of the job: nothing was changed. Locked.
Result<ImportResult> apply(store::Txn& txn, Profile& profile, const ImportPlan& plan,
                           const ImportId& id, Keep keep, Instant now);

enum class OnChanged { Refuse, Skip };

struct UndoResult {
  std::size_t removed = 0;
  std::size_t restored = 0;
  std::vector<std::string> skipped;  // changed since the import
};

// Puts back what an import changed, and forgets the import. NotFound (profile.no_import).
// Conflict (profile.undo_changed_since, names up to 10 fields): changed since, and on_changed is
// Refuse.
Result<UndoResult> undo(store::Txn& txn, store::Store& store, Profile& profile, const ImportId& id,
                        OnChanged on_changed, Instant now);

struct ImportEntry {
  ImportId id;
  std::string format;
  Instant at;
  std::size_t fields = 0;
};

// Those that can be undone, the newest first. Locked, Corrupt.
Result<std::vector<ImportEntry>> imports(const store::Store& store);

}  // namespace vrm::profile

#pragma once
// The policies in force: those that are linked in, and the owner's own of a folder. They are replaced as a whole.
//
//   policies.d/quiet.cedar  --check-->  Rules  --exchange-->  in force: a decision under way ends with what it began with
//
// The folder is read at start; from then on put() and remove() are all that changes what is in force, so that nothing counts of
// which no one was shown what it opens: a file that was changed by hand counts from the next start.
// When a file of the folder is refused, nothing is in force and no brand reads anything, until it is mended or taken away: a rule
// that was written must never be left out silently, and the owner must be able to hear why (docs/decisions).
// Safe from any thread.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/gate/policy_check.h"
#include "vault/gate/rules.h"
#include "vault/store/disk.h"

namespace vrm::gate {

// Without `.cedar`: letters, digits, - and _, at most this many.
inline constexpr std::size_t kMostPolicyName = 64;
inline constexpr std::size_t kMostPolicyFiles = 100;
bool is_policy_name(std::string_view name);

// A policy in force.
struct PolicyTold {
  std::string id;
  std::string file;  // "" when it is linked in
  bool forbids;
  std::string reason;  // @reason
  std::string text;
};

class Policies {
 public:
  // `folder` may be missing, or "" for none; REQUIRES: disk, catalogue and purposes live as long. Corrupt: what is linked in is wrong.
  // Io. What is wrong with the owner's files is in findings().
  static Result<std::unique_ptr<Policies>> load(store::Disk& disk, std::filesystem::path folder,
                                                const profile::Catalogue& catalogue,
                                                const grants::Purposes& purposes);

  // Null: nothing is in force.
  std::shared_ptr<const Rules> rules() const;

  // Of the files, as they were read last.
  std::vector<PolicyFinding> findings() const;
  std::vector<PolicyTold> list() const;
  const std::filesystem::path& folder() const { return folder_; }

  // What speaks against this file beside the others: what check_policies() says of it, and that there would be too many. Corrupt.
  Result<std::vector<PolicyFinding>> check(const PolicyText& text) const;
  // What would be in force with that file beside the others, or without it (no `text`). Null: nothing, since a file is refused.
  // Corrupt.
  Result<std::shared_ptr<const Rules>> rules_with(const std::string& file,
                                                  std::optional<std::string> text) const;

  // Makes the folder if it is missing. Malformed (policy.no_folder): there is to be none; Denied: it is not the owner's alone; Io.
  Result<void> make_room() const;
  // NotFound (policy.unknown): it is neither read nor in the folder; Io.
  Result<void> must_have(const std::string& file) const;
  // Writes or replaces the file; then it is in force. REQUIRES: check() refuses nothing. Errors as make_room().
  Result<void> put(const PolicyText& text);
  // Errors as must_have().
  Result<void> remove(const std::string& file);

 private:
  Policies(store::Disk& disk, std::filesystem::path folder, const profile::Catalogue& catalogue,
           const grants::Purposes& purposes)
      : disk_(disk), folder_(std::move(folder)), catalogue_(catalogue), purposes_(purposes) {}

  // The owner's files, in the order of their names.
  struct Own {
    std::vector<PolicyText> texts;
    std::vector<PolicyFinding>
        unread;  // those that could not be read, or the folder itself; they refuse

    std::size_t size() const { return texts.size() + unread.size(); }
    bool has(const std::string& file) const;
  };

  static Own with(Own own, const std::string& file, std::optional<std::string> text);
  Own own() const;
  Own read_folder() const;
  // All that is wrong or to be looked at. Corrupt.
  Result<std::vector<PolicyFinding>> findings_of(const Own& own) const;
  Result<std::shared_ptr<const Rules>> rules_of(const Own& own,
                                                const std::vector<PolicyFinding>& findings) const;
  // From now on these are in force. Corrupt.
  Result<void> enforce(Own own);

  store::Disk& disk_;
  const std::filesystem::path folder_;
  const profile::Catalogue& catalogue_;
  const grants::Purposes& purposes_;
  std::mutex changes_;        // of the folder and what is in force, as one
  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<const Rules> rules_;
  Own own_;
  std::vector<PolicyFinding> findings_;
};

}  // namespace vrm::gate

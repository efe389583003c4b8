#pragma once
// The policies in force: those that are linked in, and the owner's own of a folder. They are replaced as a whole.
//
//   policies.d/quiet.cedar  --check-->  Rules  --exchange-->  in force: a decision under way ends with what it began with
//
// When a file of the folder is refused, nothing is in force and no brand reads anything, until it is mended or taken away: a rule
// that was written must never be left out silently, and the owner must be able to hear why (docs/decisions).
// Safe from any thread.

#include <filesystem>
#include <memory>
#include <mutex>
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

  // What check_policies() would say of the folder with this file in it, of this file. Corrupt; Io.
  Result<std::vector<PolicyFinding>> check(const PolicyText& text) const;
  // What would be in force with that file in the folder, or without it (`text` null). Null: nothing, since a file is refused.
  Result<std::shared_ptr<const Rules>> rules_with(const std::string& file,
                                                  const std::string* text) const;

  // Makes the folder if it is missing. Malformed (policy.no_folder): there is to be none; Denied: it is not the owner's alone; Io.
  Result<void> make_room() const;
  // NotFound (policy.unknown); Io.
  Result<void> must_have(const std::string& file) const;
  // Writes or replaces the file; then it is in force. REQUIRES: check() refuses nothing. Errors as make_room().
  Result<void> put(const PolicyText& text);
  // Errors as must_have().
  Result<void> remove(const std::string& file);

 private:
  Policies(store::Disk& disk, std::filesystem::path folder, const profile::Catalogue& catalogue,
           const grants::Purposes& purposes)
      : disk_(disk), folder_(std::move(folder)), catalogue_(catalogue), purposes_(purposes) {}

  Result<std::vector<PolicyText>> read_folder() const;
  Result<void> reload();

  store::Disk& disk_;
  const std::filesystem::path folder_;
  const profile::Catalogue& catalogue_;
  const grants::Purposes& purposes_;
  mutable std::mutex changes_;  // of the folder
  mutable std::mutex mutex_;    // of what follows
  std::shared_ptr<const Rules> rules_;
  std::vector<PolicyText> own_;
  std::vector<PolicyFinding> findings_;
};

}  // namespace vrm::gate

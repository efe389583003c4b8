#pragma once
// What the program does, by the name of each command. Each writes to `out` and gives the exit code; an error is what could not be
// done at all.

#include <iosfwd>
#include <string>
#include <vector>

#include "policies/cedar/validator.h"
#include "vault/base/result.h"

namespace cedar::program {

// Those of the reference's own program.
enum class Exit { Done = 0, Failed = 1, Denied = 2, Invalid = 3 };

struct AuthorizePlan {
  std::string policies, entities, schema, context;  // files; the last three may be ""
  std::string principal, action, resource;          // as a policy writes them
  bool as_json = false;
};
vrm::Result<Exit> authorize(const AuthorizePlan& plan, std::ostream& out);

struct ValidatePlan {
  std::string policies, schema, entities;  // the last may be ""
  bool deny_warnings = false;
  Edition edition = Edition::V4_13;
};
vrm::Result<Exit> validate_files(const ValidatePlan& plan, std::ostream& out);

struct FormatPlan {
  std::vector<std::string> files;
  bool check = false;  // only tell whether something would change
  bool write = false;  // into the file
};
vrm::Result<Exit> format_files(const FormatPlan& plan, std::ostream& out);

// What a file holds: "" goes by its name, which has `schema` or `entities` in it, else it is policies.
struct TranslatePlan {
  std::string file, kind;
};
vrm::Result<Exit> translate(const TranslatePlan& plan, std::ostream& out);

struct CheckPlan {
  std::vector<std::string> files;
  std::string kind;
};
vrm::Result<Exit> check_files(const CheckPlan& plan, std::ostream& out);

struct CorpusPlan {
  std::vector<std::string> folders;
  std::size_t step = 1;    // of so many tests, one
  std::size_t shown = 20;  // disagreements
  bool progress = false;   // on `err`
  Edition edition = Edition::V4_13;
};
vrm::Result<Exit> run_corpus(const CorpusPlan& plan, std::ostream& out, std::ostream& err);

}  // namespace cedar::program

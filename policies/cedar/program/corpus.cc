#include "policies/cedar/program/corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/program/files.h"
#include "vault/base/text.h"

namespace cedar::program {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::set<std::string>;

// Where a test's path leads, from its own folder upwards.
fs::path referenced(const fs::path& test, const std::string& path) {
  for (fs::path folder = fs::absolute(test).parent_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / path)) return folder / path;
    if (folder == folder.parent_path()) return path;
  }
}

// One test with what it names, read.
struct CorpusTest {
  json spec;
  PolicySet policies;
  Schema schema;
  Entities entities;
};

vrm::Result<std::string> path_in(const fs::path& test, const json& spec, const char* name) {
  const std::string path = TRY(vrm::need_string(spec, name));
  return referenced(test, path).string();
}

Ids erring(const Response& response) {
  Ids ids;
  for (const auto& error : response.errors) ids.insert(error.policy_id);
  return ids;
}

vrm::Result<Ids> ids_in(const json& request, const char* name) {
  const std::vector<std::string> ids = TRY(vrm::need_strings(request, name));
  return Ids(ids.begin(), ids.end());
}

// Malformed: it is there and is no true or false.
vrm::Result<bool> flag_in(const json& object, const char* name, bool otherwise) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  if (found->is_boolean()) return found->get<bool>();
  return vrm::Error{vrm::ErrorCode::Malformed, std::string(name) + " is neither true nor false"};
}

class CorpusRun {
 public:
  CorpusRun(const fs::path& test, Edition edition, CorpusCount& count,
            const CorpusListener& listener)
      : test_(test), edition_(edition), count_(count), listener_(listener) {}

  vrm::Result<void> run() {
    ++count_.tests;
    const std::string text = TRY(read_text(test_.string()));
    const json spec = TRY(vrm::read_json(text, kEntityJsonLimits));
    const json* requests = TRY(vrm::need_array(spec, "requests"));
    count_.requests += requests->size();
    const std::string policies_path = TRY(path_in(test_, spec, "policies"));
    const std::string schema_path = TRY(path_in(test_, spec, "schema"));
    const std::string entities_path = TRY(path_in(test_, spec, "entities"));
    const PolicySet policies = TRY(load_policies(policies_path));
    const Schema schema = TRY(load_schema(schema_path));
    TRY(check_verdict(spec, policies, schema));
    const std::vector<Entity> entities = TRY(load_entities(entities_path, &schema));
    const Entities store = TRY(Entities::make(entities));
    ++count_.stores;
    for (const auto& request : *requests) {
      const auto done = ask(request, policies, schema, store);
      if (!done.ok()) disagree(done.error().message);
    }
    return {};
  }

  void disagree(const std::string& how) const {
    listener_.disagreed(test_.filename().string() + ": " + vrm::printable(how, 400));
  }

 private:
  vrm::Result<void> check_verdict(const json& spec, const PolicySet& policies,
                                  const Schema& schema) {
    const bool expected = TRY(flag_in(spec, "shouldValidate", true));
    const auto findings = validate(policies, schema, edition_);
    const auto wrong = std::find_if(findings.begin(), findings.end(),
                                    [](const auto& each) { return !each.errors.empty(); });
    const bool valid = wrong == findings.end();
    if (valid == expected) {
      ++count_.verdicts;
    } else if (valid) {
      disagree("these policies validate, and should not");
    } else {
      disagree("these policies should validate: " + wrong->id + ", " +
               malformed_at(wrong->errors[0].at, wrong->errors[0].message).message);
    }
    return {};
  }

  vrm::Result<void> ask(const json& spec, const PolicySet& policies, const Schema& schema,
                        const Entities& store) {
    const json* principal = TRY(vrm::need_object(spec, "principal"));
    const json* action = TRY(vrm::need_object(spec, "action"));
    const json* resource = TRY(vrm::need_object(spec, "resource"));
    const json* context = TRY(vrm::need_object(spec, "context"));
    EntityUid who = TRY(uid_from_json(*principal));
    EntityUid what = TRY(uid_from_json(*action));
    EntityUid whose = TRY(uid_from_json(*resource));
    const ActionType* type = schema.find_action(what);
    Record given =
        TRY(context_from_json(*context, type == nullptr ? nullptr : type->context.get()));
    const Request request{std::move(who), std::move(what), std::move(whose), std::move(given)};
    const auto described = vrm::need_string(spec, "description");
    const std::string name = described.ok() ? described.value() : "a request";
    const bool is_checked = TRY(flag_in(spec, "validateRequest", true));
    if (!is_checked) {
      ++count_.conforming;
    } else if (const auto fit = check_request(request, schema); fit.ok()) {
      ++count_.conforming;
    } else {
      disagree(name + ": " + fit.error().message);
    }
    return compare(spec, name, is_authorized(request, policies, store));
  }

  vrm::Result<void> compare(const json& spec, const std::string& name, const Response& response) {
    const std::string expected = TRY(vrm::need_string(spec, "decision"));
    const Ids reasons = TRY(ids_in(spec, "reason"));
    const Ids errors = TRY(ids_in(spec, "errors"));
    const bool decision = expected == (response.decision == Decision::Allow ? "allow" : "deny");
    const bool reason = reasons == Ids(response.reasons.begin(), response.reasons.end());
    const bool error = errors == erring(response);
    count_.decisions += decision ? 1 : 0;
    count_.reasons += reason ? 1 : 0;
    count_.errors += error ? 1 : 0;
    if (!decision) disagree(name + ": expected " + expected);
    if (!reason) disagree(name + ": other reasons were expected");
    if (!error) disagree(name + ": other errors were expected");
    return {};
  }

  const fs::path& test_;
  const Edition edition_;
  CorpusCount& count_;
  const CorpusListener& listener_;
};

}  // namespace

bool CorpusCount::all_agree() const {
  return decisions == requests && reasons == requests && errors == requests &&
         conforming == requests && verdicts == tests && stores == tests;
}

vrm::Result<std::vector<fs::path>> corpus_tests(const fs::path& where) {
  std::error_code failed;
  if (fs::is_regular_file(where, failed)) return std::vector{where};
  std::vector<fs::path> tests;
  for (fs::recursive_directory_iterator entry(where, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".entities.json") ||
        name.ends_with(".cedarschema.json"))
      continue;
    const auto text = read_text(entry->path().string());
    if (text.ok() && text.value().find("\"requests\"") != std::string::npos)
      tests.push_back(entry->path());
  }
  if (tests.empty())
    return vrm::Error{vrm::ErrorCode::NotFound,
                      where.string() + ": there are no tests of cedar-integration-tests here"};
  std::sort(tests.begin(), tests.end());
  return tests;
}

void run_corpus_test(const fs::path& test, Edition edition, CorpusCount& count,
                     const CorpusListener& listener) {
  CorpusRun run(test, edition, count, listener);
  const auto done = run.run();
  if (!done.ok()) run.disagree(done.error().message);
}

}  // namespace cedar::program

#include "policies/cedar/program/commands.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/parser.h"
#include "policies/cedar/policy_format.h"
#include "policies/cedar/policy_json.h"
#include "policies/cedar/policy_text.h"
#include "policies/cedar/program/corpus.h"
#include "policies/cedar/program/files.h"
#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_text.h"
#include "policies/cedar/token_reader.h"
#include "policies/cedar/validator.h"
#include "vault/base/text.h"

namespace cedar::program {

namespace {

using nlohmann::json;

vrm::Result<EntityUid> uid_of(const std::string& text, const char* option) {
  std::vector<Token> tokens = TRY(tokens_of(text));
  TokenReader reader(std::move(tokens));
  auto uid = reader.need_entity();
  if (uid.ok() && reader.peek().kind == Token::Kind::End) return uid;
  return vrm::Error{vrm::ErrorCode::Malformed,
                    std::string(option) + " `" + vrm::printable(text, 80) +
                        "` is no entity, which is written as User::\"alice\""};
}

// FILE:LINE:COLUMN, as compilers say it.
std::string place(const std::string& file, Position at) {
  return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

json response_json(const Response& response) {
  json errors = json::array();
  for (const auto& [id, effect, error] : response.errors)
    errors.push_back({{"policy", id},
                      {"message", error.message},
                      {"line", error.at.line},
                      {"column", error.at.column}});
  return {{"decision", response.decision == Decision::Allow ? "allow" : "deny"},
          {"reasons", response.reasons},
          {"errors", std::move(errors)}};
}

void print_response(const Response& response, const std::string& file, std::ostream& out) {
  out << (response.decision == Decision::Allow ? "ALLOW\n" : "DENY\n");
  for (const auto& id : response.reasons) out << "because of " << vrm::printable(id, 200) << "\n";
  if (response.reasons.empty()) out << "because no permit holds\n";
  for (const auto& [id, effect, error] : response.errors)
    out << place(file, error.at) << ": " << vrm::printable(id, 200)
        << " was skipped: " << vrm::printable(error.message, 400) << "\n";
}

enum class Contents { Policies, Schema, Entities };

vrm::Result<Contents> contents_of(const std::string& file, const std::string& kind) {
  const auto is = [&](const char* name, const char* part) {
    return kind == name || (kind.empty() && file.find(part) != file.npos);
  };
  if (is("schema", "schema")) return Contents::Schema;
  if (is("entities", "entities")) return Contents::Entities;
  return Contents::Policies;
}

std::string laid_out(const json& value) {
  return value.dump(2) + "\n";
}

// A set as text: templates and policies by their ids, which text has no other place for than an annotation.
vrm::Result<std::string> set_text(const PolicySet& set) {
  std::string out;
  const auto add = [&out](const PolicyBody& body) {
    out += (out.empty() ? "" : "\n") + policy_text(body) + "\n";
  };
  for (const auto& each : set.templates()) add(*each.body);
  for (const auto& each : set.policies()) {
    if (!each.template_id.empty())
      return vrm::Error{vrm::ErrorCode::Malformed,
                        "the policy `" + vrm::printable(each.id, 80) +
                            "` is made from a template, which text cannot say"};
    add(*each.body);
  }
  return out;
}

vrm::Result<std::string> translated_policies(const std::string& file) {
  const PolicySet set = TRY(load_policies(file));
  if (is_json_name(file)) return set_text(set);
  const json written = TRY(policy_set_to_json(set));
  return laid_out(written);
}

vrm::Result<std::string> translated_schema(const std::string& file) {
  const SchemaFragment fragment = TRY(load_fragment(file));
  if (is_json_name(file)) return schema_text(fragment);
  return laid_out(schema_to_json(fragment));
}

std::string count(std::size_t number, const char* one, const char* several) {
  return std::to_string(number) + " " + (number == 1 ? one : several);
}

// What was found in a file, in words.
vrm::Result<std::string> checked(const std::string& file, Contents contents) {
  if (contents == Contents::Schema) {
    const Schema schema = TRY(load_schema(file));
    return count(schema.entity_types().size(), "entity type", "entity types") + ", " +
           count(schema.actions().size(), "action", "actions");
  }
  if (contents == Contents::Entities) {
    std::vector<Entity> entities = TRY(load_entities(file, nullptr));
    const Entities store = TRY(Entities::make(std::move(entities)));
    return count(store.size(), "entity", "entities");
  }
  const PolicySet set = TRY(load_policies(file));
  return count(set.policies().size(), "policy", "policies") + ", " +
         count(set.templates().size(), "template", "templates");
}

vrm::Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream to(path, std::ios::binary | std::ios::trunc);
  to << text;
  to.close();
  if (to) return {};
  return vrm::Error{vrm::ErrorCode::Io, path + ": this file cannot be written"};
}

}  // namespace

vrm::Result<Exit> authorize(const AuthorizePlan& plan, std::ostream& out) {
  const PolicySet policies = TRY(load_policies(plan.policies));
  Schema schema;
  const bool has_schema = !plan.schema.empty();
  if (has_schema) schema = TRY(load_schema(plan.schema));
  const Schema* known = has_schema ? &schema : nullptr;
  std::vector<Entity> entities;
  if (!plan.entities.empty()) {
    entities = TRY(load_entities(plan.entities, known));
  } else if (has_schema) {
    entities = schema.action_entities();
  }
  const Entities store = TRY(Entities::make(std::move(entities)));
  EntityUid principal = TRY(uid_of(plan.principal, "--principal"));
  EntityUid action = TRY(uid_of(plan.action, "--action"));
  EntityUid resource = TRY(uid_of(plan.resource, "--resource"));
  const ActionType* type = has_schema ? schema.find_action(action) : nullptr;
  Record context;
  if (!plan.context.empty())
    context = TRY(load_context(plan.context, type == nullptr ? nullptr : type->context.get()));
  const Request request{std::move(principal), std::move(action), std::move(resource),
                        std::move(context)};
  if (has_schema) TRY(check_request(request, schema));
  const Response response = is_authorized(request, policies, store);
  if (plan.as_json) {
    out << laid_out(response_json(response));
  } else {
    print_response(response, plan.policies, out);
  }
  return response.decision == Decision::Allow ? Exit::Done : Exit::Denied;
}

vrm::Result<Exit> validate_files(const ValidatePlan& plan, std::ostream& out) {
  const Schema schema = TRY(load_schema(plan.schema));
  const PolicySet policies = TRY(load_policies(plan.policies));
  if (!plan.entities.empty()) TRY(load_entities(plan.entities, &schema));
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const auto& each : validate(policies, schema, plan.edition)) {
    const auto print = [&](const Finding& finding, const char* kind) {
      out << place(plan.policies, finding.at) << ": " << kind << ": " << finding.message << " ("
          << vrm::printable(each.id, 200) << ")\n";
    };
    for (const auto& finding : each.errors) print(finding, "error");
    for (const auto& finding : each.warnings) print(finding, "warning");
    errors += each.errors.size();
    warnings += each.warnings.size();
  }
  out << count(errors, "error", "errors") << ", " << count(warnings, "warning", "warnings") << "\n";
  return errors > 0 || (plan.deny_warnings && warnings > 0) ? Exit::Invalid : Exit::Done;
}

vrm::Result<Exit> format_files(const FormatPlan& plan, std::ostream& out) {
  bool changed = false;
  for (const auto& file : plan.files) {
    const std::string text = TRY(read_text(file));
    const auto formatted = format_policies(text);
    if (!formatted.ok())
      return vrm::Error{formatted.error().code, file + ": " + formatted.error().message};
    const bool differs = formatted.value() != text;
    changed = changed || differs;
    if (plan.check) {
      if (differs) out << file << " would change\n";
    } else if (plan.write) {
      if (differs) TRY(write_file(file, formatted.value()));
    } else {
      out << formatted.value();
    }
  }
  return plan.check && changed ? Exit::Failed : Exit::Done;
}

vrm::Result<Exit> translate(const TranslatePlan& plan, std::ostream& out) {
  const Contents contents = TRY(contents_of(plan.file, plan.kind));
  if (contents == Contents::Policies) {
    out << TRY(translated_policies(plan.file));
  } else if (contents == Contents::Schema) {
    out << TRY(translated_schema(plan.file));
  } else {
    const std::vector<Entity> entities = TRY(load_entities(plan.file, nullptr));
    out << laid_out(entities_to_json(entities));
  }
  return Exit::Done;
}

vrm::Result<Exit> check_files(const CheckPlan& plan, std::ostream& out) {
  Exit exit = Exit::Done;
  for (const auto& file : plan.files) {
    const Contents contents = TRY(contents_of(file, plan.kind));
    const auto found = checked(file, contents);
    if (found.ok()) {
      out << file << ": " << found.value() << "\n";
      continue;
    }
    out << found.error().message << "\n";
    exit = Exit::Failed;
  }
  return exit;
}

vrm::Result<Exit> run_corpus(const CorpusPlan& plan, std::ostream& out, std::ostream& err) {
  std::vector<std::filesystem::path> tests;
  for (const auto& folder : plan.folders) {
    const auto found = TRY(corpus_tests(folder));
    tests.insert(tests.end(), found.begin(), found.end());
  }
  CorpusCount count;
  std::size_t disagreements = 0;
  CorpusListener listener;
  listener.disagreed = [&](const std::string& what) {
    if (disagreements++ < plan.shown) out << "disagrees: " << what << "\n";
  };
  for (std::size_t i = 0; i < tests.size(); i += plan.step) {
    run_corpus_test(tests[i], plan.edition, count, listener);
    if (plan.progress && i / plan.step % 200 == 0)
      err << "\r" << i << " of " << tests.size() << std::flush;
  }
  if (plan.progress) err << "\r";
  if (disagreements > plan.shown)
    out << "and " << disagreements - plan.shown << " disagreements more\n";
  out << "tests: " << count.tests << "\nrequests: " << count.requests
      << "\ndecisions agreed: " << count.decisions << "\nreasons agreed: " << count.reasons
      << "\nerrors agreed: " << count.errors << "\nvalidation agreed: " << count.verdicts
      << "\nentities as their schema says: " << count.stores
      << "\nrequests as their schema says: " << count.conforming << "\n";
  return count.all_agree() ? Exit::Done : Exit::Failed;
}

}  // namespace cedar::program

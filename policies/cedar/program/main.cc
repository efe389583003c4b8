// cedar: the policy language on files.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <map>

#include "policies/cedar/program/commands.h"

namespace {

namespace program = cedar::program;
using Run = std::function<vrm::Result<program::Exit>()>;

constexpr const char* kKindHelp =
    "policies, schema or entities; else the file's name says which of them it holds";

// The reference's release whose verdicts are given.
void add_edition(CLI::App& to, cedar::Edition& edition) {
  static const std::map<std::string, cedar::Edition> editions{{"4.10", cedar::Edition::V4_10},
                                                              {"4.13", cedar::Edition::V4_13}};
  to.add_option("--compat", edition, "validate as this release does: 4.10 or 4.13, the default")
      ->transform(CLI::CheckedTransformer(editions).description(""));
}

struct Plans {
  program::AuthorizePlan authorize;
  program::ValidatePlan validate;
  program::FormatPlan format;
  program::TranslatePlan translate;
  program::CheckPlan check;
  program::CorpusPlan corpus;
};

void add_authorize(CLI::App& app, program::AuthorizePlan& plan, Run& run) {
  auto* made = app.add_subcommand("authorize", "decide one request: 0 is allow, 2 is deny");
  made->add_option("--policies", plan.policies, "file")->required();
  made->add_option("--entities", plan.entities, "file in JSON");
  made->add_option("--schema", plan.schema, "file; entities and request are held against it");
  made->add_option("--principal", plan.principal, "who, as User::\"alice\"")->required();
  made->add_option("--action", plan.action, "does what, as Action::\"view\"")->required();
  made->add_option("--resource", plan.resource, "with what, as Photo::\"beach\"")->required();
  made->add_option("--context", plan.context, "file in JSON");
  made->add_flag("--json", plan.as_json, "print JSON");
  made->callback([&] { run = [&plan] { return program::authorize(plan, std::cout); }; });
}

void add_validate(CLI::App& app, program::ValidatePlan& plan, Run& run) {
  auto* made =
      app.add_subcommand("validate", "hold policies against a schema: 0 is valid, 3 is not");
  made->add_option("--schema", plan.schema, "file")->required();
  made->add_option("--policies", plan.policies, "file")->required();
  made->add_option("--entities", plan.entities, "file in JSON, held against the schema too");
  made->add_flag("--deny-warnings", plan.deny_warnings, "a warning is as bad as an error");
  add_edition(*made, plan.edition);
  made->callback([&] { run = [&plan] { return program::validate_files(plan, std::cout); }; });
}

void add_format(CLI::App& app, program::FormatPlan& plan, Run& run) {
  auto* made = app.add_subcommand("format", "lay out policies anew, comments kept");
  made->add_option("files", plan.files, "files of policies; - is standard input")->required();
  auto* check = made->add_flag("--check", plan.check, "only tell which would change, with exit 1");
  made->add_flag("--write", plan.write, "into the files")->excludes(check);
  made->callback([&] { run = [&plan] { return program::format_files(plan, std::cout); }; });
}

void add_translate(CLI::App& app, program::TranslatePlan& plan, Run& run) {
  auto* made = app.add_subcommand("translate",
                                  "text to JSON, JSON to text; entities to JSON with every escape");
  made->add_option("file", plan.file, "a name that ends in .json is JSON")->required();
  made->add_option("--kind", plan.kind, kKindHelp)
      ->check(CLI::IsMember({"policies", "schema", "entities"}));
  made->callback([&] { run = [&plan] { return program::translate(plan, std::cout); }; });
}

void add_check_parse(CLI::App& app, program::CheckPlan& plan, Run& run) {
  auto* made = app.add_subcommand("check-parse", "tell whether files can be read");
  made->add_option("files", plan.files, "a name that ends in .json is JSON")->required();
  made->add_option("--kind", plan.kind, kKindHelp)
      ->check(CLI::IsMember({"policies", "schema", "entities"}));
  made->callback([&] { run = [&plan] { return program::check_files(plan, std::cout); }; });
}

void add_corpus(CLI::App& app, program::CorpusPlan& plan, Run& run) {
  auto* made = app.add_subcommand(
      "corpus", "run folders of tests in the format of cedar-integration-tests: 0 is all agree");
  made->add_option("folders", plan.folders, "folders, or test files")->required();
  made->add_option("--step", plan.step, "of so many tests, run one")->check(CLI::PositiveNumber);
  add_edition(*made, plan.edition);
  made->add_option("--shown", plan.shown, "disagreements to show, 20 unless told");
  made->callback([&] {
    plan.progress = isatty(STDERR_FILENO) == 1;
    run = [&plan] { return program::run_corpus(plan, std::cout, std::cerr); };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Policies in the Cedar language: decide, validate, format, translate.\n"
      "A name that ends in .json is JSON, any other is text; - is standard input.",
      "cedar");
  app.require_subcommand(1);
  Plans plans;
  Run run;
  add_authorize(app, plans.authorize, run);
  add_validate(app, plans.validate, run);
  add_format(app, plans.format, run);
  add_translate(app, plans.translate, run);
  add_check_parse(app, plans.check, run);
  add_corpus(app, plans.corpus, run);
  CLI11_PARSE(app, argc, argv);
  const auto exit = run();
  if (exit.ok()) return static_cast<int>(exit.value());
  std::cerr << "cedar: " << exit.error().message << "\n";
  return static_cast<int>(program::Exit::Failed);
}

// vrm-bench: what a vault's daemon costs, measured on the real one.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/intents_bench.h"
#include "tests/bench/latency.h"
#include "tests/bench/load.h"
#include "tests/bench/policy_bench.h"
#include "tests/bench/read_bench.h"
#include "tests/bench/revoke_bench.h"
#include "tests/bench/see_bench.h"
#include "tests/bench/send_bench.h"
#include "tests/bench/start_bench.h"
#include "tests/bench/store_bench.h"

namespace {

namespace bench = vrm::bench;
using vrm::Result;

constexpr int kGood = 0;
constexpr int kBad = 1;
constexpr int kUsage = 2;

struct Options {
  std::string programs, below = "/var/tmp", host = "127.0.0.1", path = "/";
  std::vector<int> connections = {1, 16, 64, 128, 256};
  std::vector<int> brands = {100, 1000};
  std::vector<int> cells = {100'000, 1'000'000};
  std::vector<int> grants = {20, 200, 2'000, 20'000};
  std::string wasm;
  double seconds = 2.5;
  int port = 0;
  int rounds = 9;
  int revocations = 1000;
  int few = 10, many = 10'000;
  bool tls = false, all_cores = false;

  bench::RigPlan rig() const {
    return {.programs = programs, .below = below, .core = {}, .tls = tls};
  }
  vrm::Duration length() const { return vrm::Duration(static_cast<long>(seconds * 1000)); }
};

Result<int> read(const Options& options) {
  const bool good = TRY(bench::run_read_bench(options.rig(), {.connections = options.connections,
                                                              .length = options.length(),
                                                              .all_cores = options.all_cores}));
  return good ? kGood : kBad;
}

Result<int> read_growth(const Options& options) {
  const bool good = TRY(bench::run_read_growth_bench(
      options.rig(), {.few = options.few, .many = options.many, .rounds = options.rounds}));
  return good ? kGood : kBad;
}

Result<int> revoke(const Options& options) {
  const bool good =
      TRY(bench::run_revoke_bench(options.rig(), {.revocations = options.revocations}));
  return good ? kGood : kBad;
}

Result<int> start(const Options& options) {
  TRY(bench::run_start_bench(options.rig()));
  return kGood;
}

Result<int> send(const Options& options) {
  TRY(bench::run_send_bench({.brands = options.brands}));
  return kGood;
}

Result<int> intents(const Options& options) {
  TRY(bench::run_intents_bench(options.rig(),
                               {.brands = options.brands, .rounds = options.rounds}));
  return kGood;
}

Result<int> store(const Options& options) {
  TRY(bench::run_store_bench({.rig = options.rig(), .cells = options.cells}));
  return kGood;
}

Result<int> policy(const Options& options) {
  const bool good = TRY(bench::run_policy_bench({.grants = options.grants,
                                                 .rounds = options.rounds,
                                                 .wasm_folder = options.wasm,
                                                 .below = options.below}));
  return good ? kGood : kBad;
}

Result<int> see(const Options& options) {
  const bool good = TRY(bench::run_see_bench({.rounds = options.rounds}));
  return good ? kGood : kBad;
}

// The load loop on any server: what this side can do at all.
Result<int> get(const Options& options) {
  const bench::Requests requests{.before = "GET " + options.path +
                                           " HTTP/1.1\r\nHost: " + options.host + ":" +
                                           std::to_string(options.port) + "\r\n\r\n",
                                 .middles = {},
                                 .after = ""};
  for (const int connections : options.connections) {
    bench::LoadResult result =
        TRY(bench::run_load({options.host, options.port, connections, options.length()}, requests));
    std::printf(
        "%4d connections %9.0f/s p50 %llu us p99 %llu us, %zu other statuses, %llu broken\n",
        connections, result.per_second(),
        static_cast<unsigned long long>(bench::percentile(result.latencies_us, 0.5)),
        static_cast<unsigned long long>(bench::percentile(result.latencies_us, 0.99)),
        result.other.size(), static_cast<unsigned long long>(result.broken));
  }
  return kGood;
}

void add_load_options(CLI::App* made, Options& options) {
  made->add_option("--connections", options.connections, "numbers of connections")
      ->delimiter(',')
      ->check(CLI::Range(1, 10000));
  made->add_option("--seconds", options.seconds, "of each measurement")
      ->check(CLI::Range(0.1, 20.0));
}

void add_brand_options(CLI::App* made, Options& options, int most) {
  made->add_option("--brands", options.brands, "numbers of brands")
      ->delimiter(',')
      ->check(CLI::Range(1, most));
}

void add_rig_options(CLI::App* made, Options& options) {
  made->add_option("--programs", options.programs, "folder of vrmd and vrm; default: ours");
  made->add_option("--below", options.below, "where the temporary vault is made; must be a disk");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::error_code failed;
  options.programs = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  Result<int> (*run)(const Options&) = nullptr;
  CLI::App app("What a vault's daemon costs, measured on the real one.", "vrm-bench");
  app.require_subcommand(1);
  CLI::App* reads = app.add_subcommand("read", "authorised reads a second, beside their limit");
  add_load_options(reads, options);
  add_rig_options(reads, options);
  reads->add_flag("--tls", options.tls, "over TLS");
  reads->add_flag("--all-cores", options.all_cores, "no side is pinned to a core");
  reads->callback([&run] { run = read; });
  CLI::App* growth =
      app.add_subcommand("read-growth", "the same read with few and with many grants and fields");
  growth->add_option("--few", options.few)->check(CLI::Range(1, 100'000));
  growth->add_option("--many", options.many)->check(CLI::Range(1, 100'000));
  add_rig_options(growth, options);
  growth->callback([&run] { run = read_growth; });
  CLI::App* revokes = app.add_subcommand(
      "revoke", "vrm revoke while 64 connections read, and the next read refused");
  revokes->add_option("--revocations", options.revocations)->check(CLI::Range(1, 100'000));
  add_rig_options(revokes, options);
  revokes->callback([&run] { run = revoke; });
  CLI::App* starts = app.add_subcommand("start", "start, status, room on disk");
  add_rig_options(starts, options);
  starts->callback([&run] { run = start; });
  CLI::App* stores =
      app.add_subcommand("store", "sealing beside plain SQLite; vaults of many cells and fields");
  stores->add_option("--cells", options.cells, "sizes of vaults")
      ->delimiter(',')
      ->check(CLI::Range(1'000, 10'000'000));
  add_rig_options(stores, options);
  stores->callback([&run] { run = store; });
  CLI::App* sends = app.add_subcommand("send", "messages to many brands, beside libcurl alone");
  add_brand_options(sends, options, 100'000);
  sends->callback([&run] { run = send; });
  CLI::App* intent = app.add_subcommand(
      "intents", "an intent to many brands, beside libcurl alone; their offers, to a table");
  add_brand_options(intent, options, 10'000);
  intent->add_option("--rounds", options.rounds, "intents; the median counts")
      ->check(CLI::Range(1, 1000));
  add_rig_options(intent, options);
  intent->callback([&run] { run = intents; });
  CLI::App* policies = app.add_subcommand(
      "policy", "a decision, as grants grow: in the gate, and with a policy for each grant");
  policies->add_option("--grants", options.grants, "how many; ascending")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000));
  policies->add_option("--rounds", options.rounds, "of 5,000 decisions")
      ->check(CLI::Range(1, 1000));
  policies->add_option("--wasm", options.wasm,
                       "a folder whose node_modules have @cedar-policy/cedar-wasm 4.10.0");
  policies->add_option("--below", options.below, "where temporary files go");
  policies->callback([&run] { run = policy; });
  CLI::App* sees =
      app.add_subcommand("see", "exactly what one brand can read, and what all brands can");
  sees->add_option("--rounds", options.rounds, "the median counts")->check(CLI::Range(1, 1000));
  sees->callback([&run] { run = see; });
  CLI::App* gets = app.add_subcommand("get", "the load loop alone, on any server");
  gets->add_option("--host", options.host, "an IPv4 address");
  gets->add_option("--port", options.port)->required();
  gets->add_option("--path", options.path);
  add_load_options(gets, options);
  gets->callback([&run] { run = get; });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kGood : kUsage;
  }
  const Result<int> done = run(options);
  if (done.ok()) return done.value();
  std::fprintf(stderr, "vrm-bench: %s\n", done.error().message.c_str());
  return kBad;
}

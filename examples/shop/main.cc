// vrm-shop: a brand as a real process, small enough to start one's own from.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "examples/shop/commands.h"
#include "examples/shop/conformance.h"
#include "examples/shop/many.h"
#include "examples/shop/say.h"
#include "examples/shop/selling.h"
#include "examples/shop/shopfront.h"
#include "vault/base/clock.h"
#include "vault/base/text.h"
#include "vault/crypto/system_random.h"

namespace {

using vrm::Error;
using vrm::ErrorCode;
using vrm::Result;
namespace shop = vrm::shop;

constexpr int kUsage = 2;

// Everything that can stand on the command line, wherever it stands.
struct Options {
  std::string dir, name, address = "127.0.0.1:0", base, from, auth_req_id, rules, offer, price;
  bool mailbox = false;
  bool rotate = false;
  int ready_fd = -1, brands = 100;
  std::uint64_t seed = 1;
  std::int64_t wait_s = 0;
  shop::Wish wish;
  shop::ReadPlan read;
  shop::ConformancePlan conformance;
};

struct World {
  vrm::SystemClock clock;
  vrm::crypto::SystemRandom random;
};

using Run = std::function<Result<int>(const Options&, World&)>;

Result<shop::ShopfrontPlan> plan_of(const Options& options) {
  shop::ShopfrontPlan plan{.name = options.name, .base = options.base};
  plan.shop.mailbox = options.mailbox;
  const std::size_t colon = options.address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : options.address.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), plan.port);
  if (port.empty() || failed != std::errc() || end != port.data() + port.size()) {
    return Error{ErrorCode::Malformed, "--address is HOST:PORT"};
  }
  plan.host = options.address.substr(0, colon);
  return plan;
}

void tell_ready(int fd, const std::string& line) {
  if (fd < 0) return;
  if (::write(fd, line.data(), line.size()) < 0) shop::complain("nobody listens on --ready-fd");
  ::close(fd);
}

// Ends that are asked for are waited for, and nothing else: before there are threads, which then
// block them too.
sigset_t block_ends() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

void wait_for_end(const sigset_t& ends) {
  int signal = 0;
  sigwait(&ends, &signal);
}

Result<int> serve(const Options& options, World& world) {
  const sigset_t ends = block_ends();
  const shop::Folder folder = TRY(shop::Folder::open(options.dir));
  const shop::ShopfrontPlan plan = TRY(plan_of(options));
  if (!options.rules.empty()) TRY(shop::adopt_character(folder, options.rules));
  const std::unique_ptr<shop::Shopfront> front =
      TRY(shop::Shopfront::open(folder, plan, world.clock, world.random, shop::say));
  const shop::Brand& brand = front->brand();
  shop::say(vrm::printable(brand.name, 60) + " is open: " + brand.client_id());
  if (!front->tag_line().empty()) shop::say(vrm::printable(front->tag_line(), 200));
  tell_ready(options.ready_fd, brand.client_id() + "\n");
  wait_for_end(ends);
  shop::say(vrm::printable(brand.name, 60) + " is closed");
  return shop::kDone;
}

Result<int> serve_many(const Options& options, World& world) {
  const sigset_t ends = block_ends();
  const shop::Folder folder = TRY(shop::Folder::open(options.dir));
  const shop::ShopfrontPlan plan = TRY(plan_of(options));
  const std::vector<shop::Stall> stalls =
      TRY(shop::set_up_many(folder, options.brands, options.seed));
  const std::unique_ptr<shop::Shopfront> front =
      TRY(shop::Shopfront::open_many(stalls, plan, world.clock, world.random, shop::say));
  std::string lines;
  for (const shop::Brand& brand : front->brands()) lines += brand.client_id() + "\n";
  shop::say(std::to_string(stalls.size()) + " shops are open, from " + front->brand().client_id());
  tell_ready(options.ready_fd, lines);
  wait_for_end(ends);
  shop::say("all shops are closed");
  return shop::kDone;
}

// A command that works at the shop's desk.
Run at_desk(std::function<Result<int>(shop::Desk, const Options&)> work) {
  return [work = std::move(work)](const Options& options, World& world) -> Result<int> {
    shop::Desk desk = TRY(shop::Desk::open(options.dir, world.clock, world.random));
    return work(std::move(desk), options);
  };
}

Result<int> steal(const Options& options, World& world) {
  const shop::Folder folder = TRY(shop::Folder::open(options.dir));
  const shop::Folder victim = TRY(shop::Folder::open(options.from));
  shop::Brand pretended = TRY(shop::Brand::load(victim));
  shop::ShopKeys own_keys = TRY(shop::ShopKeys::load_or_make(folder, world.random));
  const shop::Desk thief{folder, std::move(own_keys), std::move(pretended), world.clock,
                         world.random};
  return shop::misuse_stolen_token(thief, victim);
}

CLI::App* command(CLI::App& app, const char* name, const char* what, Options& options) {
  CLI::App* made = app.add_subcommand(name, what);
  made->add_option("--dir", options.dir, "the shop's folder")->required();
  return made;
}

void add_read_options(CLI::App* read, Options& options) {
  read->add_option("--fields", options.read.fields, "default: what was granted")->delimiter(',');
  read->add_option("--purpose", options.read.purpose, "default: what was granted");
}

// What the commands that listen have in common.
void add_listening(CLI::App* made, Options& options) {
  made->add_flag("--mailbox", options.mailbox, "be a mailbox for vaults without an open door");
  made->add_option("--address", options.address, "HOST:PORT to listen on; port 0: any");
  made->add_option("--base", options.base, "the public address, when a proxy stands in front");
  made->add_option("--ready-fd", options.ready_fd, "write the brand document's address here");
}

void add_serve(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "serve", "open the shop: brand document and inbox", options);
  made->add_option("--name", options.name, "what customers call it");
  made->add_option("--rules", options.rules, "its character: what it sells, asks and does");
  add_listening(made, options);
  made->callback([&run] { run = serve; });
}

void add_many(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "many", "many shops in one process, to see them answer", options);
  made->add_option("--brands", options.brands, "how many")->check(CLI::Range(1, shop::kMostBrands));
  made->add_option("--seed", options.seed, "what their characters are drawn from");
  add_listening(made, options);
  made->callback([&run] { run = serve_many; });
}

// A command about one offer.
CLI::App* offer_command(CLI::App& offer, const char* name, const char* what, Options& options) {
  CLI::App* made = command(offer, name, what, options);
  made->add_option("--offer", options.offer, "its name, or a beginning of it")->required();
  return made;
}

void add_offers(CLI::App& app, Options& options, Run& run) {
  CLI::App* list = command(app, "offers", "what was offered and what became of it", options);
  list->callback([&run] {
    run = at_desk([](shop::Desk desk, const Options&) { return shop::show_offers(desk); });
  });
  CLI::App* offer = app.add_subcommand("offer", "change an offer");
  offer->require_subcommand(1);
  offer_command(*offer, "withdraw", "take it back", options)->callback([&run] {
    run = at_desk([](shop::Desk desk, const Options& given) {
      return shop::withdraw_offer(std::move(desk), given.offer);
    });
  });
  CLI::App* revise = offer_command(*offer, "revise", "send it with another price", options);
  revise->add_option("--price", options.price, "default: the character's price drop");
  revise->callback([&run] {
    run = at_desk([](shop::Desk desk, const Options& given) {
      return shop::revise_offer(std::move(desk), given.offer, given.price);
    });
  });
}

void add_ask(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "ask", "ask a customer's vault for fields", options);
  made->add_option("--fields", options.wish.needed, "needed")->required()->delimiter(',');
  made->add_option("--optional", options.wish.optional, "welcome")->delimiter(',');
  made->add_option("--purpose", options.wish.purpose)->required();
  made->add_option("--reason", options.wish.reason, "for the owner to read")->required();
  made->add_option("--max-reads", options.wish.max_reads);
  made->add_option("--terms", options.wish.terms, "that we accept, as SD-BASE");
  made->add_flag("--sign-terms", options.wish.signs_terms, "and sign");
  made->add_option("--retention-days", options.wish.retention_days, "until we delete it");
  made->add_option("--expires-in", options.wish.expires_in_s, "seconds that the grant is to last");
  made->callback([&run] {
    run = at_desk(
        [](const shop::Desk& desk, const Options& given) { return shop::ask(desk, given.wish); });
  });
}

void add_collect(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "collect", "fetch the owner's decision", options);
  made->footer(
      "After `vrm grant` the owner hands over a code: vrm-shop collect --dir DIR --auth-req-id "
      "CODE");
  made->add_option("--wait", options.wait_s, "seconds to go on asking")
      ->check(CLI::Range(0, 604800));
  made->add_option("--auth-req-id", options.auth_req_id,
                   "what the owner handed over (vrm grant); default: of the last question");
  made->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options& given) {
      return shop::collect(desk, given.auth_req_id, std::chrono::seconds(given.wait_s));
    });
  });
}

void add_read(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "read", "read what was granted", options);
  add_read_options(made, options);
  made->add_option(
      "--save", options.read.save,
      "fetch the document among them, check its SHA-256, and write it to this new file");
  made->callback([&run] {
    run = at_desk(
        [](const shop::Desk& desk, const Options& given) { return shop::read(desk, given.read); });
  });
}

void add_give_back(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "give-back", "give back what was granted", options);
  add_read_options(made, options);
  made->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options& given) {
      return shop::give_back(desk, given.read);
    });
  });
}

void add_meet(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "meet", "take a pasted introduction (standard input)", options);
  made->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options&) {
      std::string text;
      std::cin >> text;
      return shop::meet(desk, text);
    });
  });
}

void add_conformance(CLI::App& app, Options& options, Run& run) {
  CLI::App* made =
      command(app, "conformance", "check that a vault keeps docs/api/brand.md", options);
  made->add_option("--vault", options.conformance.vault,
                   "its issuer; default: the vault heard of last");
  made->add_flag("--ask", options.conformance.ask,
                 "ask its owner one question too, which lapses within a minute");
  made->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options& given) {
      return shop::check_conformance(desk, given.conformance, shop::say);
    });
  });
}

void add_keys(CLI::App& app, Options& options, Run& run) {
  CLI::App* made = command(app, "keys", "the key that vaults know the shop by", options);
  made->add_flag("--rotate", options.rotate, "make a new one; vaults ask their owners about it");
  made->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options& given) {
      return shop::show_keys(desk, given.rotate);
    });
  });
}

void add_misuse(CLI::App& app, Options& options, Run& run) {
  CLI::App* misuse = app.add_subcommand("misuse", "ATTACKS, to see them refused");
  misuse->require_subcommand(1);
  CLI::App* theft = command(*misuse, "steal", "another shop's token with our own key", options);
  theft->add_option("--from", options.from, "the robbed shop's folder")->required();
  theft->callback([&run] { run = steal; });
  CLI::App* replay = command(*misuse, "replay", "one proof, sent twice", options);
  add_read_options(replay, options);
  replay->callback([&run] {
    run = at_desk([](const shop::Desk& desk, const Options& given) {
      return shop::misuse_replayed_proof(desk, given.read);
    });
  });
}

std::string no_command(std::string_view typed, bool attack) {
  const std::string which =
      attack ? "steal or replay (vrm-shop misuse --help)"
             : "serve, ask, collect, read, give-back, meet, keys, conformance or misuse "
               "(vrm-shop --help)";
  if (typed.empty() || typed.starts_with('-') || typed == "misuse")
    return "say what to do: " + which;
  return "there is no command `" + vrm::printable(typed, 60) + "`; there is " + which;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  Run run;
  CLI::App app("A brand that asks vaults for data, and reads what it is granted.", "vrm-shop");
  app.require_subcommand(1);
  add_serve(app, options, run);
  add_many(app, options, run);
  add_offers(app, options, run);
  add_ask(app, options, run);
  add_collect(app, options, run);
  add_read(app, options, run);
  add_give_back(app, options, run);
  add_meet(app, options, run);
  add_conformance(app, options, run);
  add_keys(app, options, run);
  add_misuse(app, options, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 says of a misspelt command only that one is required.
    if (std::string_view(error.what()).starts_with("A subcommand")) {
      const bool attack = !app.get_subcommands().empty();
      shop::complain("vrm-shop: " + no_command(argc > 1 ? argv[argc - 1] : "", attack));
      return kUsage;
    }
    return app.exit(error) == 0 ? shop::kDone : kUsage;
  }
  World world;
  const Result<int> done = run(options, world);
  if (done.ok()) return done.value();
  shop::complain("vrm-shop: " + vrm::printable(done.error().message));
  return done.error().code == ErrorCode::Malformed ? kUsage : shop::kRefused;
}

// The table of commands: those about intents and offers.

#include "cli/command_parts.h"

namespace vrm::cli {

namespace {

constexpr std::string_view kIntents = "group.intents";
constexpr Flag kWeights{"weights", "price=5,data=3"};
constexpr Flag kWaitFlag{"wait", "20s"};
constexpr Flag kNoWait{"no-wait", ""};

}  // namespace

void add_intents(std::vector<Command>& all) {
  all.push_back({"intent new",
                 "TEXT",
                 1,
                 kAny,
                 {{"to", "BRAND,TAG"},
                  {"max", "900EUR"},
                  {"by", "DAY"},
                  {"near", "PLACE"},
                  {"must", "K=V"},
                  {"nice", "K=V"},
                  {"category", "CATEGORY", 'c'},
                  {"gtin", "GTIN"},
                  {"open-for", "48h"},
                  {"tell-max", "band|exact|none"},
                  {"tell-by", "band|exact|none"},
                  kWeights,
                  {"no-jitter", ""},
                  kDryRun,
                  kWaitFlag,
                  kNoWait},
                 kIntents,
                 "command.intent_new",
                 {"intent \"mountain bike\" --max 900EUR --by friday --near Lyon --to velo,bike",
                  "intent \"mountain bike\" --must frame=L --to velo --dry-run"},
                 run_intent_new});
  all.push_back({"intent list",
                 "",
                 0,
                 0,
                 {kAll},
                 kIntents,
                 "command.intent_list",
                 {"intent list", "intent list --all"},
                 run_intent_list});
  all.push_back({"intent show",
                 "IN",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.intent_show",
                 {"intent show in_7F"},
                 run_intent_show});
  all.push_back({"intent cancel",
                 "IN",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.intent_cancel",
                 {"intent cancel in_7F"},
                 run_intent_cancel});
}

void add_offers(std::vector<Command>& all) {
  all.push_back(
      {"offers",
       "[IN]",
       0,
       1,
       {{"watch", ""}, {"sort", "score|price|delivery|data"}, kWeights, {"must-only", ""}},
       kIntents,
       "command.offers",
       {"offers", "offers --watch", "offers in_7F --sort price --must-only"},
       run_offers,
       "help.offers"});
  all.push_back({"offer show",
                 "OF",
                 1,
                 1,
                 {},
                 kIntents,
                 "command.offer_show",
                 {"offer show of_2Q"},
                 run_offer_show});
  all.push_back(
      {"accept",
       "OF",
       1,
       1,
       {kAlso, kDryRun, kWaitFlag, kNoWait},
       kIntents,
       "command.accept",
       {"accept of_2Q --dry-run", "accept of_2Q", "accept of_2Q --also contact.phone_number"},
       run_accept});
  all.push_back(
      {"decline", "OF", 1, 1, {}, kIntents, "command.decline", {"decline of_2Q"}, run_decline});
}

}  // namespace vrm::cli

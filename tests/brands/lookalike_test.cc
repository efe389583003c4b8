// Names and hosts side by side: which are made to be taken for one another, and which only are near. The names are those of
// real companies where they could be.

#include "vault/brands/lookalike.h"

#include <doctest/doctest.h>

#include <string>

using namespace vrm;  // tests only

namespace {

struct Pair {
  const char* known;
  const char* other;
  bool alike;
  const char* why;
};

constexpr Pair kNames[] = {
    // accents: the same name to a reader, whichever was known first
    {"Café Zoé", "Cafe Zoe", true, "accents alone make no other name"},
    {"Citroën", "Citroen", true, "accents alone"},
    {"Nestlé", "Nestle", true, "accents alone"},
    {"Müller", "Muller", true, "accents alone"},
    {"Hermès", "Hermes", true, "accents alone"},
    {"Škoda", "Skoda", true, "accents alone"},
    {"Łódź Tram", "Lodz Tram", true, "a stroke"},
    {"Mærsk", "Maersk", true, "a ligature"},
    {"Straße 9", "Strasse 9", true, "sharp s"},
    {"Café", "Cafe\u0301", true, "one letter or a letter and its mark"},
    {"L’Oréal", "L'Oreal", true, "apostrophes of two shapes"},
    {"Coca-Cola", "Cocacola", true, "a hyphen"},
    // accents near other names: no alarm
    {"Citroën", "Citron", false, "a fruit"},
    {"Müller", "Miller", false, "another family"},
    {"Möbel", "Mobil", false, "another word"},
    {"Nestlé", "Nestor", false, "another name"},
    {"Hermès", "Hermine", false, "another name"},
    {"Zoé", "Zoo", false, "another word"},
    {"Crédit Agricole", "Crédit Mutuel", false, "another bank"},
    {"L’Oréal", "Leroy Merlin", false, "another firm"},
    {"Åhléns", "Ahrens", false, "another name"},
    {"Société Générale", "Société Lorraine", false, "another bank"},
    // near names of real firms: no alarm
    {"Casio", "Casino", false, "a letter of a short name"},
    {"Canon", "Cannon", false, "a letter of a short name"},
    {"Orange", "Grange", false, "a letter of a short name"},
    {"Fiat", "Flat", false, "a small i is no l"},
    {"Lidl", "Aldi", false, "another shop"},
    {"Fnac", "Darty", false, "another shop"},
    {"Studio 8", "Studio 3", false, "a number of its own is no letter"},
    {"Café 21", "Café 22", false, "another number"},
    {"Formule 1", "Formule 2", false, "another number"},
    {"Сбербанк", "Альфа-Банк", false, "two names in Cyrillic"},
    // other scripts and shapes
    {"paypal", "раураl", true, "Cyrillic"},
    {"Apple", "Аррӏе", true, "Cyrillic, with a palochka"},
    {"Google", "Gооgle", true, "Cyrillic o"},
    {"Amazon", "Αmazοn", true, "Greek"},
    {"Decathlon", "Décathlοn", true, "an accent and a Greek o"},
    {"Paypal", "Ｐａｙｐａｌ", true, "full width"},
    {"Decathlon", "𝐃𝐞𝐜𝐚𝐭𝐡𝐥𝐨𝐧", true, "mathematical"},
    {"Velo", "ⓋⒺⓁⓄ", true, "circled"},
    {"Fnac", "Fn\u200Bac", true, "a blank of no width"},
    {"Ikea", "Ik\u00ADea", true, "a soft hyphen"},
    {"Velo", "VeIo", true, "a capital I"},
    {"Lidl", "LidI", true, "a capital I"},
    {"PayPal", "PayPa1", true, "a figure"},
    {"Boulanger", "B0ulanger", true, "a figure"},
    {"Samsung", "5amsung", true, "a figure at the beginning"},
    {"Modern", "Modem", true, "rn and m"},
    {"Volkswagen", "Vollkswagen", true, "a letter doubled in a long name"},
    {"Carrefour", "Carrefuor", true, "neighbours exchanged"},
    {"Google", "Googel", true, "neighbours exchanged"},
    {"Decathlon", "Decathlom", true, "a letter of a long name"},
};

constexpr Pair kHosts[] = {
    {"decathlon.example", "decathlom.example", true, "one letter"},
    {"decathlon.example", "decathl0n.example", true, "a figure"},
    {"decathlon.example", "dceathlon.example", true, "exchanged"},
    {"paypal.example", "xn--pypal-4ve.example", true, "punycode with a Cyrillic a"},
    {"velo.example", "velo.test", true, "another suffix"},
    {"modern.example", "rnodern.example", true, "rn and m"},
    {"wwf.example", "vvwf.example", true, "vv and w"},
    {"shop.decathlon.example", "shop.decathlonn.example", true, "a letter doubled"},
    {"leclerc.fr", "lec1erc.fr", true, "1 and l"},
    {"paypal.example", "paypai.example", true, "a host may be read in capitals"},
    {"citroen.example", "xn--citron-tva.example", true, "citroën: another spelling, another host"},
    {"nestle.example", "xn--nestl-fsa.example", true, "nestlé"},
    {"citroen.example", "citron.example", false, "a fruit"},
    {"xn--mller-kva.example", "miller.example", false, "müller and miller"},
    {"fnac.example", "darty.example", false, "another shop"},
    {"ikea.example", "idea.example", false, "short"},
    {"velo.co.uk", "bikes.co.uk", false, "only the suffix is the same"},
    {"leclerc.example", "carrefour.example", false, "another shop"},
    {"127.0.0.1:8001", "127.0.0.1:8002", false, "numbers"},
    {"velo.example", "velo.example", false, "the very same"},
};

}  // namespace

TEST_SUITE("brands/lookalike") {
  TEST_CASE("names that are made to be taken for one another are found, and near ones are not") {
    static_assert(std::size(kNames) >= 40);
    for (const auto& pair : kNames) {
      INFO(std::string(pair.known)
           << " and " << std::string(pair.other) << ": " << std::string(pair.why));
      CHECK(brands::names_look_alike(pair.known, pair.other) == pair.alike);
      CHECK(brands::names_look_alike(pair.other, pair.known) == pair.alike);
    }
  }

  TEST_CASE("the same of hosts") {
    for (const auto& pair : kHosts) {
      INFO(std::string(pair.known)
           << " and " << std::string(pair.other) << ": " << std::string(pair.why));
      CHECK(brands::hosts_look_alike(pair.known, pair.other) == pair.alike);
      CHECK(brands::hosts_look_alike(pair.other, pair.known) == pair.alike);
    }
  }

  TEST_CASE("a name of nothing that is read looks like no other") {
    for (const char* nothing : {"", "…", "\u200B\u200B", "!!!", "\xff\xfe"}) {
      CHECK_FALSE(brands::names_look_alike(nothing, "Velo"));
      CHECK_FALSE(brands::names_look_alike(nothing, nothing));
    }
  }
}

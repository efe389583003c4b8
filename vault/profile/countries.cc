// ISO 3166-1: which codes there are, and the names of the countries people write most.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vault/base/ascii.h"

#include "vault/profile/value.h"

namespace vrm::profile {

namespace {

constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG "
    "EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
    "HU ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT "
    "LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO "
    "NP NR NU "
    "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ "
    "SK SL SM "
    "SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ "
    "VA VC VE "
    "VG VI VN VU WF WS YE YT ZA ZM ZW ";

struct CountryName {
  std::string_view name;
  std::string_view code;
};

constexpr CountryName kNames[] = {
    {"France", "FR"},
    {"FRA", "FR"},
    {"Belgium", "BE"},
    {"Belgique", "BE"},
    {"Switzerland", "CH"},
    {"Suisse", "CH"},
    {"Luxembourg", "LU"},
    {"Germany", "DE"},
    {"Allemagne", "DE"},
    {"Deutschland", "DE"},
    {"Spain", "ES"},
    {"Espagne", "ES"},
    {"España", "ES"},
    {"Italy", "IT"},
    {"Italie", "IT"},
    {"Italia", "IT"},
    {"Portugal", "PT"},
    {"United Kingdom", "GB"},
    {"Royaume-Uni", "GB"},
    {"UK", "GB"},
    {"U.K.", "GB"},
    {"Great Britain", "GB"},
    {"England", "GB"},
    {"Angleterre", "GB"},
    {"Ireland", "IE"},
    {"Irlande", "IE"},
    {"Netherlands", "NL"},
    {"The Netherlands", "NL"},
    {"Pays-Bas", "NL"},
    {"Austria", "AT"},
    {"Autriche", "AT"},
    {"Denmark", "DK"},
    {"Danemark", "DK"},
    {"Sweden", "SE"},
    {"Suède", "SE"},
    {"Norway", "NO"},
    {"Norvège", "NO"},
    {"Finland", "FI"},
    {"Finlande", "FI"},
    {"Iceland", "IS"},
    {"Islande", "IS"},
    {"Poland", "PL"},
    {"Pologne", "PL"},
    {"Czechia", "CZ"},
    {"Czech Republic", "CZ"},
    {"Tchéquie", "CZ"},
    {"Slovakia", "SK"},
    {"Slovaquie", "SK"},
    {"Hungary", "HU"},
    {"Hongrie", "HU"},
    {"Romania", "RO"},
    {"Roumanie", "RO"},
    {"Bulgaria", "BG"},
    {"Bulgarie", "BG"},
    {"Greece", "GR"},
    {"Grèce", "GR"},
    {"Croatia", "HR"},
    {"Croatie", "HR"},
    {"Slovenia", "SI"},
    {"Slovénie", "SI"},
    {"Estonia", "EE"},
    {"Estonie", "EE"},
    {"Latvia", "LV"},
    {"Lettonie", "LV"},
    {"Lithuania", "LT"},
    {"Lituanie", "LT"},
    {"Malta", "MT"},
    {"Malte", "MT"},
    {"Cyprus", "CY"},
    {"Chypre", "CY"},
    {"Monaco", "MC"},
    {"Andorra", "AD"},
    {"Andorre", "AD"},
    {"Ukraine", "UA"},
    {"Turkey", "TR"},
    {"Turquie", "TR"},
    {"Türkiye", "TR"},
    {"United States", "US"},
    {"United States of America", "US"},
    {"USA", "US"},
    {"U.S.A.", "US"},
    {"U.S.", "US"},
    {"États-Unis", "US"},
    {"Etats-Unis", "US"},
    {"Canada", "CA"},
    {"Mexico", "MX"},
    {"Mexique", "MX"},
    {"Brazil", "BR"},
    {"Brésil", "BR"},
    {"Argentina", "AR"},
    {"Argentine", "AR"},
    {"Morocco", "MA"},
    {"Maroc", "MA"},
    {"Algeria", "DZ"},
    {"Algérie", "DZ"},
    {"Tunisia", "TN"},
    {"Tunisie", "TN"},
    {"Senegal", "SN"},
    {"Sénégal", "SN"},
    {"Côte d'Ivoire", "CI"},
    {"Ivory Coast", "CI"},
    {"China", "CN"},
    {"Chine", "CN"},
    {"Japan", "JP"},
    {"Japon", "JP"},
    {"South Korea", "KR"},
    {"Corée du Sud", "KR"},
    {"India", "IN"},
    {"Inde", "IN"},
    {"Australia", "AU"},
    {"Australie", "AU"},
    {"New Zealand", "NZ"},
    {"Nouvelle-Zélande", "NZ"},
};

bool is_country(std::string_view code) {
  constexpr std::size_t kLetters = 2;
  if (code.size() != kLetters ||
      !std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return false;
  for (std::size_t at = 0; at < kCountries.size(); at += kLetters + 1)
    if (kCountries.substr(at, kLetters) == code) return true;
  return false;
}

}  // namespace

std::optional<std::string> country_code(std::string_view typed) {
  std::string code;
  if (typed.size() == 2) code = {upper(typed[0]), upper(typed[1])};
  if (is_country(code)) return code;
  for (const auto& country : kNames)
    if (same_but_case(country.name, typed)) return std::string(country.code);
  return std::nullopt;
}

}  // namespace vrm::profile

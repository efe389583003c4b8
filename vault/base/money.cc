#include "vault/base/money.h"

#include <algorithm>
#include <optional>

#include "vault/base/ascii.h"
#include "vault/base/check.h"

namespace vrm {

namespace {

// ISO 4217:2015 with its amendments up to 180, without precious metals, units of account of banks and codes for tests.
constexpr std::string_view kNoDecimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view kThreeDecimals = "BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view kFourDecimals = "CLF UYW ";
constexpr std::string_view kTwoDecimals =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD "
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
    "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW "
    "ZWG ";

constexpr std::size_t kCodeLetters = 3;

bool lists(std::string_view codes, std::string_view code) {
  for (std::size_t at = 0; at < codes.size(); at += kCodeLetters + 1)
    if (codes.substr(at, kCodeLetters) == code) return true;
  return false;
}

std::optional<int> find_decimals(std::string_view currency) {
  if (currency.size() != kCodeLetters) return std::nullopt;
  if (lists(kTwoDecimals, currency)) return 2;
  if (lists(kNoDecimals, currency)) return 0;
  if (lists(kThreeDecimals, currency)) return 3;
  if (lists(kFourDecimals, currency)) return 4;
  return std::nullopt;
}

Error bad_amount(std::string_view reason) {
  return Error{ErrorCode::Malformed, "not an amount of money: " + std::string(reason)};
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// One digit more. Nothing: above kMostMinorUnits.
std::optional<std::int64_t> with_digit(std::int64_t minor, char digit) {
  const std::int64_t next = minor * 10 + (digit - '0');
  if (next > kMostMinorUnits) return std::nullopt;
  return next;
}

}  // namespace

Result<int> decimals_of(std::string_view currency) {
  const auto decimals = find_decimals(currency);
  if (!decimals) return bad_amount("no such currency");
  return *decimals;
}

Result<Money> money_from_amount(std::string_view amount, std::string_view currency) {
  const int decimals = TRY(decimals_of(currency));
  const auto point = amount.find('.');
  const std::string_view whole = amount.substr(0, point);
  const std::string_view part =
      point == amount.npos ? std::string_view() : amount.substr(point + 1);
  if (!all_digits(whole) || (point != amount.npos && !all_digits(part)))
    return bad_amount("other than digits with one point between them");
  if (whole.size() > 1 && whole.front() == '0') return bad_amount("it begins with a zero");
  if (part.size() > static_cast<std::size_t>(decimals)) return bad_amount("too many decimals");
  std::string digits(whole);
  digits += part;
  digits.append(static_cast<std::size_t>(decimals) - part.size(), '0');
  std::int64_t minor = 0;
  for (const char digit : digits) {
    const auto next = with_digit(minor, digit);
    if (!next) return bad_amount("more than any amount may be");
    minor = *next;
  }
  return Money{minor, std::string(currency)};
}

Result<Money> money_from_typed(std::string_view typed) {
  const Error wrong =
      refusal(ErrorCode::Malformed, "money.malformed", {{"typed", std::string(typed)}});
  constexpr std::string_view kEuroSign = "€";
  if (typed.ends_with(kEuroSign))
    return money_from_typed(std::string(typed.substr(0, typed.size() - kEuroSign.size())) + "EUR");
  if (typed.size() <= kCodeLetters) return wrong;
  std::string currency(typed.substr(typed.size() - kCodeLetters));
  for (char& c : currency)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  std::string amount(typed.substr(0, typed.size() - kCodeLetters));
  if (amount.ends_with(' ')) amount.pop_back();
  if (const auto comma = amount.find(','); comma != amount.npos) {
    if (amount.find('.') != amount.npos) return wrong;
    amount[comma] = '.';
  }
  auto money = money_from_amount(amount, currency);
  if (!money.ok()) return wrong;
  return money;
}

std::string amount_of(const Money& money) {
  const auto decimals = find_decimals(money.currency);
  VRM_CHECK(decimals && money.minor >= 0);
  const auto places = static_cast<std::size_t>(*decimals);
  std::string digits = std::to_string(money.minor);
  if (places == 0) return digits;
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  return digits.insert(digits.size() - places, 1, '.');
}

}  // namespace vrm

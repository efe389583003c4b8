// Any text as an amount: it is refused, or what is read is bounded and is written and read again as the same.

#include "vault/base/bytes.h"
#include "vault/base/check.h"
#include "vault/base/money.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;
  const std::string text = text_of({data, size});
  const auto check = [](const Result<Money>& money) {
    if (!money.ok()) {
      VRM_CHECK(money.error().code == ErrorCode::Malformed);
      return;
    }
    const Money& read = money.value();
    VRM_CHECK(read.minor >= 0 && read.minor <= kMostMinorUnits);
    VRM_CHECK(money_from_amount(amount_of(read), read.currency).value() == read);
    VRM_CHECK(money_from_typed(amount_of(read) + read.currency).value() == read);
  };
  check(money_from_typed(text));
  for (const char* currency : {"EUR", "JPY", "KWD", "CLF"})
    check(money_from_amount(text, currency));
  if (size > 3) check(money_from_amount(text.substr(3), text.substr(0, 3)));
  return 0;
}

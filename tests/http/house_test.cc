#include "vault/http/house.h"

#include <doctest/doctest.h>

using namespace vrm;  // tests only

TEST_SUITE("http/house") {
  TEST_CASE("the house has a limit, and each peer a share of it") {
    http::House house(3, 2);
    CHECK(house.enter("a") == http::Admission::Welcome);
    CHECK(house.enter("a") == http::Admission::Welcome);
    CHECK(house.enter("a") == http::Admission::PeerFull);
    CHECK(house.enter("b") == http::Admission::Welcome);
    CHECK(house.enter("c") == http::Admission::Full);
    house.leave("a");
    CHECK(house.enter("c") == http::Admission::Welcome);
    CHECK(house.size() == 3);
  }

  TEST_CASE("a newcomer squeezes in only while few are on their way out") {
    http::House house(1, 100);
    CHECK(house.enter("a") == http::Admission::Welcome);
    int squeezed = 0;
    while (squeezed < 1000 && house.squeeze_in("b")) ++squeezed;
    CHECK(squeezed > 0);
    CHECK(squeezed < 1000);
    house.leave("a");
    CHECK(house.squeeze_in("c"));
  }
}

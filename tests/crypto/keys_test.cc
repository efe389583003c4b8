// Hash, derivation, passphrase, sealed box, key slab and wiped bytes.

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "vault/base/bytes.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/derive.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/key_slab.h"
#include "vault/crypto/passphrase.h"
#include "vault/crypto/sealed_box.h"
#include "vault/crypto/wiped_bytes.h"

using namespace vrm;  // tests only

namespace {

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

crypto::KeySlab::KeyId id_of(std::size_t number) {
  crypto::KeySlab::KeyId id{};
  id[0] = static_cast<std::uint8_t>(number);
  id[1] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

bool is_zero(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

TEST_SUITE("crypto/hash") {
  TEST_CASE("BLAKE2b-256 of nothing and of abc are the known ones") {
    CHECK(to_hex(crypto::hash({})) ==
          "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK(to_hex(crypto::hash({bytes_of("abc")})) ==
          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  }

  TEST_CASE("parts are hashed as if joined, and a key changes everything") {
    CHECK(crypto::hash({bytes_of("ab"), bytes_of("c")}) == crypto::hash({bytes_of("abc")}));
    const Bytes key = counting(32);
    CHECK(crypto::keyed_hash(key, {bytes_of("abc")}) != crypto::hash({bytes_of("abc")}));
    CHECK(crypto::keyed_hash(key, {bytes_of("abc")}) !=
          crypto::keyed_hash(Bytes(32, 1), {bytes_of("abc")}));
  }
}

TEST_SUITE("crypto/derive") {
  TEST_CASE("every use, context and key gives another key, and always the same") {
    const Bytes key = counting(32);
    const crypto::Secret made = crypto::derive_key(key, "use", bytes_of("context"));
    CHECK(made.bytes().size() == 32);
    CHECK(crypto::derive_key(key, "use", bytes_of("context")).equals(made.bytes()));
    CHECK_FALSE(crypto::derive_key(key, "use").equals(made.bytes()));
    CHECK_FALSE(crypto::derive_key(key, "usec", bytes_of("ontext")).equals(made.bytes()));
    CHECK_FALSE(crypto::derive_key(Bytes(32, 1), "use", bytes_of("context")).equals(made.bytes()));
  }

  TEST_CASE("a key may be turned in its own place") {
    crypto::Secret key = crypto::Secret::copy_of(counting(32));
    const crypto::Secret next = crypto::derive_key(key.bytes(), "next");
    crypto::derive_into(key.writable().first<32>(), key.bytes(), "next");
    CHECK(key.equals(next.bytes()));
  }
}

TEST_SUITE("crypto/aead_into") {
  TEST_CASE("a box of a given nonce opens, and one too short does not") {
    const Bytes key = counting(32);
    crypto::Nonce nonce{};
    nonce[3] = 7;
    Bytes box(5 + crypto::kAeadOverheadBytes);
    crypto::seal_into(box, key, nonce, bytes_of("plain"), bytes_of("context"));
    CHECK(std::equal(nonce.begin(), nonce.end(), box.begin()));
    CHECK(text_of(crypto::open(key, box, bytes_of("context")).value()) == "plain");
    for (std::size_t size = 0; size < box.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(crypto::open(key, BytesView(box).first(size), bytes_of("context")).ok());
    }
  }
}

TEST_SUITE("crypto/passphrase") {
  TEST_CASE(
      "a cost follows the time a known one took: memory first, then passes, within the bounds") {
    constexpr std::uint64_t kMiB = 1024 * 1024;
    const auto taking = [](std::int64_t took_ms) {
      const auto cost = crypto::cost_taking(Duration(500), crypto::kCostFloor, Duration(took_ms));
      CHECK(crypto::within_bounds(cost));
      return std::pair(cost.memory_bytes / kMiB, cost.passes);
    };
    CHECK(taking(100'000) == std::pair<std::uint64_t, std::uint64_t>(64, 2));
    CHECK(taking(500) == std::pair<std::uint64_t, std::uint64_t>(64, 2));
    CHECK(taking(333) == std::pair<std::uint64_t, std::uint64_t>(64, 3));
    CHECK(taking(100) == std::pair<std::uint64_t, std::uint64_t>(208, 3));
    CHECK(taking(50) == std::pair<std::uint64_t, std::uint64_t>(416, 3));
    CHECK(taking(30) == std::pair<std::uint64_t, std::uint64_t>(512, 4));
    CHECK(taking(1) == std::pair<std::uint64_t, std::uint64_t>(512, 10));
    const auto unknown = crypto::cost_taking(Duration(500), {}, Duration(0));
    CHECK(unknown.memory_bytes == 256 * kMiB);
    CHECK(unknown.passes == 3);
  }

  TEST_CASE("only a cost half as high again is well above another") {
    constexpr std::uint64_t kMiB = 1024 * 1024;
    CHECK(crypto::is_well_above({96 * kMiB, 3}, {64 * kMiB, 3}));
    CHECK_FALSE(crypto::is_well_above({80 * kMiB, 3}, {64 * kMiB, 3}));
    CHECK_FALSE(crypto::is_well_above({64 * kMiB, 2}, {64 * kMiB, 3}));
  }

  TEST_CASE("a cost at the floor gives the known key") {
    // RFC 9106's function by another implementation: pyca/cryptography over OpenSSL, Argon2id, t=2,
    // m=65536 KiB, p=1.
    crypto::Salt salt;
    const Bytes bytes = counting(16);
    std::copy(bytes.begin(), bytes.end(), salt.begin());
    const auto passphrase = crypto::Secret::copy_of(bytes_of("correct horse"));
    const auto key = crypto::key_from_passphrase(passphrase, salt, crypto::kCostFloor);
    REQUIRE(key.ok());
    CHECK(to_hex(key.value().bytes()) ==
          "9aab5a81db651bf866ff7b6169794d2ad9bb00f3d95177925a5fca692a34dbd1");
    salt[0] ^= 1;
    CHECK_FALSE(crypto::key_from_passphrase(passphrase, salt, crypto::kCostFloor)
                    .value()
                    .equals(key.value().bytes()));
  }

  TEST_CASE("a cost outside the bounds is refused before anything is computed") {
    const auto passphrase = crypto::Secret::copy_of(bytes_of("correct horse"));
    for (const crypto::PassphraseCost cost :
         {crypto::PassphraseCost{crypto::kCostFloor.memory_bytes - 1, 3},
          crypto::PassphraseCost{crypto::kCostCeiling.memory_bytes + 1, 3},
          crypto::PassphraseCost{crypto::kCostFloor.memory_bytes, 1},
          crypto::PassphraseCost{crypto::kCostFloor.memory_bytes, 11},
          crypto::PassphraseCost{UINT64_MAX, UINT64_MAX}}) {
      const auto refused = crypto::key_from_passphrase(passphrase, {}, cost);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == ErrorCode::Malformed);
    }
  }
}

TEST_SUITE("crypto/sealed_box") {
  TEST_CASE("only the reader opens a sealed box, and only unaltered") {
    const auto reader = crypto::box_key_pair(crypto::Secret::copy_of(counting(32)));
    const auto other = crypto::box_key_pair(crypto::Secret::copy_of(Bytes(32, 1)));
    Bytes box = crypto::seal_to(reader.public_key, bytes_of("an offer"));
    CHECK(box.size() == 8 + crypto::kSealedBoxOverheadBytes);
    CHECK(text_of(crypto::open_sealed(reader, box).value()) == "an offer");
    CHECK(crypto::open_sealed(other, box).error().code == ErrorCode::Corrupt);
    CHECK(crypto::open_sealed(reader, BytesView(box).first(40)).error().code == ErrorCode::Corrupt);
    box.back() ^= 1;
    CHECK(crypto::open_sealed(reader, box).error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("a seed gives one pair") {
    const auto one = crypto::box_key_pair(crypto::Secret::copy_of(counting(32)));
    const auto two = crypto::box_key_pair(crypto::Secret::copy_of(counting(32)));
    CHECK(one.public_key == two.public_key);
    CHECK(one.secret_key.equals(two.secret_key.bytes()));
  }
}

TEST_SUITE("crypto/key_slab") {
  TEST_CASE("a thousand keys are kept apart, over several pages") {
    crypto::KeySlab slab;
    for (std::size_t i = 0; i < 1000; ++i) {
      const auto place = slab.add(id_of(i));
      CHECK(is_zero(place));
      std::fill(place.begin(), place.end(), static_cast<std::uint8_t>(i % 251 + 1));
    }
    CHECK(slab.size() == 1000);
    for (std::size_t i = 0; i < 1000; ++i) {
      CAPTURE(i);
      REQUIRE(slab.find(id_of(i)).size() == 32);
      CHECK(slab.find(id_of(i))[31] == i % 251 + 1);
    }
    CHECK(slab.find(id_of(1000)).empty());
  }

  TEST_CASE("a secret and a slab say whether the system keeps them out of the swap") {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::unique_ptr<void, decltype(&std::free)> probe(std::aligned_alloc(page, page),
                                                            &std::free);
    REQUIRE(probe != nullptr);
    const bool can = mlock(probe.get(), page) == 0;
    CHECK(crypto::Secret::zeros(32).is_locked() == can);
    auto moved = crypto::Secret::zeros(32);
    const auto kept = std::move(moved);
    CHECK(kept.is_locked() == can);
    crypto::KeySlab slab;
    CHECK(slab.is_locked());  // there is nothing that could be swapped
    for (std::size_t i = 0; i < 300; ++i) slab.add(id_of(i));
    CHECK(slab.is_locked() == can);
    slab.clear();
    CHECK(slab.is_locked());
  }

  TEST_CASE("what is removed is wiped, and its place is used again") {
    crypto::KeySlab slab;
    const auto place = slab.add(id_of(1));
    std::fill(place.begin(), place.end(), std::uint8_t{9});
    slab.add(id_of(2))[0] = 2;
    slab.remove(id_of(1));
    CHECK(is_zero(place));  // the page is still there, for the other key
    CHECK_FALSE(slab.contains(id_of(1)));
    CHECK(slab.add(id_of(3)).data() == place.data());
    slab.remove(id_of(77));
    CHECK(slab.size() == 2);
  }

  TEST_CASE("keeping some wipes the others") {
    crypto::KeySlab slab;
    for (std::size_t i = 0; i < 10; ++i) slab.add(id_of(i))[0] = 1;
    const BytesView gone = slab.find(id_of(4));
    slab.keep_only({id_of(3), id_of(99)});
    CHECK(slab.size() == 1);
    CHECK(slab.find(id_of(3))[0] == 1);
    CHECK(is_zero(gone));
    slab.clear();
    CHECK(slab.size() == 0);
    CHECK(slab.find(id_of(3)).empty());
  }
}

TEST_SUITE("crypto/wiped_bytes") {
  TEST_CASE("shrinking wipes what is cut off") {
    crypto::WipedBytes bytes(counting(64));
    const BytesView all = bytes.view();
    bytes.shrink(16);
    CHECK(bytes.view().size() == 16);
    CHECK(bytes.view()[15] == 15);
    CHECK(all.data() == bytes.view().data());
  }
}

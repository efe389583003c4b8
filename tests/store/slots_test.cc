#include "vault/store/slots_file.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/store/test_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

constexpr std::size_t kFirstSlot = 8 + 2 + 16 + 2;
constexpr std::size_t kMemoryAt = kFirstSlot + 1;
constexpr std::size_t kPassesAt = kFirstSlot + 9;

Opener passphrase() {
  return Passphrase{crypto::Secret::copy_of(bytes_of("correct horse"))};
}

// A vault with a passphrase at the floor's cost and a credential; closed. Its slots may be written
// by hand.
struct Target : TestVault {
  Target() {
    options.kdf = crypto::kCostFloor;
    store = must(Store::create(disk, random, options, passphrase()));
    must(store->add_slot(credential()));
    store.reset();
    bytes = must(read_file(disk, slots(), kMostSlotsFileBytes));
  }

  void put_number(std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }

  // What opening with the altered slots is refused with; the place, or the word of the code.
  std::string refused(const Opener& opener) {
    must(replace_file(disk, slots(), bytes));
    auto attached = Store::attach(disk, random, options);
    if (attached.ok()) {
      store = std::move(attached).value();
      const auto report = store->unlock(opener, OpenFor::Use);
      store.reset();
      if (report.ok()) return "";
      return word(report.error());
    }
    return word(attached.error());
  }

  static std::string word(const Error& error) {
    if (error.code == ErrorCode::Corrupt && !error.with.empty()) return error.with[0].second;
    return std::string(to_string(error.code));
  }

  Bytes bytes;
};

}  // namespace

TEST_SUITE("store/slots") {
  TEST_CASE("slots are written as they are read") {
    Target vault;
    CHECK(encode_slots(must(decode_slots(vault.bytes))) == vault.bytes);
    CHECK(vault.bytes.size() == kFirstSlot + 2 * 137 + 32);
  }

  TEST_CASE("a cost lowered below the floor or raised above the ceiling is refused, not obeyed") {
    Target vault;
    const Bytes good = vault.bytes;
    const std::string out_of_bounds =
        "slots: slot 1 has a cost below the floor or above the ceiling";
    vault.put_number(kMemoryAt, crypto::kCostFloor.memory_bytes - 1);
    CHECK(vault.refused(passphrase()) == out_of_bounds);
    vault.bytes = good;
    vault.put_number(kMemoryAt, std::uint64_t{1} << 40);
    CHECK(vault.refused(passphrase()) == out_of_bounds);
    vault.bytes = good;
    vault.put_number(kPassesAt, 1);
    CHECK(vault.refused(passphrase()) == out_of_bounds);
    vault.bytes = good;
    vault.put_number(kPassesAt, 11);
    CHECK(vault.refused(passphrase()) == out_of_bounds);
  }

  TEST_CASE("a cost altered within bounds gives another key, which opens nothing") {
    Target vault;
    vault.put_number(kPassesAt, 3);
    CHECK(vault.refused(passphrase()) == "bad_key");
  }

  TEST_CASE("an altered slot of another opener is refused as well") {
    Target vault;
    vault.put_number(kPassesAt, 3);
    CHECK(vault.refused(credential()) == "slots: a slot was changed, added or taken away");
    vault.attach();
    const CheckReport report = must(vault.store->unlock(credential(), OpenFor::Rescue));
    REQUIRE(report.damages.size() == 1);
    CHECK(report.damages[0].place == "slots: a slot was changed, added or taken away");
  }

  TEST_CASE("a slot whose box was altered is named") {
    Target vault;
    const std::size_t box = kFirstSlot + 137 + 1 + 16 + 16 + 32;
    vault.bytes[box + 30] ^= 1;
    CHECK(vault.refused(credential()) == "slots: slot 2 does not open");
  }

  TEST_CASE("slots that were cut, lengthened, of a newer format or of nobody's are refused") {
    Target vault;
    const Bytes good = vault.bytes;
    for (std::size_t size = 0; size < good.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(decode_slots(BytesView(good).first(size)).ok());
    }
    vault.bytes.push_back(0);
    CHECK(vault.refused(credential()) == "slots: another length than its slots have");
    vault.bytes = good;
    vault.bytes[8] = 2;
    CHECK(vault.refused(credential()) == "slots: written by a newer version of vrm");
    vault.bytes = good;
    vault.bytes[0] = 'X';
    CHECK(vault.refused(credential()) == "slots: not a vault's key slots");
    vault.bytes = good;
    vault.bytes[kFirstSlot] = 4;
    CHECK(vault.refused(credential()) == "slots: a slot of an unknown kind");
    vault.bytes = good;
    vault.bytes[kFirstSlot + 137 + 1] = 1;
    CHECK(vault.refused(credential()) == "slots: a cost in a slot that has none");
    vault.bytes = Bytes(100'000, 0);
    CHECK(vault.refused(credential()) == "slots: too long");
  }

  TEST_CASE("recovery bytes open their slot and no other kind's") {
    TestVault vault;
    Store& store = vault.create();
    CHECK_FALSE(store.has_slot(SlotKind::Recovery));
    must(store.add_slot(Recovery{crypto::Secret::copy_of(Bytes(kRecoveryBytes, 5))}));
    CHECK(store.has_slot(SlotKind::Recovery));
    vault.attach();
    CHECK(vault.store->has_slot(SlotKind::Recovery));
    CHECK(vault.store->has_slot(SlotKind::Credential));
    CHECK_FALSE(vault.store->has_slot(SlotKind::Passphrase));
    const Opener other = Recovery{crypto::Secret::copy_of(Bytes(kRecoveryBytes, 6))};
    CHECK(vault.store->unlock(other, OpenFor::Use).error().code == ErrorCode::BadKey);
    const Opener longer = Recovery{crypto::Secret::copy_of(Bytes(kRecoveryBytes + 1, 5))};
    CHECK(vault.store->unlock(longer, OpenFor::Use).error().code == ErrorCode::Malformed);
    must(vault.store->unlock(Recovery{crypto::Secret::copy_of(Bytes(kRecoveryBytes, 5))},
                             OpenFor::Use));
  }

  TEST_CASE("slots of another vault open nothing") {
    Target vault;
    TestVault other;
    other.create();
    other.close();
    vault.bytes = must(read_file(other.disk, other.slots(), kMostSlotsFileBytes));
    CHECK(vault.refused(credential()) == "head: does not open (and 1 more)");
  }

  TEST_CASE("a vault without its slots is refused") {
    Target vault;
    std::filesystem::remove(vault.slots());
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(attached.ok());
    CHECK(Target::word(attached.error()) == "slots: the file is missing");
  }

  TEST_CASE("a slot is not made with a cost out of bounds or a credential of another length") {
    crypto::SystemRandom random;
    const crypto::Secret root = crypto::Secret::random(32);
    CHECK(make_slot({}, root, passphrase(), KdfCost{1, 1}, random).error().code ==
          ErrorCode::Malformed);
    const Opener brief = Credential{crypto::Secret::copy_of(Bytes(16, 1))};
    CHECK(make_slot({}, root, brief, {}, random).error().code == ErrorCode::Malformed);
    const Opener few = Recovery{crypto::Secret::copy_of(Bytes(15, 1))};
    CHECK(make_slot({}, root, few, {}, random).error().code == ErrorCode::Malformed);
  }

  TEST_CASE("there is room for sixteen slots and no more") {
    TestVault vault;
    Store& store = vault.create();
    for (std::uint8_t i = 1; i < kMostSlots; ++i)
      must(store.add_slot(credential(static_cast<std::uint8_t>(100 + i))));
    CHECK(store.add_slot(credential(200)).error().say == "store.slots_full");
    must(vault.attach().unlock(credential(115), OpenFor::Use));
  }
}

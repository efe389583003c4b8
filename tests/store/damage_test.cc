// The vault's files changed in every way a thief or a bad disk may: refused, or harmless, and nothing in between. What
// each kind of damage is called is in tamper_test.cc; here only that none goes unseen.

#include <doctest/doctest.h>

#include <random>

#include "tests/store/by_hand.h"
#include "tests/store/simulated_vault.h"
#include "vault/store/migrations.h"
#include "vault/store/slots_file.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

const std::filesystem::path kDatabase = "/home/vault/vault.db";
const std::filesystem::path kLog = "/home/vault/vault.db-wal";
const std::filesystem::path kSlots = "/home/vault/slots";
constexpr std::size_t kPage = 4096;

using Dice = std::mt19937_64;

// A vault three times in its life, each time at rest, and the last time also as a killed process left it. One document
// was there all the time, one until late, one since.
struct Life {
  Image early, late, end, killed;
  StoreContent content;  // of the last two
};

void live(Store& store, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t i = from; i <= to; ++i) {
    must(store.run([&](Txn& txn) -> Result<void> {
      TRY(txn.append_log(bytes_of("record " + std::to_string(i))));
      txn.anchor();
      if (i % 4 == 0) TRY(txn.make_key());
      TRY(txn.write(Table::Grants, row_id(i % 7), kVaultKey,
                    bytes_of("grant " + std::to_string(i))));
      if (i % 5 == 0) TRY(txn.erase(Table::Grants, row_id(i % 7)));
      return txn.write(Table::Fields, row_id(i % 23), kVaultKey,
                       bytes_of(std::string(1 + i * 37 % 900, static_cast<char>('a' + i % 26))));
    }));
  }
}

const Life& life() {
  static const Life made = [] {
    Life life;
    SimulatedDisk disk;
    crypto::SystemRandom random;
    auto store = must(Store::create(disk, random, kOptions, credential()));
    const auto again = [&] {
      store.reset();
      Image image = disk.now();
      store = unlocked(disk, random);
      return image;
    };
    must(store->add_slot(Passphrase{crypto::Secret::copy_of(bytes_of("a long passphrase"))}));
    const auto add = [&](std::size_t size) {
      return must(put_document(disk, random, kOptions.folder, *store, some_bytes(size)));
    };
    live(*store, 1, 30);
    add(kChunkBytes + 900);
    const RowId dropped = add(500);
    life.early = again();
    live(*store, 31, 50);
    life.late = again();
    KeyId key{};
    must(store->scan(Table::Documents, [&](const RowId& id, const KeyId& of, BytesView) {
      if (id == dropped) key = of;
      return Result<void>();
    }));
    must(drop_document(disk, kOptions.folder, *store, dropped, key));
    add(500);
    live(*store, 51, 60);
    life.killed = disk.now();
    life.content = must(testing::content_of(*store));
    life.end = again();
    store.reset();
    return life;
  }();
  return made;
}

std::size_t below(Dice& dice, std::size_t bound) {
  return dice() % bound;
}

const std::filesystem::path& any_file(const Image& image, Dice& dice) {
  const auto& path = dice() % 4 == 0 ? kSlots : kDatabase;
  return dice() % 3 == 0 && image.contains(kLog) ? kLog : path;
}

// ---- damages of bytes

void flip_bits(Image& image, Dice& dice) {
  Bytes& file = image[any_file(image, dice)];
  for (std::size_t i = 0; i <= dice() % 3; ++i)
    file[below(dice, file.size())] ^= static_cast<std::uint8_t>(1U << (dice() % 8));
}
void flip_bits_of_the_head_of_a_page(Image& image, Dice& dice) {
  Bytes& file = image[kDatabase];
  file[below(dice, file.size() / kPage) * kPage + below(dice, 112)] ^=
      static_cast<std::uint8_t>(1U << (dice() % 8));
}
void zero_some(Image& image, Dice& dice) {
  Bytes& file = image[any_file(image, dice)];
  const std::size_t length = dice() % 2 == 0 ? kPage : 1 + below(dice, 64);
  std::size_t at = below(dice, file.size());
  if (length == kPage) at -= at % kPage;
  for (std::size_t i = at; i < std::min(at + length, file.size()); ++i) file[i] = 0;
}
void swap_pages(Image& image, Dice& dice) {
  Bytes& file = image[kDatabase];
  const auto at = [&] {
    return file.begin() + static_cast<std::ptrdiff_t>(below(dice, file.size() / kPage) * kPage);
  };
  const auto one = at();
  std::swap_ranges(one, one + static_cast<std::ptrdiff_t>(kPage), at());
}
void put_old_pages_back(Image& image, Dice& dice) {
  const Bytes& old = (dice() % 2 == 0 ? life().early : life().late).at(kDatabase);
  Bytes& file = image[kDatabase];
  for (std::size_t i = 0; i <= dice() % 3; ++i) {
    const auto at =
        static_cast<std::ptrdiff_t>(below(dice, std::min(file.size(), old.size()) / kPage) * kPage);
    std::copy_n(old.begin() + at, kPage, file.begin() + at);
  }
}
void cut_off(Image& image, Dice& dice) {
  Bytes& file = image[any_file(image, dice)];
  file.resize(below(dice, file.size()));
}
void make_longer(Image& image, Dice& dice) {
  Bytes& file = image[any_file(image, dice)];
  const std::size_t more = dice() % 2 == 0 ? kPage : 1 + below(dice, 100);
  for (std::size_t i = 0; i < more; ++i) file.push_back(static_cast<std::uint8_t>(dice()));
}
void put_an_old_file_back(Image& image, Dice& dice) {
  const Image& old = dice() % 2 == 0 ? life().early : life().late;
  if (image.contains(kLog) && dice() % 2 == 0) {
    image[kDatabase] = old.at(kDatabase);  // under a log that is newer
    return;
  }
  image[kLog] = life().killed.at(kLog);  // a log beside a file that it is not the log of
  if (dice() % 2 == 0) image[kDatabase] = life().early.at(kDatabase);
}
void take_a_file_away(Image& image, Dice& dice) {
  image.erase(dice() % 2 == 0 ? kSlots : kDatabase);
}

void put_the_whole_back(Image& image, Dice& dice) {
  for (const auto& [path, bytes] : dice() % 2 == 0 ? life().early : life().late)
    if (path.parent_path() == kOptions.folder) image[path] = bytes;
  image.erase(kLog);
}
void change_the_anchor(Image& image, Dice& dice) {
  const auto anchor = std::find_if(image.begin(), image.end(), [](const auto& file) {
    return file.first.parent_path() == kOptions.anchors;
  });
  REQUIRE(anchor != image.end());
  if (dice() % 4 == 0) {
    image.erase(anchor);
  } else if (dice() % 4 == 0) {
    anchor->second = life().late.at(anchor->first);
  } else {
    anchor->second[below(dice, anchor->second.size())] ^= 1U;
  }
}

Bytes& any_document(Image& image, Dice& dice) {
  std::vector<Bytes*> files;
  for (auto& [path, bytes] : image)
    if (path.parent_path() == kOptions.folder / kDocumentsName) files.push_back(&bytes);
  REQUIRE(files.size() == 2);
  return *files[below(dice, files.size())];
}
void change_a_document(Image& image, Dice& dice) {
  Bytes& file = any_document(image, dice);
  switch (dice() % 6) {
    case 0:
      file[below(dice, file.size())] ^= static_cast<std::uint8_t>(1U << (dice() % 8));
      return;
    case 1:
      file.resize(below(dice, file.size()));
      return;
    case 2:
      file.push_back(static_cast<std::uint8_t>(dice()));
      return;
    case 3:
      std::swap(file, any_document(image, dice));
      return;
    case 4:
      std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(below(dice, file.size() - 64)), 64, 0);
      return;
    default:
      std::erase_if(image, [&](const auto& each) { return &each.second == &file; });
  }
}
void put_old_documents_back(Image& image, Dice& dice) {
  for (const auto& [path, bytes] : dice() % 2 == 0 ? life().early : life().late)
    if (path.parent_path() == kOptions.folder / kDocumentsName) image[path] = bytes;
}

// ---- damages of rows, by who can read the format

std::string any_place(ByHand& hand) {
  return "(SELECT place FROM rows LIMIT 1 OFFSET abs(random() % " +
         hand.quoted("count(*)", "rows") + "))";
}

void delete_rows(ByHand& hand, Dice& dice) {
  CHECK(hand.run("DELETE FROM rows WHERE place=" + any_place(hand)) == 1);
  if (dice() % 3 == 0) hand.run("DELETE FROM rows WHERE place=" + any_place(hand));
}
void double_a_row(ByHand& hand, Dice& dice) {
  const std::string id = dice() % 2 == 0 ? "id" : "randomblob(16)";
  hand.run("INSERT INTO rows(tbl,id,version,key,box) SELECT tbl," + id +
           ",version,key,box FROM rows WHERE place=" + any_place(hand));
}
void roll_rows_back(ByHand& hand, Dice& dice) {
  ByHand old((dice() % 2 == 0 ? life().early : life().late).at(kDatabase));
  const std::string place = old.quoted("place", "rows ORDER BY random()");
  const std::string where = "rows WHERE place=" + place;
  const std::string version = dice() % 2 == 0 ? "version" : old.quoted("version", where);
  hand.run("UPDATE rows SET box=" + old.quoted("box", where) + ", version=" + version +
           ", id=" + old.quoted("id", where) + ", key=" + old.quoted("key", where) +
           ", tbl=" + old.quoted("tbl", where) + " WHERE place=" + place);
}
void swap_rows(ByHand& hand, Dice& dice) {
  const std::string one = hand.quoted("place", "rows ORDER BY random()");
  const std::string two = hand.quoted("place", "rows WHERE place<>" + one + " ORDER BY random()");
  const char* column = std::array{"box", "id", "version", "key", "tbl"}[dice() % 5];
  const std::string first = hand.quoted(column, "rows WHERE place=" + one);
  const std::string second = hand.quoted(column, "rows WHERE place=" + two);
  hand.run("UPDATE rows SET " + std::string(column) + "=" + second + " WHERE place=" + one);
  hand.run("UPDATE rows SET " + std::string(column) + "=" + first + " WHERE place=" + two);
}
void change_a_column(ByHand& hand, Dice& dice) {
  const char* to = std::array{"version=version+1",
                              "version=version-1",
                              "version=-1",
                              "tbl=tbl%14+1",
                              "tbl=99",
                              "key=zeroblob(16)",
                              "key=randomblob(16)",
                              "id=zeroblob(16)",
                              "box=zeroblob(length(box))",
                              "box=x''",
                              "box=substr(box,1,40)",
                              "version='1'",
                              "id=x'01'"}[dice() % 13];
  hand.run("UPDATE rows SET " + std::string(to) + " WHERE place=" + any_place(hand));
}
void cut_the_journal(ByHand& hand, Dice& dice) {
  const std::string number = std::to_string(1 + dice() % 60);
  switch (dice() % 4) {
    case 0:
      hand.run("DELETE FROM log WHERE number>=" + number);
      return;
    case 1:
      hand.run("DELETE FROM log WHERE number=" + number);
      return;
    case 2:
      hand.run("UPDATE log SET box=(SELECT box FROM log WHERE number=" + number +
               "%60+1) WHERE number=" + number);
      return;
    default:
      hand.run("INSERT INTO log SELECT 61,box FROM log WHERE number=" + number);
  }
}
void change_meta(ByHand& hand, Dice& dice) {
  ByHand old((dice() % 2 == 0 ? life().early : life().late).at(kDatabase));
  switch (dice() % 5) {
    case 0:
      hand.run("UPDATE meta SET box=" + old.quoted("box", "meta WHERE id=1") + " WHERE id=1");
      return;
    case 1:
      hand.run("DELETE FROM meta WHERE id=" + std::to_string(1 + dice() % 2));
      return;
    case 2:
      hand.run("UPDATE meta SET box=zeroblob(length(box)) WHERE id=" +
               std::to_string(1 + dice() % 2));
      return;
    case 3:
      hand.run("PRAGMA user_version=" + std::to_string(kFormat + 1 + dice() % 100));
      return;
    default:
      hand.run("CREATE TABLE other(a)");
  }
}

// ---- damages of slots

void change_slots(Image& image, Dice& dice) {
  SlotsFile slots = must(decode_slots(image.at(kSlots)));
  Slot& passphrase = slots.slots.at(1);
  REQUIRE(passphrase.kind == SlotKind::Passphrase);
  switch (dice() % 6) {
    case 0:
      passphrase.cost.passes = dice() % 3;
      break;
    case 1:
      passphrase.cost.memory_bytes >>= 1 + dice() % 20;
      break;
    case 2:
      passphrase.cost.memory_bytes = std::uint64_t{1} << 60;
      break;
    case 3:
      slots.slots.pop_back();
      break;
    case 4:
      slots.slots.push_back(passphrase);
      break;
    default:
      std::swap(slots.slots[0], slots.slots[1]);
  }
  image[kSlots] = encode_slots(slots);
}

struct Damaging {
  const char* name;
  void (*bytes)(Image&, Dice&);
  void (*rows)(ByHand&, Dice&);
};
constexpr std::array<Damaging, 21> kDamagings = {{
    {"bits flipped", flip_bits, nullptr},
    {"bits of a page's head flipped", flip_bits_of_the_head_of_a_page, nullptr},
    {"zeroed", zero_some, nullptr},
    {"pages swapped", swap_pages, nullptr},
    {"old pages", put_old_pages_back, nullptr},
    {"cut off", cut_off, nullptr},
    {"made longer", make_longer, nullptr},
    {"an old file beside a new one", put_an_old_file_back, nullptr},
    {"a file taken away", take_a_file_away, nullptr},
    {"the whole vault as it once was", put_the_whole_back, nullptr},
    {"the anchor changed", change_the_anchor, nullptr},
    {"slots changed", change_slots, nullptr},
    {"a document changed", change_a_document, nullptr},
    {"documents that were removed", put_old_documents_back, nullptr},
    {"rows deleted", nullptr, delete_rows},
    {"a row doubled", nullptr, double_a_row},
    {"rows rolled back", nullptr, roll_rows_back},
    {"rows swapped", nullptr, swap_rows},
    {"a column changed", nullptr, change_a_column},
    {"the journal cut", nullptr, cut_the_journal},
    {"the head, ring or schema changed", nullptr, change_meta},
}};

struct Tally {
  std::size_t refused = 0;
  std::size_t harmless = 0;
};

bool is_clean(const Error& error) {
  return error.code == ErrorCode::Corrupt || error.code == ErrorCode::BadKey ||
         error.code == ErrorCode::NotFound || error.code == ErrorCode::Io;
}

void judge(const Image& image, Tally& tally) {
  SimulatedDisk disk(image);
  const auto found = testing::verified(disk, kOptions, credential());
  if (!found.ok()) {
    CHECK(is_clean(found.error()));
    ++tally.refused;
    return;
  }
  if (found.value() == life().content) {
    ++tally.harmless;
    return;
  }
  FAIL_CHECK("silent:" << testing::difference(found.value(), life().content));
}

}  // namespace

TEST_SUITE("store/damage") {
  TEST_CASE("every damage is refused or harmless") {
    const std::size_t wanted = testing::cases("VRM_DAMAGES", 2000);
    Dice dice(testing::cases("VRM_SEED", 20261122));
    std::map<std::string, Tally> tallies;
    Tally all;
    for (std::size_t i = 0; i < wanted; ++i) {
      const Damaging& damaging = kDamagings[i % kDamagings.size()];
      const bool was_killed = dice() % 4 == 0;
      Image image = was_killed ? life().killed : life().end;
      CAPTURE(i);
      INFO(std::string(damaging.name));
      if (damaging.bytes != nullptr) damaging.bytes(image, dice);
      if (damaging.rows != nullptr) {
        image = life().end;
        ByHand hand(image.at(kDatabase));
        damaging.rows(hand, dice);
        image[kDatabase] = hand.file();
      }
      Tally& tally = tallies[damaging.name];
      judge(image, tally);
    }
    for (const auto& [name, tally] : tallies) {
      MESSAGE(name << ": " << tally.refused << " refused, " << tally.harmless << " harmless");
      all.refused += tally.refused;
      all.harmless += tally.harmless;
    }
    CHECK(all.refused > wanted / 2);
    CHECK(all.harmless < wanted / 3);
  }

  TEST_CASE(
      "a row changed by hand and left as it was is harmless: the tool itself breaks nothing") {
    Image image = life().end;
    ByHand hand(image.at(kDatabase));
    hand.run("UPDATE rows SET version=version+1");
    hand.run("UPDATE rows SET version=version-1");
    image[kDatabase] = hand.file();
    CHECK(image[kDatabase] != life().end.at(kDatabase));
    Tally tally;
    judge(image, tally);
    CHECK(tally.harmless == 1);
  }

  TEST_CASE("a passphrase slot that was made cheap is not tried") {
    Image image = life().end;
    SlotsFile slots = must(decode_slots(image.at(kSlots)));
    slots.slots.at(1).cost.passes = 1;
    image[kSlots] = encode_slots(slots);
    SimulatedDisk disk(image);
    const auto found = testing::verified(
        disk, kOptions, Passphrase{crypto::Secret::copy_of(bytes_of("a long passphrase"))});
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == ErrorCode::Corrupt);
  }
}

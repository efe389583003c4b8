#pragma once
// What every part of the selling side stands on.

#include <string>
#include <utility>

#include "examples/shop/book.h"
#include "examples/shop/character.h"
#include "examples/shop/folder.h"
#include "examples/shop/keys.h"
#include "examples/shop/paper.h"
#include "examples/shop/say.h"
#include "examples/shop/vault_client.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"

namespace vrm::shop {

struct Business {
  Folder folder;
  std::string client_id;
  ShopKeys keys;
  Character character;
  const Clock& clock;
  Random& random;
  Say say;

  Book book() const { return Book(folder); }
  Caller caller() const { return {client_id, keys, clock, random}; }
  Parties with(std::string_view issuer) const { return {keys.client, client_id, issuer}; }
};

}  // namespace vrm::shop

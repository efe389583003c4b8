#pragma once
// What a brand asks is taken in, and answered at once where the owner decided on the like before (grants::Rule).
//
// To the brand a denial by rule is a request that waits and lapses, as any that the owner does not answer: it is taken
// by the same path, with one record, and its answer says the same. An approval it is told at its next poll, as always.

#include "vault/gate/vault.h"

namespace vrm::gate {

// The rule that answers the request as things stand; null: it waits for the owner. While the vault is locked a rule
// approves only what it gives while locked and what is in memory; while the vault may be older than it was, none
// approves: one that was removed since may be among them.
grants::RulePtr answering_rule(const Vault& vault, const grants::AccessRequest& request);

// Part of a job: keeps a request that just came, with its record `entry`, answered by a rule or by what the owner thinks
// of its brand. Errors as Txn::write.
Result<void> take(store::Txn& txn, Vault& vault, grants::AccessRequest request,
                  journal::Entry entry);

// Those that came while the vault was locked and that a rule of before would have answered. Errors as store::Store::run.
Result<void> answer_waiting(Vault& vault);

}  // namespace vrm::gate

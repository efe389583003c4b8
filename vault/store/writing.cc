// VaultStore's writer: groups of jobs, one commit each.

#include <future>

#include "vault/base/check.h"
#include "vault/store/vault_store.h"

namespace vrm::store {

// One job of a group that has run.
struct VaultStore::Ran {
  std::unique_ptr<JobTxn> txn;
  Result<void> result;
};

void VaultStore::submit(std::vector<Work> work) {
  {
    const std::lock_guard hold(queue_mutex_);
    VRM_CHECK(!closing_);
    if (queue_.empty()) {
      queue_ = std::move(work);
    } else {
      std::move(work.begin(), work.end(), std::back_inserter(queue_));
    }
  }
  queue_changed_.notify_one();
}

Result<void> VaultStore::run(Job job) {
  VRM_CHECK(std::this_thread::get_id() != writer_.get_id());
  std::promise<Result<void>> told;
  std::future<Result<void>> answer = told.get_future();
  std::vector<Work> work;
  work.push_back(
      {std::move(job), [&told](Result<void> result) { told.set_value(std::move(result)); }});
  submit(std::move(work));
  return answer.get();
}

void VaultStore::write_until_closed() {
  for (;;) {
    std::vector<Work> works;
    {
      std::unique_lock hold(queue_mutex_);
      queue_changed_.wait(hold, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      works.swap(queue_);
    }
    run_group(std::move(works));
  }
}

std::optional<Error> VaultStore::refusal_to_write() const {
  switch (state_) {
    case State::Attached:
      return locked_error();
    case State::Rescue:
      return refusal(ErrorCode::Denied, "store.rescue_read_only");
    case State::Serving:
    case State::Open:
      return std::nullopt;
  }
  return locked_error();
}

void VaultStore::run_group(std::vector<Work> works) {
  std::vector<Ran> ran;
  ran.reserve(works.size());
  run_jobs(works, ran);
  for (const Ran& job : ran) {
    if (job.result.ok()) job.txn->committed();
  }
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (works[i].done) works[i].done(std::move(ran[i].result));
  }
}

void VaultStore::run_jobs(std::vector<Work>& works, std::vector<Ran>& ran) {
  const std::lock_guard group(group_);
  Staging staging;
  const std::optional<Error> refused = refusal_to_write();
  for (Work& work : works) {
    auto txn = std::make_unique<JobTxn>(content_, content_mutex_, random_, staging);
    Result<void> result = refused ? Result<void>(*refused) : work.job(*txn);
    if (result.ok()) {
      txn->join();
    } else {
      txn->undo();
    }
    ran.push_back({std::move(txn), std::move(result)});
  }
  const bool writes = staging.changes(content_.head);
  const Result<void> done = writes ? commit(staging) : Result<void>();
  {
    const std::unique_lock hold(content_mutex_);
    usage_.jobs += works.size();
    if (writes && done.ok()) ++usage_.commits;
  }
  if (done.ok()) return;
  forget_made(content_, content_mutex_, staging.made);
  for (auto job = ran.rbegin(); job != ran.rend(); ++job) {
    if (!job->result.ok()) continue;
    job->txn->rolled_back();
    job->result = done.error();
  }
}

Result<void> VaultStore::commit(const Staging& staging) {
  if (!staging.anchored) TRY(reserve_.take());
  Commit commit = prepare(content_, staging, nonces_);
  const std::lock_guard turn(database_turn_);
  auto done = database_->commit(commit.changes);
  if (!done.ok() && staging.anchored) done = commit_on_full_disk(commit.changes, std::move(done));
  if (!done.ok()) return done;
  {
    const std::unique_lock hold(content_mutex_);
    take(content_, std::move(commit), staging.destroyed);
  }
  if (staging.anchored || anchoring_ == Anchoring::Behind) move_anchor();
  // What a destroyed key sealed must not be found in the log or in freed pages. That this could not
  // be done now does not undo the commit; the next checkpoint does it.
  // While the reserve is given up, the log must not eat what is left of it.
  if (!staging.destroyed.empty() || !reserve_.is_held())
    static_cast<void>(database_->checkpoint().ok());
  return {};
}

// What must be possible on a full disk gets the room that was kept for it, and that of the write-ahead log once its
// pages lie in the file.
Result<void> VaultStore::commit_on_full_disk(const Changes& changes, Result<void> done) {
  if (reserve_.give_up()) done = database_->commit(changes);
  if (done.ok() || !database_->checkpoint().ok()) return done;
  return database_->commit(changes);
}

// After the commit and before anyone hears of it. That it fails cannot undo the commit.
void VaultStore::move_anchor() {
  if (options_.anchors.empty()) return;
  const crypto::Secret& key = content_.writing->anchor;
  const Anchor anchor = anchor_of(anchor_place_, content_.head, content_.head_hash);
  const auto kept = keep_anchor(disk_, anchor_place_, anchor, key);
  if (kept.ok() && !std::exchange(anchors_are_tidy_, true)) tidy_anchors(disk_, anchor_place_, key);
  const std::unique_lock hold(content_mutex_);
  anchoring_ = kept.ok() ? Anchoring::Kept : Anchoring::Behind;
}

}  // namespace vrm::store

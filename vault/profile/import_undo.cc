// Imports in the vault: applied in one job, written down in Table::Imports, undone in one job.
//
//   row = the import's id as text, zero-filled    key = the vault's own
//   {"id":"im_…","format":"vcard","at":ms,"changes":[
//     {"field":"contact.email","derived":false,"before":{"version":3}},
//     …]}
//
// `before` names the version to put back, which is in the field's history (history.h); it is missing
// when there was nothing. Until there were histories it held the value itself, in a `box` under the
// field's own key: {"type":"email","source":"self","at":ms,"box":"…"}.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "vault/base/json.h"
#include "vault/profile/import.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxNamedFields = 10;
constexpr JsonLimits kRecordLimits{.bytes = 64 * 1024 * 1024, .depth = 8};

std::string source_of(const ImportId& id) {
  return "import:" + id.text;
}

store::RowId row_of(const ImportId& id) {
  store::RowId row{};
  std::copy_n(id.text.begin(), std::min(id.text.size(), row.size()), row.begin());
  return row;
}

std::string context_of(const ImportId& id, std::string_view field) {
  return "import " + id.text + " " + std::string(field);
}

Error bad_import() {
  return Error{ErrorCode::Corrupt, "a row of the imports holds no import"};
}

// Where to find what a field is before the import; null when there is none.
json state_before(const store::Txn& txn, const Profile& profile, std::string_view field) {
  const auto meta = profile.find(txn, field);
  return meta ? json{{"version", meta->version}} : json(nullptr);
}

enum class Left { Set, Derived };  // how the import left the field

json change_of(const std::string& field, json before, Left left) {
  json change{{"field", field}, {"derived", left == Left::Derived}};
  if (!before.is_null()) change["before"] = std::move(before);
  return change;
}

// Regions that were typed and that the import may make the vault derive.
std::vector<std::string> typed_claims(const store::Txn& txn, const Profile& profile) {
  std::vector<std::string> out;
  for (const auto& spec : profile.catalogue().all()) {
    if (!spec.claim || !spec.claim->or_typed) continue;
    const auto meta = profile.find(txn, spec.name);
    if (meta && !meta->claim) out.push_back(spec.name);
  }
  return out;
}

class Applying {
 public:
  Applying(store::Txn& txn, Profile& profile, const ImportId& id, Instant now)
      : txn_(txn), profile_(profile), id_(id), now_(now) {}

  Result<ImportResult> apply(const ImportPlan& plan, Keep keep) {
    std::vector<std::pair<std::string, json>> regions;
    for (auto& name : typed_claims(txn_, profile_)) {
      json before = state_before(txn_, profile_, name);
      regions.emplace_back(std::move(name), std::move(before));
    }
    for (const auto& item : plan.items) TRY(apply_item(item, keep));
    for (auto& [name, before] : regions) {
      const auto meta = profile_.find(txn_, name);
      const bool by_item = meta && meta->source == source_of(id_);
      if (!by_item && (!meta || meta->claim))
        changes_.push_back(change_of(name, std::move(before), Left::Derived));
    }
    TRY(write_down(plan.format));
    return result_;
  }

 private:
  Result<void> apply_item(const ImportItem& item, Keep keep) {
    const auto meta = profile_.find(txn_, item.field);
    if (meta) {
      const auto present = TRY(profile_.value(txn_, *meta));
      if (present.text() == item.value) {
        ++result_.same;
        return {};
      }
      if (keep == Keep::Existing || meta->claim) {
        ++result_.kept;
        return {};
      }
    }
    json before = state_before(txn_, profile_, item.field);
    const bool known = profile_.catalogue().find(item.field) != nullptr;
    const auto type = known ? std::nullopt : std::optional<std::string_view>(item.type);
    TRY(profile_.set(txn_, item.field, item.value, source_of(id_), now_, type));
    changes_.push_back(change_of(item.field, std::move(before), Left::Set));
    ++(meta ? result_.changed : result_.added);
    return {};
  }

  Result<void> write_down(const std::string& format) {
    if (changes_.empty()) return {};
    const json record{{"id", id_.text}, {"format", format}, {"at", now_.ms}, {"changes", changes_}};
    const std::string text = write_json(record);
    return txn_.write(store::Table::Imports, row_of(id_), store::kVaultKey, bytes_of(text));
  }

  store::Txn& txn_;
  Profile& profile_;
  const ImportId& id_;
  Instant now_;
  json changes_ = json::array();
  ImportResult result_;
};

// One field as it is to be put back.
struct Restoring {
  std::string field;
  bool was_there = false;
  FieldState state;
  crypto::WipedBytes value;
};

class Undoing {
 public:
  Undoing(store::Txn& txn, store::Store& store, Profile& profile, const ImportId& id, Instant now)
      : txn_(txn), store_(store), profile_(profile), id_(id), now_(now) {}

  Result<UndoResult> undo(OnChanged on_changed) {
    const auto row = txn_.read(store::Table::Imports, row_of(id_));
    if (!row.ok() && row.error().code == ErrorCode::NotFound)
      return owners_refusal(ErrorCode::NotFound, "profile.no_import", {{"import", id_.text}});
    if (!row.ok()) return Error(row.error());
    const json record = TRY(read_json(row.value().text(), kRecordLimits));
    for (const json& change : *TRY(need_array(record, "changes"))) TRY(prepare(change));
    if (!result_.skipped.empty() && on_changed == OnChanged::Refuse) return changed_since();
    // All boxes are open by now: putting one field back may destroy the key of another.
    for (const auto& one : fields_) TRY(put_back(one));
    for (const auto& one : regions_)
      if (!profile_.find(txn_, one.field)) TRY(put_back(one));
    TRY(txn_.erase(store::Table::Imports, row_of(id_)));
    return std::move(result_);
  }

 private:
  Result<void> prepare(const json& change) {
    Restoring one;
    one.field = TRY(need_string(change, "field"));
    const bool region = TRY(find_bool(change, "derived")).value_or(false);
    const auto meta = profile_.find(txn_, one.field);
    const bool untouched = meta && (region ? meta->claim : meta->source == source_of(id_));
    if (!untouched) {
      if (!region) result_.skipped.push_back(one.field);
      return {};
    }
    if (change.contains("before") && !TRY(find_before(change["before"], *meta, one))) {
      if (!region) result_.skipped.push_back(one.field);
      return {};
    }
    (region ? regions_ : fields_).push_back(std::move(one));
    return {};
  }

  // False: it was unset since, and set again.
  Result<bool> find_before(const json& before, const FieldMeta& meta, Restoring& one) {
    if (before.contains("box")) {
      TRY(open_before(before, meta, one));
      return true;
    }
    const auto number = TRY(need_int(before, "version"));
    auto found = TRY(profile_.former(txn_, meta, number));
    if (!found) return false;
    one.was_there = true;
    one.state = std::move(found->state);
    one.value = std::move(found->value);
    return true;
  }

  Result<void> open_before(const json& before, const FieldMeta& meta, Restoring& one) {
    one.was_there = true;
    one.state.type = TRY(need_string(before, "type"));
    one.state.source = TRY(need_string(before, "source"));
    one.state.updated_at = {TRY(need_int(before, "at"))};
    const std::string box_text = TRY(need_string(before, "box"));
    const auto box = TRY(from_base64url(box_text));
    one.value = TRY(store_.open_with(meta.key, box, bytes_of(context_of(id_, one.field))));
    return {};
  }

  Result<void> put_back(const Restoring& one) {
    const auto meta = profile_.find(txn_, one.field);
    if (meta && meta->claim) return {};  // the vault derives it again
    if (one.was_there) {
      ++result_.restored;
      return profile_.put_back(txn_, one.field, one.state, one.value.text(), now_);
    }
    ++result_.removed;
    return profile_.unset(txn_, one.field, now_);
  }

  Error changed_since() const {
    std::string names;
    for (std::size_t i = 0; i < result_.skipped.size() && i < kMaxNamedFields; ++i)
      names += (i == 0 ? "" : ", ") + result_.skipped[i];
    if (result_.skipped.size() > kMaxNamedFields) names += ", …";
    return owners_refusal(ErrorCode::Conflict, "profile.undo_changed_since",
                          {{"import", id_.text}, {"fields", names}});
  }

  store::Txn& txn_;
  store::Store& store_;
  Profile& profile_;
  const ImportId& id_;
  Instant now_;
  std::vector<Restoring> fields_;
  std::vector<Restoring> regions_;
  UndoResult result_;
};

Result<ImportEntry> entry_of(BytesView bytes) {
  const std::string text = text_of(bytes);
  const json record = TRY(read_json(text, kRecordLimits));
  ImportEntry entry;
  entry.id.text = TRY(need_string(record, "id"));
  entry.format = TRY(need_string(record, "format"));
  entry.at = {TRY(need_int(record, "at"))};
  entry.fields = TRY(need_array(record, "changes"))->size();
  return entry;
}

}  // namespace

Result<ImportResult> apply(store::Txn& txn, Profile& profile, const ImportPlan& plan,
                           const ImportId& id, Keep keep, Instant now) {
  return Applying(txn, profile, id, now).apply(plan, keep);
}

Result<UndoResult> undo(store::Txn& txn, store::Store& store, Profile& profile, const ImportId& id,
                        OnChanged on_changed, Instant now) {
  return Undoing(txn, store, profile, id, now).undo(on_changed);
}

Result<std::vector<ImportEntry>> imports(const store::Store& store) {
  std::vector<ImportEntry> out;
  const auto take = [&out](const store::RowId&, const store::KeyId&,
                           BytesView bytes) -> Result<void> {
    auto entry = entry_of(bytes);
    if (!entry.ok()) return bad_import();
    out.push_back(std::move(entry).value());
    return {};
  };
  TRY(store.scan(store::Table::Imports, take));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at > b.at; });
  return out;
}

}  // namespace vrm::profile

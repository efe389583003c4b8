#include "vault/profile/profile.h"

#include <algorithm>
#include <utility>

#include "vault/profile/claims.h"
#include "vault/profile/field_name.h"
#include "vault/profile/history.h"
#include "vault/profile/plausible.h"
#include "vault/profile/record.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

constexpr std::string_view kDerivedSource = "derived";
constexpr std::string_view kOwnSource = "self";
constexpr std::string_view kRestoredSource = "restored:";
constexpr std::size_t kDateChars = 10;  // of YYYY-MM-DD

Error bad_row() {
  return Error{ErrorCode::Corrupt, "a field's row does not hold what the index says"};
}

// The metadata of a record, of a claim as far as the catalogue still knows it.
FieldMeta meta_of(const Record& record, const Catalogue& catalogue, const store::RowId& row,
                  const store::KeyId& key) {
  FieldMeta meta;
  meta.name = record.name;
  meta.type = record.type;
  meta.sensitivity = catalogue.sensitivity_of(record.name);
  meta.source = record.source;
  meta.updated_at = record.at;
  meta.version = record.version;
  meta.claim = record.derived;
  meta.row = row;
  meta.key = key;
  const auto* spec = catalogue.find(record.name);
  const bool known = spec != nullptr && spec->claim;
  meta.settled = !record.derived || (known && is_settled(*spec->claim, record.value));
  return meta;
}

crypto::WipedBytes copy_of(std::string_view text) {
  const auto view = bytes_of(text);
  return crypto::WipedBytes(Bytes(view.begin(), view.end()));
}

Result<crypto::WipedBytes> value_in(const crypto::WipedBytes& row, std::string_view name) {
  const Record record = TRY(decode_record(row.view()));
  if (record.name != name) return bad_row();
  return copy_of(record.value);
}

// The owner typed it, or chose it among what it was.
bool is_owners(std::string_view source) {
  return source == kOwnSource || source.starts_with(kRestoredSource);
}

FieldVersion version_of(const Record& record, bool undone) {
  return {record.version,
          {std::string(record.type), std::string(record.source), record.at},
          undone,
          copy_of(record.value)};
}

}  // namespace

// One change of the index by a job, until it is known whether it stays.
struct Profile::Staged {
  std::string name;
  std::shared_ptr<const Staged> before;  // the pending change that it came upon
  std::optional<FieldMeta> after;

  ~Staged() {
    wipe_text(name);
    if (after) wipe_meta(*after);
  }
};

Profile::Profile(store::Store& store, const Catalogue& catalogue, Random& random)
    : store_(store), catalogue_(catalogue), random_(random) {}

Profile::~Profile() {
  clear();
}

Result<void> Profile::load() {
  const bool rescue = store_.state() == store::State::Rescue;
  FieldIndex loaded;
  const auto read_row = [&](const store::RowId& row, const store::KeyId& key,
                            BytesView bytes) -> Result<void> {
    const auto record = decode_record(bytes);
    const bool sound =
        record.ok() && is_field_name(record.value().name) && !loaded.contains(record.value().name);
    if (!sound && rescue) return {};
    if (!sound) return bad_row();
    FieldMeta meta = meta_of(record.value(), catalogue_, row, key);
    loaded.put(meta);
    wipe_meta(meta);
    return {};
  };
  TRY(store_.scan(store::Table::Fields, read_row));
  clear();
  const std::lock_guard lock(mutex_);
  partial_ = false;
  committed_ = std::move(loaded);
  return {};
}

void Profile::keep_only(const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  partial_ = true;
  committed_.keep_only(names);
  std::vector<std::string> gone;
  for (const auto& [name, change] : pending_)
    if (std::find(names.begin(), names.end(), name) == names.end()) gone.push_back(name);
  for (std::string& name : gone) {
    set_pending(name, nullptr);
    wipe_text(name);
  }
}

void Profile::clear() {
  keep_only({});
}

std::optional<FieldMeta> Profile::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return committed_.find(name);
}

std::optional<FieldMeta> Profile::find(const store::Txn&, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto changed = pending_.find(name);
  return changed == pending_.end() ? committed_.find(name) : changed->second->after;
}

std::vector<FieldMeta> Profile::list(std::string_view prefix) const {
  const std::lock_guard lock(mutex_);
  return committed_.within(prefix);
}

std::vector<std::string> Profile::near(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return nearest(name, committed_.names());
}

Error Profile::no_such_field(std::string_view name) const {
  Gaps gaps{{"field", std::string(name)}};
  const auto add_near = [&](const std::vector<std::string>& close) {
    std::string names;
    for (const auto& one : close) names += (names.empty() ? "" : ", ") + one;
    if (!names.empty()) gaps.emplace_back("near", std::move(names));
    return !close.empty();
  };
  auto own = near(name);
  own.erase(std::remove(own.begin(), own.end(), name), own.end());  // set meanwhile
  if (add_near(own))
    return owners_refusal(ErrorCode::NotFound, "profile.no_field_near", std::move(gaps));
  if (catalogue_.find(name) == nullptr && add_near(catalogue_.near(name)))
    return owners_refusal(ErrorCode::NotFound, "profile.no_field_known", std::move(gaps));
  return owners_refusal(ErrorCode::NotFound, "profile.no_field", std::move(gaps));
}

Result<crypto::WipedBytes> Profile::value(const FieldMeta& field) const {
  const auto row = TRY(store_.read(store::Table::Fields, field.row));
  return value_in(row, field.name);
}

Result<crypto::WipedBytes> Profile::value(const store::Txn& txn, const FieldMeta& field) const {
  const auto row = TRY(txn.read(store::Table::Fields, field.row));
  return value_in(row, field.name);
}

Result<std::vector<std::string>> Profile::typed_over(std::string_view name, Instant now) const {
  std::vector<std::string> names;
  auto claims = catalogue_.claims_of(name);
  if (const auto* own = catalogue_.find(name); own != nullptr && own->claim) claims.push_back(own);
  for (const auto* spec : claims) {
    const auto typed = find(spec->name);
    const auto from = find(spec->claim->from);
    if (!typed || typed->claim || !from) continue;
    const auto source = TRY(value(*from));
    crypto::WipedBytes country;
    if (const auto where = find(spec->claim->where)) country = TRY(value(*where));
    const auto own = TRY(value(*typed));
    const auto rule = derive(*spec->claim, source.text(), country.text(), now);
    if (rule && *rule != own.text()) names.push_back(spec->name);
  }
  return names;
}

Result<std::string> Profile::country_of(std::string_view postal_code_field) const {
  const auto where = find(catalogue_.country_field_of(postal_code_field));
  if (!where) return std::string();
  const auto country = TRY(value(*where));
  return std::string(country.text());
}

Result<std::string> Profile::text_of(const store::Txn& txn, std::string_view name) const {
  const auto meta = find(txn, name);
  if (!meta) return std::string();
  const auto text = TRY(value(txn, *meta));
  return std::string(text.text());
}

Result<void> Profile::append_answer(const FieldMeta& field, std::string& out) const {
  const auto row = TRY(store_.read(store::Table::Fields, field.row));
  const Record record = TRY(decode_record(row.view()));
  const auto type = type_from_text(record.type);
  if (record.name != field.name || !type) return bad_row();
  out += '{';
  append_value_json(*type, record.value, out);
  out += ",\"as_of\":\"";
  out.append(to_rfc3339(record.at), 0, kDateChars);
  out += "\"}";
  return {};
}

Result<void> Profile::set(store::Txn& txn, std::string_view name, std::string_view typed,
                          std::string_view source, Instant now,
                          std::optional<std::string_view> type) {
  TRY(check_open());
  TRY(check_field_name(name));
  TRY(check_settable(txn, name, source == kOwnSource, now));
  if (is_taken_ && is_taken_(name))
    return owners_refusal(ErrorCode::Denied, "document.by_hand", {{"field", std::string(name)}});
  const Type wanted = TRY(type_for(txn, name, type));
  const auto* spec = catalogue_.find(name);
  std::string canonical = TRY(parse_value(wanted, name, typed, spec == nullptr ? "" : spec->unit));
  if (spec != nullptr) {
    const std::string country = TRY(text_of(txn, catalogue_.country_field_of(name)));
    if (source == kOwnSource) TRY(check_plausible(*spec, canonical, country, now));
  }
  const FieldState state{std::string(to_string(wanted)), std::string(source), now};
  auto done = put(txn, name, state, canonical, Put::Typed);
  wipe_text(canonical);
  TRY(std::move(done));
  return derive_from(txn, name, now);
}

Result<void> Profile::unset(store::Txn& txn, std::string_view name, Instant now) {
  TRY(check_open());
  const auto meta = find(txn, name);
  if (!meta) return no_such_field(name);
  if (meta->claim) {
    const auto* spec = catalogue_.find(name);
    const std::string from = spec != nullptr && spec->claim ? spec->claim->from : "";
    return owners_refusal(ErrorCode::Denied, "profile.claim_by_hand",
                          {{"field", meta->name}, {"from", from}});
  }
  TRY(remove(txn, *meta));
  const auto* spec = catalogue_.find(name);
  if (spec != nullptr && spec->claim) TRY(refresh_claim(txn, *spec, now));
  return derive_from(txn, name, now);
}

Result<void> Profile::put_back(store::Txn& txn, std::string_view name, const FieldState& state,
                               std::string_view canonical, Instant now) {
  TRY(check_open());
  TRY(put(txn, name, state, canonical, Put::Undo));
  return derive_from(txn, name, now);
}

Result<std::vector<FieldVersion>> Profile::versions(const FieldMeta& field) const {
  const auto row = TRY(store_.read(store::Table::Fields, field.row));
  const Record present = TRY(decode_record(row.view()));
  std::vector<FieldVersion> versions;
  versions.push_back(version_of(present, false));
  const auto kept = store_.read(store::Table::Versions, field.row);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return versions;
  if (!kept.ok()) return kept.error();
  const History history = TRY(decode_history(kept.value().view()));
  // What a commit between the two reads made a former version is the present one here.
  for (auto at = history.versions.rbegin(); at != history.versions.rend(); ++at)
    if (at->record.version < present.version)
      versions.push_back(version_of(at->record, at->undone));
  return versions;
}

Result<std::optional<FieldVersion>> Profile::former(const store::Txn& txn, const FieldMeta& field,
                                                    std::int64_t number) const {
  const auto kept = txn.read(store::Table::Versions, field.row);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return std::optional<FieldVersion>();
  if (!kept.ok()) return kept.error();
  const History history = TRY(decode_history(kept.value().view()));
  for (const auto& each : history.versions)
    if (each.record.version == number)
      return std::optional<FieldVersion>(version_of(each.record, each.undone));
  return std::optional<FieldVersion>();
}

Result<void> Profile::restore_version(store::Txn& txn, std::string_view name, std::int64_t number,
                                      Instant now) {
  TRY(check_open());
  const auto meta = find(txn, name);
  if (!meta) return no_such_field(name);
  TRY(check_settable(txn, name, true, now));
  if (number == meta->version) return {};
  const auto found = TRY(former(txn, *meta, number));
  if (!found)
    return owners_refusal(ErrorCode::NotFound, "profile.no_version",
                          {{"field", meta->name}, {"version", std::to_string(number)}});
  TRY(type_for(txn, name, found->state.type));
  const FieldState state{found->state.type, std::string(kRestoredSource) + std::to_string(number),
                         now};
  TRY(put(txn, name, state, found->value.text(), Put::Typed));
  return derive_from(txn, name, now);
}

Result<void> Profile::refresh_claims(store::Txn& txn, Instant now) {
  TRY(check_open());
  for (const auto& spec : catalogue_.all())
    if (spec.claim) TRY(refresh_claim(txn, spec, now));
  return {};
}

Result<void> Profile::check_open() const {
  if (store_.state() == store::State::Open) return {};
  return Error{ErrorCode::Locked, "the vault is not open"};
}

Result<Type> Profile::type_for(const store::Txn& txn, std::string_view name,
                               std::optional<std::string_view> type) const {
  const auto* spec = catalogue_.find(name);
  if (!type) {
    if (spec != nullptr) return spec->type;
    const auto meta = find(txn, name);
    return meta ? type_from_text(meta->type).value_or(Type::Text) : Type::Text;
  }
  const auto wanted = type_from_text(*type);
  if (!wanted)
    return owners_refusal(ErrorCode::Malformed, "profile.no_type", {{"type", std::string(*type)}});
  if (spec != nullptr && spec->type != *wanted)
    return owners_refusal(
        ErrorCode::Denied, "profile.type_is_fixed",
        {{"field", std::string(name)}, {"type", std::string(to_string(spec->type))}});
  return *wanted;
}

Result<void> Profile::check_settable(const store::Txn& txn, std::string_view name, bool by_owner,
                                     Instant now) const {
  const auto* spec = catalogue_.find(name);
  if (spec == nullptr || !spec->claim) return {};
  if (spec->claim->or_typed && by_owner) return {};
  if (spec->claim->or_typed && !TRY(derived(txn, *spec, now))) return {};
  return owners_refusal(ErrorCode::Denied, "profile.claim_by_hand",
                        {{"field", std::string(name)}, {"from", spec->claim->from}});
}

Result<void> Profile::put(store::Txn& txn, std::string_view name, const FieldState& state,
                          std::string_view canonical, Put how) {
  const auto before = find(txn, name);
  store::RowId row{};
  store::KeyId key{};
  if (before) {
    row = before->row;
    key = before->key;
    const bool undone = how == Put::Undo;
    if (!before->claim) TRY(keep_version(txn, *before, undone));
  } else {
    random_.fill(row);
    key = TRY(txn.make_key());
  }
  const std::int64_t version = before ? before->version + 1 : 1;
  const Record record{name,    state.type,       state.source, canonical, state.updated_at,
                      version, how == Put::Claim};
  const auto bytes = encode_record(record);
  TRY(txn.write(store::Table::Fields, row, key, bytes.view()));
  stage(txn, name, meta_of(record, catalogue_, row, key));
  return {};
}

// What is there becomes a former version. What was derived is none: the vault could derive it again.
Result<void> Profile::keep_version(store::Txn& txn, const FieldMeta& meta, bool undone) {
  const auto row = TRY(txn.read(store::Table::Fields, meta.row));
  Record record = TRY(decode_record(row.view()));
  record.name = {};
  const auto kept = txn.read(store::Table::Versions, meta.row);
  if (!kept.ok() && kept.error().code != ErrorCode::NotFound) return kept.error();
  History history;
  if (kept.ok())
    history = TRY(decode_history(kept.value().view()));
  else
    history.key = TRY(txn.make_key());
  history.versions.push_back({record, undone});
  const auto bytes = encode_history(history);
  return txn.write(store::Table::Versions, meta.row, history.key, bytes.view());
}

Result<void> Profile::forget_versions(store::Txn& txn, const FieldMeta& meta) {
  const auto kept = txn.read(store::Table::Versions, meta.row);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return {};
  if (!kept.ok()) return kept.error();
  const History history = TRY(decode_history(kept.value().view()));
  TRY(txn.erase(store::Table::Versions, meta.row));
  return txn.destroy_key(history.key);
}

Result<void> Profile::remove(store::Txn& txn, const FieldMeta& meta) {
  TRY(forget_versions(txn, meta));
  TRY(txn.erase(store::Table::Fields, meta.row));
  TRY(txn.destroy_key(meta.key));
  stage(txn, meta.name, std::nullopt);
  return {};
}

Result<void> Profile::derive_from(store::Txn& txn, std::string_view name, Instant now) {
  for (const auto* claim : catalogue_.claims_of(name)) TRY(refresh_claim(txn, *claim, now));
  return {};
}

Result<void> Profile::refresh_claim(store::Txn& txn, const FieldSpec& claim, Instant now) {
  const auto wanted = TRY(derived(txn, claim, now));
  const auto present = find(txn, claim.name);
  if (present && !present->claim && is_owners(present->source))
    return {};  // the owner knows better
  if (!wanted) return present && present->claim ? remove(txn, *present) : Result<void>();
  // A claim bears the time of what it is made of: its own would tell the day of a birthday.
  const auto from = find(txn, claim.claim->from);
  VRM_CHECK(from.has_value());
  if (present && present->claim && present->updated_at == from->updated_at) {
    const auto current = TRY(value(txn, *present));
    if (current.text() == *wanted) return {};
  }
  const FieldState state{std::string(to_string(claim.type)), std::string(kDerivedSource),
                         from->updated_at};
  return put(txn, claim.name, state, *wanted, Put::Claim);
}

Result<std::optional<std::string>> Profile::derived(const store::Txn& txn, const FieldSpec& claim,
                                                    Instant now) const {
  const auto from = find(txn, claim.claim->from);
  if (!from) return std::optional<std::string>();
  const auto source = TRY(value(txn, *from));
  crypto::WipedBytes country;
  const auto where = find(txn, claim.claim->where);
  if (where) country = TRY(value(txn, *where));
  return derive(*claim.claim, source.text(), country.text(), now);
}

void Profile::stage(store::Txn& txn, std::string_view name, std::optional<FieldMeta> meta) {
  const auto change = std::make_shared<Staged>();
  change->name = name;
  change->after = std::move(meta);
  {
    const std::lock_guard lock(mutex_);
    const auto before = pending_.find(name);
    if (before != pending_.end()) change->before = before->second;
    set_pending(change->name, change);
  }
  txn.on_commit([this, change] {
    const std::lock_guard lock(mutex_);
    settle(*change);
    change->before.reset();
  });
  txn.on_rollback([this, change] {
    const std::lock_guard lock(mutex_);
    if (pending_.contains(change->name)) set_pending(change->name, std::move(change->before));
  });
}

// A name that keep_only() took away stays away.
void Profile::settle(const Staged& change) {
  if (!partial_ || committed_.contains(change.name)) {
    if (change.after)
      committed_.put(*change.after);
    else
      committed_.erase(change.name);
  }
  const auto pending = pending_.find(change.name);
  if (pending != pending_.end() && pending->second.get() == &change)
    set_pending(change.name, nullptr);
}

// Nothing: no change of it is pending.
void Profile::set_pending(const std::string& name, std::shared_ptr<const Staged> change) {
  if (change != nullptr) {
    pending_.insert_or_assign(name, std::move(change));
    return;
  }
  auto node = pending_.extract(name);
  if (!node.empty()) wipe_text(node.key());
}

}  // namespace vrm::profile

#pragma once
// Documents as docs/api/owner.md draws them, for the fake daemon to answer with.

#include <string>

namespace vrm::cli_test {

inline const std::string kStatusOpen =
    R"({"schema":"vrm.status/1","vault":{"state":"open","folder":"/home/ana/.local/share/vrm","locks_at":"2024-11-21T14:32:00Z","memory_locked":true,"damages":[]},)"
    R"("daemon":{"version":"0.1.0","pid":4121,"uptime_s":183600,"memory_bytes":11534336},)"
    R"("brand_door":{"address":"127.0.0.1:7610","base":"http://127.0.0.1:7610","tls":false},)"
    R"("counts":{"fields":12,"brands":1,"requests_pending":2,"grants_active":1},"served":[],"warnings":[]})";

inline std::string status_in(const std::string& state) {
  return R"({"schema":"vrm.status/1","vault":{"state":")" + state +
         R"(","folder":"/home/ana/.local/share/vrm","memory_locked":true,"damages":[{"place":"field row 7"}]},)"
         R"("daemon":{"version":"0.1.0","pid":4121,"uptime_s":62,"memory_bytes":11534336},)"
         R"("served":[{"brand":"velo","grants":1}],"warnings":[{"code":"brand_door_closed","with":{}},{"code":"from_2030","with":{}}]})";
}

inline const std::string kEmail =
    R"({"schema":"vrm.field/1","field":"contact.email","type":"email","value":"ana@example.org","sensitivity":1,"sensitive":false,"claim":false,"source":"import:im_2QK7T0AB","updated_at":"2024-11-20T08:00:00Z","version":3,"known":true,)"
    R"("readers":[{"brand":"velo","grant":"gr_7F2K9QXD","purpose":"delivery","until":"2024-12-20T08:00:00Z"}]})";
inline const std::string kBirth =
    R"({"schema":"vrm.field/1","field":"person.birthdate","type":"date","value":"1988-05-14","sensitivity":2,"sensitive":true,"claim":false,"source":"self","updated_at":"2024-11-20T08:00:00Z","version":1,"known":true,"readers":[]})";
inline const std::string kAdult =
    R"({"schema":"vrm.field/1","field":"person.age_over_18","type":"bool","value":"true","sensitivity":1,"sensitive":false,"claim":true,"derived_from":"person.birthdate","source":"derived","updated_at":"2024-11-20T08:00:00Z","version":1,"known":true,"readers":[]})";
inline const std::string kAdultHistory =
    R"({"schema":"vrm.history/1","field":"person.age_over_18","sensitive":false,"claim":true,"derived_from":"person.birthdate","items":[)"
    R"({"version":1,"at":"2024-11-20T08:00:00Z","type":"bool","source":"derived","value":"true","present":true,"undone":false}]})";
inline const std::string kFields =
    R"({"schema":"vrm.fields/1","items":[)" + kEmail + "," + kAdult + "," + kBirth + "]}";
inline const std::string kCatalogue =
    R"({"schema":"vrm.catalogue/1","fields":[{"name":"contact.email","type":"email","example":"ana@example.org","group":"contact","sensitivity":1,"label_en":"e-mail","label_fr":"courriel"},)"
    R"({"name":"person.birthdate","type":"date","example":"1990-02-14","group":"person","sensitivity":2,"label_en":"date of birth","label_fr":"date de naissance"},)"
    R"({"name":"address.home.locality","type":"text","example":"Ana","group":"address","sensitivity":1,"label_en":"town","label_fr":"ville"}],"purposes":[]})";

inline const std::string kHistory =
    R"({"schema":"vrm.history/1","field":"contact.email","sensitive":false,"claim":false,"items":[)"
    R"({"version":4,"at":"2024-11-21T08:00:00Z","type":"email","source":"restored:2","value":"ana@example.org","present":true,"undone":false},)"
    R"({"version":3,"at":"2024-11-20T08:00:00Z","type":"email","source":"import:im_2QK7T0AB","format":"vcard","value":"a.martin@example.org","present":false,"undone":false},)"
    R"({"version":2,"at":"2024-11-19T08:00:00Z","type":"email","source":"self","value":"ana@example.org","present":false,"undone":false},)"
    R"({"version":1,"at":"2024-11-18T08:00:00Z","type":"email","source":"import:im_1AAAAAAA","value":"old@example.org","present":false,"undone":true}]})";
inline const std::string kRestored =
    R"({"schema":"vrm.field/1","field":"contact.email","type":"email","value":"ana@example.org","sensitive":false,"source":"restored:2","updated_at":"2024-11-21T08:00:00Z","version":5,"notes":[]})";
inline const std::string kErasedGrant =
    R"({"schema":"vrm.erased/1","id":"gr_7F2K9QXD","what":"grant"})";
inline const std::string kStillOpen =
    R"({"error":{"code":"denied","say":"erase.intent_lives","with":{"intent":"in_7F2K9QXD"},"message":"x"}})";

inline const std::string kStatusWithLimits =
    R"({"schema":"vrm.status/1","vault":{"state":"open","folder":"/home/ana/vrm","idle_lock_s":900,"hard_lock_s":43200,"locks_at":"2024-11-21T14:32:00Z","locks_latest_at":"2024-11-21T21:00:00Z",)"
    R"("last_lock":{"why":"start","at":"2024-11-21T09:00:00Z"},"memory_locked":true},"daemon":{"version":"0.1.0","pid":4121,"uptime_s":183600,"memory_bytes":11534336},"warnings":[]})";
inline const std::string kStatusServing =
    R"({"schema":"vrm.status/1","vault":{"state":"serving","folder":"/home/ana/vrm","idle_lock_s":900,"hard_lock_s":43200,"last_lock":{"why":"idle","at":"2024-11-21T14:32:00Z"},"memory_locked":false},)"
    R"("daemon":{"version":"0.1.0","pid":4121,"uptime_s":183600,"memory_bytes":11534336},"served":[{"brand":"velo","name":"Vélo Example","grants":2,"items":[)"
    R"({"id":"gr_7F2K9QXD","state":"active","expires_at":"2024-11-28T18:00:00Z","reads":{"used":2,"max":3}},{"id":"gr_A91M0000","state":"waiting","expires_at":"2024-12-20T08:00:00Z","reads":{"used":0,"max":null}}]}],"warnings":[]})";

inline const std::string kBrand =
    R"({"schema":"vrm.brand/1","brand":"velo","name":"Vélo Example","client_id":"https://velo.example/vrm-brand.json","domain":"velo.example","fingerprint":"SHA256:9fQ2","address_checked":true,"known_since":"2024-03-12T08:00:00Z","state":"known","trust":"known","tags":["bike"],)"
    R"("introduced":"sent","issuer":"http://127.0.0.1:7610/v/Yk3v","grants_active":1,"last_read_at":null})";
inline const std::string kBrands = R"({"schema":"vrm.brands/1","items":[)" + kBrand + "]}";

inline const std::string kRequest =
    R"({"schema":"vrm.request/1","id":"rq_7F2K9QXD","brand":{"brand":"velo","name":"Vélo Example","domain":"velo.example","fingerprint":"SHA256:9fQ2","known_since":"2024-03-12T08:00:00Z"},)"
    R"("state":"pending","received_at":"2024-11-21T13:00:00Z","lapses_at":"2024-11-22T13:00:00Z","purpose":"delivery","purpose_dpv":"dpv:DeliveryOfGoods","purpose_label_en":"delivering what you bought","purpose_label_fr":"livrer ce que vous avez acheté","reason":"the driver calls before","binding_message":"VELO-42",)"
    R"("needed":[{"field":"address.home.street_address","type":"text","have":true,"value":"12 rue Merciere","unusual":false},{"field":"address.home.postal_code","type":"text","have":false,"unusual":false}],)"
    R"("optional":[{"field":"person.birthdate","type":"date","have":true,"value":"1988-05-14","sensitive":true,"unusual":true}],"until":"2024-11-28T18:00:00Z","max_reads":3,"retention_days":30})";
inline const std::string kRequests = R"({"schema":"vrm.requests/1","items":[)" + kRequest + "]}";

inline const std::string kGrant =
    R"({"schema":"vrm.grant/1","id":"gr_7F2K9QXD","brand":"velo","brand_name":"Vélo Example","fields":["address.home.locality","address.home.postal_code"],"purpose":"delivery","purpose_label_en":"delivering what you bought","purpose_label_fr":"livrer ce que vous avez acheté","state":"active","made_at":"2024-11-21T13:00:00Z","expires_at":"2024-11-28T18:00:00Z","reads":{"used":2,"max":3},"last_read_at":"2024-11-21T13:30:00Z","served_while_locked":true,"request":"rq_7F2K9QXD","revoked_at":null})";
// The region is given in place of the postal code.
inline const std::string kFormGrant =
    R"({"schema":"vrm.grant/1","id":"gr_7F2K9QXD","brand":"velo","brand_name":"Vélo Example","fields":["address.home.locality","address.home.region"],"coarse":{"address.home.postal_code":"address.home.region"},"once":["address.home.locality","address.home.region"],"once_read":["address.home.locality"],"alias":{"address.home.locality":"Villeurbanne"},"while_order":"of_2QK7T0AB","purpose":"delivery","purpose_label_en":"delivering what you bought","purpose_label_fr":"livrer ce que vous avez acheté","state":"waiting","made_at":"2024-11-21T13:00:00Z","expires_at":"2024-11-28T18:00:00Z","reads":{"used":0,"max":3},"last_read_at":null,"served_while_locked":false,"request":"rq_7F2K9QXD","revoked_at":null})";
inline const std::string kGrants = R"({"schema":"vrm.grants/1","items":[)" + kGrant + "]}";
inline const std::string kRevoked =
    R"({"schema":"vrm.revoked/1","items":[{"id":"gr_7F2K9QXD","brand":"velo","fields":["address.home.locality"],"reads":2,"last_read_at":"2024-11-21T13:30:00Z","already":false},)"
    R"({"id":"gr_A91M0000","brand":"velo","fields":["contact.email"],"reads":0,"last_read_at":null,"already":false},{"id":"gr_K3ZT0000","brand":"velo","fields":["contact.email"],"reads":0,"last_read_at":null,"already":true}]})";

// While the vault is locked.
inline const std::string kRevokedLocked =
    R"({"schema":"vrm.revoked/1","items":[{"id":"gr_7F2K9QXD","brand":"velo","reads":2,"last_read_at":"2024-11-21T13:30:00Z","already":false},)"
    R"({"id":"gr_A91M0000","brand":"velo","reads":0,"last_read_at":null,"already":false},{"id":"gr_K3ZT0000","brand":"velo","reads":0,"last_read_at":null,"already":true}]})";

inline const std::string kForgotten =
    R"({"schema":"vrm.forgotten/1","brand":"velo","name":"Vélo Example","grants":2,"reads":2,"requests":1,"intents":3,"offers":4,)"
    R"("orders":[{"offer":"of_2QK7T0AB","intent":"in_7F2K9QXD","order":"VELO-42"}]})";
inline const std::string kRule =
    R"({"schema":"vrm.rule/1","id":"ru_4T2K9QXD","brand":"velo","brand_name":"Vélo Example","says":"approve","decided":["address.home.locality","person.birthdate"],"gives":["address.home.locality"],"purpose":"delivery","purpose_dpv":"dpv:DeliveryOfGoods",)"
    R"("purpose_label_en":"delivering what you bought","purpose_label_fr":"livrer ce que vous avez acheté","for_s":604800,"max_reads":3,"retention_days":30,"served_while_locked":false,"made_at":"2024-11-21T13:00:00Z","request":"rq_7F2K9QXD","answered":2})";
inline const std::string kDenyingRule =
    R"({"schema":"vrm.rule/1","id":"ru_9A2K9QXD","brand":"troc","brand_name":"Troc","says":"deny","decided":["person.birthdate"],"purpose":"quote","purpose_dpv":"dpv:RequestedServiceProvision","made_at":"2024-11-21T13:00:00Z","request":"rq_8F2K9QXD","answered":0})";
inline const std::string kRules =
    R"({"schema":"vrm.rules/1","items":[)" + kRule + "," + kDenyingRule + "]}";
inline const std::string kPolicies =
    R"({"schema":"vrm.policies/1","folder":"/home/ana/.config/vrm/policies.d","in_force":true,"items":[{"id":"grant","file":null,"effect":"permit","reason":"","text":"permit ..."},)"
    R"({"id":"never-sold","file":null,"effect":"forbid","reason":"Your data is not given out to be sold.","text":"forbid ..."},)"
    R"({"id":"quiet-nights","file":"quiet.cedar","effect":"forbid","reason":"Nobody reads for marketing at night.","text":"forbid ..."}],"findings":[]})";
inline const std::string kRenewed =
    R"({"schema":"vrm.renewed/1","items":[{"id":"gr_7F2K9QXD","brand":"velo","fields":["address.home.locality"],"purpose":"delivery","ended_at":"2024-11-28T18:00:00Z","expires_at":"2024-12-28T18:00:00Z","requests":["rq_7F2K9QXD"]},)"
    R"({"id":"gr_A91M0000","brand":"troc","fields":["contact.email"],"purpose":"quote","ended_at":"2024-11-29T18:00:00Z","expires_at":"2024-12-29T18:00:00Z","requests":[]}]})";
inline const std::string kConfirmed =
    R"({"schema":"vrm.confirmed/1","items":[{"id":"gr_7F2K9QXD","brand":"velo","fields":["address.home.locality"],"already":false},)"
    R"({"id":"gr_A91M0000","brand":"velo","fields":["contact.email"],"already":true}],"suspended":2})";

// The vault may be older than it was: every reason there is.
inline const std::string kStatusInDoubt =
    kStatusOpen.substr(0, kStatusOpen.size() - 3) +
    R"([{"code":"older_copy","with":{"n":"2"}},{"code":"no_anchor","with":{"n":"2"}},{"code":"bad_anchor","with":{"n":"2"}},{"code":"restored","with":{"n":"2"}},)"
    R"({"code":"newer_token","with":{"n":"2"}},{"code":"anchor_behind","with":{"folder":"/home/ana/.local/state/vrm"}}]})";

inline const std::string kLog =
    R"({"schema":"vrm.log/1","items":[{"number":41,"at":"2024-11-21T14:12:00Z","kind":"read","outcome":"allowed","brand":"velo","grant":"gr_7F2K9QXD","fields":["address.home.locality"],"purpose":"delivery","reason":""},)"
    R"({"number":40,"at":"2024-11-21T13:58:00Z","kind":"party_refused","outcome":"refused","brand":"velo","grant":"","fields":["contact.email"],"purpose":"marketing","reason":"insufficient_scope"},)"
    R"({"number":39,"at":"2024-11-21T13:00:00Z","kind":"from_2030","outcome":"done","brand":"","grant":"","fields":[],"purpose":"","reason":""}],"size":41})";
inline const std::string kVerified =
    R"({"schema":"vrm.verify/1","ok":true,"rows":120,"log_records":41,"damages":[]})";
inline const std::string kDamaged =
    R"({"schema":"vrm.verify/1","ok":false,"rows":120,"log_records":41,"damages":[{"place":"grants row 3"}]})";

// `genuine`, `record` and `rolled_back` as they stand in JSON.
inline std::string receipt_with(const std::string& genuine, const std::string& record,
                                const std::string& rolled_back) {
  return R"({"schema":"vrm.receipt/1","genuine":)" + genuine + R"(,"record":)" + record +
         R"(,"rolled_back":)" + rolled_back +
         R"(,"suspended":2,"brand":"velo","brand_name":"Vélo Example","at":"2024-11-21T14:12:00Z",)"
         R"("grant":"gr_7F2K9QXD","fields":["address.home.locality","contact.email"],"purpose":"delivery",)"
         R"("purpose_dpv":"dpv:DeliveryOfGoods"})";
}
inline std::string receipt_refused(const std::string& code, const std::string& say) {
  return R"({"error":{"code":")" + code + R"(","say":"receipt.)" + say +
         R"(","with":{"brand":"velo","client":"https://velo.example/vrm-brand.json"},"message":"x"}})";
}

inline const std::string kBackup =
    R"({"schema":"vrm.backup/1","file":"/media/key/a.vrmbak","vault":"00112233445566778899aabbccddeeff","format":1,)"
    R"("made_at":"2026-11-22T08:00:00Z","bytes":196700,"rows":43,"tables":{"keys":2,"fields":12,"brands":1},)"
    R"("log_records":41,"epoch":0,"checked":true,)"
    R"("digest":"7f2a9c01d4e83b6655aa10f2c93d7e48b1606f5c2e9d8a7b43210fedcba98765"})";
inline const std::string kBackupUnread =
    R"({"schema":"vrm.backup/1","file":"/media/key/a.vrmbak","made_at":"2026-11-22T08:00:00Z","bytes":196700,)"
    R"("rows":43,"tables":{"fields":12,"brands":1},"log_records":41,"checked":false,"digest":null})";
inline std::string restored_into(const std::string& folder) {
  return kBackup.substr(0, kBackup.size() - 1) + R"(,"folder":")" + folder + R"("})";
}
inline std::string backup_refused(const std::string& code, const std::string& say,
                                  const std::string& with) {
  return R"({"error":{"code":")" + code + R"(","say":"backup.)" + say + R"(","with":{)" + with +
         R"(},"message":"the daemon's words"}})";
}

inline std::string import_report(bool written) {
  return R"({"schema":"vrm.import/1","id":"im_2QK7T0AB","format":"vcard","card":"Ana Martin","written":)" +
         std::string(written ? "true" : "false") +
         R"(,"added":9,"changed":1,"same":0,"kept":0,"items":[{"field":"contact.email","value":"ana@example.org","sensitive":false,"line":7,"change":"added"},)"
         R"({"field":"person.birthdate","value":"1988-05-14","sensitive":true,"line":8,"change":"added"}],)"
         R"("problems":[{"line":17,"say":"from.a_newer_daemon","with":{"typed":"06 12"},"message":"06 12 is no phone number"}]})";
}

// A brand that shows other keys than those pinned.
inline const std::string kKeysChanged =
    R"({"schema":"vrm.brand/1","brand":"velo","name":"Vélo","domain":"velo.example","fingerprint":"SHA256:old","address_checked":true,"checked_at":"2024-11-21T08:00:00Z",)"
    R"("known_since":"2024-03-12T08:00:00Z","keys_since":"2024-06-12T08:00:00Z","state":"keys_changed","trust":"keys_changed","looks_like":"veio","tags":[],"grants_active":0,"last_read_at":null,)"
    R"("renamed":{"from":"Velo Lyon","at":"2024-10-01T08:00:00Z"},"keys_shown":{"fingerprint":"SHA256:new","since":"2024-11-21T08:00:00Z"},"legal_name":"Vélo SAS","identifiers":[{"type":"vat","value":"FR1"}],)"
    R"("contacts":{"privacy":"privacy@velo.example","address":"1 rue Neuve"},"uses":[{"purpose":"delivery","fields":["address.home"],"retention_days":30}],"terms":["T-1"],"issuer":"https://me.example/v/Yk3v"})";

}  // namespace vrm::cli_test

#pragma once
// All that a brand may do at the vault: be introduced to an issuer, ask, poll, refresh, read, make offers, give back what
// it holds. Brand routes hold this and nothing more.
//
// A party that proved who it is gets no answer, yes or no, before the record of it is durable; strangers are counted.
// Calls that end in a record wait for flush(), so that many share one durable write. Safe from any thread.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/gate/brand_error.h"
#include "vault/gate/deals.h"
#include "vault/gate/limits.h"
#include "vault/gate/policies.h"
#include "vault/gate/repeats.h"
#include "vault/gate/vault.h"
#include "vault/grants/ticket.h"
#include "vault/jose/access_token.h"
#include "vault/jose/client_assertion.h"
#include "vault/jose/jws.h"
#include "vault/jose/nonce.h"
#include "vault/jose/replay.h"

namespace vrm::gate {

struct BrandLimits {
  std::int64_t calls_per_minute = 600;  // of one brand
  std::size_t pending_requests = 3;     // of one brand
  std::size_t requests_per_day = 10;    // of one brand
  int poll_interval_s = 5;
  jose::ReplayLimits replay = {};
};

// A form's fields, decoded; no name stands twice.
using Form = std::map<std::string, std::string, std::less<>>;

// A call that brings a DPoP proof.
struct Proved {
  std::string_view method;
  std::string url;  // as configured, with the call's own path
  std::string_view proof;
};

struct Reading {
  std::string token;
  std::vector<std::string> fields;  // well formed, at least one, none twice
  std::string purpose;              // a DPV name or its word
  // Idempotency-Key; "" when there was none. The same read under it is not counted again for a minute.
  std::string repeat_key = {};
};

// A call about the grant that the path names.
struct GrantCall {
  std::string token;
  std::string grant;  // id
};

// A call about one intent that a brand was told of.
struct OfferCall {
  std::string token;
  std::string iid;
  std::string oid;   // of the path; "" where the call has none
  std::string body;  // a compact JWS; "" where the call has none
};

// A rule forbids it for now; a brand is told when its own keys are the cause.
Refused forbidden(const brands::Brand& brand);

class BrandDesk {
 public:
  BrandDesk(Vault& vault, const Policies& policies, Deals& deals, BrandLimits limits);
  ~BrandDesk();

  // JSON. NotFound for an issuer that was never introduced; VaultSealed.
  Outcome<std::string> server_metadata(std::string_view vid) const;
  Outcome<std::string> resource_metadata(std::string_view vid) const;
  Outcome<std::string> keys(std::string_view vid) const;

  // Why nothing at this address is served: NotFound, as for any that was never introduced; VaultSealed. Nothing: it is.
  std::optional<Refused> closed(std::string_view vid) const;

  // What DPoP-Nonce says; the same whether the issuer exists or not.
  std::string nonce(std::string_view vid) const;

  // `{V}/grants/request`; the answer is JSON.
  void ask(std::string_view vid, const Form& form, const Later<std::string>& later);
  // `{V}/token`; the answer is JSON.
  void token(std::string_view vid, const Form& form, const Proved& proved,
             const Later<std::string>& later);
  // `{V}/revoke`: the brand gives back a grant, by its refresh token, or one access token. The answer is empty, and the
  // same for what is no token of this brand (RFC 7009, section 2.2).
  void revoke(std::string_view vid, const Form& form, const Later<std::string>& later);
  // `{V}/introspect`: whether a token of this brand is good as things are now; the answer is JSON.
  void introspect(std::string_view vid, const Form& form, const Later<std::string>& later);
  // `{V}/grants/{grant}`, with an access token of that grant: what is granted now (JSON), and giving it back (empty).
  // NotFound: another grant than the token's.
  void show_grant(std::string_view vid, const GrantCall& call, const Proved& proved,
                  const Later<std::string>& later);
  void give_back(std::string_view vid, const GrantCall& call, const Proved& proved,
                 const Later<std::string>& later);
  // `{V}/v1/data`; the answer is JSON.
  void read(std::string_view vid, const Reading& reading, const Proved& proved,
            const Later<std::string>& later);

  // `{V}/v1/documents/{field}/parts/{n}`; the answer is that part's bytes. One read of a document is one in the
  // grant's count and the journal, however many parts it takes. REQUIRES: one field, and part >= 1.
  void read_part(std::string_view vid, const Reading& reading, std::uint64_t part,
                 const Proved& proved, const Later<std::string>& later);

  // `{V}/v1/intents/{iid}`, `…/offers/{oid}`, `…/no-offer`, `…/acknowledgement`; the answers are JSON.
  void show_intent(std::string_view vid, const OfferCall& call, const Proved& proved,
                   const Later<std::string>& later);
  void put_offer(std::string_view vid, const OfferCall& call, const Proved& proved,
                 const Later<std::string>& later);
  void withdraw_offer(std::string_view vid, const OfferCall& call, const Proved& proved,
                      const Later<std::string>& later);
  // It has nothing to offer, as long as it makes no offer. InvalidRequest: one of its own stands; IntentClosed.
  void pass_intent(std::string_view vid, const OfferCall& call, const Proved& proved,
                   const Later<std::string>& later);
  void acknowledge(std::string_view vid, const OfferCall& call, const Proved& proved,
                   const Later<std::string>& later);

  // The configured address that calls of this issuer come to: the vault's own, or the brand's mailbox. "" for one that
  // was never introduced.
  std::string base_of(std::string_view vid) const;

  // The mailboxes where brands' calls are to be fetched, with the issuer each is for. Empty while sealed.
  struct MailboxOf {
    std::string url;
    std::string vid;
    std::string brand;  // handle
    friend bool operator==(const MailboxOf&, const MailboxOf&) = default;
  };
  std::vector<MailboxOf> mailboxes() const;
  // What is shown there; "" when nothing can be signed now.
  std::string poll_token(std::string_view vid) const;
  std::string answer_token(std::string_view vid, const brands::CarriedAnswer& answer) const;

  // Hears the handle of a brand whose assertion was by no pinned key; it must not wait. Set before the first call.
  void on_unknown_key(std::function<void(const std::string& handle)> hear) {
    unknown_key_ = std::move(hear);
  }

  // Hands what waits to the store's writer, all at once.
  void flush();

  // Counts a call that ended before anybody was known.
  void count_stranger(BrandError reason);
  // Writes down what was counted, if anything was and the journal can be written, and drops what was kept for a minute;
  // call it every minute.
  void note_strangers();

 private:
  // One call of a brand that is known by its address; not yet that it is the brand.
  struct Caller {
    Rooms* rooms = nullptr;
    brands::IssuerPtr issuer;
    brands::BrandPtr brand;
    Instant now;
  };
  // A token whose signature, issuer and audience were checked once; its end is asked each time.
  struct VerifiedToken {
    VerifiedToken(std::string issuer, std::string token_hash, jose::AccessToken read)
        : vid(std::move(issuer)),
          hash(std::move(token_hash)),
          token(std::move(read)),
          end(grants::TicketBook::name_of_end(token.jti)) {}

    std::string vid;
    std::string hash;
    jose::AccessToken token;
    std::string end;  // what stands in the book of tickets once it was given back
  };
  using TokenPtr = std::shared_ptr<const VerifiedToken>;

  // What an assertion's end is measured by. It stands still while the clock is behind, and the memory of used
  // assertions with it.
  class GateTime final : public Clock {
   public:
    explicit GateTime(const Vault& vault) : vault_(vault) {}
    Instant now() const override { return vault_.now(); }
    Duration ticks() const override { return Duration(vault_.now().ms); }

   private:
    const Vault& vault_;
  };

  // A caller with a token and a fresh proof of the key that it is bound to.
  struct Holder {
    Caller caller;
    TokenPtr token;
  };
  // The holder of a token for one intent, and what it was told of it.
  struct Invited {
    Caller caller;
    market::InvitationPtr invitation;
  };

  Outcome<Caller> caller(std::string_view vid) const;
  Outcome<Holder> holder(std::string_view vid, const std::string& token, const Proved& proved);
  Outcome<Caller> authenticated(std::string_view vid, const Form& form);
  // By what a text that the brand signed for this vault is measured.
  jose::AssertionRules rules_for(const Caller& caller) const;
  // Looks at `terms_jwt` of the form, where there is one, and takes it into `terms`; why the request is refused for
  // want of terms, or of their signature.
  std::optional<Refused> take_terms(const Caller& caller, const Form& form,
                                    std::optional<grants::NamedTerms>& terms);
  // What of a proof costs no signature, asked before the token's or the assertion's own is looked at.
  std::optional<Refused> look_at_proof(const Caller& caller, const Proved& proved,
                                       std::string_view token_hash) const;
  std::optional<Refused> check_proof(const Caller& caller, const Proved& proved,
                                     std::string_view token_hash, std::string_view wanted_key,
                                     std::string& key_thumbprint);
  jose::HeaderPtr known_header(std::string_view key_thumbprint);
  void know_header(std::string_view key_thumbprint, const jose::HeaderPtr& header);

  void refuse_stranger(Refused refused, const Later<std::string>& later);
  // Records the refusal of a party that is known, then tells it.
  void refuse_party(const Caller& caller, journal::Entry entry, Refused refused,
                    const Later<std::string>& later);
  journal::Entry entry_for(const Caller& caller, journal::Kind kind,
                           journal::Outcome outcome) const;
  void enqueue(store::Job job, store::Done done);

  // token()
  void collect(const Caller& caller, const std::string& shown, const std::string& key_thumbprint,
               const Later<std::string>& later);
  void refresh(const Caller& caller, const std::string& shown, const std::string& key_thumbprint,
               const Later<std::string>& later);
  // What a token is asked for with, and by which key.
  struct Showing {
    grants::TicketPtr ticket;
    std::string shown;  // as the brand showed it
    std::string key_thumbprint;
    std::string refresh_token =
        {};  // told with the token: drawn to stand in the ticket's place, or told once more
  };
  void issue(const Caller& caller, Showing showing, const std::string& grant_id,
             const Later<std::string>& later);
  void wait_on(const std::string& shown, std::string_view why, const Later<std::string>& later);
  std::optional<Showing> collected_again(const Caller& caller, const std::string& shown,
                                         const std::string& key_thumbprint);
  void keep_collected(const Caller& caller, const Showing& showing);
  void drop_collected(Duration ticks);
  bool proves_rollback(const std::string& shown);
  std::string draw_refresh_token(const Rooms& rooms);
  bool polls_too_often(const std::string& shown, Duration ticks);
  std::string token_answer(const Caller& caller, const grants::Grant& grant,
                           const std::string& refresh_token, const std::string& key_thumbprint);
  std::string token_for(const Caller& caller, const std::string& grant_id, Instant ends,
                        const std::string& details, const std::string& refresh_token,
                        const std::string& key_thumbprint);
  void issue_for_intent(const Caller& caller, Showing showing, const Later<std::string>& later);

  // revoke(), introspect(), show_grant(), give_back()
  struct HeldToken;
  std::optional<HeldToken> held_by(const Caller& caller, const std::string& shown);
  void end_token(const Caller& caller, const HeldToken& held, const Later<std::string>& later);
  void end_grant(const Caller& caller, const std::string& id, const Refused& when_ended,
                 const Later<std::string>& later);
  std::optional<Refused> inactive(const Caller& caller, const HeldToken& held) const;
  std::string about(const Caller& caller, const HeldToken& held) const;
  std::optional<Holder> keeper(std::string_view vid, const GrantCall& call, const Proved& proved,
                               journal::Kind kind, const Later<std::string>& later);

  // Why a grant of the caller's is good for nothing now; `when_ended` when it is for good.
  std::optional<Refused> hindered(const Caller& caller, const grants::Grant& grant,
                                  Refused when_ended) const;

  // put_offer() and its like: nothing when the call was answered already.
  std::optional<Invited> invited(std::string_view vid, const OfferCall& call, const Proved& proved,
                                 journal::Kind kind, const Later<std::string>& later);
  struct Step;
  void take_step(const Invited& invited, std::shared_ptr<Step> step,
                 const Later<std::string>& later);

  // read()
  struct Pass;
  void pass(std::string_view vid, const Reading& reading, std::uint64_t part, const Proved& proved,
            const Later<std::string>& later);
  bool is_being_read(const Caller& caller, const grants::Grant& grant, const std::string& field);
  void note_documents(const Caller& caller, const journal::Entry& entry);
  Outcome<std::string> part_of(const Rooms& rooms, const std::string& field,
                               std::uint64_t part) const;
  Outcome<std::string> handed_over(const Pass& pass) const;
  static Refused ended_meanwhile(const Pass& pass);
  Outcome<TokenPtr> verified(const Caller& caller, const std::string& token, const Proved& proved);
  static bool is_given_back(const Caller& caller, const VerifiedToken& held);
  std::optional<Refused> decide(const Caller& caller, const grants::Grant& grant,
                                const Reading& reading, std::string_view purpose) const;

  Vault& vault_;
  const Policies& policies_;
  Deals& deals_;
  const BrandLimits limits_;
  std::function<void(const std::string&)> unknown_key_;
  // Assertions from before may have been used in an earlier life of the vault. One that is made after the start has
  // none, so its brands need not wait for the second to turn.
  const Instant started_;
  jose::DpopNonces nonces_;
  jose::ReplayMemory proofs_;
  const GateTime gate_time_;
  jose::ReplayMemory assertions_;
  RateLimit rate_;
  Repeats repeats_;

  std::mutex waiting_mutex_;
  std::vector<store::Work> waiting_;

  std::mutex tokens_mutex_;
  std::map<std::string, TokenPtr, std::less<>> tokens_;  // verified tokens by their hash

  std::mutex headers_mutex_;
  std::map<std::string, jose::HeaderPtr, std::less<>> headers_;  // of the last good proof by a key

  // A document that is being read: which one it was, and until when its parts belong to the read that was recorded.
  struct BeingRead {
    store::RowId row{};
    Duration until;
  };
  std::mutex documents_mutex_;
  std::map<std::string, BeingRead, std::less<>> being_read_;  // by grant and field

  // A refresh token that was told with an access token, for one who did not hear it.
  struct Collected {
    std::string brand;
    std::string key_thumbprint;
    crypto::Secret refresh_token;
    Duration until;
  };
  std::mutex collected_mutex_;
  std::map<std::string, Collected, std::less<>> collected_;  // by the auth_req_id

  std::mutex polls_mutex_;
  std::map<std::string, Duration, std::less<>> polls_;  // when a ticket was last shown

  std::mutex strangers_mutex_;
  std::map<std::string, std::int64_t, std::less<>> strangers_;
};

}  // namespace vrm::gate

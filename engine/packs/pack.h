// Pack: a rule pack, checked and compiled. Immutable; any number of threads may read it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/network_table.h"
#include "engine/base/text_table.h"
#include "engine/cel/expression.h"
#include "engine/features/plan.h"
#include "engine/funds/terms.h"
#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/signals/amounts.h"
#include "engine/signals/emails.h"
#include "engine/signals/notes.h"
#include "engine/signals/products.h"
#include "engine/yaml/diagnostic.h"

namespace holdfast {

// What becomes of a rule that lacks a fact.
enum class OnMissing : std::uint8_t {
  kSkip,   // recorded, no effect
  kMatch,  // as if it had matched
  kHold,   // the order is held with cause unknown
};

// What becomes of a hold when its deadline has come. Funds are never released by time.
enum class OnDeadline : std::uint8_t { kHold, kShip, kReject };

// A text with expressions in braces: "Payer {payment.payer.name} is not the account holder".
struct Template {
  struct Part {
    std::string text;                           // before the expression
    std::optional<cel::Expression> expression;  // nothing in the last part
    bool is_money = false;                      // shown with the base currency's digits
  };
  std::vector<Part> parts;
  std::string source;  // as written
};

struct Rule {
  std::string id;
  std::string title;
  std::string code;  // stable reason code
  Effect effect = Effect::kPoints;
  int points = 0;
  Cause cause = Cause::kReview;  // of hold; of points: when the threshold holds because of it
  bool hard = false;             // not overridden by allow rules
  bool shadow = false;
  OnMissing on_missing = OnMissing::kSkip;
  std::string ask;  // what to ask of the buyer, or empty; its answer ends the hold
  // Of a hold: nanoseconds from when the order was placed, was amended last or was paid (the money
  // certain for the first time), whatever is later, until it ends.
  std::optional<std::int64_t> deadline;
  OnDeadline on_deadline = OnDeadline::kHold;
  cel::Expression when;
  std::vector<int> reads;  // slots of the facts, features and lists that `when` reads, ascending
  Template reason;
};

enum class ListType : std::uint8_t { kText, kCountry, kEmail, kDomain, kIp };

struct PackList {
  std::string name;
  ListType type = ListType::kText;
  bool dynamic = false;  // may be changed by list.changed events
  int slot = 0;
  TextTable texts;        // normalised; of all types but kIp
  NetworkTable networks;  // kIp: addresses, as networks of one, and networks
};

// What people may decide of held orders.
struct ReviewPolicy {
  // Totals in minor units of the base currency above which a second person must approve a release,
  // by role; nothing: never.
  std::optional<std::int64_t> above_review, above_admin;
  // Codes, one of which every decision by a person names.
  std::vector<std::string> release_reasons, reject_reasons, hold_reasons;

  const std::optional<std::int64_t>& SecondPersonAbove(ReviewRole role) const {
    return role == ReviewRole::kAdmin ? above_admin : above_review;
  }
};

struct Pack {
  std::string name;
  std::int64_t version = 0;
  std::string hash;  // "sha256:..." over everything that was read
  // A digest of all that shapes what is kept of events (features, rates, product classes, lists'
  // names and types): packs with the same one go on with the same state.
  std::string fold;
  CertaintySet ship_when{};
  FundsTerms funds;
  int hold_threshold = 0;          // score from which an order is held; 0: none
  std::int64_t review_within = 0;  // nanoseconds from the decision to review_by
  std::int64_t retention = 0;      // nanoseconds that history counts; windows are not longer
  std::unique_ptr<AmountScale> amounts;
  ProductRiskTable products;
  EmailDomains domains;
  NotePhrases notes;
  std::vector<PackList> lists;
  FeaturePlan features;
  std::vector<Rule> rules;  // as written
  ReviewPolicy review;
  std::optional<cel::Expression> evidence;  // of which orders packers must show the packing
  bool permit_required = false;             // of every parcel that leaves
  cel::Environment environment;             // facts, then lists, then features
  std::vector<cel::Program> shared;  // values of several conditions; their slots follow the others
};

// How a list of `type` writes `text`: countries in upper case, domains in lower case, e-mail
// addresses as CanonicalEmail gives them.
// IP addresses in their shortest form.
std::string NormaliseEntry(ListType type, std::string_view text);
// The same into `out`, which keeps its memory.
void NormaliseEntry(ListType type, std::string_view text, std::string& out);

// The address or network that an entry of an IP list names; nothing for any other text.
std::optional<IpNetwork> NetworkOfEntry(std::string_view entry);

// What is wrong with a normalised entry of a list of `type`; empty when nothing is.
std::string FaultOfEntry(ListType type, const std::string& entry);

// Reads, checks and compiles the pack at `path`: a folder with pack.yaml, or one YAML file.
// All findings are collected; null when one is an error.
std::shared_ptr<const Pack> LoadPack(const std::string& path, Diagnostics& diagnostics);

// The YAML file of the pack at `path`.
std::string PackFile(const std::string& path);

// As above for a pack in memory, called `name` in diagnostics. Files that it refers to are sought
// in `folder`.
std::shared_ptr<const Pack> CompilePack(const std::string& name, std::string text,
                                        const std::string& folder, Diagnostics& diagnostics);

}  // namespace holdfast

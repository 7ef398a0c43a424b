// Pack: a rule pack, checked and compiled. Immutable; any number of threads may read it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/network_table.h"
#include "engine/base/text_table.h"
#include "engine/cel/expression.h"
#include "engine/features/feature_plan.h"
#include "engine/funds/terms.h"
#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/signals/amounts.h"
#include "engine/signals/emails.h"
#include "engine/signals/name_index.h"
#include "engine/signals/notes.h"
#include "engine/signals/products.h"
#include "engine/yaml/diagnostic.h"

namespace holdfast {

// What a rule does when a fact that it needs is missing.
enum class OnMissing : std::uint8_t {
  kSkip,   // recorded, no effect
  kMatch,  // as if it had matched
  kHold,   // the order is held with cause unknown
};

// What a hold does when its deadline has passed. Funds are never released by time.
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
  Cause cause = Cause::kReview;  // of a hold; for points: used when the threshold holds the order
  bool hard = false;             // not overridden by allow rules
  bool shadow = false;
  OnMissing on_missing = OnMissing::kSkip;
  std::string ask;  // request to the buyer, or empty; a valid answer ends the hold
  // Of a hold: the nanoseconds until it ends. They count from the latest of: the order was placed,
  // was last amended, was first reported as paid.
  std::optional<std::int64_t> deadline;
  OnDeadline on_deadline = OnDeadline::kHold;
  cel::Expression when;
  std::vector<int> reads;     // slots of the facts, features and lists that `when` reads, ascending
  bool about_others = false;  // reads only how many other buyers ordered (linked.*)
  Template reason;
};

enum class ListType : std::uint8_t { kText, kCountry, kEmail, kDomain, kIp, kName, kPhone };

struct PackList {
  std::string name;
  ListType type = ListType::kText;
  bool dynamic = false;  // may be changed by list.changed events
  bool trusted = false;  // an entry can help a buyer; see MarkTrustedLists
  int slot = 0;
  TextTable texts;        // normalised; of all types but kIp
  NameIndex names;        // kName: the same texts, to be searched for names that are alike
  NetworkTable networks;  // kIp: addresses, as networks of one, and networks
};

// What reviewers may decide about held orders.
struct ReviewPolicy {
  // Above these totals, in minor units of the base currency, a second person must approve a
  // release, by role of the first; empty: never.
  std::optional<std::int64_t> above_review, above_admin;
  // The reason codes. Every decision by a person has one of them.
  std::vector<std::string> release_reasons, reject_reasons, hold_reasons;
  // The lists that `holdfast block` and `holdfast trust` change, by kind of value (see BlockKinds).
  std::map<std::string, std::string> block_lists, trust_lists;
  // Texts of questions to buyers: by name, by language. See question_templates.h.
  std::map<std::string, std::map<std::string, std::string>> templates;

  const std::optional<std::int64_t>& SecondPersonAbove(ReviewRole role) const {
    return role == ReviewRole::kAdmin ? above_admin : above_review;
  }
};

struct Pack {
  std::string name;
  std::int64_t version = 0;
  std::string hash;                // "sha256:..." over everything that was read
  std::vector<std::string> files;  // that it names: paths relative to its folder
  // A digest of the parts of the pack that stored state depends on (features, rates, product
  // classes, names and types of lists). Packs with the same digest can use the same state.
  std::string fold;
  CertaintySet ship_when{};
  FundsTerms funds;
  int hold_threshold = 0;          // score from which an order is held; 0: none
  std::int64_t review_within = 0;  // nanoseconds from the decision to review_by
  std::int64_t retention = 0;      // nanoseconds; the longest window of a feature
  std::unique_ptr<AmountScale> amounts;
  ProductRiskTable products;
  EmailDomains domains;
  NotePhrases notes;
  std::vector<PackList> lists;
  FeaturePlan features;
  std::vector<Rule> rules;  // as written
  ReviewPolicy review;
  std::optional<cel::Expression> evidence;  // true: the packing of the order needs a photo or video
  bool permit_required = false;             // every parcel that leaves needs a permit
  cel::Environment environment;             // facts, then lists, then features
  std::vector<cel::Program> shared;         // subexpressions of several rules; last slots
};

// The normal form of an entry of a list of `type`: countries in upper case, domains in lower case,
// e-mail addresses as by ListedEmail, IP addresses in their shortest form, texts and names as by
// CanonicalText, phone numbers as by CanonicalPhone.
std::string NormaliseEntry(ListType type, std::string_view text);
// The same into `out`, which keeps its memory.
void NormaliseEntry(ListType type, std::string_view text, std::string& out);

// The address or network of an entry of an IP list; empty for any other text.
std::optional<IpNetwork> NetworkOfEntry(std::string_view entry);

// The error in a normalised entry of a list of `type`; empty when there is none.
std::string FaultOfEntry(ListType type, const std::string& entry);

// Reads, checks and compiles the pack at `path`: a folder with pack.yaml, or one YAML file.
// All findings are collected; null when one is an error.
std::shared_ptr<const Pack> LoadPack(const std::string& path, Diagnostics& diagnostics);

// The YAML file of the pack at `path`.
std::string PackFile(const std::string& path);

// The same for a pack in memory, called `name` in diagnostics. Its other files are read from
// `folder`.
std::shared_ptr<const Pack> CompilePack(const std::string& name, std::string text,
                                        const std::string& folder, Diagnostics& diagnostics);

}  // namespace holdfast

#include "engine/pipeline/find.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace holdfast {
namespace {

// What the parts of one search share.
struct Search {
  // What moving a cursor costs, in postings.
  static constexpr std::size_t kSeekCost = 4;
  std::size_t left = limits::kFindPostings;
  bool incomplete = false;
  Status status;

  bool over() const { return left == 0 || !status; }
  void Take(std::size_t postings) { left -= std::min(left, postings); }
};

// The orders of one token. Reads ahead, at first little.
class TokenList {
 public:
  TokenList(Search& search, std::shared_ptr<PostingCursor> cursor, std::string token,
            const PostingPlace& from)
      : search_(&search), cursor_(std::move(cursor)), token_(std::move(token)) {
    Fill(from);
  }

  const std::string& token() const { return token_; }
  // The first order that is left; null: none, or the search is over.
  const PostingPlace* Peek() const { return at_ < ahead_.size() ? &ahead_[at_] : nullptr; }

  // Skips orders before `place`.
  void Seek(const PostingPlace& place) {
    while (at_ < ahead_.size() && ahead_[at_] < place) ++at_;
    if (at_ < ahead_.size() || ended_) return;
    Fill(place);
  }

 private:
  void Fill(const PostingPlace& from) {
    constexpr std::size_t kFirst = 4, kMost = 64;
    ahead_.clear();
    at_ = 0;
    if (search_->over()) return;
    cursor_->Seek(token_, from);
    count_ = std::clamp(2 * count_, kFirst, kMost);
    while (cursor_->valid() && cursor_->token() == token_ && ahead_.size() < count_) {
      ahead_.push_back({cursor_->newest(), std::string(cursor_->order_id())});
      cursor_->Next();
    }
    ended_ = ahead_.size() < count_;
    if (Status status = cursor_->status(); !status) search_->status = std::move(status);
    search_->Take(Search::kSeekCost + ahead_.size());
  }

  Search* search_;
  std::shared_ptr<PostingCursor> cursor_;
  std::string token_;
  std::vector<PostingPlace> ahead_;
  std::size_t at_ = 0, count_ = 0;
  bool ended_ = false;
};

// The orders that have one of the tokens of a term.
class TermList {
 public:
  TermList(Search& search, const Store& store, const FindQuery& query, const FindTerm& term) {
    for (const FindToken& token : term) AddLists(search, store, query, token);
  }

  const PostingPlace* Peek() const {
    const PostingPlace* first = nullptr;
    for (const TokenList& list : lists_) {
      const PostingPlace* place = list.Peek();
      if (place != nullptr && (first == nullptr || *place < *first)) first = place;
    }
    return first;
  }

  void Seek(const PostingPlace& place) {
    for (TokenList& list : lists_) list.Seek(place);
  }

  // Appends the tokens that the order at `place` has.
  void AppendMatched(const PostingPlace& place, std::vector<std::string>& matched) const {
    for (const TokenList& list : lists_) {
      const PostingPlace* mine = list.Peek();
      if (mine == nullptr || *mine != place) continue;
      if (std::find(matched.begin(), matched.end(), list.token()) == matched.end()) {
        matched.push_back(list.token());
      }
    }
  }

 private:
  void AddLists(Search& search, const Store& store, const FindQuery& query,
                const FindToken& token) {
    const bool whole = token.by == FindBy::kWhole;
    std::shared_ptr<PostingCursor> cursor =
        store.FindPostings(query.merchant, token.Beginning(), whole);
    if (whole) {
      lists_.emplace_back(search, std::move(cursor), token.token, query.from);
      return;
    }
    std::vector<std::string> tokens;
    std::string next(token.Beginning());
    for (cursor->Seek(next, {}); cursor->valid(); cursor->Seek(next, {})) {
      // Tokens have no byte 0 or 1: the next token comes after all postings of this one.
      next.assign(cursor->token());
      search.Take(Search::kSeekCost);
      if (tokens.size() == limits::kFindEndings || search.over()) {
        search.incomplete = true;
        break;
      }
      if (token.Means(next)) tokens.push_back(next);
      next += '\1';
    }
    if (Status status = cursor->status(); !status) search.status = std::move(status);
    for (std::string& one : tokens) lists_.emplace_back(search, cursor, std::move(one), query.from);
  }

  std::vector<TokenList> lists_;
};

// The orders that have all terms of one meaning.
class MeaningList {
 public:
  MeaningList(Search& search, const Store& store, const FindQuery& query,
              const std::vector<FindTerm>& terms)
      : search_(search), done_(query.from) {
    for (const FindTerm& term : terms) terms_.emplace_back(search, store, query, term);
    Settle();
  }

  // The first order that is left; null: none, or the search is over.
  const PostingPlace* Peek() const { return found_ ? &done_ : nullptr; }
  // All orders before this place were looked at.
  const PostingPlace& done() const { return done_; }
  // True when no order is left, however much more is read.
  bool ended() const { return ended_; }

  // Skips orders before `place`.
  void Seek(const PostingPlace& place) {
    if (ended_ || !(done_ < place)) return;
    done_ = place;
    Settle();
  }

  void AppendMatched(std::vector<std::string>& matched) const {
    for (const TermList& term : terms_) term.AppendMatched(done_, matched);
  }

 private:
  // Moves `done_` to the first order from there on that has all terms.
  void Settle() {
    found_ = false;
    for (std::size_t agreed = 0, i = 0; agreed < terms_.size(); i = (i + 1) % terms_.size()) {
      terms_[i].Seek(done_);
      // A list that could not be read may have an earlier order.
      if (search_.over()) return;
      const PostingPlace* place = terms_[i].Peek();
      if (place == nullptr) {
        ended_ = true;
        return;
      }
      agreed = *place == done_ ? agreed + 1 : 1;
      done_ = *place;
    }
    found_ = true;
  }

  Search& search_;
  std::vector<TermList> terms_;
  PostingPlace done_;
  bool found_ = false, ended_ = false;
};

}  // namespace

void FindIndex::Enter(const Event& event, const OrderState& state, bool placed) {
  if (state.order == nullptr || !store_.HasPostings()) return;
  collector_.Clear();
  collector_.Add(event);
  if (!placed) {
    for (const Events* events : {&state.money, &state.packed, &state.dispatched}) {
      for (const auto& [id, before] : *events) {
        if (before.get() != &event) collector_.Add(*before);
      }
    }
  }
  store_.EnterPostings(event.merchant, event.order_id, *state.placed_at, collector_.tokens());
}

Result<FoundOrders> FindOrders(const Store& store, const FindQuery& query) {
  HOLDFAST_CHECK(store.HasPostings());
  Search search;
  FoundOrders found;
  std::vector<std::unique_ptr<MeaningList>> lists;
  for (const std::vector<FindTerm>& terms : MeaningsOf(query.text)) {
    lists.push_back(std::make_unique<MeaningList>(search, store, query, terms));
  }
  // The first place that a list has not passed; nothing when all lists have ended.
  const auto first = [&lists]() -> std::optional<PostingPlace> {
    std::optional<PostingPlace> place;
    for (const auto& list : lists) {
      if (!list->ended() && (!place || list->done() < *place)) place = list->done();
    }
    return place;
  };
  auto place = first();
  for (; place && !search.over() && found.orders.size() < query.most; place = first()) {
    FoundOrder order;
    order.place = *place;
    PostingPlace next = *place;
    next.order_id += '\0';
    for (const auto& list : lists) {
      if (list->Peek() == nullptr || *list->Peek() != *place) continue;
      list->AppendMatched(order.matched);
      list->Seek(next);
    }
    found.orders.push_back(std::move(order));
  }
  if (!search.status) return tl::unexpected(search.status.error());
  found.more = place.has_value();
  if (place) found.next = *place;
  found.incomplete = search.incomplete;
  return found;
}

}  // namespace holdfast

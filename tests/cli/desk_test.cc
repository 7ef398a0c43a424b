// The review screen without a terminal: keys in, what is to be done and what is drawn out.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/cli/desk/desk.h"
#include "engine/cli/desk/desk_view.h"
#include "engine/cli/desk/result_words.h"
#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {
namespace {

using Kind = Key::Kind;
using What = DeskTask::What;
using Mode = Desk::Mode;
using Pane = Desk::Pane;

JsonDocument Parsed(const std::string& json) {
  auto document = JsonDocument::Parse(json);
  REQUIRE_MESSAGE(document.has_value(), json);
  return std::move(*document);
}

std::string Texts(int count, const std::string& what) {
  std::string list;
  for (int i = 1; i <= count; ++i) {
    list += (list.empty() ? "\"" : ",\"") + what + std::to_string(i) + "\"";
  }
  return "[" + list + "]";
}

std::string RowJson(const std::string& id, const std::string& cause, const std::string& amount,
                    int day, const std::string& more = {}) {
  const std::string at = "2026-11-" + std::to_string(day) + "T08:00:00Z";
  return R"({"order_id":")" + id + R"(","total":")" + amount +
         R"(","currency":"USD","amount_base":")" + amount + R"(","held":{"cause":")" + cause +
         R"(","score":10,"since":")" + at + R"(","review_by":")" + at + "\"}" + more + "}";
}

// Three orders by rank: dear, old, odd.
JsonDocument Queue() {
  return Parsed(
      R"({"orders":[)" + RowJson("dear", "velocity", "900.00", 20) + "," +
      RowJson("old", "identity", "20.00", 11) + "," +
      RowJson("odd", "address", "100.00", 15, R"(,"buyer":"Łukasz 李伟","tags":["Vip"])") +
      R"(],"more":false,"held":{"velocity":1,"identity":1,"address":1}})");
}

// `reasons`: how many codes each action has; `why`: how many reasons the decision.
JsonDocument Order(const std::string& id, int reasons = 5, int why = 1) {
  std::string texts;
  for (int i = 1; i <= why; ++i) {
    texts += std::string(i > 1 ? "," : "") + R"({"rule":"odd)" + std::to_string(i) +
             R"(","effect":"hold","code":"ODD","text":"Reason )" + std::to_string(i) + "\"}";
  }
  return Parsed(
      R"({"order_id":")" + id +
      R"(","merchant":"acme","order":{"order":{"currency":"USD","total":"100.00",)"
      R"("placed_at":"2026-11-20T08:00:00Z"}},"payment":{"payment":{"payer":{"email":"a@b.example"}}},)"
      R"("held":{"cause":"address","since":"2026-11-20T08:00:00Z","review_by":"2026-11-21T08:00:00Z"},)"
      R"("release":{"role":"review","second_person":false},)"
      R"("decision":{"offset":7,"outcome":"hold","cause":"address","score":0,"funds":"certain",)"
      R"("reasons":[)" +
      texts +
      R"(],"release_paths":[["review.outcome == 'released'"]]},"review":{"release_reasons":)" +
      Texts(reasons, "release_") + R"(,"reject_reasons":)" + Texts(reasons, "reject_") +
      R"(,"hold_reasons":)" + Texts(reasons, "hold_") + "}}");
}

// Presses keys: letters as they are, and names in angle brackets.
DeskTask Press(Desk& desk, std::vector<std::string> keys) {
  DeskTask task;
  for (const std::string& key : keys) {
    const std::pair<const char*, Kind> names[] = {
        {"<enter>", Kind::kEnter},   {"<esc>", Kind::kEscape}, {"<up>", Kind::kUp},
        {"<down>", Kind::kDown},     {"<tab>", Kind::kTab},    {"<back>", Kind::kBackspace},
        {"<page>", Kind::kPageDown}, {"<end>", Kind::kEnd},    {"<home>", Kind::kHome}};
    const auto* named = std::find_if(std::begin(names), std::end(names),
                                     [&](const auto& one) { return one.first == key; });
    if (named != std::end(names)) {
      task = desk.Press({named->second});
      continue;
    }
    for (const char c : key) task = desk.Press(Key::Text(static_cast<char32_t>(c)));
  }
  return task;
}

EventTime At(const char* time) { return *ParseEventTime(time); }

Desk Opened(Mode mode, int columns = 80, int rows = 24, int reasons = 5, int why = 1) {
  Desk desk(mode, {});
  desk.SetNow(At("2026-11-20T20:00:00Z"));
  desk.Resize(columns, rows);
  desk.SetQueue(Queue().root());
  desk.SetOrder(Order("dear", reasons, why));
  return desk;
}

// What a row of the screen shows, without styles.
std::string RowText(const Frame& frame, int row) {
  std::string text;
  for (const Span& span : frame.rows[static_cast<std::size_t>(row)]) {
    const int used = DisplayWidth(text);
    if (used < span.column) text.append(static_cast<std::size_t>(span.column - used), ' ');
    if (used > span.column) text.resize(static_cast<std::size_t>(span.column));  // covered
    text += Safe(span.text);
  }
  return text;
}

std::string ScreenText(const Desk& desk) {
  const Frame frame = DrawDesk(desk);
  std::string text;
  for (int row = 0; row < static_cast<int>(frame.rows.size()); ++row) {
    text += RowText(frame, row) + "\n";
  }
  return text;
}

std::vector<std::string> Ids(const QueueList& list) {
  std::vector<std::string> ids;
  for (const QueueRow& row : list.rows()) ids.push_back(row.order);
  return ids;
}

using List = std::vector<std::string>;

TEST_SUITE_BEGIN("desk");

TEST_CASE("desk: a line is edited by letters, not by bytes") {
  LineEdit line;
  for (const char32_t c : {U'a', U'é', U'李'}) line.Press(Key::Text(c));
  CHECK(line.text() == "aé李");
  line.Press({Kind::kLeft});
  CHECK(line.before() == "aé");
  line.Press({Kind::kBackspace});
  CHECK(line.text() == "a李");
  line.Press({Kind::kDelete});
  CHECK(line.text() == "a");
  line.Press({Kind::kDelete});
  line.Press({Kind::kHome});
  line.Press({Kind::kBackspace});
  line.Press(Key::Text(U'ü'));
  CHECK(line.text() == "üa");
  line.Press({Kind::kEnd});
  line.Press(Key::Text(0xD800));  // no character
  CHECK(line.text() == "üa");
  CHECK_FALSE(line.Press({Kind::kUp}));
}

TEST_CASE("desk: a reason is chosen by its number, as soon as that is clear") {
  const auto prompt = [](int count) {
    List choices;
    for (int i = 1; i <= count; ++i) choices.push_back("code" + std::to_string(i));
    return Prompt("released", {{Field::kReason, "reason: ", choices}});
  };
  Prompt few = prompt(9);
  CHECK(few.Press(Key::Text(U'9')) == Prompt::State::kDone);
  CHECK(few.Answer(Field::kReason) == "code9");

  Prompt many = prompt(23);
  CHECK(many.Press(Key::Text(U'2')) == Prompt::State::kAsking);  // 2, or 20 to 23
  CHECK(many.Press(Key::Text(U'3')) == Prompt::State::kDone);
  CHECK(many.Answer(Field::kReason) == "code23");
  many = prompt(23);
  CHECK(many.Press(Key::Text(U'3')) == Prompt::State::kDone);
  many = prompt(23);
  many.Press(Key::Text(U'1'));
  CHECK(many.Press({Kind::kEnter}) == Prompt::State::kDone);
  CHECK(many.Answer(Field::kReason) == "code1");

  Prompt wrong = prompt(23);
  wrong.Press(Key::Text(U'2'));
  CHECK(wrong.Press(Key::Text(U'9')) == Prompt::State::kAsking);
  CHECK(wrong.fault() == "choose a number from 1 to 23");
  CHECK(wrong.line().text().empty());
  CHECK(wrong.Press(Key::Text(U'0')) == Prompt::State::kAsking);
  CHECK_FALSE(wrong.fault().empty());
  CHECK(wrong.Press(Key::Text(U'x')) == Prompt::State::kAsking);
  CHECK(wrong.Press({Kind::kEscape}) == Prompt::State::kGivenUp);
}

TEST_CASE("desk: the list is sorted and searched, and keeps what is selected") {
  QueueList list;
  list.Load(Queue().root());
  CHECK(Ids(list) == List{"dear", "old", "odd"});
  list.Move(2);
  CHECK(list.Selected() == "odd");
  list.Sort(QueueSort::kAmount);
  CHECK(Ids(list) == List{"dear", "odd", "old"});
  CHECK(list.Selected() == "odd");
  list.Sort(QueueSort::kAge);
  CHECK(Ids(list) == List{"old", "odd", "dear"});
  list.Sort(QueueSort::kDue);
  CHECK(Ids(list) == List{"old", "odd", "dear"});
  list.Sort(QueueSort::kRank);
  for (const char* text : {"李伟", "vip", "ADDRESS", "100.0"}) {
    CAPTURE(text);
    list.Search(text);
    CHECK(Ids(list) == List{"odd"});
  }
  list.Search("");
  CHECK(list.Selected() == "odd");
  // What has gone leaves its place to the next.
  list.Move(-1);
  list.Load(Parsed(R"({"orders":[)" + RowJson("new", "address", "1", 12) + "," +
                   RowJson("odd", "address", "100", 15) + R"(],"more":true,"held":{}})")
                .root());
  CHECK(list.at() == 1);
  CHECK(list.more());
  list.Load(Parsed(R"({"orders":[],"more":false,"held":{}})").root());
  CHECK(list.Selected().empty());
  list.Move(1);
  CHECK(list.Selected().empty());
}

TEST_CASE("desk: filters are parameters of the queue") {
  QueueFilter filter;
  CHECK(filter.Query() == "&workable=true");
  filter.mine = true;
  filter.waiting = QueueFilter::Waiting::kFunds;
  CHECK(filter.Query() == "&cause=funds&mine=true");
  filter.waiting = QueueFilter::Waiting::kAll;
  filter.approval = filter.unclaimed = true;
  CHECK(filter.Query() == "&mine=true&unclaimed=true&approval=true");
  filter.cause = "a b";
  CHECK(filter.Query().starts_with("&cause=a%20b&"));
  CHECK(filter.Words() == "cause a b, mine, unclaimed, waiting for approval");
}

TEST_CASE("desk: the parts have their places at 80x24, 120x40 and 200x50") {
  const Layout small = LayoutOf(80, 24, 5);
  CHECK_FALSE(small.side_by_side);
  CHECK(small.list_width == 80);
  CHECK(small.detail_column == 0);
  CHECK(small.detail_width == 80);
  CHECK(small.pane_row == 1);
  CHECK(small.pane_rows == 21);
  CHECK(small.head_rows == 5);
  CHECK(small.rule_row == 6);
  CHECK(small.body_row == 7);
  CHECK(small.body_rows == 15);
  CHECK(small.status_row == 22);
  CHECK(small.keys_row == 23);

  const Layout middle = LayoutOf(120, 40, 5);
  CHECK(middle.side_by_side);
  CHECK(middle.list_width == 48);
  CHECK(middle.detail_column == 50);
  CHECK(middle.detail_width == 70);
  CHECK(middle.body_rows == 31);

  const Layout large = LayoutOf(200, 50, 5);
  CHECK(large.list_width == 80);
  CHECK(large.detail_column == 82);
  CHECK(large.detail_width == 118);
  CHECK(large.body_rows == 41);

  // However small or full, each part keeps a row, and none lies outside.
  for (int columns = 0; columns < 210; columns += 7) {
    for (int rows = 0; rows < 60; ++rows) {
      for (const int head : {0, 3, 100}) {
        const Layout layout = LayoutOf(columns, rows, head);
        CHECK(layout.body_rows >= 1);
        CHECK(layout.body_row + layout.body_rows == layout.status_row);
        CHECK(layout.detail_column + layout.detail_width == layout.columns);
      }
    }
  }
}

TEST_CASE("desk: an order is released with three keys, rejected, held") {
  Desk desk = Opened(Mode::kWalk);
  DeskTask task = Press(desk, {"r", "2", "<enter>"});
  CHECK(task.what == What::kSend);
  CHECK(task.type == "released");
  CHECK(task.order == "dear");
  CHECK(task.words.reason == "release_2");
  CHECK(task.words.note.empty());
  CHECK(task.decides);
  CHECK_FALSE(desk.prompt().has_value());

  task = Press(desk, {"j", "1", "not ", "reached", "<enter>"});
  CHECK(task.type == "rejected");
  CHECK(task.words.reason == "reject_1");
  CHECK(task.words.note == "not reached");

  task = Press(desk, {"h", "5", "<enter>"});
  CHECK(task.type == "held");
  CHECK(FormatRfc3339(*task.words.until) == "2026-11-21T20:00:00Z");
  task = Press(desk, {"h", "5", "4x", "<enter>"});
  CHECK(task.what == What::kNothing);
  CHECK(desk.prompt()->fault() == "write a time such as 90m, 4h or 2d");
  task = Press(desk, {"4h", "<enter>"});
  CHECK(FormatRfc3339(*task.words.until) == "2026-11-21T00:00:00Z");
}

TEST_CASE("desk: the other actions") {
  Desk desk = Opened(Mode::kWalk);
  CHECK(Press(desk, {"p", "n"}).what == What::kNothing);
  CHECK_FALSE(desk.prompt().has_value());
  CHECK(Press(desk, {"p", "<enter>"}).what == What::kNothing);
  CHECK(Press(desk, {"y"}).type == "approved");

  DeskTask task = Press(desk, {"m", "90.00", "<enter>", "RF18", "<enter>", "statement", "<enter>"});
  CHECK(task.type == "paid");
  CHECK_FALSE(task.decides);
  CHECK(task.words.amount == "90.00");
  CHECK(task.words.currency == "USD");
  CHECK(task.words.reference == "RF18");
  CHECK(task.words.reason == "statement");

  task = Press(desk, {"a", "<enter>", "yours?", "<enter>"});
  CHECK(task.type == "asked");
  CHECK(task.words.request == "confirm_from_account_email");
  CHECK(task.words.to == "a@b.example");
  CHECK(task.words.note == "yours?");

  CHECK(Press(desk, {"n", "called", "<enter>"}).words.note == "called");
  CHECK(Press(desk, {"t", "vip", "<enter>"}).words.tags == List{"vip"});
  // An empty note is none.
  CHECK(Press(desk, {"n", "<enter>"}).what == What::kNothing);
  CHECK(Press(desk, {"s"}).what == What::kSkip);
  CHECK(Press(desk, {"q"}).what == What::kQuit);
  // Escape gives up at each question.
  for (const List& keys :
       {List{"r", "<esc>"}, {"r", "1", "x", "<esc>"}, {"m", "9", "<enter>", "<esc>"}}) {
    CHECK(Press(desk, keys).what == What::kNothing);
    CHECK_FALSE(desk.prompt().has_value());
  }
}

TEST_CASE("desk: more than nine reasons are shown, and chosen") {
  Desk desk = Opened(Mode::kWalk, 80, 24, 30);
  Press(desk, {"r"});
  const std::string screen = ScreenText(desk);
  CAPTURE(screen);
  for (const char* part : {"1 release_1 ", "30 release_30", "reason, 1 to 30:"}) {
    CHECK(screen.find(part) != std::string::npos);
  }
  CHECK(Press(desk, {"1", "7", "<enter>"}).words.reason == "release_17");
  CHECK(Press(desk, {"r", "1", "<enter>", "<enter>"}).words.reason == "release_1");
  Desk none = Opened(Mode::kWalk, 80, 24, 0);
  Press(none, {"r"});
  CHECK(none.said().find("release_reasons") != std::string::npos);
}

TEST_CASE("desk: Enter opens, Escape and q go back, and at the start q quits") {
  Desk desk(Mode::kWatch, {});
  desk.Resize(80, 24);
  desk.SetQueue(Queue().root());
  CHECK(desk.pane() == Pane::kList);
  DeskTask task = Press(desk, {"<down>", "<enter>"});
  CHECK(task.what == What::kOpen);
  CHECK(task.order == "old");
  CHECK(desk.pane() == Pane::kList);  // until it has come
  desk.SetOrder(Order("old"));
  CHECK(desk.pane() == Pane::kDetail);
  CHECK(Press(desk, {"q"}).what == What::kNothing);
  CHECK(desk.pane() == Pane::kList);
  CHECK(desk.list().Selected() == "old");
  CHECK(Press(desk, {"<esc>"}).what == What::kNothing);
  CHECK(Press(desk, {"q"}).what == What::kQuit);
  // An order that cannot be had is not entered later.
  Press(desk, {"<up>", "<enter>"});
  desk.Say("no such order");
  desk.SetOrder(Order("dear"));
  CHECK(desk.pane() == Pane::kList);

  Desk walk = Opened(Mode::kWalk);
  CHECK(walk.pane() == Pane::kDetail);
  Press(walk, {"<esc>"});
  CHECK(walk.pane() == Pane::kList);
  CHECK(Press(walk, {"q"}).what == What::kNothing);
  CHECK(walk.pane() == Pane::kDetail);
  CHECK(Press(walk, {"q"}).what == What::kQuit);
}

TEST_CASE("desk: beside the list the selected order is shown") {
  Desk desk(Mode::kWatch, {});
  desk.Resize(120, 40);
  desk.SetQueue(Queue().root());
  CHECK(desk.Idle().order == "dear");
  CHECK(desk.Idle().what == What::kNothing);  // it is on its way
  desk.SetOrder(Order("dear"));
  CHECK(desk.pane() == Pane::kList);
  Press(desk, {"<down>", "<down>"});
  CHECK(desk.Idle().order == "odd");
  desk.Resize(80, 24);
  Press(desk, {"<up>"});
  CHECK(desk.Idle().what == What::kNothing);
}

TEST_CASE("desk: filters and sort by one key") {
  Desk desk(Mode::kWatch, {});
  desk.Resize(80, 24);
  desk.SetQueue(Queue().root());
  for (const char* cause : {"velocity", "identity", "address", ""}) {
    CHECK(Press(desk, {"c"}).what == What::kReload);
    CHECK(desk.filter().cause == cause);
  }
  CHECK(Press(desk, {"m"}).what == What::kReload);
  CHECK(desk.filter().mine);
  Press(desk, {"m", "u", "a", "w"});
  CHECK(desk.filter().Query() == "&cause=funds&unclaimed=true&approval=true");
  Press(desk, {"w"});
  CHECK(desk.filter().Words() == "all, unclaimed, waiting for approval");
  Press(desk, {"s"});
  CHECK(desk.list().sort() == QueueSort::kAmount);
  Press(desk, {"s", "s", "s"});
  CHECK(desk.list().sort() == QueueSort::kRank);
}

TEST_CASE("desk: search filters the list, and goes to a line of the order") {
  Desk desk(Mode::kWatch, {});
  desk.Resize(80, 24);
  desk.SetQueue(Queue().root());
  Press(desk, {"/", "OLD"});
  CHECK(Ids(desk.list()) == List{"old"});
  Press(desk, {"<enter>"});
  CHECK(Ids(desk.list()) == List{"old"});
  CHECK(ScreenText(desk).find("with 'OLD'") != std::string::npos);
  Press(desk, {"<esc>"});
  CHECK(desk.list().rows().size() == 3);
  Press(desk, {"/", "dear", "<esc>"});
  CHECK(desk.list().rows().size() == 3);

  Desk walk = Opened(Mode::kWalk, 80, 24, 5, 60);
  Press(walk, {"/", "reason 40", "<enter>"});
  const int found = walk.found();
  REQUIRE(found >= 0);
  CHECK(walk.body()[static_cast<std::size_t>(found)].text.find("Reason 40") != std::string::npos);
  CHECK(walk.scroll() <= found);
  CHECK(found < walk.scroll() + walk.layout().body_rows);
  Press(walk, {"/", "reason", "<enter>"});
  const int first = walk.found();
  Press(walk, {"/", "<enter>"});
  CHECK(walk.found() == first + 1);
  Press(walk, {"/", "nowhere", "<enter>"});
  CHECK(walk.found() == -1);
  CHECK(walk.said() == "'nowhere' is not in this order");
}

TEST_CASE("desk: what matters stands first at 80x24, the rest scrolls") {
  Desk desk = Opened(Mode::kWalk, 80, 24, 5, 3);
  const std::string screen = ScreenText(desk);
  CAPTURE(screen);
  for (const char* part :
       {"Order dear", "HOLD: address", "review due 2026-11-2", "May be released by: a reviewer",
        "Reason 1", "Reason 3", "What would release it", "A reviewer releases it", "[r]elease",
        "more below"}) {
    CHECK(screen.find(part) != std::string::npos);
  }
  CHECK(screen.find("What happened") == std::string::npos);
  Press(desk, {"<end>"});
  const std::string end = ScreenText(desk);
  CHECK(end.find("What happened") != std::string::npos);
  CHECK(end.find("Order dear") != std::string::npos);  // the head stays
  CHECK(end.find("--- end") != std::string::npos);
  Press(desk, {"<home>"});
  CHECK(desk.scroll() == 0);
  Press(desk, {"<page>", "<up>"});
  CHECK(desk.scroll() == desk.layout().body_rows - 2);
}

TEST_CASE("desk: every row fits at each size, whatever is typed and whatever the texts are") {
  for (const auto& [columns, rows] : {std::pair(80, 24), {120, 40}, {200, 50}, {40, 10}, {1, 1}}) {
    Desk desk = Opened(Mode::kWalk, columns, rows, 30, 40);
    for (const char* key : {"r", "<esc>", "?", "x", "<esc>", "/", "x", "<enter>", "<tab>", "n"}) {
      Press(desk, {key});
      for (const Frame frame = DrawDesk(desk); const auto& row : frame.rows) {
        for (const Span& span : row) CHECK(span.column < desk.layout().columns);
      }
      CHECK(DrawDesk(desk).rows.size() == static_cast<std::size_t>(desk.layout().rows));
    }
  }
  // The keys and the help are never cut.
  for (const Mode mode : {Mode::kWalk, Mode::kWatch}) {
    Desk desk = Opened(mode);
    for (const char* key : {"x", "<tab>", "?"}) {
      Press(desk, {key});
      const Frame frame = DrawDesk(desk);
      for (int row = 0; row < 24; ++row) CHECK(DisplayWidth(RowText(frame, row)) <= 80);
    }
    CHECK(ScreenText(desk).find("Esc gives up") != std::string::npos);
  }
}

TEST_CASE("desk: a selected row is marked, an overdue one says so") {
  Desk desk(Mode::kWatch, {});
  desk.SetNow(At("2026-11-16T08:00:00Z"));
  desk.Resize(80, 24);
  desk.SetQueue(Queue().root());
  Press(desk, {"<down>"});
  const std::string screen = ScreenText(desk);
  CAPTURE(screen);
  CHECK(screen.find("> old") != std::string::npos);
  CHECK(screen.find("overdue") != std::string::npos);
  CHECK(screen.find(" 11-2") != std::string::npos);
  CHECK(screen.find("李伟") != std::string::npos);
}

TEST_CASE("desk: what an action has led to is said in words") {
  const auto words = [](const std::string& decision, const char* type = "released") {
    return ResultWords(Parsed(R"({"decision":)" + decision + "}").root(), "7", type);
  };
  CHECK(words(R"({"outcome":"ship"})") == "order 7: ship");
  CHECK(words("null", "noted") == "note saved on 7");
  CHECK(
      words(
          R"({"outcome":"hold","cause":"velocity","reasons":[{"effect":"points","text":"p"},)"
          R"({"effect":"threshold","text":"Score 70; covers 50, new since: more buyers +40"}]})") ==
      "order 7: still held, velocity: new since your release: more buyers +40");
  CHECK(words(R"({"outcome":"hold","cause":"review","reasons":[{"effect":"hold","text":"Held"}]})",
              "held") == "order 7: held, review: Held");
  CHECK(words(R"({"outcome":"hold","cause":"review","reasons":[{"effect":"hold",)"
              R"("code":"SECOND_PERSON","text":"x"}]})") ==
        "order 7: recorded, a second person must approve");
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast::cli

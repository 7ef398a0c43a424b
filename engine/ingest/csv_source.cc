#include <csv.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/codec/event_reader.h"
#include "engine/codec/json.h"
#include "engine/ingest/line_reader.h"
#include "engine/ingest/source.h"

namespace holdfast {
namespace {

using cel::Kind;
using cel::Value;

struct Row {
  std::vector<std::string> fields;
  std::int64_t line = 0;
  std::string raw;
  std::string fault;  // not empty: what is wrong with the row itself
};

// Rows of CSV, physical lines counted, so that a quoted field may hold line ends.
//
// A row whose quote is not closed within kRowBytes, or at the end of the input, is a row of one
// line with `fault` set; the lines after it are read again, as rows of their own.
class RowReader {
 public:
  RowReader(int fd, char delimiter, const std::atomic<bool>* stop)
      : lines_(fd, stop), delimiter_(delimiter) {
    StartParser();
  }
  ~RowReader() { csv_free(&parser_); }
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  std::optional<Row> Next() {
    std::vector<Line> taken;
    std::size_t bytes = 0;
    fields_.clear();
    while (auto line = NextLine()) {
      if (taken.empty() && line->text.empty()) continue;
      bytes += line->text.size();
      taken.push_back(std::move(*line));
      const Line& last = taken.back();
      if (last.too_long) return Broken(std::move(taken), "a line is longer than a row may be");
      bytes_.assign(last.text);
      bytes_ += '\n';
      in_row_ = true;
      csv_parse(&parser_, bytes_.data(), bytes_.size(), &OnField, &OnRow, this);
      if (!in_row_) return Whole(taken);
      if (bytes > kRowBytes) return Broken(std::move(taken), "a quote is not closed");
    }
    if (taken.empty()) return std::nullopt;
    return Broken(std::move(taken), "a quote is not closed");
  }

  const LineReader& lines() const { return lines_; }
  bool Drained() const { return again_.empty() && lines_.Drained(); }

 private:
  static constexpr std::size_t kRowBytes = 256 << 10;

  struct Line {
    std::string text;
    std::int64_t number = 0;
    bool too_long = false;
  };

  void StartParser() {
    csv_init(&parser_, CSV_APPEND_NULL);
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
  }

  std::optional<Line> NextLine() {
    if (!again_.empty()) {
      Line line = std::move(again_.front());
      again_.pop_front();
      return line;
    }
    const auto line = lines_.Next();
    if (!line) return std::nullopt;
    std::string_view text = *line;
    if (lines_.number() == 1 && text.starts_with(kByteOrderMark)) {
      text.remove_prefix(kByteOrderMark.size());
    }
    return Line{std::string(text), lines_.number(), lines_.TooLong()};
  }

  Row Whole(const std::vector<Line>& taken) {
    Row row;
    row.line = taken.front().number;
    for (const Line& line : taken) {
      if (&line != &taken.front()) row.raw += '\n';
      row.raw += line.text;
    }
    row.fields = std::move(fields_);
    return row;
  }

  Row Broken(std::vector<Line> taken, std::string fault) {
    Row row;
    row.line = taken.front().number;
    row.raw = taken.front().text;
    row.fault = std::move(fault);
    for (std::size_t i = taken.size(); i > 1; --i) again_.push_front(std::move(taken[i - 1]));
    csv_free(&parser_);
    StartParser();
    return row;
  }

  static void OnField(void* bytes, std::size_t size, void* self) {
    static_cast<RowReader*>(self)->fields_.emplace_back(static_cast<const char*>(bytes), size);
  }
  static void OnRow(int, void* self) { static_cast<RowReader*>(self)->in_row_ = false; }

  LineReader lines_;
  char delimiter_;
  csv_parser parser_;
  std::string bytes_;
  std::vector<std::string> fields_;
  std::deque<Line> again_;
  bool in_row_ = false;
};

class CsvSource final : public Source {
 public:
  CsvSource(int fd, std::shared_ptr<const Mapping> mapping, const std::atomic<bool>* stop)
      : rows_(fd, mapping->delimiter, stop), mapping_(std::move(mapping)) {
    reader_.TotalFromItems(true);
  }

  Status ReadHead() {
    auto head = rows_.Next();
    if (!head)
      return Fail(ErrorCode::kMalformedInput, "line 1",
                  "the input is empty; CSV needs a head line");
    if (!head->fault.empty()) return Fail(ErrorCode::kMalformedInput, "line 1", head->fault);
    columns_ = std::move(head->fields);
    head_ = std::move(head->raw);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].find('\r') != std::string::npos) {
        return Fail(ErrorCode::kMalformedInput, "line 1",
                    "the lines end with CR alone; save the file with LF or CRLF");
      }
      if (std::find(columns_.begin(), columns_.begin() + static_cast<std::ptrdiff_t>(i),
                    columns_[i]) != columns_.begin() + static_cast<std::ptrdiff_t>(i)) {
        return Fail(ErrorCode::kMalformedInput, "line 1",
                    "two columns are called '" + columns_[i] + "'");
      }
    }
    const std::vector<std::string_view> names(columns_.begin(), columns_.end());
    for (const std::string& column : mapping_->columns) {
      if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) continue;
      const std::string_view near = DidYouMean(column, names);
      return Fail(ErrorCode::kInvalidMapping, "line 1",
                  "the mapping reads the column '" + column + "', which the input does not have" +
                      (near.empty() ? "; it has " + OrList(names, 30)
                                    : "; did you mean '" + std::string(near) + "'?"));
    }
    return {};
  }

  std::optional<Incoming> Next() override {
    std::vector<Row> group = NextGroup();
    if (group.empty()) return std::nullopt;
    Incoming incoming;
    incoming.line = group.front().line;
    auto event = std::make_shared<Event>();
    if (Status built = Build(group, *event, incoming.line); built) {
      incoming.event = std::move(event);
    } else {
      incoming.error = std::move(built.error());
    }
    for (Row& row : group) incoming.raw.push_back(std::move(row.raw));
    return incoming;
  }

  bool Drained() const override { return rows_.Drained(); }
  std::uint64_t bytes() const override { return rows_.lines().bytes(); }
  const std::optional<Error>& error() const override { return rows_.lines().error(); }
  std::string head() const override { return head_; }
  char delimiter() const override { return mapping_->delimiter; }

 private:
  // The rows of the next order: one, or all that follow each other with the same group key.
  std::vector<Row> NextGroup() {
    std::vector<Row> group;
    if (!mapping_->group_by) {
      if (auto row = rows_.Next()) group.push_back(std::move(*row));
      return group;
    }
    std::string key;
    if (waiting_) {
      key = waiting_key_;
      group.push_back(std::move(*waiting_));
      waiting_.reset();
    }
    while (auto row = rows_.Next()) {
      machine_.Reset();
      SetRow(*row);
      const Value value = machine_.Run(mapping_->group_by->program, &row_value_);
      // A row whose key fails is a group of its own and is reported when it is built.
      std::string row_key =
          value.IsAbsent() ? "\n" + std::to_string(row->line) : cel::ToText(value);
      if (group.empty()) {
        key = std::move(row_key);
      } else if (row_key != key) {
        waiting_ = std::move(*row);
        waiting_key_ = std::move(row_key);
        break;
      }
      // Rows beyond the limit are dropped here, and the order is refused when it is built.
      if (group.size() <= limits::kCsvGroupRows) group.push_back(std::move(*row));
    }
    return group;
  }

  void SetRow(const Row& row) {
    entries_.clear();
    for (std::size_t i = 0; i < columns_.size() && i < row.fields.size(); ++i) {
      entries_.push_back({Value::String(columns_[i]), Value::String(row.fields[i])});
    }
    row_value_ = Value::Map(entries_.data(), entries_.size());
  }

  // Passes the group to the reader as if it were JSON. Sets `line` to that of the row with an
  // error.
  Status Build(const std::vector<Row>& group, Event& event, std::int64_t& line) {
    reader_.Begin(event);
    event_ = &event;
    machine_.Reset();
    for (const Row& row : group) {
      line = row.line;
      if (!row.fault.empty()) return Fail(ErrorCode::kMalformedInput, {}, row.fault);
      if (row.fields.size() != columns_.size()) {
        return Fail(ErrorCode::kMalformedInput, {},
                    "the row has " + std::to_string(row.fields.size()) + " fields, the head " +
                        std::to_string(columns_.size()));
      }
      if (!IsValidUtf8(row.raw)) return Fail(ErrorCode::kMalformedInput, {}, "is not valid UTF-8");
    }
    line = group.front().line;
    SetRow(group.front());
    if (group.size() > limits::kCsvGroupRows) {
      return Fail(ErrorCode::kLimitExceeded, "order.items",
                  "more than " + std::to_string(limits::kCsvGroupRows) + " rows of one order");
    }
    const bool fed = FeedEvent(group, line);
    if (!failure_.empty())
      return Fail(ErrorCode::kInvalidInput, reader_.Path(), std::exchange(failure_, {}));
    if (!fed) return Fail(reader_.TakeError());
    if (Status finished = reader_.Finish(); !finished) return finished;
    // The digest is that of the event's JSON, in which form it is logged and may be read again.
    text_.clear();
    WriteEvent(event, text_);
    event.digest = Hash64(text_);
    return {};
  }

  bool FeedEvent(const std::vector<Row>& group, std::int64_t& line) {
    const bool bare = !mapping_->event_type && !mapping_->event_id && !mapping_->occurred_at;
    if (!reader_.StartObject()) return false;
    if (!bare) {
      if (!mapping_->event_type) {
        if (!reader_.Key("type") || !reader_.String("order.placed")) return false;
      } else if (!FeedKey("type", *mapping_->event_type)) {
        return false;
      }
      if (!FeedKey("id", mapping_->event_id ? *mapping_->event_id : FieldCalled("id")))
        return false;
      if (!FeedKey("occurred_at",
                   mapping_->occurred_at ? *mapping_->occurred_at : FieldCalled("placed_at"))) {
        return false;
      }
      if (!reader_.Key("order") || !reader_.StartObject()) return false;
    }
    for (const MappedField& field : mapping_->order) {
      if (!FeedField(field)) return false;
    }
    if (!mapping_->item.empty()) {
      if (!reader_.Key("items") || !reader_.StartArray()) return false;
      for (const Row& row : group) {
        line = row.line;
        SetRow(row);
        if (!reader_.StartObject()) return false;
        for (const MappedField& field : mapping_->item) {
          if (!FeedField(field)) return false;
        }
        if (!reader_.EndObject()) return false;
      }
      line = group.front().line;
      if (!reader_.EndArray()) return false;
    }
    return reader_.EndObject() && (bare || reader_.EndObject());
  }

  // The expression of a field of the order. REQUIRES: id or placed_at, which every mapping has.
  const cel::Expression& FieldCalled(std::string_view name) const {
    const auto field = std::find_if(mapping_->order.begin(), mapping_->order.end(),
                                    [&](const MappedField& f) { return f.name == name; });
    return *field->expression;
  }

  bool FeedKey(std::string_view name, const cel::Expression& expression) {
    return reader_.Key(name) && FeedValue(expression);
  }

  bool FeedField(const MappedField& field) {
    if (!reader_.Key(field.name)) return false;
    if (field.expression) return FeedValue(*field.expression);
    if (!reader_.StartObject()) return false;
    for (const MappedField& inner : field.fields) {
      if (!FeedField(inner)) return false;
    }
    return reader_.EndObject();
  }

  bool FeedValue(const cel::Expression& expression) {
    const Value value = machine_.Run(expression.program, &row_value_);
    switch (value.kind) {
      case Kind::kNull:
        return reader_.Null();
      case Kind::kBool:
        return reader_.Bool(value.boolean);
      case Kind::kString:
        if (value.size == 0) return reader_.Null();
        return reader_.String(event_->memory.Copy(value.AsText()));
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
        return reader_.Number(event_->memory.Copy(cel::ToText(value)));
      case Kind::kTimestamp:
        return reader_.String(event_->memory.Copy(cel::ToText(value)));
      case Kind::kError:
        failure_ = std::string(value.AsText());
        return false;
      default:
        failure_ = "the mapping gives a " + std::string(cel::TypeNameOf(value)) +
                   ", which no field can hold";
        return false;
    }
  }

  RowReader rows_;
  std::shared_ptr<const Mapping> mapping_;
  EventReader reader_;
  Event* event_ = nullptr;
  cel::Machine machine_;
  std::vector<std::string> columns_;
  std::string head_;
  std::vector<cel::MapEntry> entries_;
  Value row_value_;
  std::optional<Row> waiting_;
  std::string waiting_key_;
  std::string failure_;
  std::string text_;  // scratch
};

}  // namespace

Result<std::unique_ptr<Source>> MakeCsvSource(int fd, std::shared_ptr<const Mapping> mapping,
                                              const std::atomic<bool>* stop) {
  auto source = std::make_unique<CsvSource>(fd, std::move(mapping), stop);
  if (Status head = source->ReadHead(); !head) return Fail(std::move(head.error()));
  return source;
}

}  // namespace holdfast

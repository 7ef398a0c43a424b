#include "engine/codec/json.h"

#if defined(__SSE4_2__)
#define RAPIDJSON_SSE42
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_value.h"
#include "engine/codec/schema.h"
#include "engine/model/engine_version.h"
#include "engine/model/names.h"

namespace holdfast {

using codec::Field;
using codec::FieldKind;
using codec::ObjectSpec;

namespace {

// ---- reading ------------------------------------------------------------------------------------

// Hands RapidJSON's tokens to an EventReader.
struct Handler {
  EventReader& reader;

  bool Null() { return reader.Null(); }
  bool Bool(bool value) { return reader.Bool(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return reader.Number({text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return reader.String({text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) { return reader.Key({text, size}); }
  bool StartObject() { return reader.StartObject(); }
  bool EndObject(rapidjson::SizeType) { return reader.EndObject(); }
  bool StartArray() { return reader.StartArray(); }
  bool EndArray(rapidjson::SizeType) { return reader.EndArray(); }
  // Numbers arrive as text (RawNumber). The parser's interface requires these functions.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
};

// ---- writing ------------------------------------------------------------------------------------

void WriteText(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

// Writes members of one object with commas between them.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void Key(std::string_view name) {
    if (any_) out_ += ',';
    any_ = true;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  void Text(std::string_view name, std::string_view text) {
    Key(name);
    WriteText(text, out_);
  }
  void Integer(std::string_view name, long long value) {
    Key(name);
    out_ += std::to_string(value);
  }
  void Null(std::string_view name) {
    Key(name);
    out_ += "null";
  }
  void End() { out_ += '}'; }

 private:
  std::string& out_;
  bool any_ = false;
};

void WriteAttributes(std::span<const Attribute> attributes, std::string& out);

void WriteAttributeValue(const AttributeValue& value, std::string& out) {
  switch (value.kind) {
    case AttributeValue::Kind::kNull:
      out += "null";
      break;
    case AttributeValue::Kind::kBool:
      out += value.boolean ? "true" : "false";
      break;
    case AttributeValue::Kind::kInt:
    case AttributeValue::Kind::kDouble:
      out += value.text;
      break;
    case AttributeValue::Kind::kText:
      WriteText(value.text, out);
      break;
    case AttributeValue::Kind::kList: {
      out += '[';
      bool first = true;
      for (const AttributeValue& element : value.list) {
        if (!first) out += ',';
        first = false;
        WriteAttributeValue(element, out);
      }
      out += ']';
      break;
    }
    case AttributeValue::Kind::kMap:
      WriteAttributes(value.map, out);
      break;
  }
}

void WriteAttributes(std::span<const Attribute> attributes, std::string& out) {
  out += '{';
  bool first = true;
  for (const Attribute& attribute : attributes) {
    if (!first) out += ',';
    first = false;
    WriteText(attribute.name, out);
    out += ':';
    WriteAttributeValue(attribute.value, out);
  }
  out += '}';
}

template <typename T>
const T& At(const char* object, std::size_t offset) {
  return *reinterpret_cast<const T*>(object + offset);
}

void WriteObject(const ObjectSpec& spec, const char* object, std::optional<Currency> currency,
                 std::string& out);

// True when a member of the object has a value. An object without any is not written.
bool AnyGiven(const ObjectSpec& spec, const char* object);

bool Given(const Field& field, const char* object) {
  switch (field.kind) {
    case FieldKind::kText:
    case FieldKind::kLongText:
    case FieldKind::kId:
    case FieldKind::kCountry:
    case FieldKind::kIp:
      return !At<std::string_view>(object, field.offset).empty();
    case FieldKind::kTime:
      return At<std::optional<EventTime>>(object, field.offset).has_value();
    case FieldKind::kCurrency:
      return At<std::optional<Currency>>(object, field.offset).has_value();
    case FieldKind::kMoney:
    case FieldKind::kInteger:
    case FieldKind::kCount:
      return At<std::optional<std::int64_t>>(object, field.offset).has_value();
    case FieldKind::kQuantity:
      return true;
    case FieldKind::kBool:
      return At<std::optional<bool>>(object, field.offset).has_value();
    case FieldKind::kEnum:
      return At<std::uint8_t>(object, field.offset) != 0;
    case FieldKind::kObject:
      return AnyGiven(*field.object, object + field.offset);
    case FieldKind::kOwnObject:
      return At<const void*>(object, field.offset) != nullptr;
    case FieldKind::kList:
    case FieldKind::kTexts:
    case FieldKind::kAttributes:
      return !At<std::span<const char>>(object, field.offset).empty();
  }
  return false;
}

bool AnyGiven(const ObjectSpec& spec, const char* object) {
  for (const Field& field : spec.fields()) {
    if (Given(field, object)) return true;
  }
  return false;
}

void WriteField(const Field& field, const char* object, std::optional<Currency> currency,
                std::string& out) {
  switch (field.kind) {
    case FieldKind::kText:
    case FieldKind::kLongText:
    case FieldKind::kId:
    case FieldKind::kCountry:
    case FieldKind::kIp:
      WriteText(At<std::string_view>(object, field.offset), out);
      break;
    case FieldKind::kTime:
      WriteText(FormatRfc3339(*At<std::optional<EventTime>>(object, field.offset)), out);
      break;
    case FieldKind::kCurrency:
      WriteText(At<std::optional<Currency>>(object, field.offset)->code(), out);
      break;
    case FieldKind::kMoney:
      out += FormatMinor(*At<std::optional<std::int64_t>>(object, field.offset), *currency);
      break;
    case FieldKind::kInteger:
    case FieldKind::kCount:
      out += std::to_string(*At<std::optional<std::int64_t>>(object, field.offset));
      break;
    case FieldKind::kQuantity:
      out += std::to_string(At<std::int64_t>(object, field.offset));
      break;
    case FieldKind::kBool:
      out += *At<std::optional<bool>>(object, field.offset) ? "true" : "false";
      break;
    case FieldKind::kEnum:
      WriteText(field.names[At<std::uint8_t>(object, field.offset)], out);
      break;
    case FieldKind::kObject:
      WriteObject(*field.object, object + field.offset, currency, out);
      break;
    case FieldKind::kOwnObject:
      WriteObject(*field.object, At<const char*>(object, field.offset), currency, out);
      break;
    case FieldKind::kList: {
      const auto list = At<std::span<const char>>(object, field.offset);
      out += '[';
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out += ',';
        WriteObject(*field.object, list.data() + i * field.object->size(), currency, out);
      }
      out += ']';
      break;
    }
    case FieldKind::kTexts: {
      out += '[';
      bool first = true;
      for (const auto text : At<std::span<const std::string_view>>(object, field.offset)) {
        if (!first) out += ',';
        first = false;
        WriteText(text, out);
      }
      out += ']';
      break;
    }
    case FieldKind::kAttributes:
      WriteAttributes(At<std::span<const Attribute>>(object, field.offset), out);
      break;
  }
}

void WriteObject(const ObjectSpec& spec, const char* object, std::optional<Currency> currency,
                 std::string& out) {
  if (const Field* own = spec.currency_field()) {
    const auto& given = At<std::optional<Currency>>(object, own->offset);
    if (given) currency = given;
  }
  Members members(out);
  for (const Field& field : spec.fields()) {
    if (!Given(field, object)) continue;
    members.Key(field.name);
    WriteField(field, object, currency, out);
  }
  members.End();
}

void WriteReasons(std::string_view key, const std::vector<Reason>& reasons, Members& members,
                  std::string& out) {
  members.Key(key);
  out += '[';
  bool first = true;
  for (const Reason& reason : reasons) {
    if (!first) out += ',';
    first = false;
    Members one(out);
    one.Text("rule", reason.rule);
    one.Text("effect", NameOf(reason.effect));
    if (reason.effect == Effect::kPoints) one.Integer("points", reason.points);
    one.Text("code", reason.code);
    one.Text("text", reason.text);
    if (!reason.ask.empty()) one.Text("ask", reason.ask);
    one.End();
  }
  out += ']';
}

void WriteTexts(const std::vector<std::string>& texts, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    WriteText(texts[i], out);
  }
  out += ']';
}

void WriteTime(std::string_view key, const std::optional<EventTime>& time, Members& members) {
  if (time) {
    members.Text(key, FormatRfc3339(*time));
  } else {
    members.Null(key);
  }
}

void WriteGeo(const Geo& geo, std::string& out) {
  WriteObject(codec::GeoSpec(), reinterpret_cast<const char*>(&geo), std::nullopt, out);
}

std::string GeoMember(const Geo& geo) {
  std::string member = ",\"geo\":";
  WriteGeo(geo, member);
  return member;
}

// The members that Holdfast added to the event after it was received, as written at the end of its
// text.
std::string MembersFound(const Event& event) {
  std::string members;
  if (event.delivery != nullptr) {
    members += ",\"delivery\":";
    WriteObject(codec::DeliverySpec(), reinterpret_cast<const char*>(event.delivery), std::nullopt,
                members);
  }
  if (event.joined) {
    members += ",\"joined\":";
    WriteText(event.order_id, members);
    if (!event.claimed_by.empty()) {
      members += ",\"claimed_by\":";
      WriteText(event.claimed_by, members);
    }
  }
  if (event.geo != nullptr) members += GeoMember(*event.geo);
  return members;
}

// The digest of an event's text as received, without the members that Holdfast added.
std::uint64_t DigestOf(std::string_view json, const Event& event) {
  const std::string members = MembersFound(event);
  const std::size_t at = json.rfind(members);
  if (members.empty() || at == json.npos || !json.substr(at + members.size()).starts_with('}')) {
    return Hash64(json);
  }
  std::string text(json.substr(0, at));
  text += json.substr(at + members.size());
  return Hash64(text);
}

}  // namespace

Status JsonEventParser::Parse(std::string_view json, Event& event) {
  const ExclusiveUse::Scope use(use_);
  reader_.Begin(event);
  if (json.size() > bytes_max_) {
    return Fail(ErrorCode::kLimitExceeded, {},
                "is larger than " + std::to_string(bytes_max_) + " bytes");
  }
  // One block for the bytes and the structs that refer to them: about the same size again, and at
  // most what an order with its payment needs.
  constexpr std::size_t kStructsMost = 1664, kStructsLeast = 512;
  event.memory.Reserve(json.size() + std::min(kStructsMost, json.size() + kStructsLeast));
  // The parser reads whole 16-byte blocks and requires a zero byte at the end.
  char* bytes = static_cast<char*>(event.memory.Allocate(json.size() + 17));
  json.copy(bytes, json.size());
  std::memset(bytes + json.size(), 0, 17);
  // From here on the copy is read, because it is in the cache.
  const std::string_view copy(bytes, json.size());
  if (!IsValidUtf8(copy)) return Fail(ErrorCode::kMalformedInput, {}, "is not valid UTF-8");
  event.digest = Hash64(copy);

  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(bytes);
  Handler handler{reader_};
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (result.IsError()) {
    if (result.Code() == rapidjson::kParseErrorTermination) return Fail(reader_.TakeError());
    return Fail(ErrorCode::kMalformedInput, reader_.Path(),
                "is not JSON at byte " + std::to_string(result.Offset()) + ": " +
                    rapidjson::GetParseError_En(result.Code()));
  }
  // The parser treats a zero byte as the end.
  if (stream.Tell() < json.size()) {
    return Fail(ErrorCode::kMalformedInput, {}, "holds a zero byte");
  }
  if (Status finished = reader_.Finish(); !finished) return finished;
  if (event.geo != nullptr || event.delivery != nullptr || event.joined) {
    event.digest = DigestOf(json, event);
  }
  return {};
}

void WriteEvent(const Event& event, std::string& out) {
  Members members(out);
  members.Text("id", event.id);
  members.Text("type", NameOf(event.type));
  members.Text("merchant", event.merchant);
  members.Text("occurred_at", FormatRfc3339(event.occurred_at));
  if (!event.order_id.empty() && !event.joined) members.Text("order_id", event.order_id);
  for (const codec::PayloadRow& row : codec::PayloadRows()) {
    const char* const payload = row.In(event);
    if (payload == nullptr) continue;
    members.Key(row.key);
    WriteObject(*row.spec, payload, std::nullopt, out);
  }
  if (!event.references.empty()) {
    members.Key("references");
    out += '[';
    for (std::size_t i = 0; i < event.references.size(); ++i) {
      if (i > 0) out += ',';
      WriteText(event.references[i], out);
    }
    out += ']';
  }
  out += MembersFound(event);
  members.End();
}

void AddGeo(const Geo& geo, std::string& json) { json.insert(json.rfind('}'), GeoMember(geo)); }

bool AddMerchant(std::string_view merchant, std::string& json) {
  // A name may be written with escapes.
  // An export has one line an event.
  const bool one_line = json.find_first_of("\r\n") == json.npos;
  if (!one_line || json.find("merchant") != json.npos || json.find("\\u") != json.npos) {
    return false;
  }
  const std::size_t begin = json.find('{');
  if (begin == json.npos) return false;
  std::string member = "\"merchant\":";
  WriteText(merchant, member);
  member += ',';
  json.insert(begin + 1, member);
  return true;
}

namespace {

void WriteMissing(const Decision& decision, Members& members, std::string& out) {
  members.Key("missing");
  out += '[';
  for (std::size_t i = 0; i < decision.missing.size(); ++i) {
    if (i > 0) out += ',';
    Members one(out);
    one.Text("rule", decision.missing[i].rule);
    one.Key("facts");
    WriteTexts(decision.missing[i].facts, out);
    one.End();
  }
  out += ']';
}

void WriteClaims(std::string_view name, const PermitClaims& permit, Members& members,
                 std::string& out) {
  members.Key(name);
  Members one(out);
  one.Text("order", permit.order);
  one.Text("payment", permit.payment);
  one.End();
}

void WritePack(const Decision& decision, Members& members, std::string& out) {
  members.Key("pack");
  Members pack(out);
  pack.Text("name", decision.pack_name);
  pack.Integer("version", decision.pack_version);
  pack.Text("hash", decision.pack_hash);
  pack.End();
}

}  // namespace

void WriteDecision(const Decision& decision, std::string& out) {
  Members members(out);
  members.Text("order_id", decision.order_id);
  members.Text("merchant", decision.merchant);
  members.Text("outcome", NameOf(decision.outcome));
  if (decision.cause == Cause::kNone) {
    members.Null("cause");
  } else {
    members.Text("cause", NameOf(decision.cause));
  }
  members.Integer("score", decision.score);
  WriteReasons("reasons", decision.reasons, members, out);
  members.Text("funds", NameOf(decision.funds));
  WriteMissing(decision, members, out);
  WriteReasons("shadow", decision.shadow, members, out);
  members.Key("coverage");
  Members coverage(out);
  coverage.Integer("evaluated", decision.rules_evaluated);
  coverage.Integer("missing", decision.rules_missing);
  coverage.End();
  members.Key("release_paths");
  out += '[';
  for (std::size_t i = 0; i < decision.release_paths.size(); ++i) {
    if (i > 0) out += ',';
    WriteTexts(decision.release_paths[i], out);
  }
  out += ']';
  members.Key("handling");
  WriteTexts(decision.handling, out);
  WriteTime("review_by", decision.review_by, members);
  WriteTime("deadline", decision.deadline, members);
  if (decision.on_deadline.empty()) {
    members.Null("on_deadline");
  } else {
    members.Text("on_deadline", decision.on_deadline);
  }
  if (decision.permit.empty()) {
    members.Null("permit");
  } else {
    WriteClaims("permit", decision.permit, members, out);
  }
  if (!decision.voids.empty()) WriteClaims("voids", decision.voids, members, out);
  if (!decision.released.empty()) {
    members.Key("released");
    WriteTexts(decision.released, out);
  }
  WritePack(decision, members, out);
  members.Integer("engine", kEngineVersion);
  members.Integer("offset", static_cast<long long>(decision.offset));
  members.Text("decided_at", FormatRfc3339(decision.decided_at));
  members.End();
}

void WriteJsonText(std::string_view text, std::string& out) { WriteText(text, out); }

}  // namespace holdfast

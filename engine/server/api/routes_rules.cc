#include "engine/server/api/routes_rules.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/packs/keys.h"
#include "engine/server/api/pack_json.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// The kind of values that the list is for in the map `lists` of the pack; empty: none.
std::string KindOf(const std::map<std::string, std::string>& lists, const std::string& name) {
  for (const auto& [kind, list] : lists) {
    if (list == name) return kind;
  }
  return {};
}

// The entries of a list in the pack, and the edits by events.
std::string ListJson(const PackList& list, const ReviewPolicy& policy, const ListEdits& edits,
                     bool entries) {
  JsonObject json;
  json.Text("name", list.name);
  json.Text("type", ListTypeWords()[static_cast<std::size_t>(list.type)]);
  json.Bool("dynamic", list.dynamic);
  json.GivenText("blocks", KindOf(policy.block_lists, list.name));
  json.GivenText("trusts", KindOf(policy.trust_lists, list.name));
  std::vector<std::string> added(edits.added.begin(), edits.added.end());
  std::vector<std::string> removed(edits.removed.begin(), edits.removed.end());
  auto timed = edits.timed;
  for (const auto& [network, kind, until] : edits.networks.InOrder()) {
    const std::string text = FormatIpNetwork(network);
    if (kind == NetworkEdits::Kind::kTimed) {
      timed[text] = EventTime{until};
    } else {
      (kind == NetworkEdits::Kind::kAdded ? added : removed).push_back(text);
    }
  }
  if (!entries) {
    json.Number("added", added.size()).Number("removed", removed.size());
    json.Number("timed", timed.size());
    return json.Done();
  }
  json.Raw("added", JsonTexts(added)).Raw("removed", JsonTexts(removed));
  JsonList until;
  for (const auto& [entry, end] : timed) {
    until.Add(JsonObject().Text("entry", entry).Text("until", FormatRfc3339(end)).Done());
  }
  json.Raw("timed", until.Done());
  return json.Done();
}

std::string PackJson(const Pack& pack) {
  return JsonObject()
      .Text("name", pack.name)
      .Number("version", pack.version)
      .Text("hash", pack.hash)
      .Done();
}

bool IsPlainName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == name.npos;
}

// What is wrong with the types of a change of a list, or null.
const char* FaultOfChange(const JsonValue& change) {
  for (const char* name : {"add", "remove"}) {
    const JsonValue& entries = change[name];
    const auto list = entries.list();
    const bool texts = std::all_of(list.begin(), list.end(), [](const JsonValue& entry) {
      return entry.kind() == JsonValue::Kind::kText;
    });
    if ((entries.kind() != JsonValue::Kind::kNull && !entries.IsList()) || !texts) {
      return "add and remove of a list must be lists of texts";
    }
  }
  const JsonValue& until = change["until"];
  const bool is_text = until.kind() == JsonValue::Kind::kText;
  if (until.kind() == JsonValue::Kind::kNull || (is_text && ParseEventTime(until.text()))) {
    return nullptr;
  }
  return "until of a change of a list must be a time such as 2026-11-24T09:00:00Z";
}

}  // namespace

void RuleRoutes::GetLists(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const auto lists = std::make_shared<JsonList>();
  responder_.ReadState(
      context, *merchant,
      [lists, merchant = *merchant](const Engine& engine) {
        for (const PackList& list : engine.pack().lists) {
          lists->Add(ListJson(list, engine.pack().review, engine.store().Edits(merchant, list.name),
                              false));
        }
      },
      [this, context, lists] {
        HttpAnswer answer;
        answer.body = JsonObject().Raw("lists", lists->Done()).Done();
        responder_.Answer(context, std::move(answer));
      });
}

void RuleRoutes::GetList(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const auto json = std::make_shared<std::string>();
  responder_.ReadState(
      context, *merchant,
      [json, name = context->parts[0], merchant = *merchant](const Engine& engine) {
        for (const PackList& list : engine.pack().lists) {
          if (list.name == name) {
            *json = ListJson(list, engine.pack().review, engine.store().Edits(merchant, list.name),
                             true);
          }
        }
      },
      [this, context, json] {
        if (json->empty()) {
          return responder_.Answer(
              context,
              Problem(ErrorCode::kNotFound, "the pack has no list '" + context->parts[0] + "'"));
        }
        HttpAnswer answer;
        answer.body = *json;
        responder_.Answer(context, std::move(answer));
      });
}

// {"add":[...],"remove":[...],"until":"...","reason":"..."}: an event of the log like any other.
void RuleRoutes::PostList(const ContextPtr& context) {
  const auto merchant = responder_.MerchantOf(context);
  if (!merchant) return;
  const auto body = JsonDocument::Parse(context->request.body);
  if (!body) return responder_.Answer(context, Problem(body.error()));
  if (body->root()["add"].list().empty() && body->root()["remove"].list().empty()) {
    return responder_.Answer(
        context,
        Problem(ErrorCode::kInvalidInput, "a change of a list needs entries to add or to remove"));
  }
  for (const auto& [name, value] : body->root().members()) {
    if (name != "add" && name != "remove" && name != "reason" && name != "id" && name != "until") {
      return responder_.Answer(context,
                               Problem(ErrorCode::kInvalidInput,
                                       "a change of a list has no field '" + std::string(name) +
                                           "'; it has id, add, remove, until and reason"));
    }
  }
  if (const char* fault = FaultOfChange(body->root())) {
    return responder_.Answer(context, Problem(ErrorCode::kInvalidInput, fault));
  }
  const std::string now = FormatRfc3339(runtime_.Now());
  JsonObject list;
  list.Text("name", context->parts[0]);
  list.GivenText("reason", body->root()["reason"].text());
  list.GivenText("until", body->root()["until"].text());
  for (const char* name : {"add", "remove"}) {
    std::vector<std::string_view> texts;
    for (const JsonValue& one : body->root()[name].list()) texts.push_back(one.text());
    list.Raw(name, JsonTexts(texts));
  }
  const std::string_view given = body->root()["id"].text();
  JsonObject event;
  event.Text("id", given.empty() ? "list " + EncodeHex(RandomBytes(12)) : std::string(given));
  event.Text("type", "list.changed");
  event.Text("merchant", *merchant);
  event.Text("occurred_at", now);
  event.Raw("list", list.Done());
  events_.SubmitOne(context, event.Done());
}

void RuleRoutes::GetPacks(const ContextPtr& context) {
  responder_.PostToWorker(context, [this, context] { AnswerPacks(context); });
}

void RuleRoutes::AnswerPacks(const ContextPtr& context) {
  const auto activations = ReadActivations(runtime_.log(), runtime_.packs(), kActivationsMost);
  if (!activations) return responder_.Answer(context, Problem(activations.error()));
  const auto pack = runtime_.pack();
  const auto config = runtime_.config();
  const bool logged = !activations->empty() && activations->front().hash == pack->hash;
  const std::string active = logged ? ActivePackJson(activations->front()) : PackJson(*pack);
  std::vector<std::string> names;
  const std::string& folder = config->packs;
  std::error_code fault;
  if (!folder.empty()) {
    for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
      if (fs::exists(at->path() / "pack.yaml", fault)) {
        names.push_back(at->path().filename().string());
      }
    }
    std::sort(names.begin(), names.end());
  }
  HttpAnswer answer;
  answer.body = JsonObject()
                    .Raw("active", active)
                    .Raw("available", JsonTexts(names))
                    .Raw("stored", StoredPacksJson(*activations, pack->hash, config->data))
                    .Text("log", EncodeHex(runtime_.log().name()))
                    .Done();
  responder_.Answer(context, std::move(answer));
}

// The activations, the latest first. Only a key of all merchants sees who activated a pack and why:
// the words may be about another merchant.
void RuleRoutes::GetPackHistory(const ContextPtr& context) {
  responder_.PostToWorker(context, [this, context] {
    const auto activations = ReadActivations(runtime_.log(), runtime_.packs(), kActivationsMost);
    if (!activations) return responder_.Answer(context, Problem(activations.error()));
    HttpAnswer answer;
    answer.body = PackHistoryJson(*activations, runtime_.config()->data, context->key->OfAll());
    responder_.Answer(context, std::move(answer));
  });
}

// {"pack":"NAME"}: a folder in the configured folder of packs. {"hash":"sha256:..."} alone: a pack
// that was active before, by its stored files.
void RuleRoutes::PostPacks(const ContextPtr& context) {
  const auto body = JsonDocument::Parse(context->request.body);
  if (!body) return responder_.Answer(context, Problem(body.error()));
  const JsonValue& root = body->root();
  PackToActivate wanted;
  wanted.hash = root["hash"].text();
  wanted.reason = root["reason"].text();
  wanted.gate = root["gate"].text();
  wanted.by = context->key->person.empty() ? context->key->id : context->key->person;
  const std::string name(root["pack"].text());
  const bool by_hash = name.empty() && IsPackHash(wanted.hash);
  const std::string folder = runtime_.config()->packs;
  if (!by_hash && folder.empty()) {
    return responder_.Answer(
        context,
        Problem(ErrorCode::kForbidden, "the configuration names no folder of packs ('packs')"));
  }
  if (!by_hash && !IsPlainName(name)) {
    return responder_.Answer(context,
                             Problem(ErrorCode::kInvalidInput,
                                     "pack: must be the name of a folder in the folder of packs"));
  }
  if (!by_hash) wanted.path = folder + "/" + name;
  responder_.PostToWorker(context, [this, context, wanted = std::move(wanted)] {
    const auto logged = [this, context](const Status& status) {
      if (!status) return responder_.Answer(context, Problem(status.error()));
      HttpAnswer answer;
      answer.body = JsonObject().Raw("active", PackJson(*runtime_.pack())).Done();
      responder_.Answer(context, std::move(answer));
    };
    Diagnostics findings;
    const Status activated = runtime_.Activate(wanted, findings, logged);
    if (activated) return;
    HttpAnswer answer = Problem(activated.error());
    if (!findings.empty()) {
      answer.body.pop_back();
      answer.body += ",\"diagnostics\":" + RenderJson(findings) + "}";
    }
    responder_.Answer(context, std::move(answer));
  });
}

}  // namespace holdfast

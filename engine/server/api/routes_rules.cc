#include "engine/server/api/routes_rules.h"

#include <filesystem>

#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/codec/json_object.h"
#include "engine/codec/json_value.h"
#include "engine/packs/keys.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// The entries of a list in the pack, and the edits by events.
std::string ListJson(const PackList& list, const ListEdits& edits, bool entries) {
  JsonObject json;
  json.Text("name", list.name);
  json.Text("type", ListTypeWords()[static_cast<std::size_t>(list.type)]);
  json.Bool("dynamic", list.dynamic);
  const auto networks = edits.networks.InOrder();
  std::vector<std::string> added(edits.added.begin(), edits.added.end());
  std::vector<std::string> removed(edits.removed.begin(), edits.removed.end());
  for (const auto& [network, in] : networks) {
    (in ? added : removed).push_back(FormatIpNetwork(network));
  }
  if (entries) {
    json.Raw("added", JsonTexts(added)).Raw("removed", JsonTexts(removed));
  } else {
    json.Number("added", added.size()).Number("removed", removed.size());
  }
  return json.Done();
}

bool IsPlainName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == name.npos;
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
          lists->Add(ListJson(list, engine.store().Edits(merchant, list.name), false));
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
            *json = ListJson(list, engine.store().Edits(merchant, list.name), true);
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

// {"add":[...],"remove":[...],"reason":"..."}: an event of the log like any other.
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
    if (name != "add" && name != "remove" && name != "reason" && name != "id") {
      return responder_.Answer(
          context, Problem(ErrorCode::kInvalidInput, "a change of a list has no field '" +
                                                         std::string(name) +
                                                         "'; it has id, add, remove and reason"));
    }
  }
  const std::string now = FormatRfc3339(runtime_.Now());
  JsonObject list;
  list.Text("name", context->parts[0]);
  list.GivenText("reason", body->root()["reason"].text());
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
  const auto pack = runtime_.pack();
  JsonObject active;
  active.Text("name", pack->name);
  active.Number("version", pack->version);
  active.Text("hash", pack->hash);
  std::vector<std::string> names;
  const std::string folder = runtime_.config()->packs;
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
                    .Raw("active", active.Done())
                    .Raw("available", JsonTexts(names))
                    .Text("log", EncodeHex(runtime_.log().name()))
                    .Done();
  responder_.Answer(context, std::move(answer));
}

// {"pack":"NAME"}: a folder in the configured folder of packs.
void RuleRoutes::PostPacks(const ContextPtr& context) {
  const auto body = JsonDocument::Parse(context->request.body);
  if (!body) return responder_.Answer(context, Problem(body.error()));
  const std::string name(body->root()["pack"].text());
  const std::string folder = runtime_.config()->packs;
  if (folder.empty()) {
    return responder_.Answer(
        context,
        Problem(ErrorCode::kForbidden, "the configuration names no folder of packs ('packs')"));
  }
  if (!IsPlainName(name)) {
    return responder_.Answer(context,
                             Problem(ErrorCode::kInvalidInput,
                                     "pack: must be the name of a folder in the folder of packs"));
  }
  responder_.PostToWorker(context, [this, context, path = folder + "/" + name,
                                    hash = std::string(body->root()["hash"].text()),
                                    reason = std::string(body->root()["reason"].text())] {
    Diagnostics findings;
    const Status activated = runtime_.Activate(path, hash, findings);
    if (!activated) {
      HttpAnswer answer = Problem(activated.error());
      if (!findings.empty()) {
        answer.body.pop_back();
        answer.body += ",\"diagnostics\":" + RenderJson(findings) + "}";
      }
      return responder_.Answer(context, std::move(answer));
    }
    const auto pack = runtime_.pack();
    JsonObject change, event;
    change.Text("name", pack->name);
    change.Number("version", pack->version);
    change.Text("hash", pack->hash);
    change.GivenText("reason", reason);
    event.Text("id", "pack " + EncodeHex(RandomBytes(12)));
    event.Text("type", "pack.activated");
    event.Text("occurred_at", FormatRfc3339(runtime_.Now()));
    event.Raw("pack", change.Done());
    std::vector<Submission> inputs(1);
    inputs[0].text = event.Done();
    const bool logged =
        runtime_.Submit(context->Who(), std::move(inputs),
                        [this, context, change](std::vector<SubmissionResult> answers) {
                          if (answers[0].input.error)
                            return responder_.Answer(context, Problem(*answers[0].input.error));
                          HttpAnswer answer;
                          answer.body = JsonObject().Raw("active", change.Done()).Done();
                          responder_.Answer(context, std::move(answer));
                        });
    if (!logged)
      responder_.Answer(context,
                        Problem(ErrorCode::kTooMany, "the pack is active, but not logged"));
  });
}

}  // namespace holdfast

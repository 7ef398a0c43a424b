// Lists and packs.
#include <filesystem>

#include "engine/base/hmac.h"
#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/packs/keys.h"
#include "engine/server/asked.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// What stands in a list of the pack, and what events have changed of it.
std::string ListJson(const PackList& list, const ListEdits& edits, bool entries) {
  std::string json = "{";
  JsonMember("name", list.name, json);
  JsonMember("type", ListTypeWords()[static_cast<std::size_t>(list.type)], json);
  JsonRaw("dynamic", list.dynamic ? "true" : "false", json);
  const auto networks = edits.networks.InOrder();
  std::string added = "[", removed = "[";
  std::size_t more = 0, fewer = 0;
  const auto add = [](std::string_view text, std::string& out, std::size_t& count) {
    if (out.size() > 1) out += ',';
    WriteJsonText(text, out);
    ++count;
  };
  for (const std::string& text : edits.added) add(text, added, more);
  for (const std::string& text : edits.removed) add(text, removed, fewer);
  for (const auto& [network, in] : networks) {
    in ? add(FormatIpNetwork(network), added, more) : add(FormatIpNetwork(network), removed, fewer);
  }
  if (entries) {
    JsonRaw("added", added + "]", json);
    JsonRaw("removed", removed + "]", json);
  } else {
    JsonRaw("added", std::to_string(more), json);
    JsonRaw("removed", std::to_string(fewer), json);
  }
  return json + "}";
}

bool IsPlainName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == name.npos;
}

}  // namespace

void Service::GetLists(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto json = std::make_shared<std::string>("{\"lists\":[");
  Look(
      asked, *merchant,
      [json, merchant = *merchant](const Engine& engine) {
        bool any = false;
        for (const PackList& list : engine.pack().lists) {
          if (any) *json += ',';
          any = true;
          *json += ListJson(list, engine.store().Edits(merchant, list.name), false);
        }
      },
      [this, asked, json] {
        HttpAnswer answer;
        answer.body = *json + "]}";
        Answer(asked, std::move(answer));
      });
}

void Service::GetList(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto json = std::make_shared<std::string>();
  Look(
      asked, *merchant,
      [json, name = asked->parts[0], merchant = *merchant](const Engine& engine) {
        for (const PackList& list : engine.pack().lists) {
          if (list.name == name) {
            *json = ListJson(list, engine.store().Edits(merchant, list.name), true);
          }
        }
      },
      [this, asked, json] {
        if (json->empty()) {
          return Answer(asked, Problem(ErrorCode::kNotFound,
                                       "the pack has no list '" + asked->parts[0] + "'"));
        }
        HttpAnswer answer;
        answer.body = *json;
        Answer(asked, std::move(answer));
      });
}

// {"add":[...],"remove":[...],"reason":"..."}: an event of the log like any other.
void Service::PostList(const AskedPtr& asked) {
  const auto merchant = MerchantOf(asked);
  if (!merchant) return;
  const auto body = JsonDocument::Parse(asked->request.body);
  if (!body) return Answer(asked, Problem(body.error()));
  if (body->root()["add"].list().empty() && body->root()["remove"].list().empty()) {
    return Answer(asked, Problem(ErrorCode::kInvalidInput,
                                 "a change of a list needs entries to add or to remove"));
  }
  for (const auto& [name, value] : body->root().members()) {
    if (name != "add" && name != "remove" && name != "reason" && name != "id") {
      return Answer(asked, Problem(ErrorCode::kInvalidInput,
                                   "a change of a list has no field '" + std::string(name) +
                                       "'; it has id, add, remove and reason"));
    }
  }
  const std::string now = FormatRfc3339(core_->Now());
  std::string list = "{";
  JsonMember("name", asked->parts[0], list);
  if (!body->root()["reason"].text().empty()) {
    JsonMember("reason", body->root()["reason"].text(), list);
  }
  for (const char* name : {"add", "remove"}) {
    std::string texts = "[";
    for (const JsonValue& one : body->root()[name].list()) {
      if (texts.size() > 1) texts += ',';
      WriteJsonText(one.text(), texts);
    }
    JsonRaw(name, texts + "]", list);
  }
  const std::string_view given = body->root()["id"].text();
  std::string event = "{";
  JsonMember("id", given.empty() ? "list " + EncodeHex(RandomBytes(12)) : std::string(given),
             event);
  JsonMember("type", "list.changed", event);
  JsonMember("merchant", *merchant, event);
  JsonMember("occurred_at", now, event);
  JsonRaw("list", list + "}", event);
  SubmitOne(asked, event + "}");
}

void Service::GetPacks(const AskedPtr& asked) {
  const auto pack = core_->pack();
  std::string active = "{";
  JsonMember("name", pack->name, active);
  JsonRaw("version", std::to_string(pack->version), active);
  JsonMember("hash", pack->hash, active);
  std::string available = "[";
  const std::string folder = core_->config()->packs;
  std::error_code fault;
  if (!folder.empty()) {
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
      if (fs::exists(at->path() / "pack.yaml", fault)) {
        names.push_back(at->path().filename().string());
      }
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (available.size() > 1) available += ',';
      WriteJsonText(name, available);
    }
  }
  HttpAnswer answer;
  answer.body = "{\"active\":" + active + "},\"available\":" + available + "]}";
  Answer(asked, std::move(answer));
}

// {"pack":"NAME"}: a folder of the configured folder of packs.
void Service::PostPacks(const AskedPtr& asked) {
  const auto body = JsonDocument::Parse(asked->request.body);
  if (!body) return Answer(asked, Problem(body.error()));
  const std::string name(body->root()["pack"].text());
  const std::string folder = core_->config()->packs;
  if (folder.empty()) {
    return Answer(asked, Problem(ErrorCode::kForbidden,
                                 "the configuration names no folder of packs ('packs')"));
  }
  if (!IsPlainName(name)) {
    return Answer(asked, Problem(ErrorCode::kInvalidInput,
                                 "pack: must be the name of a folder in the folder of packs"));
  }
  Later(asked, [this, asked, path = folder + "/" + name] {
    Diagnostics findings;
    const Status activated = core_->Activate(path, findings);
    if (!activated) {
      HttpAnswer answer = Problem(activated.error());
      if (!findings.empty()) {
        answer.body.pop_back();
        JsonRaw("diagnostics", RenderJson(findings), answer.body);
        answer.body += '}';
      }
      return Answer(asked, std::move(answer));
    }
    const auto pack = core_->pack();
    std::string change = "{", event = "{";
    JsonMember("name", pack->name, change);
    JsonRaw("version", std::to_string(pack->version), change);
    JsonMember("hash", pack->hash, change);
    JsonMember("id", "pack " + EncodeHex(RandomBytes(12)), event);
    JsonMember("type", "pack.activated", event);
    JsonMember("occurred_at", FormatRfc3339(core_->Now()), event);
    JsonRaw("pack", change + "}", event);
    std::vector<Input> inputs(1);
    inputs[0].text = event + "}";
    const bool logged = core_->Submit(asked->Who(), std::move(inputs),
                                      [this, asked, change](std::vector<holdfast::Answer> answers) {
                                        if (answers[0].input.error)
                                          return Answer(asked, Problem(*answers[0].input.error));
                                        HttpAnswer answer;
                                        answer.body = "{\"active\":" + change + "}}";
                                        Answer(asked, std::move(answer));
                                      });
    if (!logged) Answer(asked, Problem(ErrorCode::kTooMany, "the pack is active, but not logged"));
  });
}

}  // namespace holdfast

#include <utility>

#include "engine/codec/json.h"
#include "engine/decide/permit.h"
#include "engine/pipeline/engine.h"
#include "holdfast/scorer.h"

namespace holdfast {

struct Scorer::Impl {
  Engine engine;
  JsonEventParser parser;
};

Scorer::Scorer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Scorer::~Scorer() = default;

std::unique_ptr<Scorer> Scorer::Open(const std::string& pack_path, std::string& findings) {
  Diagnostics diagnostics;
  auto pack = LoadPack(pack_path, diagnostics);
  findings = RenderText(diagnostics);
  if (pack == nullptr) return nullptr;
  auto impl = std::unique_ptr<Impl>(
      new Impl{Engine(std::move(pack), MakeMemoryStore()), JsonEventParser()});
  return std::unique_ptr<Scorer>(new Scorer(std::move(impl)));
}

ScoreResult Scorer::Score(std::string_view json) {
  ScoreResult result;
  auto event = std::make_shared<Event>();
  if (Status parsed = impl_->parser.Parse(json, *event); !parsed) {
    result.problem = parsed.error().Text();
    return result;
  }
  auto applied = impl_->engine.Apply(std::move(event));
  if (!applied) {
    result.problem = applied.error().Text();
    return result;
  }
  result.accepted = true;
  result.duplicate = applied->duplicate;
  if (applied->decision) {
    WriteDecision(*applied->decision, result.decision.emplace());
    SetPermit(nullptr, *applied->decision, *result.decision);
  }
  return result;
}

}  // namespace holdfast

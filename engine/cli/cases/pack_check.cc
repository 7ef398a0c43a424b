#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/screen.h"
#include "engine/codec/json_object.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string order, file, evidence, parcel;
};

struct Scanned {
  std::string sku, colour, size;
  bool gift = false;
  std::int64_t quantity = 0;
};

// A line of the order after its last amendment, and how many of it are in the parcel.
struct Expected : Scanned {
  std::string title, price;
  std::string apart;  // how it differs from other lines of the SKU; empty: no other
  std::int64_t packed = 0;
};

std::string NameOf(const Expected& line) {
  std::string variant = line.colour;
  if (!line.size.empty()) variant += (variant.empty() ? "" : ", ") + line.size;
  return line.sku + (variant.empty() ? "" : " (" + variant + ")") + (line.gift ? " gift" : "") +
         (line.apart.empty() ? "" : " [" + line.apart + "]") +
         (line.title.empty() ? "" : "  " + line.title);
}

bool IsSameSku(std::string_view a, std::string_view b) {
  return ToLowerAscii(a) == ToLowerAscii(b);
}

// Sets `apart` of lines with the same SKU: how each differs, or its position if nothing differs.
void TellApart(std::vector<Expected>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Expected& line = lines[i];
    bool shared = false, variant = false, gift = false, price = false, title = false;
    for (const Expected& other : lines) {
      if (&other == &line || !IsSameSku(other.sku, line.sku)) continue;
      shared = true;
      variant |= other.colour != line.colour || other.size != line.size;
      gift |= other.gift != line.gift;
      price |= other.price != line.price;
      title |= other.title != line.title;
    }
    if (!shared) continue;
    const auto add = [&line](const std::string& text) {
      line.apart += (line.apart.empty() ? "" : ", ") + text;
    };
    if (variant && line.colour.empty() && line.size.empty()) add("no variant");
    if (gift && !line.gift) add("no gift");
    if (price) add(line.price.empty() ? "no price" : "at " + line.price);
    if (!variant && !gift && !price && !title) add("line " + std::to_string(i + 1));
  }
}

std::vector<Expected> LinesOf(const JsonValue& order, const std::string& parcel) {
  std::vector<Expected> lines;
  for (const JsonValue& item : order["order"]["order"]["items"].list()) {
    if (item["parcel"].text() != parcel) continue;
    Expected line;
    line.sku = item["sku"].text();
    if (line.sku.empty()) line.sku = item["title"].text();
    line.colour = item["variant"]["colour"].text();
    line.size = item["variant"]["size"].text();
    line.gift = item["gift"].truth();
    line.price = item["unit_price"].text();
    if (!item["sku"].text().empty()) line.title = item["title"].text();
    line.quantity = item["quantity"].text().empty()
                        ? 1
                        : ParseNumber<std::int64_t>(item["quantity"].text()).value_or(0);
    lines.push_back(std::move(line));
  }
  TellApart(lines);
  return lines;
}

void ShowLeft(const std::vector<Expected>& lines) {
  Screen screen(TerminalWidth(), UseColour());
  std::vector<std::vector<std::string>> rows = {{"packed", "of", "line"}};
  for (const Expected& line : lines) {
    rows.push_back({std::to_string(line.packed), std::to_string(line.quantity), NameOf(line)});
  }
  screen.Table(rows);
  std::fputs(screen.text().c_str(), stdout);
}

// Chooses among lines with the same SKU. A scanner cannot tell colours and gifts apart.
Expected* Choose(std::vector<Expected*> candidates) {
  if (candidates.size() == 1) return candidates[0];
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    std::printf("  %zu: %s\n", i + 1, Safe(NameOf(*candidates[i])).c_str());
  }
  std::printf("which? ");
  std::fflush(stdout);
  std::string line;
  if (!std::getline(std::cin, line)) return nullptr;
  const int chosen = ParseNumber<int>(Trim(line)).value_or(0);
  if (chosen < 1 || chosen > static_cast<int>(candidates.size())) {
    std::printf("none of them; scan it again\n");
    return nullptr;
  }
  return candidates[static_cast<std::size_t>(chosen) - 1];
}

// Reads one SKU per line, as scanners type it, until `done`. Empty: the input ended before.
std::optional<std::vector<Scanned>> Scan(std::vector<Expected> lines) {
  std::vector<Scanned> others;
  std::printf("scan each piece; - takes the last back, done ends, cancel gives up\n");
  ShowLeft(lines);
  Expected* last = nullptr;
  bool last_other = false;  // the last piece is not part of the order
  for (std::string text;;) {
    std::printf("> ");
    std::fflush(stdout);
    if (!std::getline(std::cin, text)) return std::nullopt;
    const std::string sku(Trim(text));
    if (sku.empty()) continue;
    if (sku == "cancel") return std::nullopt;
    if (sku == "done") break;
    if (sku == "-") {
      if (last_other && !others.empty()) {
        std::printf("removed: %s\n", Safe(others.back().sku).c_str());
        others.pop_back();
      } else if (last != nullptr && last->packed > 0) {
        --last->packed;
        std::printf("removed: %s\n", Safe(NameOf(*last)).c_str());
      } else {
        std::printf("nothing to take back\n");
      }
      last = nullptr;
      last_other = false;
      continue;
    }
    std::vector<Expected*> open, all;
    for (Expected& line : lines) {
      if (!IsSameSku(line.sku, sku)) continue;
      all.push_back(&line);
      if (line.packed < line.quantity) open.push_back(&line);
    }
    if (all.empty()) {
      others.push_back({sku, {}, {}, false, 1});
      last = nullptr;
      last_other = true;
      std::printf("NOT ORDERED: %s\n", Safe(sku).c_str());
      continue;
    }
    if (open.empty()) std::printf("TOO MANY: %s\n", Safe(NameOf(*all[0])).c_str());
    last = Choose(open.empty() ? std::vector<Expected*>{all[0]} : open);
    last_other = false;
    if (last == nullptr) continue;
    ++last->packed;
    std::printf("%lld of %lld  %s\n", static_cast<long long>(last->packed),
                static_cast<long long>(last->quantity), Safe(NameOf(*last)).c_str());
  }
  std::vector<Scanned> packed = std::move(others);
  for (const Expected& line : lines) {
    if (line.packed == 0) continue;
    packed.push_back(line);
    packed.back().quantity = line.packed;
  }
  return packed;
}

// What a file says was packed: {"items":[...]}, or the list alone.
Result<std::string> ItemsOf(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    auto read = ReadFile(path, limits::kEventBytes);
    if (!read) return tl::unexpected(read.error());
    text = std::move(*read);
  }
  const auto document = JsonDocument::Parse(text);
  if (!document) return tl::unexpected(document.error());
  const JsonValue& root = document->root();
  const JsonValue& items = root.IsList() ? root : root["items"];
  if (!items.IsList()) {
    return Fail(ErrorCode::kMalformedInput, path,
                "must be a list of {sku, quantity, variant, gift}, or have one as 'items'");
  }
  std::string json;
  WriteJson(items, json);
  return json;
}

std::string Json(const std::vector<Scanned>& packed) {
  JsonList list;
  for (const Scanned& line : packed) {
    list.Add(
        JsonObject()
            .Text("sku", line.sku)
            .Raw("variant", JsonObject().Text("colour", line.colour).Text("size", line.size).Done())
            .Number("quantity", line.quantity)
            .Bool("gift", line.gift)
            .Done());
  }
  return list.Done();
}

int PackCheck(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportFailure(order.error());
  const JsonValue& root = order->root();
  const std::string parcels = OtherParcels(root, options.parcel);
  const auto refuse = [&] {
    return ReportFailure({ErrorCode::kUsage, "--parcel", "the order goes in parcels: " + parcels});
  };
  if (options.file.empty() && !parcels.empty()) return refuse();
  std::string items;
  if (options.file.empty()) {
    const JsonValue& decision = root["decision"];
    if (decision["outcome"].text() != "ship" && decision["cause"].text() != "packing") {
      std::printf("do not pack: the order is not to be shipped (%s %s)\n",
                  Safe(decision["outcome"].text()).c_str(), Safe(decision["cause"].text()).c_str());
      return 1;
    }
    for (const JsonValue& advice : decision["handling"].list()) {
      std::printf("! %s\n", Safe(advice.text()).c_str());
    }
    if (!options.parcel.empty()) std::printf("parcel %s\n", Safe(options.parcel).c_str());
    const auto packed = Scan(LinesOf(root, options.parcel));
    if (!packed) {
      std::printf("nothing was sent\n");
      return 2;
    }
    items = Json(*packed);
  } else {
    auto read = ItemsOf(options.file);
    if (!read) return ReportFailure(read.error());
    items = std::move(*read);
    if (items != "[]" && !parcels.empty()) return refuse();
  }
  const std::string shipment = JsonObject()
                                   .Raw("items", items)
                                   .GivenText("evidence", options.evidence)
                                   .GivenText("parcel", options.parcel)
                                   .Done();
  const auto result = (*client)->Send(
      NewEvent(options, "shipment.packed", options.order, "shipment", shipment), SeenOf(root));
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "ship", options.json, "Packing");
}

}  // namespace

void AddPackCheck(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("pack-check",
              "Check what was packed against the order as last amended; a difference holds it");
  command.Value("ORDER", options->order, "Its id").Required();
  command
      .Value("--file", options->file,
             "What was packed, as JSON; - for standard input; without it, scan")
      .File();
  command.Value("--evidence", options->evidence, "The video or photo of the packing");
  command.Value("--parcel", options->parcel, "Which parcel, of an order that is split");
  AddOpsOptions(command, *options);
  command.Footer("Exit codes: 0 packed as ordered, 1 it is held, 2 usage or given up, 3 failed.");
  command.Example("holdfast pack-check 100045 --evidence cam7/0815.mp4");
  command.Does([options] { return PackCheck(*options); });
}

}  // namespace holdfast::cli

#include "engine/base/result.h"

#include <iterator>

namespace holdfast {
namespace {

constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kUsage, "usage", "The command was used wrongly.", "See `holdfast --help`.", 400, 2},
    {ErrorCode::kInvalidInput, "invalid-input", "A field has a value that is not allowed.",
     "Correct the field named by the path and send the input again.", 422, 1},
    {ErrorCode::kMalformedInput, "malformed-input", "The input is not well formed.",
     "Send one JSON object, in UTF-8, as documented in docs/formats.md.", 400, 1},
    {ErrorCode::kLimitExceeded, "limit-exceeded", "A limit was reached.",
     "Send less at once; the limits are listed in docs/formats.md.", 413, 1},
    {ErrorCode::kDuplicateConflict, "duplicate-conflict",
     "This id was used before with other content.",
     "Use a new event id for new content; the first event stays in force.", 409, 1},
    {ErrorCode::kUnknownOrder, "unknown-order", "Order not found.",
     "Check the number and the seller; an order is known once order.placed has come.", 404, 1},
    {ErrorCode::kOrderExists, "order-exists", "This order was placed before.",
     "Send order.amended to change an order.", 409, 1},
    {ErrorCode::kInvalidPack, "invalid-pack", "The rule pack has errors.",
     "Mend the places shown; `holdfast rules check PACK` checks again.", 422, 1},
    {ErrorCode::kOtherPack, "other-pack", "The pack is not the active one of the data folder.",
     "Activate it with `holdfast packs activate`, or use the active one as the message says.", 409,
     3},
    {ErrorCode::kInvalidMapping, "invalid-mapping", "The mapping file has errors.",
     "Mend the places shown; docs/mappings.md explains the format.", 422, 2},
    {ErrorCode::kNotFound, "not-found", "A file or folder is not there.", "Check the path.", 404,
     3},
    {ErrorCode::kIo, "io", "The system refused to read or write.",
     "Check permissions and free space, then try again.", 503, 3},
    {ErrorCode::kBusy, "busy", "It is in use.", "Stop the other process, or give another folder.",
     409, 3},
    {ErrorCode::kConflict, "conflict", "It was changed since you read it.",
     "Look at the order again, then decide.", 409, 1},
    {ErrorCode::kCorrupt, "corrupt", "What is on disk is not what was written there.",
     "Do as the message says; a log is restored from a backup, a state is made again from its log.",
     500, 3},
    {ErrorCode::kNewerFormat, "newer-format", "A later version of Holdfast wrote it.",
     "Use that version, or another folder.", 500, 3},
    {ErrorCode::kInterrupted, "interrupted", "Stopped before the end.", "Run it again.", 503, 3},
    {ErrorCode::kUnauthorized, "unauthorized", "The request carries no key that is known.",
     "Send `Authorization: Bearer KEY`; `holdfast keys create` makes one.", 401, 3},
    {ErrorCode::kForbidden, "forbidden", "You are not allowed to do this.",
     "Ask an administrator, or use a key of the right merchant and role.", 403, 1},
    {ErrorCode::kBadSignature, "bad-signature", "The sender cannot be believed.",
     "Check the secret or webhook id and the clock; docs/webhooks.md has the rules.", 401, 1},
    {ErrorCode::kUnknownRoute, "unknown-route", "There is no such path.",
     "See docs/openapi.yaml for the paths.", 404, 1},
    {ErrorCode::kWrongMethod, "wrong-method", "The path does not take this method.",
     "See the header Allow.", 405, 1},
    {ErrorCode::kTooMany, "too-many", "More came than can be taken now.",
     "Send again after the seconds in the header Retry-After.", 429, 1},
    {ErrorCode::kUnavailable, "unavailable", "This cannot be done now.",
     "Send again after the seconds in the header Retry-After.", 503, 3},
    {ErrorCode::kTimeout, "timeout", "The request did not come in time.",
     "Send the whole request at once.", 408, 1},
    {ErrorCode::kHeadersTooLarge, "headers-too-large", "The headers are too large.",
     "Send fewer or shorter headers.", 431, 1},
    {ErrorCode::kInternal, "internal", "A fault of Holdfast itself.",
     "Please report it with the input that caused it.", 500, 3},
};

}  // namespace

const ErrorInfo& InfoOf(ErrorCode code) {
  for (const ErrorInfo& info : kErrors) {
    if (info.code == code) return info;
  }
  return kErrors[std::size(kErrors) - 1];
}

std::string Error::Text() const {
  const std::string_view what = detail.empty() ? InfoOf(code).sentence : std::string_view(detail);
  if (where.empty()) return std::string(what);
  std::string text = where;
  text += ": ";
  text += what;
  return text;
}

}  // namespace holdfast

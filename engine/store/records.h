// Records: the encoding of a store's records on disk, described in docs/formats.md. Equal state
// gives equal bytes, whatever led to it.
//
// Every record begins with a version byte. Decode returns false for bytes that are not such a
// record.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/store.h"

namespace holdfast {

// Reads an event from the log. Returns null when that fails; it must then report the error itself.
using LoadEvent = std::function<EventPtr(std::uint64_t offset)>;

// Encode appends the record to `out`. Returns false when there is nothing to store, so that no
// record must exist.
bool Encode(const EntityRecord& record, std::string& out);
bool Encode(const OrderState& state, std::string& out);
bool Encode(const SeenEvent& event, std::string& out);
bool Encode(const ListEdits& edits, std::string& out);
bool Encode(const std::optional<EventTime>& due, std::string& out);
bool Encode(const std::optional<Held>& held, std::string& out);
bool Encode(const Reference& reference, std::string& out);

bool Decode(std::string_view bytes, const LoadEvent& load, EntityRecord& record);
// The record of an order has the offsets of its events, which `load` reads.
bool Decode(std::string_view bytes, const LoadEvent& load, OrderState& state);
bool Decode(std::string_view bytes, const LoadEvent& load, SeenEvent& event);
bool Decode(std::string_view bytes, const LoadEvent& load, ListEdits& edits);
bool Decode(std::string_view bytes, const LoadEvent& load, std::optional<EventTime>& due);
bool Decode(std::string_view bytes, const LoadEvent& load, std::optional<Held>& held);
bool Decode(std::string_view bytes, const LoadEvent& load, Reference& reference);

// The approximate memory of a record, in bytes.
std::size_t MemoryOf(const EntityRecord& record);
std::size_t MemoryOf(const OrderState& state);
std::size_t MemoryOf(const SeenEvent& event);
std::size_t MemoryOf(const ListEdits& edits);
std::size_t MemoryOf(const std::optional<EventTime>& due);
std::size_t MemoryOf(const std::optional<Held>& held);
std::size_t MemoryOf(const Reference& reference);

}  // namespace holdfast

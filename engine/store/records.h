// Records: what a store keeps on disk, as bytes. docs/formats.md describes them. Equal state is
// equal bytes, however it came about.
//
// Every record begins with the byte of its version. Decoding gives nothing for bytes that are no
// such record.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/store.h"

namespace holdfast {

// Reads an event of the log again; null when that fails; the caller must report it.
using LoadEvent = std::function<EventPtr(std::uint64_t offset)>;

// Encode appends; false when there is nothing to be kept, and no record is to be there.
bool Encode(const EntityRecord& record, std::string& out);
bool Encode(const OrderState& state, std::string& out);
bool Encode(const RememberedEvent& event, std::string& out);
bool Encode(const ListEdits& edits, std::string& out);
bool Encode(const std::optional<EventTime>& due, std::string& out);
bool Encode(const std::optional<Held>& held, std::string& out);
bool Encode(const Reference& reference, std::string& out);

bool Decode(std::string_view bytes, const LoadEvent& load, EntityRecord& record);
// An order refers to its events by their offsets.
bool Decode(std::string_view bytes, const LoadEvent& load, OrderState& state);
bool Decode(std::string_view bytes, const LoadEvent& load, RememberedEvent& event);
bool Decode(std::string_view bytes, const LoadEvent& load, ListEdits& edits);
bool Decode(std::string_view bytes, const LoadEvent& load, std::optional<EventTime>& due);
bool Decode(std::string_view bytes, const LoadEvent& load, std::optional<Held>& held);
bool Decode(std::string_view bytes, const LoadEvent& load, Reference& reference);

// The memory that they take, about.
std::size_t MemoryOf(const EntityRecord& record);
std::size_t MemoryOf(const OrderState& state);
std::size_t MemoryOf(const RememberedEvent& event);
std::size_t MemoryOf(const ListEdits& edits);
std::size_t MemoryOf(const std::optional<EventTime>& due);
std::size_t MemoryOf(const std::optional<Held>& held);
std::size_t MemoryOf(const Reference& reference);

}  // namespace holdfast

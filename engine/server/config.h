// Config: the settings of the service, from its file. config/holdfast.yaml explains every key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/outbox/endpoint_config.h"
#include "engine/webhooks/webhook.h"
#include "engine/yaml/diagnostic.h"

namespace holdfast {

struct ListenConfig {
  std::string address = "127.0.0.1";     // empty: no TCP
  std::uint16_t port = 8080;             // 0: any that is free
  std::string unix_path;                 // empty: no Unix socket
  std::string tls_certificate, tls_key;  // PEM files; empty: no TLS
};

struct LimitConfig {
  std::size_t connections = 1000;             // by TCP; as many by the Unix socket
  std::size_t connections_per_address = 500;  // of one peer
  std::size_t body_bytes = 1 << 20;
  std::size_t header_bytes = 16 << 10;
  std::int64_t request_seconds = 10;  // for a whole request to come, or a whole answer to go
  std::int64_t idle_seconds = 60;     // between two requests of a connection
  // The most events that are received and not yet answered. One key or webhook may have half as
  // many, so that one sender leaves room for the others.
  std::size_t in_flight = 10'000;
  std::size_t in_flight_bytes = 64 << 20;
  double key_per_second = 1000;  // requests of one key
  double key_burst = 2000;

  static std::size_t ShareOfOne(std::size_t limit) { return (limit + 1) / 2; }
};

struct AlertConfig {
  std::int64_t paid_not_decided_seconds = 900;
  std::int64_t silent_feed_seconds = 0;  // 0: never
  std::int64_t outbox_lag_seconds = 300;
};

struct GeoConfig {
  std::string country = "shipped", asn, hosting, tor, vpn, postal;
  bool trust_sent = false;  // use the `geo` that an event has
};

// The settings of one webhook address.
struct WebhookConfig {
  std::string provider;
  WebhookSettings settings;
  std::string pinned;  // folder of certificates; empty: they are downloaded
  std::string roots;   // PEM file; empty: the system's
};

// Addresses of an order and its payments at the shop and the providers, for people. In a template,
// {order_id}, {merchant} and, of a payment, {transaction_id} stand for the values.
struct LinkConfig {
  std::string order;                           // empty: none
  std::map<std::string, std::string> payment;  // by provider
};

struct ServeConfig {
  std::string data;       // the data folder
  std::string pack;       // the first pack
  std::string packs;      // folder of packs that may be activated by name; empty: none
  std::string keys;       // file of API keys
  std::string permits;    // file of keys that sign permits; empty: there are none
  std::string audit_log;  // file of admin and review calls
  ListenConfig listen;
  LimitConfig limits;
  AlertConfig alerts;
  GeoConfig geo;
  LinkConfig links;
  std::vector<WebhookConfig> webhooks;
  std::vector<EndpointConfig> outbox;
  std::size_t io_threads = 1;
  std::size_t parsers = 1;
  std::uint32_t shards = 1;
  std::size_t cache_mb = 1024;
  std::uint64_t max_replay = 100'000;
  std::int64_t drain_seconds = 10;
  bool open_metrics = false;  // /metrics without a key
  std::string log_level = "info";
};

// Reads the file at `path`. Relative paths in it start at the folder it lies in.
// Null when there are errors; every finding is in `diagnostics`: keys that are not known, values
// out of range, secrets that cannot be read.
std::shared_ptr<const ServeConfig> LoadConfig(const std::string& path, Diagnostics& diagnostics);

// `next` as a running service can take it over: with the settings of `current` that only a start
// can change (data folder, threads, memory, outbox, limits other than those of keys).
ServeConfig MergeReloaded(const ServeConfig& current, const ServeConfig& next);

}  // namespace holdfast

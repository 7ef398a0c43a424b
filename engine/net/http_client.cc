#include "engine/net/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>

#include "engine/base/ip.h"

namespace holdfast {
namespace {

// A running call and the data that libcurl points to.
struct Running {
  std::uint64_t tag = 0;
  HttpCall call;
  HttpReply reply;
  curl_slist* headers = nullptr;
  CURL* handle = nullptr;
  char fault[CURL_ERROR_SIZE] = {};
  ~Running() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
  }
};

std::size_t TakeBody(char* bytes, std::size_t, std::size_t count, void* to) {
  auto& running = *static_cast<Running*>(to);
  if (running.reply.body.size() + count > running.call.answer_bytes) return 0;
  running.reply.body.append(bytes, count);
  return count;
}

// Checks the address after the name was resolved, because a name may resolve to any address.
curl_socket_t OpenSocket(void* from, curlsocktype, curl_sockaddr* address) {
  const auto& running = *static_cast<const Running*>(from);
  if (!running.call.allow_private) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* bytes =
        address->family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&address->addr)->sin_addr)
            : static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&address->addr)->sin6_addr);
    inet_ntop(address->family, bytes, text, sizeof text);
    const auto ip = ParseIp(text);
    if (!ip || IsPrivateIp(*ip)) return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void StartLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::unique_ptr<Running> Prepare(std::uint64_t tag, const HttpCall& call) {
  StartLibrary();
  auto running = std::make_unique<Running>();
  running->tag = tag;
  running->call = call;
  CURL* handle = running->handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, running->call.url.c_str());
  if (!call.unix_socket.empty()) {
    curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, running->call.unix_socket.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(call.timeout_seconds));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "holdfast");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, running->fault);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &TakeBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, running.get());
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, running.get());
  curl_easy_setopt(handle, CURLOPT_PRIVATE, running.get());
  for (const auto& [name, value] : running->call.headers) {
    running->headers = curl_slist_append(running->headers, (name + ": " + value).c_str());
  }
  if (!call.body.empty()) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, running->call.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(running->call.body.size()));
    running->headers = curl_slist_append(running->headers, "Expect:");
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, running->headers);
  return running;
}

void End(Running& running, CURLcode code) {
  HttpReply& reply = running.reply;
  if (code != CURLE_OK) {
    reply.fault = running.fault[0] != '\0' ? running.fault : curl_easy_strerror(code);
    return;
  }
  long status = 0;
  curl_off_t wait = 0;
  curl_easy_getinfo(running.handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(running.handle, CURLINFO_RETRY_AFTER, &wait);
  reply.status = static_cast<int>(status);
  reply.retry_after_seconds = static_cast<std::int64_t>(wait);
}

}  // namespace

Result<HttpReply> Call(const HttpCall& call) {
  const auto running = Prepare(0, call);
  End(*running, curl_easy_perform(running->handle));
  if (running->reply.status == 0) {
    return Fail(ErrorCode::kUnavailable, call.url, running->reply.fault);
  }
  return std::move(running->reply);
}

struct HttpCalls::Impl {
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Running>> running;
};

HttpCalls::HttpCalls() : impl_(std::make_unique<Impl>()) {
  StartLibrary();
  impl_->multi = curl_multi_init();
}

HttpCalls::~HttpCalls() {
  for (const auto& [handle, running] : impl_->running) {
    curl_multi_remove_handle(impl_->multi, handle);
  }
  impl_->running.clear();
  curl_multi_cleanup(impl_->multi);
}

void HttpCalls::Start(std::uint64_t tag, const HttpCall& call) {
  auto running = Prepare(tag, call);
  CURL* handle = running->handle;
  impl_->running.emplace(handle, std::move(running));
  curl_multi_add_handle(impl_->multi, handle);
}

std::size_t HttpCalls::running() const { return impl_->running.size(); }

std::vector<std::pair<std::uint64_t, HttpReply>> HttpCalls::Wait(int milliseconds) {
  std::vector<std::pair<std::uint64_t, HttpReply>> done;
  int left = 0;
  curl_multi_perform(impl_->multi, &left);
  if (left == static_cast<int>(impl_->running.size())) {
    curl_multi_poll(impl_->multi, nullptr, 0, milliseconds, nullptr);
    curl_multi_perform(impl_->multi, &left);
  }
  while (CURLMsg* message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto at = impl_->running.find(message->easy_handle);
    End(*at->second, message->data.result);
    curl_multi_remove_handle(impl_->multi, at->first);
    done.emplace_back(at->second->tag, std::move(at->second->reply));
    impl_->running.erase(at);
  }
  return done;
}

}  // namespace holdfast

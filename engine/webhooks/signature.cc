#include "engine/webhooks/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

#include "engine/base/base64.h"
#include "engine/base/freed.h"
#include "engine/base/hash.h"
#include "engine/base/hmac.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using TrustStore = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using TrustContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

std::vector<Certificate> ReadCertificates(const std::string& pem) {
  constexpr std::size_t kMost = 20;
  std::vector<Certificate> all;
  const std::unique_ptr<BIO, Freed<BIO_free_all>> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (all.size() < kMost) {
    Certificate next(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    all.push_back(std::move(next));
  }
  return all;
}

}  // namespace

Result<std::string> AnySecret(const WebhookSettings& settings, EventTime now,
                              const std::function<bool(const std::string& secret)>& matches) {
  const WebhookSecret* found = nullptr;
  bool any = false;
  for (const WebhookSecret& secret : settings.secrets) {
    if (secret.value.empty() || (secret.not_before && now < *secret.not_before) ||
        (secret.not_after && now > *secret.not_after)) {
      continue;
    }
    any = true;
    if (matches(secret.value) && found == nullptr) found = &secret;
  }
  if (found != nullptr) return found->name;
  return BadSignature(any ? "the signature matches no secret in force" : "no secret is in force");
}

Result<std::string_view> SignedHeader(const Delivery& delivery, std::string_view name) {
  bool twice = false;
  const std::string_view value = delivery.Header(name, &twice);
  if (value.empty()) return BadSignature("the header " + std::string(name) + " is missing");
  if (twice) return BadSignature("the header " + std::string(name) + " stands twice");
  return value;
}

bool IsHmacBase64(std::string_view signature, std::string_view key, std::string_view message) {
  const auto bytes = DecodeBase64(Trim(signature));
  return bytes && SameSecret(*bytes, HmacSha256(key, message));
}

Status CheckTime(EventTime signed_at, EventTime now, std::int64_t past, std::int64_t future) {
  const std::int64_t age = (now.nanos - signed_at.nanos) / kNanosPerSecond;
  if (age > past) {
    return BadSignature("was signed " + std::to_string(age) + " s ago; at most " +
                        std::to_string(past) + " s are accepted");
  }
  if (-age > future) {
    return BadSignature("was signed " + std::to_string(-age) +
                        " s in the future; is the clock right?");
  }
  return {};
}

bool HoldsCertificate(const std::string& pem) { return !ReadCertificates(pem).empty(); }

Status CheckCertified(const std::string& pem, const std::string& roots, const std::string& host,
                      EventTime now, std::string_view message, std::string_view signature) {
  const auto chain = ReadCertificates(pem);
  if (chain.empty()) return BadSignature("the certificate cannot be read");
  const TrustStore store(X509_STORE_new());
  for (const Certificate& root : ReadCertificates(roots)) {
    X509_STORE_add_cert(store.get(), root.get());
  }
  const std::unique_ptr<STACK_OF(X509), Freed<[](STACK_OF(X509) * s) { sk_X509_free(s); }>> others(
      sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].get());
  const TrustContext context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain[0].get(), others.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, now.nanos / kNanosPerSecond);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size());
  if (X509_verify_cert(context.get()) != 1) {
    return BadSignature(std::string("the certificate is not trusted: ") +
                        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  const Key key(X509_get_pubkey(chain[0].get()));
  const Digest digest(EVP_MD_CTX_new());
  const bool rsa = key != nullptr && EVP_PKEY_base_id(key.get()) == EVP_PKEY_RSA;
  if (!rsa || EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                       message.size()) != 1) {
    return BadSignature("the signature is not that of the certificate's key");
  }
  return {};
}

}  // namespace holdfast

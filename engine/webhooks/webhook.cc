#include "engine/webhooks/webhook.h"

#include "engine/base/text.h"
#include "engine/webhooks/providers.h"

namespace holdfast {

std::string_view Delivery::Header(std::string_view name, bool* twice) const {
  const std::string wanted = ToLowerAscii(name);
  std::string_view found;
  bool seen = false;
  for (const auto& [key, value] : headers) {
    if (ToLowerAscii(key) != wanted) continue;
    if (seen && twice != nullptr) *twice = true;
    if (!seen) found = value;
    seen = true;
  }
  return found;
}

const WebhookProvider* FindWebhookProvider(std::string_view name) {
  for (const WebhookProvider* provider : {PayPalWebhooks(), StripeWebhooks(), ShopifyWebhooks(),
                                          WooCommerceWebhooks(), AdyenWebhooks()}) {
    if (provider->name() == name) return provider;
  }
  return nullptr;
}

std::span<const std::string_view> WebhookProviderNames() {
  static constexpr std::string_view kNames[] = {"paypal", "stripe", "shopify", "woocommerce",
                                                "adyen"};
  return kNames;
}

}  // namespace holdfast

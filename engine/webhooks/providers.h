// The providers, one file each. Every one lives as long as the process and may be used by any
// thread.
#pragma once

#include "engine/webhooks/webhook.h"

namespace holdfast {

const WebhookProvider* PayPalWebhooks();
const WebhookProvider* StripeWebhooks();
const WebhookProvider* ShopifyWebhooks();
const WebhookProvider* WooCommerceWebhooks();
const WebhookProvider* AdyenWebhooks();

}  // namespace holdfast

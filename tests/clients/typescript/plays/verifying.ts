// Verifies deliveries as they were received: [headers, body in base64].
import { type ReceivedEvent, verifyWebhook } from "dovecote-client";
import { given, say, thrown } from "./given.js";

const told: Record<string, unknown> = {};
for (const [name, { secret, headers, body, options }] of Object.entries<any>(given.deliveries)) {
  const verifying = { ...options, ...(options?.now && { now: new Date(options.now) }) };
  const bytes = Buffer.from(body, "base64");
  told[name] = await thrown(verifyWebhook(secret, bytes, headers, verifying).then(nameOf));
}
say(told);

function nameOf(event: ReceivedEvent): unknown {
  return event.event === "post.published" ? event.data.platform_post_url : event.event;
}

"use strict";

/*
 * Swagger UI for this installation. Calls go to where the page came from: the address that the
 * document names may be another one of the same server, which our policy and browsers refuse.
 * The key is kept in the page only: stored in the browser, any later reader of it could publish.
 */
(async () => {
  const place = document.getElementById("swagger-ui");
  const demo = JSON.parse(document.getElementById("demo").textContent);
  const spec = await (await fetch(place.dataset.schema)).json();
  spec.servers = [{ url: location.origin, description: "This installation" }];

  // What is sent as an example names the demo workspace's accounts and files, and goes out at once.
  // The time in its text lets it be sent again: networks refuse what they have just published.
  const time = new Date().toLocaleTimeString();
  const fill = (value) => {
    if (value === null || typeof value !== "object") return;
    if (typeof value.content === "string") value.content += ` ${time}`;
    if (Array.isArray(value.account_ids)) {
      value.account_ids = demo.account_ids;
      delete value.scheduled_at;
      delete value.timezone;
    }
    if (Array.isArray(value.media_ids)) {
      value.media_ids = demo.media_ids;
      if (value.alt_texts) value.alt_texts = { [demo.media_ids[0]]: "A dovecote" };
    }
    Object.values(value).forEach(fill);
  };
  if (demo.account_ids?.length && demo.media_ids?.length) {
    for (const path of Object.values(spec.paths)) {
      for (const call of Object.values(path)) fill(call.requestBody);
    }
  }

  const ui = SwaggerUIBundle({
    spec,
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    onComplete: () => {
      if (demo.key) ui.preauthorizeApiKey("key", demo.key);
    },
  });
})();

/* The overview refreshes itself in place: what did not change is not touched, so focus, scroll,
   selections and open details stay. Says so when the server stopped answering. */
"use strict";

(() => {
  const LIVE = "overview-live";
  /* Three refreshes are missing. */
  const SILENT_MS = 16000;
  let heardAt = Date.now();
  let shownSince = Date.now();

  function isSame(old, wanted) {
    return old.nodeType === wanted.nodeType && old.nodeName === wanted.nodeName && (old.id || "") === (wanted.id || "");
  }

  function syncAttributes(old, wanted) {
    for (const { name } of [...old.attributes]) {
      /* Which details are open is the reader's choice. */
      const isReaders = name === "open" && old.nodeName === "DETAILS";
      if (!isReaders && !wanted.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  }

  function sync(old, wanted) {
    if (old.isEqualNode(wanted)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = wanted.nodeValue;
      return;
    }
    if (old.hasAttribute("data-keep") || old.nodeName === "CANVAS") return;
    syncAttributes(old, wanted);
    syncChildren(old, wanted);
  }

  /* From `at` on, the first element that `wanted` is a newer form of. */
  function ahead(at, wanted) {
    let found = at;
    while (found && !isSame(found, wanted)) found = found.nextSibling;
    return found;
  }

  function syncChildren(old, wanted) {
    const ids = new Set([...wanted.children].map((child) => child.id).filter(Boolean));
    let at = old.firstChild;
    for (const child of [...wanted.childNodes]) {
      const isElement = child.nodeType === Node.ELEMENT_NODE;
      const found = isElement ? ahead(at, child) : at && isSame(at, child) ? at : null;
      if (!found) {
        old.insertBefore(child, at);
        continue;
      }
      /* What is skipped is gone, unless it only comes later now. */
      while (at !== found && !ids.has(at.id)) {
        const next = at.nextSibling;
        at.remove();
        at = next;
      }
      if (at === found) at = at.nextSibling;
      else old.insertBefore(found, at);
      sync(found, child);
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  htmx.defineExtension("dovecote-morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") return false;
      syncChildren(target, fragment);
      return true;
    },
  });

  function tellWhetherStale(isFailed) {
    const warning = document.getElementById("overview-stale");
    const live = document.getElementById(LIVE);
    if (!warning || !live) return;
    const isStale = isFailed || Date.now() - Math.max(heardAt, shownSince) > SILENT_MS;
    live.classList.toggle("dovecote-old", isStale);
    if (isStale && warning.hidden) {
      const asOf = document.getElementById("overview-as-of").textContent;
      warning.textContent = `The server has stopped answering. What you see is as of ${asOf}.`;
    }
    warning.hidden = !isStale;
  }

  function isLive(event) {
    return event.target.id === LIVE;
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isLive(event)) return;
    if (event.detail.successful) heardAt = Date.now();
    tellWhetherStale(!event.detail.successful);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    shownSince = Date.now();
    for (const id of [LIVE, "overview-charts"]) {
      const part = document.getElementById(id);
      if (part) htmx.trigger(part, "dovecote:refresh");
    }
  });
  window.setInterval(() => {
    if (!document.hidden && Date.now() - heardAt > SILENT_MS) tellWhetherStale(false);
  }, 1000);
})();

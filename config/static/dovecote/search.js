/* The box that finds everything, over every page. Ctrl-K opens it, and "/" where no list has a box. */

document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const dialog = document.getElementById("dovecote-search");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const results = dialog.querySelector(".dovecote-search-results");
  const status = dialog.querySelector("[role=status]");
  const hint = results.innerHTML;
  /* Typing pauses for this long before the server is asked. */
  const PAUSE_MS = 200;
  /* Of a whole API key, only the part that names it leaves this page. */
  const WHOLE_KEY = /(pe_live_[0-9a-f]{4})[0-9a-f]+/g;
  let timer = 0;
  let asked = new AbortController();
  /* The text that the results belong to. */
  let shown = "";

  const links = () => [...results.querySelectorAll("a")];

  function open() {
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
  }

  function show(text, html) {
    shown = text;
    results.innerHTML = html;
    results.scrollTop = 0;
    /* Read aloud, while the focus stays in the box. */
    status.textContent = results.querySelector(".dovecote-search-count")?.textContent.trim() ?? "";
    results.setAttribute("aria-busy", "false");
  }

  async function ask(text) {
    asked.abort();
    asked = new AbortController();
    if (!text) return show("", hint);
    results.setAttribute("aria-busy", "true");
    const address = `${input.form.action}?part=1&q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, { signal: asked.signal, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      show(text, await answer.text());
    } catch (failure) {
      if (failure.name === "AbortError") return;
      show(text, '<p role="alert">The server did not answer. Press Enter to open the page of the search.</p>');
    }
  }

  /* Step by step from the box through the results and back. */
  function move(step) {
    const every = [input, ...links()];
    const at = every.indexOf(document.activeElement);
    every[Math.min(Math.max(at + step, 0), every.length - 1)].focus();
  }

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  input.addEventListener("input", () => {
    const cut = input.value.replace(WHOLE_KEY, "$1");
    if (cut !== input.value) input.value = cut;
    clearTimeout(timer);
    timer = setTimeout(() => ask(input.value.trim()), PAUSE_MS);
  });

  input.form.addEventListener("submit", (event) => {
    const text = input.value.trim();
    const [only, ...others] = links();
    if (!text || (shown === text && only && !others.length)) event.preventDefault();
    if (text && shown === text && only && !others.length) only.click();
  });

  dialog.addEventListener("keydown", (event) => {
    /* By itself the box would be emptied first. */
    if (event.key === "Escape") {
      event.preventDefault();
      return dialog.close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    move(step);
  });

  /* A click beside it. */
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.querySelector(".dovecote-search-close").addEventListener("click", () => dialog.close());

  document.addEventListener("keydown", (event) => {
    const wantsSearch = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    /* On a list the theme leads it to the list's own box. */
    const isFree = isSlash && !isTyping(event.target) && !document.getElementById("searchbar");
    if (!wantsSearch && !isFree) return;
    event.preventDefault();
    open();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest(".dovecote-search-open");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
});

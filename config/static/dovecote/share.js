"use strict";
// The theme of the viewer's system, before anything is painted; then times in the viewer's zone.
if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark");
document.addEventListener("DOMContentLoaded", () => {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("[data-dovecote-local]")) {
    time.textContent = `${format.format(new Date(time.dateTime))}, your time`;
  }
});

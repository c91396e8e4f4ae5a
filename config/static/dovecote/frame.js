"use strict";

/*
 * The sidebar: beside the page on wide screens, where it stays closed if the operator closed it;
 * above the page on narrow ones, where it is closed at first.
 */
(() => {
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 1280px)");
  const KEY = "dovecote-sidebar";

  root.dataset.wideSidebar = localStorage.getItem(KEY) || "open";
  root.dataset.narrowSidebar = "closed";

  const name = () => (wide.matches ? "wideSidebar" : "narrowSidebar");
  const isOpen = () => root.dataset[name()] === "open";
  const sidebar = () => document.getElementById("dovecote-sidebar");
  const opener = () => document.querySelector("header [data-sidebar-toggle]");

  const show = () => {
    opener()?.setAttribute("aria-expanded", String(isOpen()));
    // What lies under the open menu cannot be reached until it is closed.
    const page = document.getElementById("main");
    if (page) page.inert = !wide.matches && isOpen();
  };

  const turn = (open) => {
    root.dataset[name()] = open ? "open" : "closed";
    if (wide.matches) localStorage.setItem(KEY, root.dataset.wideSidebar);
    show();
    if (wide.matches) return;
    if (open) sidebar()?.querySelector("[data-sidebar-toggle]")?.focus();
    else opener()?.focus();
  };

  const isOverPage = () => !wide.matches && isOpen();

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sidebar-toggle]")) turn(!isOpen());
    else if (isOverPage() && !sidebar()?.contains(event.target)) turn(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOverPage()) turn(false);
  });
  wide.addEventListener("change", show);

  // What the theme opens by links without an address, such as filters, no key would reach.
  const CLICKED = "a[x-on\\:click]:not([href]), span[x-on\\:click]";
  document.addEventListener("DOMContentLoaded", () => {
    for (const each of document.querySelectorAll(CLICKED)) {
      each.tabIndex = 0;
      each.setAttribute("role", "button");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(CLICKED)) return;
    event.preventDefault();
    event.target.click();
  });

  // Select2 and Django's pairs of lists leave out names and roles that screen readers need.
  const named = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const name = select.labels[0]?.textContent.trim() || select.name;
      const drawn = select.nextElementSibling?.querySelectorAll("[role='combobox'], [role='textbox'], [role='searchbox']");
      for (const each of drawn || []) each.setAttribute("aria-label", name);
    }
    for (const each of document.querySelectorAll(".help-tooltip[aria-label]")) each.setAttribute("role", "img");
  };
  window.addEventListener("load", () => setTimeout(named));
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".select2-search__field:not([aria-label])")) target.setAttribute("aria-label", "Search");
  });
  document.addEventListener("DOMContentLoaded", () => {
    show();
    sidebar()?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  });
})();

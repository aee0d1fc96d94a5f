// The keyboard: `/` finds, `g` and a letter goes to a page, `j` and `k` move in lists, `?` tells.

const ROWS = "main tbody tr, main .cards > *, main [data-row]";
const keys = document.getElementById("keys");
const menu = (key) => document.querySelector(`.menu a[data-key="${CSS.escape(key)}"]`);
let going = 0;

function show(link) {
  if (link) link.click();
}

function move(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.querySelector("a[href]") && row.checkVisibility());
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  const link = rows[next].querySelector("a[href]");
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  "/": () => document.getElementById("search")?.select(),
  "?": () => keys.showModal(),
  g: () => { going = Date.now(); },
  j: () => move(1),
  k: () => move(-1),
  t: () => document.getElementById("theme").click(),
  u: () => show([...document.querySelectorAll(".crumbs a")].at(-1) ?? document.querySelector(".brand")),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keys.open) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const waiting = Date.now() - going < 1500;
  going = 0;
  if (waiting) {
    const link = event.key === "h" ? document.querySelector(".where") ?? document.querySelector(".brand") : menu(event.key);
    if (link) event.preventDefault();
    show(link);
  } else if (Object.hasOwn(ACTIONS, event.key)) {
    event.preventDefault();
    ACTIONS[event.key]();
  }
}

const button = document.getElementById("keys-button");
button.hidden = false;
button.addEventListener("click", () => keys.showModal());
addEventListener("keydown", pressed);

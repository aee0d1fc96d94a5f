// What every page does by itself: the theme's button, copying, times that go on, a sign that something loads.

const root = document.documentElement;
const THEMES = ["system", "light", "dark"];

function chosenTheme() {
  return root.dataset.theme ?? "system";
}

function nextTheme() {
  return THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length];
}

function changeTheme() {
  const theme = nextTheme();
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("calf-theme", theme);
  } catch {
    // storage is off: it holds until the next page
  }
  sayTheme();
}

function sayTheme() {
  const button = document.getElementById("theme");
  const words = `Theme: ${chosenTheme()}. Change to ${nextTheme()}`;
  button.hidden = false;
  button.title = words;
  button.dataset.is = chosenTheme();
  button.lastElementChild.textContent = words;
}

// ---- times: as the server words them (calf.views.words.span)

const SKEW = 60; // seconds by which the clocks of two machines may differ
const UNITS = [[48, 1, "hours"], [24 * 14, 24, "days"], [24 * 60, 24 * 7, "weeks"], [24 * 365 * 2, 24 * 30, "months"]];

function span(seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 60) return seconds < 2 ? "1 second" : `${Math.floor(seconds)} seconds`;
  if (seconds < 3600) return seconds < 120 ? "about a minute" : `${Math.floor(seconds / 60)} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return "about an hour";
  for (const [limit, unit, word] of UNITS) if (hours < limit) return `${Math.floor(hours / unit)} ${word}`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}

function tick() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (Number.isNaN(seconds)) continue;
    const words = seconds > -SKEW ? `${span(Math.max(0, seconds))} ago` : "in the future";
    if (time.textContent !== words) time.textContent = words;
  }
}

// ---- copying

function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = !navigator.clipboard;
}

async function copy(button) {
  const text = button.previousElementSibling.textContent;
  button.textContent = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not allowed");
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

// ---- what is wider than its place scrolls there, is seen to, and can be reached by the keyboard

function fitTables() {
  for (const table of document.querySelectorAll("main table:not(.scroll table, .source table)")) {
    table.classList.remove("too-wide");
    table.classList.toggle("too-wide", table.getBoundingClientRect().right > table.parentElement.getBoundingClientRect().right + 1);
  }
  for (const place of document.querySelectorAll("main .scroll:has(> table)")) {
    place.classList.toggle("too-wide", place.scrollWidth > place.clientWidth);
  }
}

function openScrollers() {
  fitTables();
  for (const place of document.querySelectorAll("main pre, main .scroll, main .tabs, main .too-wide")) {
    const wide = place.scrollWidth > place.clientWidth || place.scrollHeight > place.clientHeight;
    if (wide && !place.hasAttribute("tabindex") && !place.querySelector("a, button")) place.tabIndex = 0;
  }
}

// ---- what takes longer than a moment

let slow;

function leaving() {
  clearTimeout(slow);
  slow = setTimeout(() => { root.dataset.loading = ""; }, 250);
}

function arrived() {
  clearTimeout(slow);
  delete root.dataset.loading;
}

addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (link && plain && !event.defaultPrevented && !link.target && !link.hasAttribute("download") && link.origin === location.origin
      && link.pathname !== location.pathname && !link.pathname.endsWith("/raw")) leaving();
});
addEventListener("submit", (event) => { if (!event.defaultPrevented && event.target.method !== "dialog") leaving(); });
addEventListener("pageshow", arrived);
// What htmx was refused is asked for without it: the page that comes says what is wrong.
document.addEventListener("htmx:responseError", ({ target, detail }) => {
  if (target.localName === "form") target.submit();
  else if (target.getAttribute("hx-trigger")?.startsWith("every") && detail.xhr.status < 500) location.reload();
});
document.addEventListener("calf:shown", () => { offerCopies(); openScrollers(); tick(); });
document.getElementById("theme").addEventListener("click", changeTheme);
addEventListener("resize", openScrollers);
setInterval(tick, 1000);
sayTheme();
offerCopies();
openScrollers();

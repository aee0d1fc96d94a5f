// A page that is live is asked for again when the server says that something changed, and put in place of itself.
//
// What a page may rely on: elements with an id stay the same elements; `details` stay as they were opened; whatever
// is in an element with `data-keep` and an id is its script's own. Nothing moves while somebody types, selects or has a dialog
// open; it is done as soon as they have ended. What a page leaves out so as to come soon is behind a link with
// `data-later`, which leads to the whole page: that is put in its place in the same way. After each time `calf:shown` is sent to the document.

import { isTold, join, leave, retry } from "./shared-events.js";

const APART = 500; // milliseconds from one time to the next, at least
const ASK = 5000; // how often to ask where no events come
const ASSETS = "link[rel=stylesheet], script[src]";
const main = document.getElementById("main");
const sign = document.getElementById("live");
const WORDS = { live: "Live", asking: "Every 5 s", paused: "Paused", reconnecting: "Reconnecting" };
const MORE = {
  live: "What changes is shown at once.",
  asking: "This server does not tell what changes; it is asked.",
  paused: "Something changed. It is shown as soon as you have ended typing or selecting.",
  reconnecting: "Nobody answers. What you see may be old.",
};

let wanted = false;
let busy = false;
let last = 0;
let timer = 0;

function say(state) {
  sign.hidden = false;
  if (sign.dataset.is === state) return;
  sign.dataset.is = state;
  sign.textContent = WORDS[state];
  sign.title = MORE[state];
}

function changed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
}

function disturbs() {
  if (document.hidden || document.querySelector("dialog[open], [popover]:popover-open")) return true;
  const active = document.activeElement;
  if (main.contains(active) && active.closest("form, input, textarea, select")) return true;
  if ([...main.querySelectorAll("input, textarea")].some(changed)) return true;
  const selection = getSelection();
  return !selection.isCollapsed && main.contains(selection.anchorNode);
}

const callbacks = {
  beforeNodeMorphed: (old) => !(old instanceof Element && old.hasAttribute("data-keep")),
  beforeAttributeUpdated: (name, element) => !(name === "open" && element.localName === "details"),
};

// Whether a page needs styles or scripts that this one has not: it stood in for it, or is of before an upgrade.
function lacks(page) {
  const here = new Set([...document.head.querySelectorAll(ASSETS)].map((each) => each.outerHTML));
  return [...page.head.querySelectorAll(ASSETS)].some((each) => !here.has(each.outerHTML));
}

function put(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("main");
  if (!next) return;
  if (lacks(page)) return void location.reload();
  Idiomorph.morph(main, next.childNodes, { morphStyle: "innerHTML", ignoreActiveValue: true, callbacks });
  main.toggleAttribute("data-live", next.hasAttribute("data-live"));
  if (document.title !== page.title) document.title = page.title;
  htmx.process(main);
  document.dispatchEvent(new CustomEvent("calf:shown"));
}

function sayHow(status) {
  if (status === 502 || status === 504) say("reconnecting");
  else say(isTold() ? "live" : "asking");
}

async function ask() {
  busy = true;
  wanted = false;
  last = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    sayHow(answer.status);
    const text = await answer.text();
    if (disturbs()) wanted = true;
    else if (answer.status < 500 || !main.querySelector("h1, table")) put(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // of fetch: nobody answered
    say("reconnecting");
  } finally {
    busy = false;
  }
  if (wanted) soon();
}

function soon() {
  wanted = true;
  if (busy || timer) return;
  const waits = disturbs();
  if (waits && !document.hidden && sign.dataset.is !== "reconnecting") say("paused");
  const wait = waits ? APART : Math.max(0, last + APART - performance.now());
  timer = setTimeout(() => {
    timer = 0;
    if (disturbs()) soon();
    else ask();
  }, wait);
}

function listen() {
  join(document.body.dataset.project, {
    opened(again) {
      say("live");
      if (again) soon(); // what happened while nobody listened
    },
    changed: soon,
    lost() { if (sign.dataset.is === "live") say("reconnecting"); },
  });
}

function lookAfter() {
  if (document.hidden || isTold()) return;
  soon();
  retry();
}

async function follow(link) {
  const answer = await fetch(link.href, { headers: { accept: "text/html" } });
  const text = await answer.text();
  while (disturbs()) await new Promise((done) => { setTimeout(done, APART); });
  if (answer.ok && link.isConnected) put(text);
}

const later = main.querySelector("a[data-later]");
if (later) follow(later).catch(() => {}); // the link is still there
if (main.hasAttribute("data-live")) {
  if (!document.hidden) listen(); // one that was opened behind listens, and asks, once it is seen
  setInterval(lookAfter, ASK);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted && !document.hidden) { listen(); soon(); } });
  document.addEventListener("visibilitychange", () => { // no tab behind holds the stream, which its browser may stop
    if (document.hidden) leave();
    else { listen(); soon(); }
  });
}

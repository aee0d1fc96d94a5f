// The graph: moved and zoomed by wheel, hand, buttons and keys; what is upstream and downstream of a box shows up;
// a panel for the box that was chosen. The server draws it anew whenever something changed: what is seen of it and
// what was chosen is kept here and in the URL, and put back then.

import { WAYS, near, nextBox, placeOf } from "./dag-walking.js";

const NEAREST = 2;
const READABLE = 0.62;
const FAR = 0.5;
const LOWEST = 300;
const SVG = "http://www.w3.org/2000/svg";
let root = null; // the place of the graph; nothing while the project has no graph yet

let seen = null; // what of the picture is seen: x, y, width, height in its own measure; nothing while it has no place
let whole = { width: 1, height: 1 };
let traced = null; // the key of the box whose neighbours stand out
let wanted = null; // the key of the box whose panel is asked for, or stands open
let moved = false;
const fingers = new Map();

const svg = () => document.getElementById("dag-svg");
const panel = () => document.getElementById("dag-panel");
const boxes = () => [...svg().querySelectorAll("foreignObject")];
const keyOf = (box) => box.id.slice(2);
const linkOf = (box) => box.firstElementChild;
const scale = () => svg().clientWidth / seen.width;
const hasPlace = () => svg().clientWidth > 0 && svg().clientHeight > 0; // a window may be as small as nothing

// ---- what is seen

function measure() {
  whole = { width: Number(svg().getAttribute("width")), height: Number(svg().getAttribute("height")) };
}

function size() {
  const room = innerHeight - root.getBoundingClientRect().top - scrollY - 24;
  const at = Math.max(Math.min(root.clientWidth / whole.width, 1.15), READABLE);
  root.style.height = `${Math.max(Math.min(whole.height * at + 36, room), LOWEST)}px`;
}

function fit() {
  const at = Math.min(svg().clientWidth / whole.width, svg().clientHeight / whole.height, 1.15);
  const width = svg().clientWidth / at;
  const height = svg().clientHeight / at;
  seen = { x: (whole.width - width) / 2, y: (whole.height - height) / 2, width, height };
  show();
}

function hold(at, extent) {
  const most = whole[extent] - seen[extent];
  seen[at] = most < 0 ? most / 2 : Math.max(-10, Math.min(seen[at], most + 10));
}

function begin() {
  size();
  if (!hasPlace()) return;
  fit();
  if (scale() >= READABLE) return;
  const width = svg().clientWidth / READABLE;
  const height = svg().clientHeight / READABLE;
  const first = svg().querySelector(".box.found, .box.failure, .box.running")?.parentElement;
  seen = { x: -10, y: (whole.height - height) / 2, width, height };
  if (first) centre(first);
  hold("x", "width");
  hold("y", "height");
  show();
}

function show() {
  if (!seen || !hasPlace()) return;
  const far = 200;
  seen.x = Math.min(Math.max(seen.x, far - seen.width), whole.width - far);
  seen.y = Math.min(Math.max(seen.y, far / 2 - seen.height), whole.height - far / 2);
  svg().setAttribute("viewBox", `${seen.x} ${seen.y} ${seen.width} ${seen.height}`);
  root.classList.toggle("far", scale() < FAR);
  const part = seen.x > 2 || seen.y > 2 || seen.x + seen.width < whole.width - 2 || seen.y + seen.height < whole.height - 2;
  root.classList.toggle("part", part);
  const mark = document.querySelector("#dag-map .seen");
  if (mark) for (const name of ["x", "y", "width", "height"]) mark.setAttribute(name, seen[name]);
}

function zoom(factor, x = svg().clientWidth / 2, y = svg().clientHeight / 2) {
  const least = Math.min(svg().clientWidth / whole.width, svg().clientHeight / whole.height, 1) * 0.7;
  const now = scale();
  const next = Math.min(Math.max(now * factor, least), NEAREST);
  const at = { x: seen.x + x / now, y: seen.y + y / now };
  seen = { x: at.x - x / next, y: at.y - y / next, width: svg().clientWidth / next, height: svg().clientHeight / next };
  show();
}

function move(x, y) {
  seen.x += x / scale();
  seen.y += y / scale();
  show();
}

function centre(box) {
  const at = placeOf(box);
  seen.x = at.x - seen.width / 2;
  seen.y = at.y - seen.height / 2;
}

function reveal(box) {
  if (!seen || !hasPlace()) return;
  const at = placeOf(box);
  const beside = panel().hidden ? 0 : panel().clientWidth / scale();
  const out = at.x - at.width / 2 < seen.x || at.x + at.width / 2 > seen.x + seen.width - beside ||
    at.y - at.height / 2 < seen.y || at.y + at.height / 2 > seen.y + seen.height;
  if (!out) return;
  centre(box);
  seen.x += beside / 2;
  show();
}

// ---- the small map

function drawMap() {
  const map = document.getElementById("dag-map");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("viewBox", `0 0 ${whole.width} ${whole.height}`);
  for (const box of boxes()) {
    const rect = document.createElementNS(SVG, "rect");
    for (const name of ["x", "y", "width", "height"]) rect.setAttribute(name, box.getAttribute(name));
    rect.setAttribute("class", linkOf(box).className.replace("box", ""));
    picture.append(rect);
  }
  const mark = document.createElementNS(SVG, "rect");
  mark.setAttribute("class", "seen");
  picture.append(mark);
  map.replaceChildren(picture);
}

function go(event) {
  const map = document.querySelector("#dag-map svg");
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  seen.x = at.x - seen.width / 2;
  seen.y = at.y - seen.height / 2;
  show();
}

// ---- upstream and downstream

function trace(key) {
  traced = key;
  const there = key !== null && document.getElementById(`n:${key}`);
  const found = there ? near(boxes(), [...svg().querySelectorAll("#dag-edges path")], there) : new Set();
  for (const each of svg().querySelectorAll(".near")) if (!found.has(each)) each.classList.remove("near");
  for (const each of found) each.classList.add("near");
  root.classList.toggle("tracing", Boolean(there));
}

// ---- the panel

function query(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url;
}

const chosen = () => new URL(location.href).searchParams.get("node");

async function choose(box) {
  const key = keyOf(box);
  const link = linkOf(box);
  wanted = key;
  const asked = query({ panel: key, node: "" });
  const text = await fetch(asked, { headers: { accept: "text/html" } }).then((answer) => answer.ok && answer.text()).catch(() => false);
  if (wanted !== key) return; // another one was chosen since, or none
  if (text === false) return void location.assign(link.href); // that page says what is wrong
  if (chosen()) history.replaceState(history.state, "", query({ node: key }));
  else history.pushState({ panel: true }, "", query({ node: key })); // the way back closes it
  panel().innerHTML = text; // of this server, which escapes what it says
  panel().hidden = false;
  panel().dataset.key = key;
  panel().scrollTop = 0;
  mark(key);
  reveal(box);
}

function hide() {
  wanted = null;
  panel().hidden = true;
  panel().replaceChildren();
  delete panel().dataset.key;
  mark(null);
}

function close() {
  if (history.state?.panel) {
    history.back();
    return;
  }
  history.replaceState(history.state, "", query({ node: "" }));
  leave();
}

function leave() {
  const key = panel().dataset.key;
  hide();
  const box = key && document.getElementById(`n:${key}`);
  if (box) linkOf(box).focus({ preventScroll: true });
}

function mark(key) {
  for (const box of boxes()) linkOf(box).classList.toggle("chosen", keyOf(box) === key);
}

// ---- finding

function find(text) {
  const sought = text.trim().toLowerCase();
  let hits = 0;
  for (const box of boxes()) {
    const link = linkOf(box);
    const words = [link.dataset.state, link.dataset.kind, link.querySelector("b").className];
    const name = link.querySelector("b").textContent.toLowerCase();
    const hit = sought !== "" && (name.includes(sought) || words.includes(sought));
    link.classList.toggle("found", hit);
    hits += hit;
  }
  document.getElementById("dag-hits").textContent = sought ? `${hits} found` : "";
  drawMap();
  show();
}

function listenToSearch() {
  const field = document.getElementById("dag-find");
  let at = 0;
  field.addEventListener("input", () => {
    at = 0;
    field.defaultValue = field.value; // it is kept in the URL, so nothing is lost when the page is shown anew
    history.replaceState(history.state, "", query({ find: field.value.trim() }));
    find(field.value);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const hits = [...svg().querySelectorAll(".box.found")];
    if (!hits.length) return;
    const box = hits[at % hits.length].parentElement;
    at += 1;
    if (scale() < READABLE) zoom(READABLE / scale());
    centre(box);
    show();
    trace(keyOf(box));
  });
}

// ---- hand and wheel

function distance() {
  const [one, other] = [...fingers.values()];
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function listenToHand(picture) {
  picture.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !root.contains(document.activeElement)) return; // the page moves on
    event.preventDefault();
    const step = event.deltaMode === 1 ? 30 * event.deltaY : event.deltaY;
    const frame = picture.getBoundingClientRect();
    if (event.shiftKey) move(step, 0);
    else zoom(Math.exp(-Math.max(-120, Math.min(120, step)) / 400), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, far: 0 });
    if (fingers.size === 1) moved = false;
  });
  picture.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (!event.buttons) return void end(event); // it was let go of outside
    const apart = fingers.size === 2 ? distance() : 0;
    const [x, y] = [event.clientX - before.x, event.clientY - before.y];
    const far = before.far + Math.abs(x) + Math.abs(y);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, far });
    if (far > 4 && !moved) {
      moved = true;
      picture.setPointerCapture(event.pointerId);
      picture.classList.add("moving");
    }
    if (fingers.size === 1 && moved) move(-x, -y);
    if (apart) {
      const frame = picture.getBoundingClientRect();
      zoom(distance() / apart, event.clientX - frame.left, event.clientY - frame.top);
    }
  });
  const end = (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) picture.classList.remove("moving");
  };
  picture.addEventListener("pointerup", end);
  picture.addEventListener("pointercancel", end);
  picture.addEventListener("dragstart", (event) => event.preventDefault());
}

function listenToBoxes() {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a.box");
    const dragged = moved && event.detail > 0; // Enter is a click, too, that nobody has dragged
    moved = false;
    const zooming = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (zooming === "fit") fit();
    else if (zooming) zoom(zooming === "in" ? 1.3 : 1 / 1.3);
    if (event.target.closest("#dag-close")) {
      event.preventDefault();
      close();
    }
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (!dragged) choose(link.parentElement);
  });
  root.addEventListener("pointerover", (event) => {
    const link = event.target.closest("a.box");
    if (link && event.pointerType === "mouse") trace(keyOf(link.parentElement));
    else if (traced !== null && !event.target.closest("#dag-panel")) trace(null);
  });
  root.addEventListener("pointerleave", () => trace(null));
  root.addEventListener("focusin", (event) => {
    const link = event.target.closest("a.box");
    root.scrollTo(0, 0);
    if (!link || !link.matches(":focus-visible")) return;
    reveal(link.parentElement);
    trace(keyOf(link.parentElement));
  });
  root.addEventListener("focusout", () => trace(null));
}

// ---- keys

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("#dag-panel") && event.key !== "Escape") return;
  const link = event.target.closest("a.box");
  const way = WAYS[event.key];
  if (way && link) {
    const next = nextBox(boxes(), link.parentElement, way);
    if (next) linkOf(next).focus({ preventScroll: true });
  } else if (way) move(80 * way[0], 80 * way[1]);
  else if (event.key === "+" || event.key === "=") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") fit();
  else if (event.key === "Escape" && !panel().hidden) close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// ---- all of it

function again() {
  const before = whole;
  measure();
  size();
  if (before.width !== whole.width || before.height !== whole.height) begin();
  trace(traced);
  // what was shown may have been asked for before something was chosen, or searched for
  const key = chosen();
  if (!key && !panel().hidden) leave();
  const box = key && document.getElementById(`n:${key}`);
  if (box && panel().dataset.key !== key) choose(box);
  const field = document.getElementById("dag-find");
  field.value = field.defaultValue = new URL(location.href).searchParams.get("find") ?? "";
  find(field.value);
}

function start() {
  root = document.getElementById("dag");
  document.documentElement.classList.toggle("dag-on", root !== null);
  if (!root) return;
  measure();
  drawMap();
  begin();
  listenToHand(svg());
  listenToBoxes();
  listenToSearch();
  root.addEventListener("keydown", press);
  document.getElementById("dag-map").addEventListener("pointerdown", go);
  document.getElementById("dag-map").addEventListener("pointermove", (event) => event.buttons && go(event));
  const box = chosen() && document.getElementById(`n:${chosen()}`);
  if (box) reveal(box);
}

start();
document.addEventListener("calf:shown", () => { // the first repo makes the graph; the last one takes it along
  if (document.getElementById("dag") !== root) start();
  else if (root) again();
});
addEventListener("popstate", () => { // what is searched for stays, whatever is closed
  if (!root) return;
  history.replaceState(history.state, "", query({ find: document.getElementById("dag-find").value.trim() }));
  again();
});
addEventListener("resize", () => {
  if (!root) return;
  if (!seen) begin();
  size();
  if (!hasPlace()) return;
  const at = scale();
  seen.height = svg().clientHeight / at;
  seen.width = svg().clientWidth / at;
  show();
});

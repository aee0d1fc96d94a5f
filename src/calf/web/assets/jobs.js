// A log that goes on: lines as they come, at the end of the page; the page stays at its end if it was there.

import { takeTurns } from "./turns.js";

const MOST = 5000; // lines that stay on the page
const ASK = 5000; // milliseconds until a server that refused is asked again
const place = document.getElementById("log");
const sign = document.getElementById("follow");
const ANSI = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g;
const ODD = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

function plain(text) {
  return text.replace(ANSI, "").replace(ODD, (each) => {
    if (each === "\t") return each;
    const code = each.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function row(line) {
  const made = element("li", line.user ? "stage" : "engine", "");
  const [, clock, micros] = line.ts.match(/T(\d\d:\d\d:\d\d)\.(\d{6})/);
  const seconds = Math.floor(Date.parse(line.ts) / 1000);
  made.id = `t${seconds}-${micros}`;
  const at = element("a", "at", `${clock}.${micros.slice(0, 3)}`);
  const link = new URLSearchParams({ job: line.job, before: `${seconds}.${micros}000` });
  at.href = `${location.pathname}?${link}#${made.id}`;
  at.title = `${line.ts.replace("T", " ").replace("Z", " UTC")}: link to this line`;
  made.append(at);
  if (!place.dataset.datum) made.append(element("span", "of", line.datum ? line.datum.slice(0, 8) : "engine"));
  made.append(element("span", "text", plain(line.message)));
  return made;
}

let day = place?.dataset.after?.slice(0, 10) ?? "";

function dayOf(line) {
  if (line.ts.slice(0, 10) === day) return [];
  day = line.ts.slice(0, 10);
  return [element("li", "next day", `${day}, times in UTC`)];
}

function isAtEnd() {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
}

function show(lines) {
  const list = place.querySelector("ol");
  const shown = lines.filter((line) => place.dataset.level !== "stage" || line.user);
  const stay = isAtEnd();
  list.append(...shown.flatMap((line) => [...dayOf(line), row(line)]));
  while (list.childElementCount > MOST) list.firstElementChild.remove();
  if (shown.length) document.getElementById("no-lines")?.remove();
  if (stay) scrollTo({ top: document.documentElement.scrollHeight });
}

const keyOf = (line) => JSON.stringify([line.ts, line.job, line.datum, line.message]);
const secondBefore = (ts) => (ts ? new Date(Date.parse(ts) - 1000).toISOString() : "");

function follow() {
  const { pipeline, job, datum, find, after } = place.dataset;
  const query = new URLSearchParams({ project: document.body.dataset.project, pipeline });
  for (const [name, value] of Object.entries({ job, datum, find })) if (value) query.set(name, value);
  let events = null;
  let turns = null;
  let later = 0;
  let ended = false;
  let last = after;
  let recent = []; // lines of the last second: what is printed at once does not come in the order of its times
  const say = (words) => { if (!ended && sign.textContent !== words) sign.textContent = words; };
  const begin = () => {
    const from = [after, secondBefore(last)].sort().at(-1);
    if (from) query.set("after", from);
    const stream = new EventSource(`/events/logs?${query}`);
    events = stream;
    let known = new Set(); // who listens again is told again of lines that are shown
    let since = from;
    stream.addEventListener("open", () => {
      say("Lines come as they are printed");
      since = [after, secondBefore(last)].sort().at(-1);
      known = new Set(recent.map(keyOf));
    });
    stream.addEventListener("lines", (event) => {
      const lines = JSON.parse(event.data).filter((line) => line.ts > since && !known.has(keyOf(line)));
      if (!lines.length) return;
      last = [last, ...lines.map((line) => line.ts)].sort().at(-1);
      recent = [...recent, ...lines].filter((line) => line.ts > secondBefore(last));
      show(lines);
    });
    stream.addEventListener("end", (event) => {
      const { error, message } = JSON.parse(event.data);
      if (error === "unreachable") return; // of the server itself: the browser comes again
      say(error ? `No more lines: ${message}` : "The job has ended");
      ended = true;
      turns.abort();
    });
    stream.addEventListener("error", () => {
      say("Reconnecting");
      if (stream.readyState === EventSource.CLOSED) later = setTimeout(listen, ASK); // it was refused, for now
    });
    return () => { clearTimeout(later); stream.close(); };
  };
  const tell = (waits) => {
    if (waits) say("Many logs are open: lines come by turns");
    else if (events.readyState === EventSource.OPEN) say("Lines come as they are printed");
  };
  const leave = () => turns?.abort();
  const listen = () => {
    leave();
    if (ended || document.hidden) return; // of six connections to one server no tab behind holds one
    turns = new AbortController();
    takeTurns(turns.signal, { begin, tell });
  };
  listen();
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
}

if (place && "follow" in place.dataset && place.dataset.level !== "problems") {
  follow();
  if (!location.hash) scrollTo({ top: document.documentElement.scrollHeight });
}

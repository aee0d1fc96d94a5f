// A log that goes on: lines as they come, at the end of the page; the page stays at its end if it was there.

const MOST = 5000; // lines that stay on the page
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

function follow() {
  const { pipeline, job, datum, find, after } = place.dataset;
  const query = new URLSearchParams({ project: document.body.dataset.project, pipeline });
  for (const [name, value] of Object.entries({ job, datum, find, after })) if (value) query.set(name, value);
  let events = null;
  let ended = false;
  let last = after;
  let known = ""; // who listens again is told again of all lines up to this moment
  const listen = () => {
    events?.close();
    if (ended || document.hidden) return; // of six connections to one server no tab behind holds one
    events = new EventSource(`/events/logs?${query}`);
    events.addEventListener("open", () => {
      sign.textContent = "Lines come as they are printed";
      known = last;
    });
    events.addEventListener("lines", (event) => {
      const lines = JSON.parse(event.data).filter((line) => !known || line.ts > known);
      if (!lines.length) return;
      last = lines.at(-1).ts;
      show(lines);
    });
    events.addEventListener("end", () => { ended = true; sign.textContent = "The job has ended"; events.close(); });
    events.addEventListener("error", () => { sign.textContent = "Reconnecting"; });
  };
  listen();
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => events?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
}

if (place && "follow" in place.dataset && place.dataset.level !== "problems") {
  follow();
  if (!location.hash) scrollTo({ top: document.documentElement.scrollHeight });
}

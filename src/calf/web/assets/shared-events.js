// What changes, told to all windows of a browser by one stream: a browser has six connections to one server.
//
// Windows that are seen wait in line for a lock. Who has it leads: it holds the stream, for the projects of all of
// them, and passes on what comes. When it is closed, hidden or has crashed, the browser gives the lock to the next
// one, whose stream begins anew; each window is told, and asks for its page once, so that nothing is lost between
// the two. A leader that does not say for some time that it is there is believed no more. Where a browser lacks
// locks or channels each window has a stream of its own.

const NAME = "calf-events";
const BEAT = 4000; // milliseconds: so often the leader says how things stand
const SILENCE = 3 * BEAT;
const RECENT = 3000; // from when a page is made to when it listens, at most (as MOMENT in live/hub.py)
const GATHER = 30; // for windows to say where they are, before the stream begins
const me = `${Date.now()}.${Math.random()}`;
const SHARED = "locks" in navigator && "BroadcastChannel" in window;

let project = "";
let told = null; // who listens on this page: opened(again), changed(), lost()
let channel = null;
let line = null; // ends the waiting in line
let leading = null; // while this window leads: windows, stream, state, recent, timers, release
let known = ""; // the stream that this window has heard of last; empty while there is none
let before = false; // whether there was one, or one that broke off, since this window has joined
let heard = 0;

// Whether what changes will be told.
export function isTold() {
  return known !== "" && performance.now() - heard < SILENCE;
}

// Listen for changes of a project (empty: of all), until `leave`.
export function join(which, who) {
  leave();
  [project, told, before] = [which, who, false];
  if (!SHARED) return void lead(() => {});
  channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", (event) => receive(event.data));
  channel.postMessage({ is: "here", id: me, project });
  line = new AbortController();
  const { signal } = line;
  const turn = () => (signal.aborted ? null : new Promise(lead)); // the lock is held until this is kept
  navigator.locks.request(NAME, { signal }, turn).catch((error) => { if (!signal.aborted) throw error; });
}

// Listen no more; another window leads if this one did.
export function leave() {
  line?.abort();
  channel?.postMessage({ is: "gone", id: me });
  channel?.close();
  clearTimeout(leading?.soon);
  clearInterval(leading?.beat);
  leading?.stream?.close();
  leading?.release();
  line = channel = leading = null;
  known = "";
}

// Where the server has ended the stream for good (it is full, or somebody has signed out): try again.
export function retry() {
  if (leading?.stream?.readyState === EventSource.CLOSED) open();
}

function lead(release) {
  leading = { release, windows: new Map([[me, project]]), stream: null, state: { is: "state", stream: "", projects: [] }, recent: new Map(), streams: 0 };
  leading.beat = setInterval(() => pass(leading.state), BEAT);
  leading.soon = setTimeout(open, SHARED ? GATHER : 0);
  channel?.postMessage({ is: "who" });
}

function open() {
  const mine = leading;
  const projects = [...new Set(mine.windows.values())].sort();
  mine.stream?.close();
  clearTimeout(mine.soon);
  const stream = new EventSource(`/events?${new URLSearchParams(projects.map((each) => ["project", each]))}`);
  mine.stream = stream;
  mine.state = { is: "state", stream: "", projects };
  stream.addEventListener("open", () => {
    mine.streams += 1;
    mine.state = { ...mine.state, stream: `${me}.${mine.streams}` };
    pass(mine.state);
  });
  stream.addEventListener("change", (event) => {
    const changed = JSON.parse(event.data).project;
    mine.recent.set(changed, performance.now());
    pass({ is: "change", project: changed });
  });
  stream.addEventListener("error", () => {
    mine.state = { ...mine.state, stream: "" };
    pass(mine.state);
  });
}

function pass(message) {
  channel?.postMessage(message);
  receive(message);
}

function receive(message) {
  if (message.is === "who") channel.postMessage({ is: "here", id: me, project });
  else if (message.is === "here") welcome(message);
  else if (message.is === "gone") leading?.windows.delete(message.id);
  else if (message.is === "state") {
    if (message.projects.includes(project)) follow(message.stream);
    else channel.postMessage({ is: "here", id: me, project }); // who leads has not heard of this window
  } else if (message.is === "change" && message.project === project && (message.to ?? me) === me) told.changed();
}

// A window has come: it is told how things stand, and of a change since its page was made.
function welcome({ id, project: theirs }) {
  if (!leading) return;
  leading.windows.set(id, theirs);
  if (!leading.stream) return; // it will begin in a moment, with this one
  if (!leading.state.projects.includes(theirs)) {
    clearTimeout(leading.soon);
    leading.soon = setTimeout(open, GATHER);
    return;
  }
  channel.postMessage(leading.state);
  if (performance.now() - (leading.recent.get(theirs) ?? -RECENT) < RECENT) channel.postMessage({ is: "change", project: theirs, to: id });
}

function follow(stream) {
  heard = performance.now();
  if (stream && stream === known) return;
  known = stream;
  const again = before;
  before = true;
  if (stream) told.opened(again);
  else told.lost();
}

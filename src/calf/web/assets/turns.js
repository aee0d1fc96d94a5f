// Windows that each need a stream of their own take turns where there are many: of the six connections that a browser
// has to one server three are for these, and the others for pages.

const SEATS = ["calf-stream-0", "calf-stream-1", "calf-stream-2"];
const TURN = 2000; // milliseconds that a window keeps its seat when another one waits for it

// Have a seat, time and again, until `signal`: `begin` is called with each, and gives what is to be called when it is
// left; `tell` is called with whether others are waited for. A browser without locks has seats for all.
export async function takeTurns(signal, what) {
  if (!("locks" in navigator)) {
    signal.addEventListener("abort", what.begin(), { once: true });
    return;
  }
  while (!signal.aborted) {
    const wait = setTimeout(what.tell, TURN / 4, true);
    try {
      const seat = await freest();
      await navigator.locks.request(seat, { signal }, () => { clearTimeout(wait); return sit(seat, signal, what); });
    } catch (error) {
      if (!signal.aborted) throw error; // else the page goes, and all that it asked for is refused
    } finally {
      clearTimeout(wait);
    }
  }
}

async function sit(seat, signal, { begin, tell }) {
  if (signal.aborted) return;
  const end = begin();
  try {
    for (;;) {
      await pause(signal);
      if (signal.aborted || await isWanted(seat)) return;
      tell(false);
    }
  } finally {
    end();
  }
}

// The seat that fewest windows have or wait for.
async function freest() {
  const { held, pending } = await navigator.locks.query();
  const names = [...held, ...pending].map((each) => each.name);
  const number = (seat) => names.filter((name) => name === seat).length;
  return SEATS.reduce((best, seat) => (number(seat) < number(best) ? seat : best));
}

async function isWanted(seat) {
  return (await navigator.locks.query()).pending.some((each) => each.name === seat);
}

function pause(signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, TURN);
    signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
  });
}

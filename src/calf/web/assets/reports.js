// Curves of metrics, drawn from the page's own JSON; the table below them says the same.

const drawn = [];
let asking = 0;

function colour(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.className = name;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function short(value) {
  return value == null ? "–" : Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function series(rows, place) {
  const cells = rows.map((row) => row.cells[place]);
  const bounded = cells.some((cell) => cell.low !== null);
  const data = [rows.map((_, at) => at), cells.map((cell) => (typeof cell.value === "number" ? cell.value : null))];
  if (bounded) data.push(cells.map((cell) => cell.low), cells.map((cell) => cell.high));
  return { bounded, data };
}

// The part of the axis to show: all values and intervals with some room, and of what lies between 0 and 1, as
// shares do, nothing beyond. Without it a plot of equal values would begin at 0 and end at twice as much.
export function limits(data) {
  const values = data.slice(1).flat().filter((value) => value !== null);
  if (!values.length) return [0, 1];
  const low = Math.min(...values), high = Math.max(...values);
  const room = 0.15 * (high - low || Math.abs(high) / 2 || 1);
  return [
    low >= 0 && low < room ? -0.04 * (high + room) : low - room,
    high <= 1 && high + room > 1 ? 1 + 0.04 * (1 - low + room) : high + room,
  ];
}

// An upright line from the low to the high end of each interval: runs are apart, so nothing joins their ends.
function intervals(plot, line) {
  const [places, , lows, highs] = plot.data, context = plot.ctx;
  context.save();
  context.strokeStyle = line;
  context.globalAlpha = 0.45;
  context.lineWidth = 3 * devicePixelRatio;
  context.beginPath();
  for (const at of places) {
    if (lows[at] == null || highs[at] == null) continue;
    const x = plot.valToPos(at, "x", true);
    context.moveTo(x, plot.valToPos(lows[at], "y", true));
    context.lineTo(x, plot.valToPos(highs[at], "y", true));
  }
  context.stroke();
  context.restore();
}

function widthIn(place) {
  return Math.max(240, place.clientWidth - 24);
}

function draw(box, name, rows, place, good) {
  const { bounded, data } = series(rows, place);
  const ink = colour("muted"), line = colour("state running"), place_of = document.createElement("div");
  const title = document.createElement("h3");
  title.textContent = good ? `${name} (${good})` : name;
  place_of.className = "curve";
  place_of.append(title);
  box.append(place_of);
  const axis = { stroke: ink, grid: { stroke: ink, width: 0.15 }, ticks: { stroke: ink, width: 0.15 }, size: 54, values: (_, marks) => marks.map(short) };
  const names = { ...axis, size: 30, space: 80, label: "commit, oldest first", labelSize: 18, labelFont: "11px system-ui", incrs: [1, 2, 5, 10, 20, 50], values: (_, marks) => marks.map((at) => rows[at]?.commit.slice(0, 8) ?? "") };
  const faint = { stroke: line, paths: () => null, points: { show: false }, value: (_, value) => short(value) };
  const options = {
    width: widthIn(place_of), height: 205, cursor: { y: false },
    scales: { x: { time: false, range: (_, low, high) => [low - 0.3, high + 0.3] }, y: { range: limits(data) } },
    axes: [names, axis],
    series: [
      { label: "commit", value: (_, at) => (at === null ? "–" : rows[at]?.commit.slice(0, 8) ?? "") },
      { label: "value", stroke: line, width: 0.75, dash: [2, 4], points: { show: true, size: 8, fill: line, stroke: line }, value: (_, value) => short(value) },
      ...(bounded ? [{ ...faint, label: "low" }, { ...faint, label: "high" }] : []),
    ],
    hooks: { drawAxes: bounded ? [(plot) => intervals(plot, line)] : [] },
  };
  drawn.push(new uPlot(options, data, place_of));
}

async function show() {
  const box = document.getElementById("curves");
  if (!box) return;
  const mine = (asking += 1);
  const asked = fetch(box.dataset.from, { headers: { accept: "application/json" } });
  const found = await asked.then((answer) => answer.ok && answer.json()).catch(() => false);
  if (!found || mine !== asking) return; // a later one has been asked for
  const rows = found.rows.slice().reverse();
  const key = JSON.stringify([found.names, rows.map((row) => row.commit)]);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  while (drawn.length) drawn.pop().destroy();
  box.replaceChildren();
  if (rows.length > 1) found.names.forEach((name, place) => draw(box, name, rows, place, found.good[name]));
}

// While one types, the list of metrics is narrowed; the button asks the server, which knows all of them.
document.addEventListener("input", (event) => {
  const box = document.getElementById("chips");
  if (event.target.name !== "find" || !box) return;
  const wanted = event.target.value.trim().toLowerCase();
  if (wanted) box.closest("details").open = true;
  for (const each of box.querySelectorAll(".chip")) each.parentElement.hidden = !each.textContent.toLowerCase().includes(wanted);
});

let turned;

// A plot is as wide as its place, which is another one once the window is.
addEventListener("resize", () => {
  clearTimeout(turned);
  turned = setTimeout(() => {
    for (const plot of drawn) plot.setSize({ width: widthIn(plot.root.parentElement), height: plot.height });
  }, 150);
});

show();
document.addEventListener("calf:shown", show);

// Ways through the graph: along its edges, and from box to box by arrow keys.

export const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Where a box is: its middle, and its extents.
export function placeOf(box) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
  return { x: x + width / 2, y: y + height / 2, width, height };
}

// The links and edges that a box comes from, and those that come from it; edges name boxes by their numbers.
export function near(boxes, edges, box) {
  const found = new Set();
  for (const [from, to] of [["a", "b"], ["b", "a"]]) {
    const next = new Map();
    for (const edge of edges) {
      if (!next.has(edge.dataset[from])) next.set(edge.dataset[from], []);
      next.get(edge.dataset[from]).push(edge);
    }
    const waiting = [String(boxes.indexOf(box))];
    const been = new Set(waiting);
    while (waiting.length) {
      const at = waiting.pop();
      found.add(boxes[Number(at)].firstElementChild);
      for (const edge of next.get(at) ?? []) {
        found.add(edge);
        if (been.has(edge.dataset[to])) continue;
        been.add(edge.dataset[to]);
        waiting.push(edge.dataset[to]);
      }
    }
  }
  return found;
}

// The box that is nearest in a direction; nothing when none is.
export function nextBox(boxes, box, [right, down]) {
  const from = placeOf(box);
  let best = null;
  let least = Infinity;
  for (const other of boxes) {
    const to = placeOf(other);
    const [x, y] = [to.x - from.x, to.y - from.y];
    const ahead = x * right + y * down;
    if (other === box || ahead < 1) continue;
    const far = ahead + 2.5 * Math.abs(x * down + y * right);
    if (far < least) [best, least] = [other, far];
  }
  return best;
}

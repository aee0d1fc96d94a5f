// On a small screen the graph is wider than its place: it begins where the reader is, not at the first commit.

const place = document.querySelector(".chain");
const here = place?.querySelector("a[aria-current] .box");
if (here) {
  const box = here.getBoundingClientRect(), whole = place.getBoundingClientRect();
  place.scrollLeft += box.left + box.width / 2 - whole.left - whole.width / 2;
}

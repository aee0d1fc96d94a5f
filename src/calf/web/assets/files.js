// Files: what pages do beyond links and forms. Everything here can also be done without it.

// A choice that leads somewhere goes there at once.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("select[data-go]")) event.target.form.submit();
});

// From file to file of a folder.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog[open]")) return;
  const rel = { n: "next", p: "prev" }[event.key];
  if (rel) document.querySelector(`.beside a[rel="${rel}"]`)?.click();
});

// The slider over a mask.
function startOpacity(range) {
  const over = document.getElementById(range.dataset.opacity);
  range.hidden = false;
  range.addEventListener("input", () => { over.style.opacity = range.value / 100; });
}

// Two pictures, the new one over the old one, as far as the slider is to the left.
function startPair(pair) {
  const after = pair.querySelectorAll("figure")[1];
  const range = document.createElement("input");
  range.type = "range";
  range.min = 0;
  range.max = 100;
  range.value = 50;
  range.setAttribute("aria-label", "How much of the old picture is seen");
  const show = () => { after.querySelector("img").style.clipPath = `inset(0 0 0 ${range.value}%)`; };
  range.addEventListener("input", show);
  pair.classList.add("sliding");
  pair.append(range);
  show();
}

function start(root) {
  root.querySelectorAll("input[data-opacity][hidden]").forEach(startOpacity);
  root.querySelectorAll(".pair[data-slide]:not(.sliding)").forEach(startPair);
}

start(document);
document.addEventListener("calf:shown", () => start(document));

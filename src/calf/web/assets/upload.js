// Uploads: files and folders, dropped or chosen, sent as one stream (see web/files/receiving.py).
// The browser reads them from the disk as it sends them; a cancelled upload has put nothing.

import { bestLeft, isLookedAt, ownFolder, placed } from "./placing.js";

const at = (id) => document.getElementById(id);
const form = at("upload");
if (form) start();

function start() {
  let files = new Map(); // path -> File
  let request = null;
  let done = false; // the last that was chosen is a commit, which says enough
  let gone = false; // all bytes have: what becomes of them is no longer ours
  let asked = false; // whether somebody said what is to become of the chosen folder's name
  const reads = JSON.parse(form.dataset.reads); // branch -> where its pipelines look
  form.hidden = false;

  const place = (fresh) => {
    const paths = [...files.keys()];
    const looked = reads[at("branch").value] ?? [];
    const own = ownFolder(paths);
    if (!asked) at("without").checked = bestLeft(paths, at("into").value, looked) !== "";
    at("own").hidden = !own;
    at("own-name").textContent = `${own}/`;
    const left = at("without").checked ? own : "";
    const places = paths.map((path) => placed(path, at("into").value, left));
    const unread = places.filter((path) => !isLookedAt(path, looked));
    if (fresh && !at("into").value && looked.length && !unread.length) at("into").value = "/";
    at("unread").hidden = !unread.length;
    at("unread").textContent = `No pipeline looks there: ${unread[0]}${unread.length > 1 ? ` and ${unread.length - 1} more` : ""}. Of this branch they read what lies in ${looked.join(", ")}.`;
    return places;
  };
  const show = (fresh = false) => {
    const places = place(fresh);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.size, 0);
    const bad = [...files.keys()].map((path) => [path, problem(path)]).filter(([, why]) => why);
    at("chosen").textContent = files.size
      ? `${files.size} file${files.size === 1 ? "" : "s"}, ${inWords(bytes)}: ${places.slice(0, 5).join(", ")}${files.size > 5 ? ", …" : ""}`
      : done ? "" : "Nothing chosen yet.";
    at("problems").replaceChildren(...bad.slice(0, 10).map(([path, why]) => item(`${path}: ${why}`)));
    at("send").disabled = !files.size || bad.length > 0 || request !== null;
    at("clear").hidden = !files.size || request !== null;
    at("cancel").hidden = request === null || gone;
    at("under-way").hidden = request === null;
  };
  const add = (path, file) => { done = false; files.set(path.replace(/^\/+/, ""), file); };

  for (const id of ["files", "folder"]) {
    at(id).addEventListener("change", (event) => {
      for (const file of event.target.files) add(file.webkitRelativePath || file.name, file);
      event.target.value = "";
      show(true);
    });
  }
  for (const id of ["into", "branch"]) at(id).addEventListener("input", () => show());
  at("without").addEventListener("change", () => { asked = true; show(); });
  at("clear").addEventListener("click", () => { files = new Map(); asked = false; at("outcome").replaceChildren(); show(); });
  at("cancel").addEventListener("click", () => request?.abort());
  addEventListener("beforeunload", (event) => { if (request !== null && !gone) event.preventDefault(); }); // it would end

  const drop = at("drop");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  }
  drop.addEventListener("drop", async (event) => {
    if (request !== null) return;
    const entries = [...event.dataTransfer.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
    try {
      for (const entry of entries) await walk(entry, add);
    } catch (error) {
      tell("bad", `Not all of it can be read: ${error.message}`);
    }
    show(true);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const places = place(false);
    const list = [...files.values()].map((file, index) => ({ path: places[index], size: file.size }));
    const head = JSON.stringify({ message: at("message").value, files: list });
    request = new XMLHttpRequest();
    request.open("POST", `${form.getAttribute("action")}?branch=${encodeURIComponent(at("branch").value)}`);
    request.upload.addEventListener("progress", (sent) => { at("progress").value = sent.total ? sent.loaded / sent.total : 0; });
    gone = false;
    request.upload.addEventListener("load", () => { gone = true; show(); });
    request.addEventListener("load", () => {
      const answer = read(request.responseText);
      if (request.status === 200) {
        tell("good", "This is commit ", [answer.link, answer.commit.slice(0, 8)], ": ", [answer.follows, "watch what follows"], ".");
        files = new Map();
        asked = false;
        at("message").value = "";
        done = true;
      } else {
        tell("bad", `${answer.message || "The dashboard could not put the files."} ${answer.hint || ""}`);
      }
    });
    request.addEventListener("abort", () => tell("warn", "Cancelled: nothing was put."));
    request.addEventListener("error", () => tell("bad", gone
      ? "The dashboard does not answer. Whether the files were put is not known: look at the newest commit."
      : "The upload broke off (a file that changed meanwhile, or a dashboard that does not answer): nothing was put."));
    request.addEventListener("loadend", () => { request = null; show(); });
    request.send(new Blob([`${head}\n`, ...files.values()]));
    at("outcome").replaceChildren();
    show();
  });
  show();
}

// Every file below what was dropped, by its path; folders are read in pieces of a hundred.
async function walk(entry, add) {
  if (entry.isFile) {
    add(entry.fullPath, await new Promise((done, failed) => entry.file(done, failed)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const children = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!children.length) return;
    for (const child of children) await walk(child, add);
  }
}

// Why a file cannot be called that, empty if it can; the server has the last word.
function problem(path) {
  if (!/^[\x20-\x7e]*$/.test(path)) return "only printable ASCII characters are allowed";
  if (/[*?[\]{}!()@+^]/.test(path)) return "characters of patterns are not allowed: * ? [ ] { } ! ( ) @ + ^";
  if (path.split("/").some((part) => part === "." || part === "..")) return "relative paths are not allowed";
  return "";
}

// Say what became of it: words, and links as pairs of where they lead and their words.
function tell(how, ...parts) {
  const box = document.createElement("p");
  box.className = `notice ${how}`;
  box.append(...parts.map((part) => {
    if (typeof part === "string") return part;
    const anchor = document.createElement("a");
    [anchor.href, anchor.textContent] = part;
    return anchor;
  }));
  at("outcome").replaceChildren(box);
}

function item(words) {
  const made = document.createElement("li");
  made.textContent = words;
  return made;
}

function read(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

function inWords(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (bytes >= 1024 && at < units.length - 1) { bytes /= 1024; at += 1; }
  return `${at ? bytes.toPrecision(3) : bytes} ${units[at]}`;
}

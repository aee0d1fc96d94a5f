// Where files that are uploaded come to lie, and whether any pipeline looks there.

// The one folder that all of some paths lie in, as when a folder was chosen; else empty.
export function ownFolder(paths) {
  const firsts = new Set(paths.map((path) => path.split("/")[0]));
  return firsts.size === 1 && paths.every((path) => path.includes("/")) ? [...firsts][0] : "";
}

// The path of a repo that a file gets; `left` is a folder's own name that is left out.
export function placed(path, into, left) {
  const folder = into.replace(/^\/+|\/+$/g, "");
  return `/${folder ? `${folder}/` : ""}${left ? path.slice(left.length + 1) : path}`;
}

// Whether a pipeline may read a path; nobody is asked where none reads the branch.
export function isLookedAt(path, looked) {
  return !looked.length || looked.some((each) => each === "/" || path === each || path.startsWith(`${each}/`));
}

// How files are to be put so that all of them are read, if one way is: as they are, or without their own folder.
export function bestLeft(paths, into, looked) {
  const read = (left) => paths.every((path) => isLookedAt(placed(path, into, left), looked));
  const own = ownFolder(paths);
  return own && !read("") && read(own) ? own : "";
}

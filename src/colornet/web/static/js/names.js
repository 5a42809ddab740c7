/** Names of files. */

const SUFFIXES = { jpeg: "jpg", png: "png", tiff: "tif", webp: "webp", avif: "avif" };

/** A file's name without its suffix, and without what leads into other folders: a project may come from anybody. */
export function stem(name) {
  return name.replace(/\.[^.]+$/, "").replace(/[/\\]/g, "_") || "photograph";
}

/**
 * The name of a photograph's result.
 * @param {string} name of the photograph
 * @param {string} format of the result
 * @param {boolean} both whether it shows the original as well
 * @param {number} page of its file, if that has several
 */
export function resultName(name, format, both, page = 0) {
  return `${stem(name)}${page ? `-${page}` : ""}-${both ? "before-after" : "color"}.${SUFFIXES[format]}`;
}

/**
 * Other names for those that come a second time, in any spelling with capitals or accents.
 * @returns {(name: string) => string}
 */
export function uniqueNames() {
  const taken = new Set();
  const spelled = (name) => name.normalize("NFC").toLowerCase();
  return (name) => {
    let free = name;
    for (let n = 2; taken.has(spelled(free)); n++) free = name.replace(/(\.[^.]+)?$/, ` ${n}$1`);
    taken.add(spelled(free));
    return free;
  };
}

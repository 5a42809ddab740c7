/** Names of files. */

const SUFFIXES = { jpeg: "jpg", png: "png", tiff: "tif", webp: "webp", avif: "avif" };

/** A file's name without its suffix. */
export function stem(name) {
  return name.replace(/\.[^.]+$/, "") || "photograph";
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
 * Other names for those that come a second time, in any spelling with capitals.
 * @returns {(name: string) => string}
 */
export function uniqueNames() {
  const taken = new Set();
  return (name) => {
    let free = name;
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = name.replace(/(\.[^.]+)?$/, ` ${n}$1`);
    taken.add(free.toLowerCase());
    return free;
  };
}

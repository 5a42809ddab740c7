/** Results in full size, one or all. */

import { $, announce, saveFile, toast } from "./dom.js";
import { stem } from "./panel.js";
import { zip } from "./zip.js";

const SUFFIXES = { jpeg: "jpg", png: "png", tiff: "tif", webp: "webp", avif: "avif" };

async function result(photo) {
  const format = $("format").value;
  const blob = await photo.result(format, $("metadata").checked);
  return { name: `${stem(photo.name)}-color.${SUFFIXES[format || photo.format]}`, blob };
}

/** Run a download with its buttons out of reach; what fails is told. */
async function guarded(run) {
  const buttons = ["download", "save-one", "save-all"].map($);
  for (const button of buttons) button.disabled = true;
  announce("Preparing the download");
  try {
    await run();
  } catch (error) {
    toast(error.message);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

export function downloadOne(photo) {
  return guarded(async () => {
    const { name, blob } = await result(photo);
    saveFile(blob, name);
    announce(`${name} downloaded`);
  });
}

/** Those that cannot be colored are told of and left out. */
export function downloadAll(photos) {
  return guarded(async () => {
    const files = [];
    const taken = new Map();
    for (const [index, photo] of photos.entries()) {
      $("save-all").textContent = `Preparing ${index + 1} of ${photos.length}`;
      try {
        const file = await result(photo);
        const before = taken.get(file.name) ?? 0;
        taken.set(file.name, before + 1);
        if (before) file.name = file.name.replace(/(\.[^.]+)$/, ` ${before + 1}$1`);
        files.push(file);
      } catch (error) {
        toast(`${photo.name}: ${error.message}`);
      }
    }
    $("save-all").textContent = "Download all as ZIP";
    if (files.length) saveFile(await zip(files), "colornet.zip");
    announce(`${files.length} photographs downloaded`);
  });
}

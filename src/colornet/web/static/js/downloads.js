/** Results in full size, one or all. */

import { $, announce, saveFile } from "./dom.js";
import { resultName, uniqueNames } from "./names.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";
import { zip } from "./zip.js";

let busy = false;

async function result(photo) {
  const format = $("format").value;
  const blob = await photo.result(format, $("metadata").checked);
  return { name: resultName(photo.name, format || photo.format), blob };
}

/** One download at a time, its buttons marked as busy; what fails is told. */
async function guarded(run) {
  if (busy) return;
  const buttons = ["download", "save-one", "save-all"].map($);
  busy = true;
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  announce(t("save.preparing"));
  try {
    await run();
  } catch (error) {
    toast(error.message);
  } finally {
    busy = false;
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}

/** @param {import("./photo.js").Photo} photo */
export function downloadOne(photo) {
  return guarded(async () => {
    const { name, blob } = await result(photo);
    saveFile(blob, name);
    announce(t("save.downloaded", { name }));
  });
}

/**
 * All that can be colored, as one ZIP; the others are told of by name.
 * @param {import("./photo.js").Photo[]} photos
 */
export function downloadAll(photos) {
  return guarded(async () => {
    const files = [];
    const unique = uniqueNames();
    const text = $("save-all").firstElementChild;
    const usual = text.textContent;
    for (const [index, photo] of photos.entries()) {
      text.textContent = t("save.preparing-number", { number: index + 1, count: photos.length });
      try {
        await photo.opened;
        const { name, blob } = await result(photo);
        files.push({ name: unique(name), blob });
      } catch (error) {
        toast(t("save.left-out", { reason: error.message }), photo.name);
      }
    }
    text.textContent = usual;
    if (files.length) saveFile(await zip(files), "colornet.zip");
    announce(t("save.downloaded-count", { done: files.length, count: photos.length }));
  });
}

/** Results in full size, one or all. */

import { $, announce, make, revokeLater, saveFile } from "./dom.js";
import { resultName, uniqueNames } from "./names.js";
import { saveIntoFolder, saveStream } from "./saving.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";
import { makeZip } from "./vendor/client-zip/index.js";
import { finished } from "./video/player.js";

const LOSSY = ["jpeg", "webp", "avif"]; // formats that have a quality
let busy = false;

async function result(photo) {
  const format = $("format").value;
  const quality = LOSSY.includes(format || photo.format) ? Number($("quality").value) || null : null;
  const both = $("before-after").checked;
  const how = { format: format || null, quality, metadata: $("metadata").checked, before_after: both, mark: $("mark").checked };
  const { blob, notices } = await photo.result(how);
  for (const { subject, text } of notices) toast(`${text}.`, subject.replace("the picture", () => photo.name));
  return { name: resultName(photo.name, format || photo.format, both, photo.pages > 1 ? photo.state.page : 0), blob };
}

/** One download at a time, its buttons marked as busy; what fails is told. */
export async function guarded(run) {
  if (busy) return;
  const buttons = ["download", "save-one", "save-video", "save-all", "save-folder", "project-save"].map($);
  busy = true;
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  announce(t("save.preparing"));
  try {
    await run();
  } catch (error) {
    toastError(error);
    announce(); // nothing is prepared any more
  } finally {
    busy = false;
    for (const button of buttons) button.removeAttribute("aria-disabled");
    $("save-progress").textContent = "";
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

/** @param {import("./video/video.js").Video} video that is in color */
export function downloadVideo(video) {
  return guarded(async () => {
    const { name, url } = await finished(video);
    make("a", { href: url, download: name }).click();
    if (url.startsWith("blob:")) revokeLater(url);
    announce(t("save.downloaded", { name }));
  });
}

/**
 * All that can be colored, as one ZIP; the others are told of by name.
 * @param {import("./photo.js").Photo[]} photos
 */
export function downloadAll(photos) {
  return guarded(async () => {
    let all = new Results(photos);
    const first = await all.next();
    let results = preceded(first.value, all);
    const make = () => {
      if (!results) results = all = new Results(photos); // a second time
      const zip = makeZip(results);
      results = null;
      return zip;
    };
    if (!first.done) await saveStream(make, "colornet.zip");
    announce(all.told);
  });
}

/** The same, into a folder that the user chooses. */
export function downloadIntoFolder(photos) {
  return guarded(async () => {
    const all = new Results(photos);
    if (!await saveIntoFolder(all)) return;
    announce(all.told);
    toast(`${all.told}.`); // no browser shows that by itself
  });
}

async function* preceded(first, others) {
  yield first;
  yield* others;
}

/** Results one after another, each only once it is asked for: they need no memory together. */
class Results {
  /** @param {import("./photo.js").Photo[]} photos */
  constructor(photos) {
    this.photos = photos;
    this.done = 0;
    this.results = this.#each();
  }

  [Symbol.asyncIterator]() {
    return this.results;
  }

  next() {
    return this.results.next();
  }

  /** What came of it, in words. */
  get told() {
    return t("save.downloaded-count", { done: this.done, count: this.photos.length });
  }

  async *#each() {
    const unique = uniqueNames();
    for (const [index, photo] of this.photos.entries()) {
      $("save-progress").textContent = t("save.preparing-number", { number: index + 1, count: this.photos.length });
      let found;
      try {
        await photo.opened;
        found = await result(photo);
      } catch (error) {
        if (error.name !== "AbortError") toast(t("save.left-out", { reason: error.message }), photo.name);
        continue;
      }
      this.done += 1;
      yield { name: unique(found.name), input: found.blob };
    }
  }
}

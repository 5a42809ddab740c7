/** What is done to several photographs, or shots, at once: told, and taken back, as one. */

import { announce } from "./dom.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";

/**
 * Give a look to photographs; their corrections stay.
 * @param {import("./album.js").Album} album
 * @param {import("./guidance.js").State} state
 * @param {import("./photo.js").Photo[]} photos
 */
export async function applyLook(album, { strength, saturation, setting, levels, reference }, photos) {
  const made = new Map();
  let done = 0;
  for (const photo of photos) {
    announce(t("look.applying", { number: done + 1, count: photos.length }));
    await photo.opened;
    try {
      if (!photo.after) throw photo.error ?? new Error(t("look.gray"));
      const coloring = photo.commit({ strength, saturation, setting, levels, reference });
      made.set(photo, photo.history.state);
      await coloring;
      done += 1;
    } catch (error) {
      if (album.has(photo)) toastError(error, photo.name);
    }
  }
  tellOfAll(album, t("look.applied", { done, count: photos.length }), made);
}

/**
 * Give a look to all shots of a film; their corrections stay.
 * @param {import("./video/video.js").Video} video
 * @param {import("./guidance.js").State} look
 */
export async function applyLookToShots(video, look) {
  const made = await video.applyLook(look);
  tell(t("video.look-applied"), () => video.takeBack(made));
}

/**
 * Tell of it; most of it is out of sight, so everybody is told and can take it back.
 * @param {import("./album.js").Album} album
 * @param {string} text
 * @param {Map<import("./photo.js").Photo, import("./guidance.js").State>} made the state that each photograph got, in its history
 */
export function tellOfAll(album, text, made) {
  const isSeen = [...made.keys()].every((photo) => photo === album.current);
  if (isSeen) announce(text);
  else tell(text, () => takeBack(album, made));
}

/** @param {() => Promise<void>} undo */
function tell(text, undo) {
  announce(text);
  toast(`${text}.`, "", { label: t("toast.undo"), run: () => undo().then(() => announce(t("said.undone"))) });
}

/** Undo it in each photograph of which nothing else was said since. */
async function takeBack(album, made) {
  for (const [photo, state] of made) {
    if (album.has(photo) && photo.history.state === state) await photo.undo().catch((error) => toastError(error, photo.name));
  }
}

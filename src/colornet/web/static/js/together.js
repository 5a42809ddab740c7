/** What was done to several photographs at once: told, and taken back, as one. */

import { announce } from "./dom.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";

/**
 * Tell of it; most of it is out of sight, so everybody is told and can take it back.
 * @param {import("./album.js").Album} album
 * @param {string} text
 * @param {Map<import("./photo.js").Photo, import("./guidance.js").State>} made the state that each photograph got, in its history
 */
export function tellOfAll(album, text, made) {
  announce(text);
  const isSeen = [...made.keys()].every((photo) => photo === album.current);
  if (!isSeen) toast(`${text}.`, "", { label: t("toast.undo"), run: () => takeBack(album, made) });
}

/** Undo it in each photograph of which nothing else was said since. */
async function takeBack(album, made) {
  for (const [photo, state] of made) {
    if (album.has(photo) && photo.history.state === state) await photo.undo().catch((error) => toastError(error, photo.name));
  }
  announce(t("said.undone"));
}

/** What is done on the stage, made into corrections of the photograph that is shown. */

import { announce } from "./dom.js";
import { previewStroke } from "./picker/preview.js";
import { moved } from "./stage/marks.js";
import { t } from "./texts.js";
import { toast, toastError } from "./toasts.js";

/**
 * @param {import("./album.js").Album} album
 * @param {import("./stage/viewer.js").Viewer} viewer
 * @param {import("./picker/picker.js").Picker} picker
 */
export function listenToStage(album, viewer, picker) {
  const { gestures, uncertainty, viewport } = viewer;
  gestures.addEventListener("spot", (/** @type {CustomEvent} */ { detail }) => {
    const { current } = album;
    if ("pointedAt" in current) /** @type {any} */ (current).pointedAt(detail.points);
    if (current.model?.hints) picker.show(current, detail);
    else toast(t("correct.none"));
  });
  gestures.addEventListener("stroke", (/** @type {CustomEvent} */ { detail }) => {
    const { photo } = gestures; // also one that is just being left
    if (photo.model?.hints) previewStroke(viewer, photo, detail);
  });
  gestures.addEventListener("move", (/** @type {CustomEvent} */ { detail: { index, dx, dy, final } }) => {
    const photo = album.current;
    const hints = [...photo.state.hints];
    hints[index] = moved(hints[index], dx, dy);
    if (final) {
      photo.commit({ hints }).then(() => announce(t("correct.moved")), (error) => toastError(error, photo.name));
      return;
    }
    photo.live = { ...photo.state, hints };
    viewer.marks.draw();
    photo.render(true).catch(() => {});
  });
  gestures.addEventListener("sample", (/** @type {CustomEvent} */ { detail }) => picker.sample(album.current, detail));
  picker.addEventListener("sample", () => { gestures.sampling = true; });
  picker.addEventListener("sampled", () => {
    gestures.sampling = false;
    if (album.has(picker.photo) && album.current !== picker.photo) album.showPhoto(picker.photo);
  });
  uncertainty.addEventListener("pick", (/** @type {CustomEvent} */ { detail }) => {
    gestures.pick(...viewport.toStage(detail));
  });
}

/** The buttons of the bar, as far as they can be used now, and what is told of the work. */

import { $, enable } from "./dom.js";
import { canSaveIntoFolder } from "./saving.js";
import { t } from "./texts.js";

/**
 * @param {import("./album.js").Album} album
 * @param {import("./stage/viewer.js").Viewer} viewer
 */
export function drawBar(album, viewer) {
  const { current, photos } = album;
  $("stage").ariaBusy = String(Boolean(current?.rendering));
  const isSaid = Boolean(current?.after || current?.work === "failed");
  enable([$("undo")], Boolean(isSaid && current.history.canUndo));
  enable([$("redo")], Boolean(isSaid && current.history.canRedo));
  const working = ["waiting", "opening", "coloring"].includes(current?.work);
  $("working").hidden = !working && !current?.rendering;
  $("working").classList.toggle("late", !working);
  $("working-text").textContent = working ? /** @type {any} */ (current).doing ?? t(`stage.${current.work}`) : t("stage.coloring");
  const view = ["zoom-in", "zoom-out", "zoom-level", "zoom-fit", "compare"].map($);
  enable(view, Boolean(current?.after));
  enable([$("download")], Boolean(album.video ? album.video.told?.result : current?.after));
  enable([$("beside")], Boolean(current?.after) || viewer.beside.on); // it can always be ended
  $("studio").classList.toggle("failed", current?.work === "failed");
  $("save-all").hidden = photos.length < 2;
  $("save-folder").hidden = photos.length < 2 || !canSaveIntoFolder;
  const count = album.selected.size;
  $("save-all").textContent = count ? t("save.selected", { count }) : t("save.all");
  $("save-folder").textContent = count ? t("save.folder-selected", { count }) : t("save.folder");
}

/** What a stroke reaches, shown before it has a color: in the color that was chosen last. */

import { $ } from "../dom.js";
import { middle } from "../stage/marks.js";
import { readRecent } from "./recent.js";

/**
 * @param {import("../stage/viewer.js").Viewer} viewer
 * @param {import("../photo.js").Photo} photo
 * @param {{points: [number, number][], radius: number} | null} stroke null: there is none after all
 */
export function previewStroke(viewer, photo, stroke) {
  const color = readRecent()[0] ?? $("any").value;
  /** @type {import("../guidance.js").Hint | null} */
  const hint = stroke?.points.length ? { ...stroke, unit: "fractions", color } : null;
  photo.live = hint && { ...photo.state, hints: [...photo.state.hints, hint] };
  if (hint) viewer.comparison.uncover(middle(hint.points)[0]);
  photo.render(Boolean(hint)).catch(() => {});
}

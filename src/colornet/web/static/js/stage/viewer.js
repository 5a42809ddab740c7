/** The stage: a photograph that is moved, zoomed, compared with its original, clicked and brushed. */

import { $, announce, showPicture } from "../dom.js";
import { variantName } from "../guidance.js";
import { t } from "../texts.js";
import { Beside } from "./beside.js";
import { Comparison } from "./comparison.js";
import { Gestures } from "./gestures.js";
import { Marks } from "./marks.js";
import { Tiles } from "./tiles.js";
import { Uncertainty } from "./uncertainty.js";
import { Viewport } from "./viewport.js";

export class Viewer {
  constructor() {
    this.stage = $("stage");
    this.viewport = new Viewport(this.stage);
    this.comparison = new Comparison(this.viewport);
    this.beside = new Beside(this.viewport);
    this.held = false; // whether the original is shown as long as a key is held
    this.tiles = new Tiles(this.viewport);
    this.marks = new Marks(this.viewport);
    this.gestures = new Gestures(this.viewport, this.marks);
    this.uncertainty = new Uncertainty(this.viewport);
    this.comparison.addEventListener("click", (/** @type {CustomEvent} */ { detail }) => {
      if (this.gestures.tool === "point") this.gestures.pick(...this.viewport.pointerAt(detail));
    });
    $("before").addEventListener("load", () => this.photo?.width || this.#resize());
  }

  /**
   * Turn to a photograph; its pictures may come later.
   * @param {import("../photo.js").Photo} photo
   */
  show(photo) {
    this.gestures.end();
    this.photo = this.marks.photo = this.gestures.photo = photo;
    this.marks.cursor = null;
    this.uncertainty.hide();
    this.refresh();
  }

  /** Show the original alone, as long as a key is held. */
  hold(on) {
    this.held = on;
    this.stage.classList.toggle("original", on);
    this.refresh();
  }

  /** Compare the photograph with its original by the divider, or no more. */
  toggleCompare() {
    const { beside, comparison } = this;
    beside.on = false;
    if (comparison.on) comparison.on = false;
    else comparison.open();
    announce(t(comparison.on ? "said.compared" : "said.in-color"));
  }

  /** Show them side by side, or by the divider again. */
  toggleBeside() {
    const { beside, comparison } = this;
    beside.on = !beside.on;
    comparison.on = !beside.on;
    announce(t(beside.on ? "said.beside" : "said.compared"));
  }

  /** Its pictures or its size have changed. */
  refresh() {
    const { photo } = this;
    if (!photo) return;
    const before = (this.held ? null : photo.against?.url) ?? photo.before ?? photo.raw;
    showPicture($("before"), before);
    $("before").classList.toggle("raw", before === photo.raw);
    this.beside.show(before, before === photo.raw);
    $("chip-before").textContent = photo.against ? variantName(photo.against.variant) : t("stage.before");
    showPicture($("after"), photo.after);
    this.stage.setAttribute("aria-label", t("stage.label", { name: photo.name }));
    this.tiles.reset(photo);
    this.#resize();
  }

  #resize() {
    const { naturalWidth, naturalHeight } = $("before");
    const { width = naturalWidth || 3, height = naturalHeight || 2, aspect = 1 } = this.photo;
    this.viewport.setSize(width * aspect, height);
  }
}

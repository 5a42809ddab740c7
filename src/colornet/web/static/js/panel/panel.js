/** The controls beside the photograph. */

import { $, enable } from "../dom.js";
import { Corrections } from "./corrections.js";
import { Levels } from "./levels.js";
import { Look } from "./look.js";
import { Pages } from "./pages.js";
import { Reference } from "./reference.js";
import { Tabs } from "./tabs.js";
import { Variants } from "./variants.js";

export class Panel {
  /**
   * @param {import("../stage/viewer.js").Viewer} viewer
   * @param {import("../picker/picker.js").Picker} picker
   */
  constructor(viewer, picker) {
    this.corrections = new Corrections(viewer, picker);
    this.tabs = new Tabs();
    this.parts = [new Pages(), new Levels(), new Look(), new Reference(), this.corrections, new Variants(viewer)];
  }

  /**
   * Turn to a photograph.
   * @param {import("../photo.js").Photo} photo
   */
  show(photo) {
    this.photo = photo;
    this.tabs.fit();
    for (const part of this.parts) part.show(photo);
    this.refresh();
  }

  /** What the photograph's model can be told, and what it is told now; what cannot work is off. */
  refresh() {
    const controls = $("panel").querySelectorAll(".part:not(#part-video) :is(button, input, select):not(#save-all, #save-folder, #project-save, #project-open, #forget, #paste, #page, #moment)");
    enable([...controls], Boolean(this.photo.after));
    const state = this.photo.live ?? this.photo.state;
    for (const part of this.parts) part.refresh(state);
  }
}

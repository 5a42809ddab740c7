/** Which page is colored of a TIFF that has several. */

import { $, enable, fill, make } from "../dom.js";
import { onPage } from "../guidance.js";
import { t } from "../texts.js";
import { toastError } from "../toasts.js";

export class Pages {
  constructor() {
    this.photo = null;
    $("page").onchange = () => {
      const { photo } = this;
      photo.commit(onPage(photo.state, $("page").selectedIndex + 1)).catch((error) => toastError(error, photo.name));
    };
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    this.photo = photo;
  }

  /** @param {import("../guidance.js").State} state */
  refresh({ page }) {
    const { pages } = this.photo;
    const names = Array.from({ length: pages }, (_, index) => t("look.page-of", { number: index + 1, count: pages }));
    const box = $("page");
    $("page-part").hidden = pages < 2;
    fill(box, names, (name) => make("option", { textContent: name }));
    box.selectedIndex = page - 1;
    enable([box], Boolean(this.photo.after) || this.photo.work === "failed"); // another page may be sound
  }
}

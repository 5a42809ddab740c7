/** Another photograph, whose colors like places take. */

import { $, onFile } from "../dom.js";
import { Photo } from "../photo.js";
import { t } from "../texts.js";
import { toast, toastError } from "../toasts.js";

export class Reference {
  constructor() {
    this.photo = null;
    this.unreadable = new WeakSet(); // photographs that the browser cannot show, such as TIFF
    $("reference-choose").onclick = () => $("reference-file").click();
    onFile("reference-file", (file) => this.#set(file));
    $("reference-thumb").onerror = () => {
      const { reference } = this.photo.state;
      if (reference?.photo.raw === $("reference-thumb").src) this.unreadable.add(reference.photo);
      this.refresh(this.photo.state);
    };
    $("reference-remove").onclick = () => {
      $("reference-choose").focus();
      this.photo.commit({ reference: null }).catch((error) => toastError(error, this.photo.name));
    };
  }

  /** @param {Photo} photo */
  show(photo) {
    this.photo = photo;
  }

  async #set(file) {
    const { photo } = this;
    const reference = new Photo(file);
    $("reference-choose").textContent = t("look.reference-opening");
    try {
      await reference.upload();
      await photo.commit({ reference: { photo: reference, name: reference.name } });
    } catch (error) {
      if (error.canBePartial) toast(t("look.reference-cut"), file.name);
      else toastError(error, file.name);
    } finally {
      if (photo === this.photo) this.refresh(photo.state);
    }
  }

  /** @param {import("../guidance.js").State} state */
  refresh({ reference }) {
    const thumb = $("reference-thumb");
    $("reference-remove").hidden = !reference;
    thumb.hidden = !reference || this.unreadable.has(reference.photo);
    if (reference) {
      thumb.src = reference.photo.raw;
      thumb.alt = t("look.reference-name", { name: reference.name });
    }
    $("reference-choose").title = reference?.name ?? "";
    $("reference-choose").textContent = t(reference ? "look.reference-another" : "look.reference-choose");
  }
}

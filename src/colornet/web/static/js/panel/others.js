/** What one photograph has to say about others: its look, copied and given to them, and its corrections. */

import { Carry } from "../carry.js";
import { $, announce, enable } from "../dom.js";
import { t } from "../texts.js";

export class Others {
  /** @param {import("../album.js").Album} album */
  constructor(album) {
    this.album = album;
    this.carry = new Carry(album);
    /** @type {import("../guidance.js").State | null} */
    this.copied = null;
    $("apply").onclick = () => album.applyLook(album.current.state, album.others);
    $("copy").onclick = () => {
      this.copied = album.current.state;
      this.draw();
      announce(t("look.copied"));
    };
    $("paste").onclick = () => album.applyLook(this.copied, album.selected.size ? album.chosen : [album.current]);
    $("carry").onclick = () => this.carry.open();
  }

  draw() {
    const { current, photos, selected } = this.album;
    const count = selected.size;
    $("apply-part").hidden = $("carry").hidden = photos.length < 2;
    $("apply").textContent = count ? t("look.apply", { count }) : t("look.apply-all");
    $("paste").textContent = count ? t("look.paste-selected", { count }) : t("look.paste");
    $("carry").textContent = count ? t("carry.selected", { count }) : t("carry.all");
    enable([$("paste")], Boolean(this.copied && (count || current?.after)));
    enable([$("carry")], Boolean(current?.after && current.state.hints.length && this.album.others.length));
  }
}

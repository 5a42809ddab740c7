/** What one photograph has to say about others: its look, copied and given to them, and its corrections. */

import { Carry } from "../carry.js";
import { $, enable } from "../dom.js";
import { t } from "../texts.js";
import { applyLook, applyLookToShots } from "../together.js";
import { toast } from "../toasts.js";

export class Others {
  /** @param {import("../album.js").Album} album */
  constructor(album) {
    this.album = album;
    this.carry = new Carry(album);
    /** @type {import("../guidance.js").State | null} */
    this.copied = null;
    $("copy").onclick = () => {
      this.copied = album.current.state;
      this.draw();
      toast(`${t("look.copied")}.`);
    };
    $("paste").onclick = () => applyLook(album, this.copied, album.selected.size ? album.chosen : [album.current]);
    $("apply").onclick = () => {
      const { current, video, others } = album;
      if (video) applyLookToShots(video, current.state);
      else applyLook(album, current.state, others);
    };
    $("carry").onclick = () => this.carry.open();
  }

  draw() {
    const { current, photos, selected, video } = this.album;
    const isSelected = selected.size > 0;
    const count = this.album.others.length; // without the one that is shown, which lends its look and its corrections
    $("apply-part").hidden = $("carry").hidden = (video ? video.shots : photos).length < 2;
    $("apply").textContent = video ? t("video.apply-look") : isSelected ? t("look.apply", { count }) : t("look.apply-all");
    $("apply").title = t(video ? "video.apply-title" : "look.apply-title");
    $("paste").textContent = isSelected ? t("look.paste-selected", { count: selected.size }) : t("look.paste");
    $("carry").title = t(video ? "video.carry-title" : "carry.title");
    $("carry").textContent = isSelected && !video ? t("carry.selected", { count }) : t("carry.all");
    enable([$("apply")], Boolean(current?.after && count));
    enable([$("paste")], Boolean(this.copied && (isSelected || current?.after)));
    enable([$("carry")], Boolean(current?.after && current.state.hints.length && count));
  }
}

/** The tools that make corrections, and the corrections that there are. */

import { $, ARROWS, announce, clamp, enable, make, onFile, saveFile, showRange, updateList } from "../dom.js";
import { nearestName } from "../color-names.js";
import { KEEP, fromJson, toJson } from "../guidance.js";
import { stem } from "../names.js";
import { moved } from "../stage/marks.js";
import { t } from "../texts.js";
import { toast, toastError } from "../toasts.js";

const STEP = 0.01; // share of the photograph, for an arrow key; a tenth of it with Shift

export class Corrections {
  /**
   * @param {import("../stage/viewer.js").Viewer} viewer
   * @param {import("../picker/picker.js").Picker} picker
   */
  constructor(viewer, picker) {
    this.viewer = viewer;
    this.picker = picker;
    this.photo = null;
    this.stepping = null; // the state that the arrow keys have made; more of them amend it
    for (const input of $("tool").querySelectorAll("input")) input.onchange = () => this.setTool(input.value);
    $("brush").oninput = () => this.setBrush($("brush").value / 100);
    this.setBrush(viewer.marks.brush);
    $("hints-clear").onclick = () => this.#commit([]);
    $("hints-save").onclick = () => this.#save();
    $("hints-load").onclick = () => $("json-file").click();
    onFile("json-file", (file) => this.load(file));
    viewer.gestures.addEventListener("remove", (/** @type {CustomEvent} */ { detail }) => this.remove(detail));
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    this.photo = photo;
  }

  /** @param {"point" | "brush" | "pan"} tool */
  setTool(tool) {
    this.viewer.gestures.setTool(tool);
    $("tool").querySelector(`[value="${tool}"]`).checked = true;
    $("brush-part").hidden = tool !== "brush";
  }

  /** @param {number} radius share of the photograph's longer side */
  setBrush(radius) {
    const input = $("brush");
    input.value = clamp(radius * 100, input.min, input.max);
    this.viewer.marks.brush = input.value / 100;
    this.viewer.marks.drawBrush();
    showRange(input, $("brush-value"), `${input.value} %`);
  }

  #commit(hints, amend = false) {
    return this.photo.commit({ hints }, amend).catch((error) => toastError(error, this.photo.name));
  }

  /** @param {number} index of the correction that goes */
  remove(index) {
    this.#commit(this.photo.state.hints.filter((_, other) => other !== index));
    announce(t("correct.removed"));
  }

  refresh() {
    const { hints } = this.photo;
    const can = this.photo.model?.hints ?? true;
    $("correct-tools").hidden = !can;
    $("correct-note").textContent = t(can ? "correct.note" : "correct.none");
    enable([$("hints-clear")], hints.length > 0);
    updateList($("hints"), hints, {
      key: (_, index) => index,
      create: () => make("li", {}, make("button")),
      update: (item, hint, index) => this.#drawHint(item, hint, index),
      fallback: $("stage"),
    });
  }

  #drawHint(item, hint, index) {
    const area = hint.points.length > 1;
    const color = hint.color.startsWith("#") ? `${nearestName(hint.color)} ${hint.color}` : hint.color;
    const label = t(area ? "correct.name-area" : "correct.name-spot", { number: index + 1, color });
    const [button] = item.children;
    item.className = area ? "stroke" : "";
    button.title = label;
    button.setAttribute("aria-label", t("correct.change", { correction: label }));
    button.className = hint.color === KEEP ? "kept" : "";
    button.style.background = hint.color === KEEP ? "" : hint.color;
    button.onclick = () => this.picker.show(this.photo, { index });
    button.onkeydown = (event) => this.#key(event, index);
    button.onfocus = () => this.viewer.marks.select(index);
    button.onblur = () => this.picker.open || this.viewer.marks.select(-1);
  }

  #key(event, index) {
    const step = ARROWS[event.key];
    if (step && !event.altKey) this.#move(index, step[0], step[1], event.shiftKey ? STEP / 10 : STEP);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(index, dx, dy, step) {
    const hints = [...this.photo.state.hints];
    hints[index] = moved(hints[index], dx * step, dy * step);
    this.#commit(hints, this.stepping?.state === this.photo.state && this.stepping.index === index);
    this.stepping = { index, state: this.photo.state };
    announce(t("correct.moved"));
  }

  #save() {
    const text = JSON.stringify(toJson(this.photo.state), null, 2);
    saveFile(new Blob([text], { type: "application/json" }), `${stem(this.photo.name)}.json`);
  }

  /**
   * Take the guidance in a JSON file; the server says whether it makes sense.
   * @param {File} file
   */
  async load(file) {
    const { photo } = this;
    let json;
    try {
      json = JSON.parse(await file.text());
    } catch (error) {
      toast(t("correct.not-json", { reason: error.message }), file.name);
      return;
    }
    let state;
    try {
      state = fromJson(json, photo);
    } catch (error) {
      toastError(error, file.name);
      return;
    }
    try {
      const { reference, turn, page, aside } = photo.state;
      await photo.commit({ ...state, reference, turn, page, aside });
      announce(t("correct.loaded"));
    } catch (error) {
      toastError(error, file.name);
      if (error.status) photo.discard().catch(() => {});
    }
  }
}

/** The box in which a color is chosen for a spot or a stroke. */

import { $, announce, clamp, make, showRange, toast } from "./dom.js";
import { KEEP } from "./photo.js";
import { middle } from "./stage/marks.js";

const GAP = 22; // pixels between the spot and the box, at least
const WIDE_GAP = 96; // where there is room, so that one sees what the color does

export class Picker {
  constructor(viewer) {
    this.viewer = viewer;
    this.recent = null; // the color chosen last
    $("picker-close").onclick = () => this.close();
    $("picker-remove").onclick = () => this.#remove();
    $("gray").onclick = () => this.choose("#808080", "Colored gray");
    $("keep").onclick = () => this.choose(KEEP, "Kept as it was");
    this.#listenToReach();
    $("any").onchange = () => this.choose($("any").value);
    $("hex").onchange = () => this.#typed();
    $("hex").addEventListener("keydown", (event) => event.key === "Enter" && this.#typed());
    $("picker").addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    viewer.stage.addEventListener("pointerdown", (event) => event.target.closest("#divider") || this.close(false), true);
  }

  get open() {
    return !$("picker").hidden;
  }

  /** Ask for the color of a new hint, or of the one with that index. */
  async show(photo, { points, radius, index }) {
    this.photo = photo;
    this.index = index;
    this.hint = index >= 0 ? photo.state.hints[index] : { points, radius, unit: "fractions" };
    this.begun = index >= 0; // whether the photograph has the hint already
    this.amends = false; // whether the next choice replaces this box's last one
    this.viewer.marks.selected = index;
    this.viewer.marks.pending = this.begun ? null : this.hint;
    this.viewer.stage.classList.add("picking");
    this.viewer.marks.draw();
    const stroke = this.hint.points.length > 1;
    $("picker-title").textContent = stroke ? "Color of this area" : "Color of this spot";
    $("picker-remove").hidden = !this.begun;
    $("hex").value = this.hint.color ?? "";
    this.#showReach();
    $("picker").hidden = false;
    this.#place();
    $("picker-close").focus({ preventScroll: true });
    await this.#suggest();
  }

  close(refocus = true) {
    if (!this.open) return;
    $("picker").hidden = true;
    this.abort?.abort();
    this.viewer.marks.selected = -1;
    this.viewer.marks.pending = null;
    this.viewer.stage.classList.remove("picking");
    this.viewer.marks.draw();
    if (refocus) this.viewer.stage.focus({ preventScroll: true });
  }

  /** Give the hint that color. */
  choose(color, said = `Colored ${color}`) {
    this.hint = { ...this.hint, color };
    const hints = this.#hints();
    this.index = hints.indexOf(this.hint);
    this.begun = true;
    if (color.startsWith("#")) this.recent = $("any").value = color;
    this.viewer.marks.pending = null;
    this.viewer.marks.selected = this.index;
    $("picker-remove").hidden = false;
    $("hex").value = color;
    for (const swatch of $("swatches").children) swatch.setAttribute("aria-pressed", String(swatch.value === color));
    this.viewer.comparison.uncover(middle(this.hint.points)[0]);
    this.#commit(hints, said);
  }

  #commit(hints, said) {
    const rendering = this.photo.commit({ hints }, this.amends);
    this.amends = true;
    rendering.then(() => announce(said), (error) => this.#refused(error));
  }

  /** The photograph's, with this one as it is now. */
  #hints() {
    const hints = [...this.photo.state.hints];
    hints.splice(this.begun ? this.index : hints.length, 1, this.hint);
    return hints;
  }

  #listenToReach() {
    const input = $("reach");
    const set = (reach) => {
      this.hint = { ...this.hint, reach };
      this.#showReach();
    };
    const settle = () => this.begun && this.#commit(this.#hints(), `Reach ${$("reach-value").value}`);
    input.oninput = () => {
      set(Number(input.value));
      if (!this.begun) return;
      this.photo.live = { ...this.photo.state, hints: this.#hints() };
      this.photo.render(true).catch(() => {});
    };
    input.onchange = settle;
    input.ondblclick = () => {
      set(1);
      settle();
    };
  }

  #showReach() {
    const { reach = 1 } = this.hint;
    $("reach").value = reach;
    showRange($("reach"), $("reach-value"), `${Math.round(reach * 100)} %`);
  }

  #refused(error) {
    toast(error.message);
    this.photo.undo().catch(() => {});
    this.close();
  }

  #remove() {
    const hints = this.photo.state.hints.filter((_, index) => index !== this.index);
    this.close();
    this.photo.commit({ hints }).catch((error) => toast(error.message));
    announce("Correction removed");
  }

  #typed() {
    const text = $("hex").value.trim();
    if (!text || text === this.hint.color) return;
    const bare = /^[0-9a-f]{6}$/i.test(text) ? `#${text}` : text;
    if (bare === KEEP || CSS.supports("color", bare)) this.choose(bare.toLowerCase());
    else toast(`"${text}" is no color; use one such as #b5651d or teal.`, 5);
  }

  async #suggest() {
    const { photo } = this;
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    const box = $("swatches");
    box.hidden = $("picker-sub").hidden = !photo.model?.suggestions;
    if (box.hidden) return;
    box.classList.add("loading");
    box.replaceChildren();
    try {
      const found = await photo.suggestions(...middle(this.hint.points), abort.signal);
      if (abort.signal.aborted) return;
      box.replaceChildren(...found.map((one, index) => this.#swatch(one, index)));
      $("any").value = this.hint.color?.startsWith("#") ? this.hint.color : this.recent ?? found[0]?.color ?? "#b5651d";
      if ($("picker").contains(document.activeElement)) box.firstElementChild?.focus({ preventScroll: true });
      announce(`${found.length} colors suggested`);
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message);
    } finally {
      if (!abort.signal.aborted) box.classList.remove("loading");
    }
  }

  #swatch({ color, probability }, index) {
    const percent = Math.round(probability * 100);
    const label = percent >= 1 ? `${percent} %` : "<1 %";
    const button = make("button", {
      className: "swatch", value: color, title: `${color}, ${label}`,
      "aria-label": `Suggestion ${index + 1}: ${color}, ${label}`,
      "aria-pressed": String(color === this.hint.color),
    }, make("i", { textContent: label }));
    button.style.background = color;
    button.onclick = () => this.choose(color);
    return button;
  }

  /** Beside the spot, inside the window; the style sheet puts it at the bottom of a phone. */
  #place() {
    const box = $("picker");
    const stage = this.viewer.stage.getBoundingClientRect();
    const [x, y] = this.viewer.viewport.toStage(middle(this.hint.points));
    const { offsetWidth: width, offsetHeight: height } = box;
    const onRight = x < stage.width / 2;
    const room = (onRight ? stage.width - x : x) - width - 8;
    const gap = clamp(room, GAP, WIDE_GAP);
    const left = stage.left + (onRight ? x + gap : x - gap - width);
    box.style.left = `${clamp(left, 8, innerWidth - width - 8)}px`;
    box.style.top = `${clamp(stage.top + y - height / 2, stage.top + 8, innerHeight - height - 8)}px`;
  }
}

/** The box in which a color is chosen for a spot or a stroke. */

import { parseColor } from "../color.js";
import { nearestName } from "../color-names.js";
import { $, announce, percent } from "../dom.js";
import { KEEP } from "../guidance.js";
import { colorAt, lightnessUnder } from "../pixels.js";
import { middle } from "../stage/marks.js";
import { t } from "../texts.js";
import { toast, toastError } from "../toasts.js";
import { Floating } from "./floating.js";
import { Plane } from "./plane.js";
import { previewStroke } from "./preview.js";
import { Reach } from "./reach.js";
import { tellReachable } from "./reachable.js";
import { readRecent, remember } from "./recent.js";
import { drawSwatches, pressSwatches } from "./swatches.js";

/**
 * Tells by the event "sample" that a color is to be taken from a photograph, and by "sampled" that
 * this is over.
 */
export class Picker extends EventTarget {
  /** @param {import("../stage/viewer.js").Viewer} viewer */
  constructor(viewer) {
    super();
    this.viewer = viewer;
    this.box = new Floating($("picker"), viewer.viewport);
    this.plane = new Plane($("plane"), (color, final) => this.#try(color, final));
    this.reach = new Reach((reach, final) => this.#tryReach(reach, final));
    /** @type {import("../photo.js").Photo | null} */
    this.photo = null;
    /** @type {import("../guidance.js").Hint | null} */
    this.hint = this.kept = null; // as it is now, and as the photograph has it, if it has it already
    /** @type {import("../guidance.js").State | null} */
    this.made = null; // the state that this box has made, which its next choice amends
    this.sampling = false; // whether the next click takes a color from a photograph
    this.#listen();
  }

  get open() {
    return !$("picker").hidden;
  }

  #listen() {
    $("picker-close").onclick = () => this.close();
    $("picker-remove").onclick = () => this.#remove();
    $("gray").onclick = () => this.choose("#808080", t("picker.grayed"));
    $("keep").onclick = () => this.choose(KEEP, t("picker.kept"));
    $("any").oninput = () => this.#try($("any").value, false);
    $("any").onchange = () => this.#try($("any").value, true);
    $("hex").oninput = () => { $("any").value = parseColor($("hex").value) || $("any").value; };
    $("hex").onchange = () => this.#typed();
    $("hex").addEventListener("keydown", (event) => event.key === "Enter" && this.#typed());
    $("sample").onclick = () => this.#setSampling(!this.sampling);
    $("plane-part").ontoggle = () => {
      this.#drawPlane();
      this.box.keepInside();
    };
    $("picker").addEventListener("keydown", (event) => event.key === "Escape" && this.escape());
    this.viewer.stage.addEventListener("pointerdown", (event) => {
      if (event.target.closest("#divider") || this.sampling) return;
      $("hex").blur(); // a color that was typed counts now: later, it would end what the pointer begins
      this.close(false);
    }, true);
  }

  /**
   * Ask for the color of a new hint, or of the one with that index.
   * @param {import("../photo.js").Photo} photo
   * @param {{points?: [number, number][], radius?: number, index: number}} spot
   */
  async show(photo, { points, radius, index }) {
    this.photo = photo;
    this.kept = photo.state.hints[index] ?? null;
    this.hint = this.kept ?? { points, radius, unit: "fractions" };
    this.made = null;
    this.lightness = null; // of the photograph there, once it is known
    this.#mark();
    this.viewer.stage.classList.add("picking");
    const stroke = this.hint.points.length > 1;
    $("picker-title").textContent = t(stroke ? "picker.area" : "picker.spot");
    $("picker-remove").hidden = !this.kept;
    this.#showColor();
    this.#showRecent();
    this.reach.show(this.hint.reach);
    this.box.place(middle(this.hint.points));
    $("picker-close").focus({ preventScroll: true });
    if (stroke && !this.kept) previewStroke(this.viewer, photo, this.hint);
    await Promise.all([this.#suggest(), this.#measure()]);
  }

  /** Show which hint is being changed. */
  #mark() {
    this.viewer.marks.select(this.photo.state.hints.indexOf(this.kept), this.kept ? null : this.hint);
  }

  /** Something was said of a photograph: hints may have come or gone, and with the one of this box it is closed. */
  follow(photo) {
    if (!this.open || photo !== this.photo) return;
    if (!this.kept || photo.state.hints.includes(this.kept)) this.#mark();
    else this.close($("picker").contains(document.activeElement));
  }

  /** What the Escape key does: end what was begun last. */
  escape() {
    if (this.sampling) this.#setSampling(false);
    else this.close();
  }

  close(refocus = true) {
    if (!this.open) return;
    if (this.sampling) this.#setSampling(false);
    this.box.close();
    this.abort?.abort();
    if (this.photo.live) previewStroke(this.viewer, this.photo, null); // it was only tried out
    this.viewer.marks.select(-1);
    this.viewer.stage.classList.remove("picking");
    if (refocus) this.viewer.stage.focus({ preventScroll: true });
  }

  /**
   * Give the hint that color.
   * @param {string} color "#rrggbb" or "keep"
   */
  choose(color, said = t("picker.colored", { color })) {
    this.hint = { ...this.hint, color };
    if (color !== KEEP) remember(color);
    $("picker-remove").hidden = false;
    this.#showColor();
    this.#showRecent();
    this.viewer.comparison.uncover(middle(this.hint.points)[0]);
    this.#commit(said);
  }

  /** Show a color at once, such as while it is dragged in the color well; once it is final, keep it. */
  #try(color, final) {
    if (final) {
      this.choose(color);
      return;
    }
    this.#showColor(color);
    this.viewer.comparison.uncover(middle(this.hint.points)[0]);
    this.#preview({ ...this.hint, color });
  }

  /** The same with how far it reaches; the reach of a hint without a color counts once it gets one. */
  #tryReach(reach, final) {
    this.hint = { ...this.hint, reach };
    this.reach.show(reach);
    if (!this.kept) return;
    if (final) this.#commit(t("picker.reach-value", { share: percent(reach) }));
    else this.#preview(this.hint);
  }

  /** Show the photograph with the hint like that, which is not kept. */
  #preview(hint) {
    this.photo.live = { ...this.photo.state, hints: this.#hints(hint) };
    this.photo.render(true).catch(() => {});
  }

  #commit(said) {
    const { photo } = this;
    const hints = this.#hints();
    this.kept = this.hint;
    const rendering = photo.commit({ hints }, this.made === photo.state);
    this.made = photo.state;
    rendering.then(() => announce(said), (error) => this.#refused(photo, error));
  }

  /** The photograph's, with this one as it is now. */
  #hints(hint = this.hint) {
    const { hints } = this.photo.state;
    return this.kept ? hints.map((one) => (one === this.kept ? hint : one)) : [...hints, hint];
  }

  #refused(photo, error) {
    toastError(error, photo.name);
    if (!error.status) return; // the server does not answer: it is shown once it does
    photo.discard().catch(() => {});
    if (photo === this.photo) this.close();
  }

  #remove() {
    const hints = this.photo.state.hints.filter((one) => one !== this.kept);
    this.close();
    this.photo.commit({ hints }).catch((error) => toastError(error, this.photo.name));
    announce(t("correct.removed"));
  }

  // The color

  #typed() {
    const text = $("hex").value.trim();
    if (!text || text === this.hint.color) return;
    const color = text.toLowerCase() === KEEP ? KEEP : parseColor(text);
    if (color) this.choose(color);
    else toast(t("picker.no-color", { text }));
  }

  /** What it is called, and what comes out if the photograph is too dark or too bright for it. */
  #showColor(color = this.hint.color) {
    const real = color && color !== KEEP ? color : null;
    if (document.activeElement !== $("hex") || real !== parseColor($("hex").value)) $("hex").value = color ?? "";
    if (real) $("any").value = real;
    $("color-name").textContent = real ? nearestName(real) : "";
    pressSwatches(color);
    tellReachable(real, this.lightness);
    this.plane.mark(real);
  }

  async #measure() {
    const { photo, hint } = this;
    const lightness = await lightnessUnder(photo, hint);
    if (photo !== this.photo || hint.points !== this.hint.points) return;
    this.lightness = lightness;
    this.#showColor();
    this.#drawPlane();
  }

  #drawPlane() {
    if ($("plane-part").open && this.lightness !== null) this.plane.draw(this.lightness);
  }

  #showRecent() {
    const recent = readRecent();
    $("recent-part").hidden = recent.length === 0;
    this.#showSwatches($("recent"), recent.map((color) => {
      return { color, text: "", label: t("picker.recent-color", { name: nearestName(color), color }) };
    }));
  }

  // Suggestions

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
      this.#showSwatches(box, found.map(({ color, probability }, index) => {
        const text = probability >= 0.005 ? percent(probability) : "<1 %";
        const label = t("picker.suggestion", { number: index + 1, name: nearestName(color), color, share: text });
        return { color, text, label };
      }));
      if (!this.hint.color && found.length) $("any").value = found[0].color;
      if (document.activeElement === $("picker-close")) box.firstElementChild?.focus({ preventScroll: true });
      announce(t("picker.suggested", { count: found.length }));
    } catch (error) {
      toastError(error, photo.name);
    } finally {
      if (!abort.signal.aborted) box.classList.remove("loading");
    }
  }

  #showSwatches(box, colors) {
    drawSwatches(box, colors, this.hint.color, (color) => this.choose(color, t("picker.colored", { color: nearestName(color) })));
  }

  // A color of a photograph

  #setSampling(on) {
    this.sampling = on;
    $("sample").setAttribute("aria-pressed", String(on));
    this.viewer.stage.classList.toggle("sampling", on);
    if (on) announce(t("picker.sampling"));
    this.dispatchEvent(new Event(on ? "sample" : "sampled"));
  }

  /**
   * Take the color that a photograph shows at a place.
   * @param {import("../photo.js").Photo} photo
   * @param {import("../stage/viewport.js").Point} place in fractions
   */
  async sample(photo, [x, y]) {
    const color = await colorAt(photo, x, y);
    this.#setSampling(false);
    this.choose(color, t("picker.sampled", { name: nearestName(color) }));
  }
}

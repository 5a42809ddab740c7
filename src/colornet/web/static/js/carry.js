/** Corrections carried over: things that look alike on other photographs are offered the same colors. */

import { nearestName } from "./color-names.js";
import { $, announce, make, percent } from "./dom.js";
import { KEEP } from "./guidance.js";
import { t } from "./texts.js";
import { tellOfAll } from "./together.js";
import { toastError } from "./toasts.js";

const SURE = 0.6; // similarity from which an offer is chosen beforehand
const SAME = 0.05; // between two places, as a share of the photograph, that mean the same

/** @typedef {{photo: import("./photo.js").Photo, hint: import("./guidance.js").Hint, box: HTMLInputElement}} Offer */

export class Carry {
  /** @param {import("./album.js").Album} album */
  constructor(album) {
    this.album = album;
    /** @type {Offer[]} */
    this.offers = [];
    this.round = 0; // looking for offers ends when another round begins, or the box is closed
    $("carry-box").addEventListener("close", () => { this.round += 1; });
    $("carry-apply").onclick = () => this.#apply();
  }

  /** Look for the things of the photograph that is shown in the others, and offer its colors for them. */
  async open() {
    const { current, others } = this.album;
    const round = (this.round += 1);
    this.offers = [];
    $("carry-list").replaceChildren();
    $("carry-none").textContent = "";
    this.#count();
    $("carry-box").showModal();
    const without = [];
    for (const [index, photo] of others.entries()) {
      $("carry-progress").textContent = t("carry.looking", { number: index + 1, count: others.length });
      const found = await this.#find(current, photo);
      if (round !== this.round) return;
      if (found.length) this.#show(photo, found);
      else without.push(photo.name);
    }
    $("carry-progress").textContent = "";
    $("carry-none").textContent = without.length ? t("carry.none", { names: without.join(", ") }) : "";
    announce(t("carry.found", { count: this.offers.length }));
  }

  async #find(source, photo) {
    try {
      await this.album.ready(photo);
      if (!photo.after) return [];
      const matches = await photo.matches(source);
      const { hints } = source.state;
      return matches.map(({ hint, x, y, similarity }) => ({
        hint: { ...hints[hint], points: [[x, y]], radius: 0, unit: "fractions" }, similarity,
      })).filter(({ hint }) => !photo.state.hints.some((other) => isSame(hint, other)));
    } catch (error) {
      toastError(error, photo.name);
      return [];
    }
  }

  #show(photo, found) {
    const picture = make("div", { className: "carry-picture" }, make("img", { src: photo.thumb, alt: "" }));
    const list = make("div", { className: "carry-offers" }, make("b", { textContent: photo.name }));
    for (const { hint, similarity } of found) {
      const [[x, y]] = hint.points;
      const mark = make("i");
      mark.style.left = `${x * 100}%`;
      mark.style.top = `${y * 100}%`;
      const isKeep = hint.color === KEEP;
      if (!isKeep) mark.style.background = hint.color;
      picture.append(mark);
      const box = make("input", { type: "checkbox", checked: similarity >= SURE });
      box.onchange = () => this.#count();
      const swatch = make("i");
      if (!isKeep) swatch.style.background = hint.color;
      const color = isKeep ? t("picker.keep") : `${nearestName(hint.color)} ${hint.color}`;
      const text = t("carry.offer", { color, share: percent(similarity) });
      list.append(make("label", { className: "check" }, box, swatch, make("span", { textContent: text })));
      this.offers.push({ photo, hint, box });
    }
    $("carry-list").append(make("li", {}, picture, list));
    this.#count();
  }

  #count() {
    const count = this.offers.filter(({ box }) => box.checked).length;
    $("carry-apply").textContent = t("carry.apply", { count });
    $("carry-apply").disabled = count === 0;
  }

  async #apply() {
    const chosen = this.offers.filter(({ box }) => box.checked);
    $("carry-box").close();
    const photos = new Set(chosen.map(({ photo }) => photo));
    const made = new Map();
    let done = 0;
    for (const photo of photos) {
      const hints = chosen.filter((one) => one.photo === photo).map(({ hint }) => hint);
      try {
        const coloring = photo.commit({ hints: [...photo.state.hints, ...hints] });
        made.set(photo, photo.history.state);
        await coloring;
        done += 1;
      } catch (error) {
        toastError(error, photo.name);
        if (error.status) await photo.discard().catch(() => {}); // else the server does not answer: it is shown once it does
      }
    }
    tellOfAll(this.album, t("carry.applied", { done, count: photos.size }), made);
  }
}

/** Whether a photograph has the correction already. */
function isSame(hint, other) {
  return other.color === hint.color
    && other.points.some(([x, y]) => Math.hypot(x - hint.points[0][0], y - hint.points[0][1]) < SAME);
}

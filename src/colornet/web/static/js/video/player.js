/** Plays what came of a film, over the stage. */

import { inWords, openUrl, request } from "../api.js";
import { $, revokeLater } from "../dom.js";
import { stem } from "../names.js";
import { streamToFile } from "../saving.js";
import { t } from "../texts.js";
import { toast, toastError } from "../toasts.js";

const MATROSKA = "video/x-matroska"; // where MP4 cannot hold the sound

export class Player {
  constructor() {
    this.element = $("player-video");
    this.round = 0; // what an earlier time brings is out of date
    this.returnTo = null; // the element that the focus goes back to
    $("player-close").onclick = () => this.close();
    this.element.onerror = () => {
      if (!this.element.getAttribute("src")) return; // it was closed
      this.close();
      toast(t("video.unplayable"));
    };
    $("player-gray").onclick = () => this.#setGray(!this.isGray);
    $("player").onkeydown = (event) => {
      if (event.key !== "Escape" || document.fullscreenElement) return;
      event.stopPropagation();
      this.close();
    };
  }

  get isOpen() {
    return !$("player").hidden;
  }

  get isGray() {
    return $("player-gray").getAttribute("aria-pressed") === "true";
  }

  /** Its colors are left out: what is left is the film as it was. */
  #setGray(on) {
    $("player-gray").setAttribute("aria-pressed", String(on));
    this.element.classList.toggle("gray", on);
  }

  /** Show it in gray as long as a key is held. */
  hold(on) {
    if (this.isOpen) this.element.classList.toggle("gray", on || this.isGray);
  }

  /**
   * @param {import("./video.js").Video} video
   * @param {import("./video.js").Which} which
   */
  async open(video, which) {
    this.close();
    const round = (this.round += 1);
    this.returnTo = document.activeElement;
    $("player-title").textContent = t(which === "preview" ? "video.preview-of" : "video.in-color", { name: video.name });
    $("player").hidden = false;
    $("stage").inert = true;
    this.#setGray(false);
    try {
      const url = await addressOf(video, which);
      if (round !== this.round) {
        if (url.startsWith("blob:")) revokeLater(url);
        return;
      }
      this.element.src = url;
      if (isAwaited(this.returnTo)) $("player-close").focus(); // but not while something else is being done
      await this.element.play().catch(() => {}); // some browsers wait for a click
    } catch (error) {
      if (round === this.round) this.close();
      toastError(error, video.name);
    }
  }

  close() {
    if (!this.isOpen) return;
    this.round += 1;
    const { element } = this;
    const url = element.getAttribute("src");
    element.pause();
    element.removeAttribute("src");
    element.load();
    if (url?.startsWith("blob:")) revokeLater(url);
    const hadFocus = $("player").contains(document.activeElement);
    $("player").hidden = true;
    $("stage").inert = false;
    if (hadFocus) (this.returnTo?.checkVisibility() ? this.returnTo : $("stage")).focus({ preventScroll: true });
  }
}

/** Whether the focus is where a film was asked for, or nowhere. */
const isAwaited = (focused) => focused === document.body || $("part-video").contains(focused);

/**
 * Where a browser can play it from: the server itself, which a token keeps it from asking, or a copy.
 * @param {import("./video.js").Video} video
 * @param {import("./video.js").Which} which
 */
async function addressOf(video, which) {
  return openUrl(`${video.path}/${which}`) ?? URL.createObjectURL(await copyOf(video, which));
}

async function copyOf(video, which) {
  const file = await streamToFile(async () => (await request(`${video.path}/${which}`)).body, nameOf(video, which))
    .catch((error) => { throw inWords(error); });
  return file.slice(0, file.size, video.told[which].type);
}

/** The name of a film in color. */
const nameOf = ({ name, told }, which) => `${stem(name)}-color.${told[which].type === MATROSKA ? "mkv" : "mp4"}`;

/**
 * A film in color, to be saved. The browser itself asks for it where it can, and shows how far it is.
 * @param {import("./video.js").Video} video
 * @returns {Promise<{name: string, url: string}>}
 */
export async function finished(video) {
  const name = nameOf(video, "result");
  await request(`${video.path}/result`, { method: "HEAD" }); // an error is told here
  const url = openUrl(`${video.path}/result?download=true`);
  return { name, url: url ?? URL.createObjectURL(await copyOf(video, "result")) };
}

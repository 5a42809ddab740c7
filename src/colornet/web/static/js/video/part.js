/** The part of the panel that is about a film as a whole: a preview, all of it in color, and what came of both. */

import { $, announce, clock, make, percent } from "../dom.js";
import { timeLeft } from "../progress.js";
import { t } from "../texts.js";
import { toastError } from "../toasts.js";

const QUARTERS = 4; // of the coloring, which are told to those who use a screen reader
const MEBIBYTE = 2 ** 20;

export class VideoPart {
  /**
   * @param {import("../album.js").Album} album
   * @param {import("./player.js").Player} player
   * @param {(video: import("./video.js").Video) => void} download
   */
  constructor(album, player, download) {
    this.album = album;
    this.quarter = 0;
    $("video-preview").onclick = () => this.#color("preview");
    $("video-color").onclick = () => this.#color("result");
    $("video-cancel").onclick = () => this.#cancel();
    $("play-result").onclick = () => player.open(album.video, "result");
    $("play-preview").onclick = () => player.open(album.video, "preview");
    $("save-video").onclick = () => download(album.video);
  }

  async #color(which) {
    const { video } = this.album;
    if (video.isColoring) return;
    announce(t("film.coloring", { name: video.name }));
    this.quarter = 0;
    try {
      await video.color(which);
      if (video === this.album.video) $("video-cancel").focus({ preventScroll: true });
    } catch (error) {
      toastError(error, video.name);
    }
  }

  async #cancel() {
    const { video } = this.album;
    try {
      await video.cancel();
      announce(t("video.canceled"));
    } catch (error) {
      toastError(error, video.name);
    }
  }

  draw() {
    const { video } = this.album;
    $("studio").classList.toggle("of-video", Boolean(video));
    $("part-video").hidden = $("tab-video").hidden = !video;
    if (!video) return;
    const { told, isColoring, shots } = video;
    const isThere = shots.length > 0;
    $("video-facts").textContent = isThere ? facts(told) : "";
    this.#drawProgress(video);
    const result = told?.result;
    const preview = told?.preview;
    show({
      "video-preview": video.hasPreview && !isColoring,
      "video-color": isThere && !isColoring && !(result && !video.isStale("result")),
      "video-cancel": isColoring,
      "play-result": Boolean(result),
      "save-video": Boolean(result),
      "play-preview": Boolean(preview),
    });
    $("video-preview").textContent = t("video.preview", { number: video.index + 1 });
    $("video-color").textContent = t(result ? "video.color-again" : "video.color");
    if (result) $("save-video").textContent = t("video.download", { size: Math.max(result.bytes / MEBIBYTE, 0.1).toFixed(1) });
    $("video-note").textContent = noteOn(video);
    const which = result ? "result" : "preview";
    const notices = [...told?.notices ?? [], ...told?.[which]?.notices ?? []].map(({ subject, text }) => `${video.subjectOf(subject, which)}: ${text}.`);
    $("video-notices").replaceChildren(...[...new Set(notices)].map((textContent) => make("li", { textContent })));
  }

  #drawProgress(video) {
    const { told, isColoring, share } = video;
    $("video-progress").hidden = !isColoring;
    if (!isColoring) return;
    const isWaiting = !told.done;
    if (!told.done?.frames) $("video-bar").removeAttribute("value");
    else $("video-bar").value = share;
    $("video-done").textContent = isWaiting ? t(told.state === "waiting" ? "video.waiting" : "video.starting") : progress(told);
    const quarter = Math.floor(share * QUARTERS);
    if (quarter > this.quarter) announce(t("video.share", { name: video.name, share: percent(share) }));
    this.quarter = quarter;
  }
}

function facts({ width, height, fps, seconds, shots }) {
  const values = { width, height, fps: Math.round(fps * 100) / 100, length: clock(Math.ceil(seconds)), count: shots.length };
  return t("video.facts", values);
}

function progress({ done, shots, part }) {
  const { frames, of, read, left_seconds: left } = done;
  if (!frames) return t("video.looking", { number: read, count: of });
  const told = [t("video.frames", { number: frames, count: of })];
  if (!part) told.push(t("video.shots-done", { number: done.shots, count: shots.length }));
  if (frames >= of) told.push(t("video.finishing"));
  else if (left !== null && left !== undefined) told.push(timeLeft(left));
  return told.join(" · ");
}

/** What is to be known now. */
function noteOn(video) {
  const { told, isColoring } = video;
  const kept = { count: Math.max(Math.floor((told?.expires_in ?? 0) / 60), 1) }; // minutes
  if (video.isSilent) return t("server.silent");
  if (isColoring) return t("video.goes-on", kept);
  if (told?.state === "failed") return video.shots.length ? video.failure : ""; // the stage says why
  if (told?.result) return t(video.isStale("result") ? "video.stale" : "video.finished", kept);
  return told ? t("video.note", kept) : "";
}

/** Show buttons or not; the focus goes to one that is shown rather than nowhere. */
function show(buttons) {
  const lost = Object.keys(buttons).some((id) => !buttons[id] && $(id) === document.activeElement);
  for (const [id, on] of Object.entries(buttons)) $(id).hidden = !on;
  if (!lost) return;
  const other = Object.keys(buttons).find((id) => buttons[id]);
  (other ? $(other) : $("stage")).focus({ preventScroll: true });
}

/** The shots of the film that is shown, on a strip: one is chosen to be corrected. */

import { $, make, updateList } from "../dom.js";
import { t } from "../texts.js";

const PATIENCE = 5000; // milliseconds after which a picture that failed is asked for again

export class Shots {
  /** @param {import("../album.js").Album} album */
  constructor(album) {
    this.album = album;
    this.seen = new IntersectionObserver((entries) => this.#load(entries), { root: $("shots"), rootMargin: "200px" });
  }

  draw() {
    const { video } = this.album;
    const shots = video?.shots ?? [];
    $("shots").hidden = shots.length === 0;
    updateList($("shot-list"), shots, {
      key: ({ frame }) => `${video.key} ${frame}`,
      create: () => this.#create(),
      update: (item, shot, index) => this.#update(item, shot, index),
      fallback: $("stage"),
    });
  }

  /** See to it that the shot that is shown is seen here. */
  follow() {
    $("shot-list").querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #create() {
    const picture = make("img", { alt: "" });
    const button = make("button", { className: "shot" }, picture, make("span"));
    this.seen.observe(button);
    button.onkeydown = (event) => step(event, button);
    return make("li", {}, button);
  }

  #update(item, shot, index) {
    const { video } = this.album;
    const [button] = item.children;
    const isShown = index === video.index;
    const isCorrected = video.isCorrected(index);
    const at = shot.at.replace(/^00:0?/, "").slice(0, -2); // minutes, seconds and their tenths
    button.lastElementChild.textContent = at;
    button.classList.toggle("corrected", isCorrected);
    button.setAttribute("aria-label", t(isCorrected ? "video.shot-corrected" : "video.shot", { number: index + 1, at }));
    button.title = t("video.shot", { number: index + 1, at });
    button.tabIndex = isShown ? 0 : -1; // one stop for the tab key; the arrow keys go on from there
    if (isShown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    button.onclick = () => this.album.showPhoto(video.stillOf(index));
    const colored = video.stills.get(index)?.thumb;
    if (colored) button.firstElementChild.src = colored;
    button.wanted = () => video.smallPicture(video.frameOf(index)); // a small gray frame
  }

  /** Get the pictures of those that come into sight. */
  #load(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.seen.unobserve(target);
      const picture = target.firstElementChild;
      const again = () => setTimeout(() => this.seen.observe(target), PATIENCE);
      target.wanted().then((url) => { picture.src ||= url; }, again);
    }
  }
}

/** The arrow keys go from shot to shot. */
function step(event, button) {
  const way = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
  const next = way && button.parentElement[way]?.firstElementChild;
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

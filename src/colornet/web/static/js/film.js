/** The film strip: all photographs and films, small, to be shown, selected and removed. */

import { $, icon, make, updateList } from "./dom.js";
import { t } from "./texts.js";

export class Film {
  /** @param {import("./album.js").Album} album */
  constructor(album) {
    this.album = album;
    $("select-all").onchange = ({ target }) => album.select(album.photos, target.checked);
  }

  draw() {
    const { photos, members, selected } = this.album;
    updateList($("frames"), members, {
      key: (photo) => photo.key,
      create: (photo) => this.#create(photo),
      update: (item, photo) => this.#update(item, photo),
      fallback: $("add"),
    });
    const several = photos.length > 1;
    $("film").classList.toggle("several", several);
    $("select-all-part").hidden = !several;
    $("select-all").checked = several && selected.size === photos.length;
    $("select-all").indeterminate = selected.size > 0 && selected.size < photos.length;
  }

  /** See to it that the photograph that is shown is seen here. */
  follow() {
    $("frames").querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #create(photo) {
    const picture = make("img", { alt: "", loading: "lazy" }); // hundreds in full size would fill the memory
    picture.onerror = () => { picture.hidden = true; }; // such as TIFF before it is colored
    const frame = make("button", { className: "frame" }, icon("photo"), picture);
    const select = make("input", { type: "checkbox", className: "select" });
    select.onchange = () => this.album.select([photo], select.checked);
    const remove = make("button", { className: "remove" }, icon("close"));
    return make("li", {}, frame, select, remove);
  }

  #update(item, photo) {
    const [frame, select, remove] = item.children;
    const isVideo = "stills" in photo;
    const failed = photo.work === "failed";
    frame.classList.toggle("failed", failed);
    frame.classList.toggle("busy", !photo.thumb && !failed);
    frame.classList.toggle("video", isVideo);
    frame.style.setProperty("--done", isVideo && photo.isColoring ? `${photo.share * 100}%` : "0%");
    select.hidden = isVideo; // looks and the ZIP are of photographs
    const { name } = photo;
    const label = failed ? t("film.failed", { name }) : photo.title ?? name;
    frame.title = label;
    frame.setAttribute("aria-label", label);
    if (photo === this.album.shown) frame.setAttribute("aria-current", "true");
    else frame.removeAttribute("aria-current");
    frame.onclick = () => this.album.show(photo);
    remove.onclick = () => this.album.remove(photo);
    remove.setAttribute("aria-label", t("film.remove", { name }));
    remove.title = t("film.remove-title");
    select.setAttribute("aria-label", t("film.select", { name }));
    const picture = frame.querySelector("img");
    const source = photo.thumb ?? photo.raw;
    if (source && picture.getAttribute("src") !== source) Object.assign(picture, { hidden: false, src: source });
    select.checked = this.album.selected.has(photo);
  }
}

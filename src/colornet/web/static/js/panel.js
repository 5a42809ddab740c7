/** The controls beside the photograph. */

import { $, announce, make, saveFile, showRange, toast } from "./dom.js";
import { KEEP, Photo, START, fromJson, toJson } from "./photo.js";

const NARROW = matchMedia("(max-width: 820px)");
const VARIANTS = 4;

export class Panel {
  constructor(viewer, picker) {
    this.viewer = viewer;
    this.picker = picker;
    this.#slide("strength");
    this.#slide("saturation");
    this.#listenToTools();
    this.#listenToFiles();
    this.#listenToTabs();
    $("variants-show").onclick = () => this.#showVariants();
  }

  /** Turn to a photograph. */
  show(photo) {
    this.photo = photo;
    this.previews = null;
    this.refresh();
  }

  /** What the photograph's model can be told, and what it is told now. */
  refresh() {
    const { photo } = this;
    const state = photo.live ?? photo.state;
    for (const name of ["strength", "saturation"]) {
      $(name).value = state[name];
      showRange($(name), $(`${name}-value`), `${Math.round(state[name] * 100)} %`);
    }
    this.#refreshSettings(state);
    this.#refreshHints(state);
    this.#refreshReference(state);
    this.#refreshVariants(state);
  }

  #commit(change) {
    return this.photo.commit(change).catch((error) => {
      if (error.name !== "AbortError") toast(error.message);
    });
  }

  #slide(name) {
    const input = $(name);
    input.oninput = () => {
      showRange(input, $(`${name}-value`), `${Math.round(input.value * 100)} %`);
      if (!this.photo?.after) return;
      this.photo.live = { ...this.photo.state, [name]: Number(input.value) };
      this.photo.render(true).catch(() => {});
    };
    input.onchange = () => this.photo?.after && this.#commit({ [name]: Number(input.value) });
    input.ondblclick = () => this.photo?.after && this.#commit({ [name]: START[name] });
  }

  #refreshSettings(state) {
    const names = this.photo.model?.settings ?? [];
    const box = $("settings");
    box.hidden = names.length < 2;
    if (box.dataset.names !== names.join()) {
      box.dataset.names = names.join();
      box.replaceChildren(...names.map((name) => {
        const input = make("input", { type: "radio", name: "setting", value: name });
        input.onchange = () => this.#commit({ setting: name });
        const title = name[0].toUpperCase() + name.slice(1);
        return make("label", {}, input, make("span", { textContent: title }));
      }));
    }
    const chosen = state.setting ?? names[0];
    for (const input of box.querySelectorAll("input")) input.checked = input.value === chosen;
  }

  // Corrections

  #listenToTools() {
    for (const input of $("tool").querySelectorAll("input")) input.onchange = () => this.setTool(input.value);
    const brush = $("brush");
    brush.oninput = () => {
      this.viewer.gestures.brush = brush.value / 100;
      showRange(brush, $("brush-value"), `${brush.value} %`);
    };
    brush.oninput();
    $("hints-clear").onclick = () => this.#commit({ hints: [] });
  }

  setTool(tool) {
    this.viewer.gestures.tool = tool;
    this.viewer.stage.dataset.tool = tool;
    $("tool").querySelector(`[value="${tool}"]`).checked = true;
    $("brush-part").hidden = tool !== "brush";
  }

  #refreshHints({ hints }) {
    const can = this.photo.model?.hints ?? true;
    $("correct-tools").hidden = !can;
    $("correct-note").textContent = can
      ? "Click a spot to choose its color, or brush over an area."
      : "This model takes no corrections.";
    $("hints-clear").disabled = hints.length === 0;
    $("hints").replaceChildren(...hints.map((hint, index) => {
      const what = hint.points.length > 1 ? "area" : "spot";
      const label = `Correction ${index + 1}: ${what}, ${hint.color}`;
      const button = make("button", { title: label, "aria-label": `${label}; change it` });
      if (hint.color === KEEP) button.className = "kept";
      else button.style.background = hint.color;
      button.onclick = () => this.picker.show(this.photo, { index });
      return make("li", { className: what === "area" ? "stroke" : "" }, button);
    }));
  }

  #listenToFiles() {
    $("hints-save").onclick = () => {
      const text = JSON.stringify(toJson(this.photo.state), null, 2);
      saveFile(new Blob([text], { type: "application/json" }), `${stem(this.photo.name)}.json`);
    };
    $("hints-load").onclick = () => $("json-file").click();
    $("json-file").onchange = async ({ target }) => {
      const [file] = target.files;
      target.value = "";
      if (file) await this.load(file);
    };
    $("reference-choose").onclick = () => $("reference-file").click();
    $("reference-file").onchange = async ({ target }) => {
      const [file] = target.files;
      target.value = "";
      if (file) await this.#setReference(file);
    };
    $("reference-remove").onclick = () => this.#commit({ reference: null });
  }

  /** Take the guidance in a JSON file; the server says whether it makes sense. */
  async load(file) {
    const { photo } = this;
    try {
      const state = fromJson(JSON.parse(await file.text()), photo);
      await photo.commit({ ...state, reference: photo.state.reference });
      announce("Corrections loaded");
    } catch (error) {
      toast(`${file.name}: ${error.message}`);
      if (error.status) photo.undo().catch(() => {});
    }
  }

  // A reference

  async #setReference(file) {
    const { photo } = this;
    const reference = new Photo(file);
    $("reference-choose").textContent = "Opening";
    try {
      await reference.upload();
      await photo.commit({ reference: { photo: reference, name: reference.name } });
    } catch (error) {
      toast(`${file.name}: ${error.message}`);
    } finally {
      this.refresh();
    }
  }

  #refreshReference({ reference }) {
    const thumb = $("reference-thumb");
    thumb.hidden = $("reference-remove").hidden = !reference;
    if (reference) {
      thumb.src = reference.photo.raw;
      thumb.alt = `Reference ${reference.name}`;
    }
    $("reference-choose").textContent = reference ? "Choose another" : "Choose a photograph";
  }

  // Other colorizations

  async #showVariants() {
    const { photo } = this;
    const button = $("variants-show");
    button.disabled = true;
    button.textContent = "Coloring them";
    try {
      const states = await photo.variants(VARIANTS);
      const urls = [];
      for (const state of states) urls.push(await photo.preview(state));
      if (photo !== this.photo) return;
      this.previews = { states, urls };
      this.refresh();
      announce(`${states.length} colorizations to choose from`);
    } catch (error) {
      toast(error.message);
    } finally {
      button.disabled = false;
      button.textContent = this.previews ? "Show them anew" : "Show them";
    }
  }

  #refreshVariants(state) {
    const box = $("variants");
    box.hidden = !this.previews;
    if (!this.previews) {
      $("variants-show").textContent = "Show them";
      box.replaceChildren();
      return;
    }
    const { states, urls } = this.previews;
    box.replaceChildren(...states.map((one, index) => {
      const name = index ? `Other ${index}` : "Usual";
      const chosen = one.variant === state.variant;
      const button = make("button", {
        role: "radio", "aria-checked": String(chosen), "aria-label": name, tabIndex: chosen ? 0 : -1,
      }, make("img", { src: urls[index], alt: "" }), make("span", { textContent: name }));
      button.onclick = () => this.#commit({ variant: one.variant, setting: one.setting });
      button.onkeydown = (event) => this.#stepVariant(event, index);
      return button;
    }));
  }

  #stepVariant(event, index) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const count = this.previews.states.length;
    const next = (index + step + count) % count;
    this.#commit({ variant: this.previews.states[next].variant });
    $("variants").children[next].focus();
  }

  // Tabs, on a phone

  #listenToTabs() {
    const tabs = [...$("tabs").children];
    const choose = (chosen) => {
      for (const tab of tabs) {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        $(tab.getAttribute("aria-controls")).classList.toggle("shown", on);
      }
    };
    for (const [index, tab] of tabs.entries()) {
      tab.onclick = () => choose(tab);
      tab.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(index + step + tabs.length) % tabs.length];
        choose(next);
        next.focus();
      };
    }
    const adapt = () => {
      for (const tab of tabs) {
        const part = $(tab.getAttribute("aria-controls"));
        if (NARROW.matches) part.setAttribute("role", "tabpanel");
        else part.removeAttribute("role");
      }
    };
    NARROW.addEventListener("change", adapt);
    adapt();
    choose(tabs[0]);
  }
}

/** A file's name without its suffix. */
export function stem(name) {
  return name.replace(/\.[^.]+$/, "") || "photograph";
}

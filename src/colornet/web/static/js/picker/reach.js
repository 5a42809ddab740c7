/** The slider that says how far a correction reaches. */

import { $, percent, showRange } from "../dom.js";

const USUAL = 1;

export class Reach {
  /** @param {(reach: number, final: boolean) => void} change is told what is tried, and what is chosen */
  constructor(change) {
    const input = $("reach");
    input.oninput = () => change(Number(input.value), false);
    input.onchange = () => change(Number(input.value), true);
    input.ondblclick = () => change(USUAL, true);
  }

  /** @param {number} [reach] */
  show(reach = USUAL) {
    $("reach").value = reach;
    showRange($("reach"), $("reach-value"), percent(reach));
  }
}

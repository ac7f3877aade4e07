// The two numbers of a sum, to be typed, and what is said of it.

import { element } from "../../static/element.js";

export class SumBox {
  /** @param {number} modulus */
  constructor(modulus) {
    this.modulus = modulus;
    const field = () =>
      element("input", { type: "number", min: "0", max: `${modulus - 1}`, required: true });
    this.a = field();
    this.b = field();
    this.said = element("p", { className: "gr-said" });
    const numbers = element("div", { className: "gr-pair" }, [
      element("label", {}, ["a, down", this.a]),
      element("label", {}, ["b, across", this.b]),
    ]);
    this.box = element("div", { className: "gr-sum" }, [numbers, this.said]);
  }

  /**
   * Pick what is typed. What is no sum of the table gives way to the one that is spoken of.
   * @param {(cell: number) => void} pick
   * @param {() => number} picked  the cell that is spoken of
   */
  connect(pick, picked) {
    const { a, b } = this;
    for (const input of [a, b]) {
      input.addEventListener("input", () => {
        if (!a.validity.valid || !b.validity.valid) return;
        pick(Number(a.value) * this.modulus + Number(b.value));
      });
      input.addEventListener("change", () => this.write(picked()));
    }
  }

  /**
   * Put the sum of a cell into the fields.
   * @param {number} cell
   */
  write(cell) {
    this.a.value = `${Math.floor(cell / this.modulus)}`;
    this.b.value = `${cell % this.modulus}`;
  }
}

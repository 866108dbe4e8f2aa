// A number that can be typed, and changed by wheel and arrow keys.
import { element, hasFocus } from "./dom.js";

/**
 * @typedef {object} Numbered
 * @property {string} name as a screen reader says it
 * @property {string} [title]
 * @property {(value: number) => void} put called with what was typed, if it is a number
 * @property {(steps: number) => void} step called with how many steps up
 * @property {(text: string) => void} refuse called with what was typed and is no number
 * @property {() => void} [enter] after Enter, unless no number was typed
 * @property {() => void} [leave] after Escape
 * @property {(value: number) => string} [write] how it stands there
 */

/** The number that a person wrote; NaN if it is none. @param {string} text */
export function numberOf(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".").replace(/[°%]$/, "");
  return plain === "" ? Number.NaN : Number(plain);
}

/** @param {number} value */
export const written = (value) => String(Number(value.toFixed(3))).replace("-", "−");

/** @param {Numbered} numbered */
export function numberField({ name, title = "", put, step, refuse, enter, leave, write = written }) {
  const input = element("input", { className: "number", inputMode: "decimal", ariaLabel: name, title });
  let shown = "";
  /** @param {number} value */
  const show = (value) => {
    shown = write(value);
    if (!hasFocus(input) || input.dataset.typed !== "yes") input.value = shown;
  };
  /** False if what was typed is no number. */
  const take = () => {
    if (input.dataset.typed !== "yes") return true;
    input.dataset.typed = "";
    const value = numberOf(input.value),
      known = Number.isFinite(value);
    if (known) put(value);
    else {
      refuse(input.value);
      input.value = shown;
    }
    return known;
  };
  input.addEventListener("input", () => {
    input.dataset.typed = "yes";
  });
  input.addEventListener("change", take);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      if (take()) enter?.();
    } else if (event.key === "Escape") {
      input.dataset.typed = "";
      input.value = shown;
      if (leave) leave();
      else input.blur();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      take();
      step((event.shiftKey ? 5 : 1) * (event.key === "ArrowUp" ? 1 : -1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      take();
      step((event.shiftKey ? 5 : 1) * (event.deltaY + event.deltaX < 0 ? 1 : -1));
    },
    { passive: false },
  );
  return { input, show };
}

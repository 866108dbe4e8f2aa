// Shares of the digits as bars, one under the other.
import { element } from "./dom.js";

/** @param {number} value */
export const percent = (value) => `${(100 * value).toFixed(1)}%`;

/** @param {string} text @param {number} value @param {string} [className] */
export function bar(text, value, className = "") {
  const inner = element("i");
  inner.style.width = `${100 * value}%`;
  const track = element("span", { className: "track" }, inner);
  return element("div", { className }, track, element("span", { textContent: text }));
}

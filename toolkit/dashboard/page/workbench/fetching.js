// Files from the server: saved under the name they were given, or in words why there is none.
import { element } from "./dom.js";

/** @typedef {import("../words.js").Notice} Notice */

/** @param {Response} answer @param {string} otherwise */
function nameIn(answer, otherwise) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition") ?? "");
  return found ? decodeURIComponent(found[1]) : otherwise;
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const href = URL.createObjectURL(file);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/**
 * Fetch a file and save it; the notice that says why not, where it could not be had.
 * @param {string} url @param {{name: string, problem: Notice}} otherwise what it is called, and what to say, where the answer does not
 * @returns {Promise<Notice|null>}
 */
export async function fetched(url, { name, problem }) {
  try {
    const answer = await fetch(url);
    if (answer.ok) {
      save(await answer.blob(), nameIn(answer, name));
      return null;
    }
    // Whatever else answers is not the toolkit.
    if (answer.headers.get("content-type")?.startsWith("application/json"))
      return (await answer.json()).notice ?? problem;
  } catch {
    // The server is away: that is what is said.
  }
  return problem;
}

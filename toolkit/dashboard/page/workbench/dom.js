// Making elements.

/**
 * An element with properties, in which children stand.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {{[property: string]: any}} [properties]
 * @param {(Node|string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/**
 * The element of a selector, which is there.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root @param {string} selector
 * @returns {T}
 */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`no ${selector} in the page`);
  return /** @type {T} */ (found);
}

/** Whether the keyboard is on a node, in whichever tree it stands. @param {Node} node */
export function hasFocus(node) {
  return /** @type {Document|ShadowRoot} */ (node.getRootNode()).activeElement === node;
}

/** Write only what differs: the page is not laid out anew for nothing. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {ArrayLike<number>} bytes */
export function toBase64(bytes) {
  let text = "";
  for (let k = 0; k < bytes.length; k++) text += String.fromCharCode(bytes[k]);
  return btoa(text);
}

/** @param {string} name */
export function remembered(name) {
  try {
    return localStorage.getItem(`weight-map-toolkit.${name}`);
  } catch {
    return "yes";
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`weight-map-toolkit.${name}`, value);
  } catch {
    // A private window: ask again next time.
  }
}

/** What this tab remembers, until it is closed. @param {string} name */
export function rememberedHere(name) {
  try {
    return sessionStorage.getItem(`weight-map-toolkit.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function rememberHere(name, value) {
  try {
    sessionStorage.setItem(`weight-map-toolkit.${name}`, value);
  } catch {
    // Then a reload forgets it.
  }
}

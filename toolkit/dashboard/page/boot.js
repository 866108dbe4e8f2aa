// What Streamlit runs: finds where this server serves the page's modules, imports the one asked for
// and lets it draw. Runs again at each of Streamlit's reruns.

const PHONE = 900; // CSS pixels, as in the pages' styles

/** @param {string} page */
function root(page) {
  // Streamlit may run this a moment before the address is that of the new page: what was found holds.
  const known = /** @type {any} */ (globalThis).weightMapsRoot;
  if (known) return [known];
  let path = location.pathname.replace(/\/+$/, "");
  if (page && path.endsWith(`/${page}`)) path = path.slice(0, -page.length - 1);
  const found = [`${path}/`];
  // An address with a page that Streamlit does not know shows the first page: look further up.
  while (path) {
    path = path.slice(0, path.lastIndexOf("/"));
    found.push(`${path}/`);
  }
  return found;
}

/** @param {string} href */
function style(href) {
  const link = document.createElement("link");
  const loaded = new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
  });
  Object.assign(link, { rel: "stylesheet", href });
  return { link, loaded };
}

/** @param {Node} parent @param {unknown} error */
function sorry(parent, error) {
  const box = document.createElement("p");
  box.style.cssText = "font: 15px var(--st-font, sans-serif); color: var(--st-text-color); padding: 1rem";
  const again = Object.assign(document.createElement("button"), { textContent: "Reload" });
  again.style.cssText = "font: inherit; margin-left: .75rem; padding: .2rem .8rem";
  again.onclick = () => location.reload();
  box.append("The page could not be loaded: the server is away, or was updated meanwhile.", again);
  box.title = String(error);
  parent.appendChild(box);
}

/** @param {any} parent @param {any} data */
async function load(parent, data) {
  let problem = null;
  for (const at of root(data.page)) {
    const folder = `${location.origin}${at}weight-maps/modules/${data.hash}/linked/`;
    const sheet = style(folder + data.style);
    parent.append(sheet.link);
    try {
      const [module] = await Promise.all([import(folder + data.module), sheet.loaded]);
      /** @type {any} */ (globalThis).weightMapsRoot = at;
      return { module, at };
    } catch (error) {
      sheet.link.remove();
      problem ??= error;
    }
  }
  throw problem;
}

/** On a phone the links to the pages lie in a drawer over them: who has chosen one wants to see it. */
function closeDrawerAtLinks() {
  const page = /** @type {any} */ (globalThis);
  if (page.weightMapsDrawer) return;
  page.weightMapsDrawer = true;
  document.addEventListener("click", ({ target }) => {
    if (window.innerWidth > PHONE || !(target instanceof Element)) return;
    if (!target.closest('[data-testid="stSidebarNavLink"]')) return;
    /** @type {HTMLElement|null} */
    const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
    setTimeout(() => button?.click());
  });
}

/** @param {any} component */
export default function (component) {
  const { parentElement: parent, data } = component;
  parent.weightMaps ??= {};
  const state = parent.weightMaps;
  state.component = component;
  // Streamlit may have taken the page's parts away and bring them anew: then they are drawn anew.
  state.gone = false;
  closeDrawerAtLinks();
  if (!state.loading) {
    state.loading = load(parent, data).then(
      ({ module, at }) => {
        if (state.gone) return;
        state.unmount = module.mount(parent, {
          page: data.page,
          root: at,
          hash: data.hash,
          given: () => state.component.data.given,
          tell: (/** @type {string} */ name, /** @type {unknown} */ value) =>
            state.component.setStateValue(name, value),
        });
      },
      (error) => {
        console.error(error);
        if (!state.gone) sorry(parent, error);
      },
    );
  }
  return () => {
    state.gone = true;
    state.unmount?.();
    delete parent.weightMaps;
  };
}

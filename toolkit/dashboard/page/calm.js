// Streamlit's own word on a lost connection, a dialog over everything, gives way to the page's line.

/** @type {MutationObserver|null} */
let watching = null;

function closeDialog() {
  const dialog = document.querySelector('[data-testid="stDialog"]');
  const close = dialog?.querySelector('button[aria-label="Close"]');
  if (close instanceof HTMLElement && /connection error/i.test(dialog?.textContent ?? "")) close.click();
}

/**
 * Say to Streamlit's page how the connection is; null when our page goes.
 * @param {"here"|"away"|null} how
 */
export function calm(how) {
  if (how) document.body.dataset.weightMaps = how;
  else delete document.body.dataset.weightMaps;
  if (how === "away" && !watching) {
    watching = new MutationObserver(closeDialog);
    watching.observe(document.body, { childList: true, subtree: false });
    closeDialog();
  } else if (how !== "away" && watching) {
    watching.disconnect();
    watching = null;
  }
}

// What is in hand: done to the network on show, and not yet in the server's answer.
import { standing } from "./outbox.js";

/** @typedef {import("./store.js").Store} Store */

/** Whether something is under way that may go on or be let be. @param {Pick<Store, "stroke"|"preview"|"biasDrag">} store */
export const isOpen = ({ stroke, preview, biasDrag }) => Boolean(stroke || preview || biasDrag);

/** Whether the network on show is another than the server's. @param {Store} store */
export const isInHand = (store) =>
  isOpen(store) || standing(store.outbox.entries, store.state.history.cursor).length > 0;

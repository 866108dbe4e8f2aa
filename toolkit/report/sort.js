// Sorts a table by the column whose head is clicked, or chosen with Enter; the page is whole without.
for (const head of document.querySelectorAll("th[data-sort]")) {
  head.tabIndex = 0;
  const value = (line, at) => {
    const has = line.children[at].dataset.value;
    return has === undefined || has === "" ? null : Number.isNaN(Number(has)) ? has : Number(has);
  };
  const sort = () => {
    const row = head.parentElement;
    const at = [...row.children].indexOf(head);
    const down = head.ariaSort !== "descending";
    const body = row.closest("table").tBodies[0];
    for (const each of row.children) each.ariaSort = null;
    head.ariaSort = down ? "descending" : "ascending";
    const lines = [...body.rows].map((line) => [value(line, at), line]);
    lines.sort(([a], [b]) =>
      a === b ? 0 : a === null ? 1 : b === null ? -1 : (a < b ? -1 : 1) * (down ? -1 : 1),
    );
    body.append(...lines.map(([, line]) => line));
  };
  head.onclick = sort;
  head.onkeydown = (event) => {
    if (event.key === "Enter") sort();
  };
}

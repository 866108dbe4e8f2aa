// The markup of the Experiments page.
export const markup = `
<div class="experiments">
  <header>
    <h2>Experiments</h2>
    <span class="connection" role="status" hidden></span>
    <span class="spring"></span>
    <input class="search" type="search" placeholder="search" aria-label="Search experiments" hidden>
    <select class="sort" aria-label="Sort" hidden></select>
    <button class="import" title="A recipe, or a network's file of any framework">import…</button>
    <button class="new primary">new experiment</button>
  </header>
  <div class="notices">
    <div class="notice" role="alert" hidden></div>
    <div class="uploading" role="status" hidden></div>
  </div>
  <div class="empty" hidden>
    <p><b>Nothing here yet.</b> An experiment begins by itself with the first stroke you paint in the workbench, and everything you do is kept in it.</p>
    <p>Start one, or bring a recipe or a network’s file: drop it anywhere on this page.</p>
  </div>
  <p class="none" hidden>No experiment’s name has that in it.</p>
  <ul class="cards" aria-label="Experiments"></ul>
  <details class="bin" hidden><summary></summary><ul></ul></details>
  <p class="where"></p>
  <input type="file" class="file" multiple hidden>
</div>
`;

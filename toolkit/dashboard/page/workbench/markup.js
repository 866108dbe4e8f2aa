// The workbench's markup, part of the modules: no request of its own.
export const markup = `
<div class="bench waiting" tabindex="-1">
  <div class="bar" role="toolbar" aria-label="Workbench">
    <button class="menu-button" data-menu="network" title="Open, start anew, rename, go back to earlier work"><span class="net-name">…</span> ▾</button>
    <button class="menu-button" data-menu="digits" title="Which digits are shown and scored"><span class="digits-name">…</span> ▾</button>
    <span class="score">
      <b class="accuracy">–</b>
      <span class="score-said" aria-live="polite"></span>
      <span class="share" hidden></span>
      <span class="delta" data-of="last" title="Change of accuracy by the last edit"></span>
      <span class="delta" data-of="start" title="Change of accuracy since the network was loaded"></span>
      <span class="live-said" hidden></span>
    </span>
    <span class="spring"></span>
    <span class="connection" role="status" hidden></span>
    <span class="sync" role="status"></span>
    <span class="others" hidden></span>
    <button data-do="undo" title="Undo (Ctrl+Z)" aria-label="Undo">↶</button>
    <button data-do="redo" title="Redo (Ctrl+Shift+Z)" aria-label="Redo">↷</button>
    <button class="menu-button" data-menu="tools" title="Everything that can be done, by its name (Ctrl+K)">tools ▾</button>
    <button class="menu-button" data-menu="history" title="Every step, to go back to">history ▾</button>
    <button data-hold="original" title="Hold (or hold C) to see the network as it was loaded">original</button>
    <button class="menu-button" data-menu="reset" title="Bring back what was loaded">reset ▾</button>
    <button class="menu-button" data-menu="view" title="Palette and scale">view ▾</button>
    <button class="menu-button" data-menu="download" title="Take it with you">download ▾</button>
    <button data-do="keys" title="Words and keys (?)" aria-label="Words and keys">?</button>
  </div>
  <div class="panels">
    <section class="digit-panel" aria-label="Digit">
      <h3><span class="digit-title">digit</span></h3>
      <canvas class="digit-view" width="28" height="28" role="img" aria-label="The digit that goes in"></canvas>
      <p class="verdict" aria-live="polite"></p>
      <div class="row">
        <button data-digit="previous" title="Previous digit (Shift+N)" aria-label="Previous digit">◂</button>
        <input class="digit-index" inputmode="numeric" aria-label="Digit's number" title="A digit's number">
        <button data-digit="next" title="Next digit (N)" aria-label="Next digit">▸</button>
        <select class="digit-class" aria-label="Class" title="Which digits to step through"></select>
      </div>
      <div class="row">
        <button data-digit="random" title="A random digit">random</button>
        <button data-digit="wrong" title="Next one that the network reads wrong (W)">wrong ▸</button>
        <button data-digit="noise" title="Uniform noise">noise</button>
      </div>
      <div class="row">
        <button data-do="draw" class="draw" title="Draw a digit yourself">draw</button>
        <button data-do="picture" title="Read a digit from a picture file">picture…</button>
        <button data-do="center" class="center" hidden title="Scale and centre it as MNIST does">centre</button>
        <button data-do="clear" class="clear" hidden title="Clear the drawing">clear</button>
      </div>
      <div class="per-digit" title="Accuracy on each digit; the line marks where it was when loaded"></div>
      <div class="hint" role="note" hidden>
        <ol><li><b>Pick a neuron</b> in the network.</li> <li><b>Paint its weights:</b> ink of <i class="ink plus">this colour</i> makes it fire, of <i class="ink minus">this one</i> holds it back.</li> <li><span class="heard"><b>Watch the answer change,</b> and the accuracy on top.</span><span class="deaf"><b>Watch the map and the ridges;</b> outputs stay, from blank at 0.500, until later layers have weights.</span></li></ol>
        <button data-do="dismiss">Got it</button>
      </div>
      <div class="flips">
        <div><h4 class="gained-title">gained</h4><div class="thumbs" data-side="gained"></div></div>
        <div><h4 class="lost-title">lost</h4><div class="thumbs" data-side="lost"></div></div>
      </div>
    </section>
    <section class="map-panel" aria-label="Weights">
      <h3><span class="map-head"><span class="map-title">weights</span> <button class="menu-button" data-menu="map" title="Flip, rotate, shift, scale, blur, copy, swap: moves of the whole map">map ▾</button></span><span class="readout"></span></h3>
      <div class="strip" aria-hidden="true"></div>
      <div class="map-row">
        <div class="tools">
          <div class="tool-grid" role="radiogroup" aria-label="Tool"></div>
          <div class="stack strength-label"><span class="strength-head">strength </span><input type="range" class="strength" min="-2" max="1.3" step="0.01" aria-label="Strength, by size"></div>
          <div class="row sign-row"><button class="sign" data-do="sign" title="Swap the sign (X)"></button></div>
          <div class="brush-settings">
            <label class="stack">paint <select class="mode"></select></label>
            <label class="stack"><span>size <output class="size-value"></output></span><input type="range" class="size" min="1" max="14" step="1"></label>
            <label class="check"><input type="checkbox" class="soft"> soft edge</label>
            <label class="stack">mirror <select class="mirror"><option value="none">none</option><option value="left-right">left–right</option><option value="top-bottom">top–bottom</option><option value="both">both</option></select></label>
          </div>
          <div class="stamp-settings" hidden></div>
          <fieldset class="overlays"><legend>show</legend>
            <label class="check"><input type="checkbox" data-overlay="ghost"> digit</label>
            <label class="check"><input type="checkbox" data-overlay="contributions"> w·x</label>
            <label class="check"><input type="checkbox" data-overlay="mean"> class mean</label>
            <label class="check"><input type="checkbox" data-overlay="lit"> never lit</label>
          </fieldset>
        </div>
        <div class="surface">
          <canvas class="map" tabindex="0" role="application" aria-label="Weight map: arrow keys move the cell cursor, plus and minus change it, space paints"></canvas>
          <canvas class="over"></canvas>
          <div class="composed-box" hidden>
            <canvas class="composed" width="28" height="28"></canvas>
            <p class="composed-note"></p>
          </div>
        </div>
        <div class="bias-panel">
          <h3><span>bias <span class="bias-of"></span><input class="bias-value" inputmode="decimal" aria-label="Bias"></span><span class="firing"></span></h3>
          <canvas class="bias-view" tabindex="0" role="application" aria-label="Weighted sums of this neuron over all digits, by class: arrow keys go along the ridges, Enter shows the digits there" title="Weighted sums over all digits, a ridge for each class. Drag the blue threshold: the neuron fires to its right. Click on a ridge for the digits there."></canvas>
        </div>
      </div>
    </section>
    <section class="network-panel" aria-label="Network"></section>
  </div>
  <div class="menu" role="menu" hidden></div>
  <div class="notices" popover="manual">
    <div class="notice" role="alert" hidden></div>
    <div class="uploading" role="status" hidden></div>
  </div>
  <div class="refused" role="region" aria-label="Steps that could not be laid" hidden></div>
  <aside class="dock" hidden></aside>
  <dialog class="keys"></dialog>
  <dialog class="palette"></dialog>
  <input type="file" class="file" hidden>
</div>
`;

"""Modules put together do what they do one by one, or are refused."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.page.test_page import node
from toolkit.dashboard import modules
from toolkit.dashboard.linking import link, link_style

FILES = {
    "main.js": '''import fill from "./deep/tools.js";
import { twice } from "./deep/tools.js";
import * as numbers from "./deep/numbers.js";
import "./deep/effect.js";
import {
  one as first,
  Two,
} from "./deep/numbers.js";
/** @typedef {import("./deep/numbers.js").Three} Three */
export { three } from "./deep/tools.js";
// import { nothing } from "./nowhere.js";
export const told = () =>
  [first, numbers.one, new Two().value, twice(4), fill.name, globalThis.ran];
export async function later() {}
export function* all() {}
const apart = 1;
export {};
''',
    "deep/tools.js": '''import { one } from "./numbers.js";
export { sum as three } from "./numbers.js";
export function twice(value) {
  return 2 * value * one;
}
export default { name: "fill" };
''',
    "deep/numbers.js": '''export const one = 1;
export class Two {
  value = 2;
}
export const sum = one + 2;
''',
    "deep/effect.js": "globalThis.ran = (globalThis.ran ?? 0) + 1;\n",
}  # fmt: skip


def run(script: str, folder: Path) -> Any:
    """Return what a module of Node's prints, as JSON."""
    (folder / "run.mjs").write_text(script, "utf-8")
    done = subprocess.run([node(), str(folder / "run.mjs")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_put_together_does_what_the_modules_do(tmp_path: Path) -> None:
    (tmp_path / "first.mjs").write_text(link(FILES, "main.js", "v1"), "utf-8")
    (tmp_path / "again.mjs").write_text(link(FILES, "deep/tools.js", "v1"), "utf-8")
    (tmp_path / "newer.mjs").write_text(link(FILES, "main.js", "v2"), "utf-8")
    said = run(
        """import * as page from "./first.mjs";
        import * as part from "./again.mjs";
        const before = page.told();
        const { told } = await import("./newer.mjs");
        console.log(JSON.stringify([before, Object.keys(page), page.three, part.twice(1), told()]));
        """,
        tmp_path,
    )
    names = ["all", "later", "three", "told"]
    # What has run is not run again for another page, but for other modules.
    assert said == [[1, 1, 2, 8, "fill", 1], names, 3, 2, [1, 1, 2, 8, "fill", 2]]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("deep/numbers.js", 'import "../main.js";\n', "main.js: imports itself"),
        ("deep/effect.js", 'import "./gone.js";\n', "deep/gone.js: no such module"),
        ("deep/effect.js", "export let count = 0;\n", "deep/effect.js: expected a plain"),
        ("deep/effect.js", 'export * from "./numbers.js";\n', "deep/effect.js: expected a plain"),
        ("deep/effect.js", 'import x, { y } from "./a.js";\n', "deep/effect.js: expected a plain"),
        (
            "deep/numbers.js",
            "export const one = 1,\n  sum = 2;\n",
            "which deep/numbers.js does not",
        ),
    ],
)
def test_what_cannot_be_put_together_is_refused(name: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        link({**FILES, name: text}, "main.js", "v1")


def test_each_page_is_put_together_and_exports_what_its_modules_do(tmp_path: Path) -> None:
    entries = [*modules.PAGES.values(), "atlas/downloads.js", "live/worker.js"]
    for number, entry in enumerate(entries):
        whole = modules.linked(entry)
        assert whole is not None
        (tmp_path / f"{number}.mjs").write_bytes(whole)
    script = f"""
      for (let k = 0; k < {len(entries)}; k++) await import(`./${{k}}.mjs`);
      const [all] = Object.values(globalThis.weightMapModules), names = {{}};
      for (const [name, given] of all) {{
        const real = await import("{modules.FOLDER.as_uri()}/" + name);
        names[name] = [Object.keys(given).sort(), Object.keys(real).sort()];
      }}
      console.log(JSON.stringify(names));
    """
    found = run(script, tmp_path)
    assert set(entries) <= set(found)
    for name, (given, real) in found.items():
        assert given == real, name


def test_a_style_sheet_has_those_that_it_imports_in_their_places() -> None:
    files = {"a/all.css": '@import "one.css";\n@import "../b/two.css";\np {}\n',
             "a/one.css": "i {}\n", "b/two.css": "b {}\n"}  # fmt: skip
    assert link_style(files, "a/all.css") == "i {}\n\nb {}\n\np {}\n"
    for module in modules.PAGES.values():
        style = modules.linked(modules.style_of(module))
        assert style is not None and b"@import" not in style
    assert modules.linked("core/store.js") is None, "what no page begins with"

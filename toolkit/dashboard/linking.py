"""A page's modules put together, so that a browser asks once for all of them.

A page is made of a hundred modules and more.  Asked for one by one they take a browser and this
server longer than all else that a first visit needs, on a class's network above all.  So a page's
entry module is served with all that it imports, each as a function of its own, in the order in
which they need one another.  What one page has brought another finds there: they share it, as
modules do.

The modules are written in the plain part of the language that this takes: imports and exports at
the beginning of a line, no import in a circle, nothing exported that is assigned to later.
:func:`link` refuses whatever else it meets.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_IMPORT = re.compile(
    r'^import\s+(?:(\{[^}]*\}|\* as \w+|\w+)\s+from\s+)?"(\.[^"]+)";$', re.MULTILINE
)
_PASSED_ON = re.compile(r'^export\s+(\{[^}]*\})\s+from\s+"(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function\*?|class|const) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (?!function|class)", re.MULTILINE)
_NAME = re.compile(r"(\w+)(?:\s+as\s+(\w+))?")
_NOTHING = re.compile(r"^export \{\};$", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_STYLE = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)

_HEAD = """\
// Put together from the modules of the same names; see toolkit/dashboard/linking.py.
const $versions = (globalThis.weightMapModules ??= {});
const $modules = ($versions["%(version)s"] ??= new Map());
const $add = (name, make) => $modules.has(name) || $modules.set(name, make());
"""


def link(files: Mapping[str, str], entry: str, version: str) -> str:
    """Return one module that is `entry` and all that it imports.

    Parameters
    ----------
    files : mapping of str to str
        Modules' texts by their paths.
    entry : str
        One of the paths.
    version : str
        What the modules of these texts are known by: others are not mixed with them.

    Raises
    ------
    ValueError
        If a module imports in a circle or what is not there, or is written otherwise than
        this takes.
    """
    parts = [_HEAD % {"version": version}]
    done: dict[str, list[str]] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in above or name not in files:
            raise ValueError(f"{name}: {'imports itself' if name in above else 'no such module'}, "
                             f"by way of {' → '.join(above)}")  # fmt: skip
        text, exports, needed = _as_function(name, files[name])
        for other, names in needed:
            add(other, (*above, name))
            if missing := set(names) - set(done[other]):
                raise ValueError(f"{name}: imports {missing.pop()}, which {other} does not export")
        done[name] = exports
        parts.append(text)

    add(entry, ())
    names = ", ".join(name for name in done[entry] if name != "default")
    parts.append(f'export const {{ {names} }} = $modules.get("{entry}");\n')
    return "".join(parts)


def _as_function(name: str, text: str) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
    """Return a module as a function that is called once, what it exports, and what it imports."""
    needed: list[tuple[str, list[str]]] = []
    exports: dict[str, str] = {}

    def other(path: str, names: list[str]) -> str:
        module = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        needed.append((module, names))
        return f'$modules.get("{module}")'

    def imported(found: re.Match[str]) -> str:
        what = found[1] or ""
        if what.startswith("{"):
            names = _NAME.findall(what)
            here = ", ".join(f"{there}: {called}" if called else there for there, called in names)
            return f"const {{ {here} }} = {other(found[2], [there for there, _ in names])};"
        if what and not what.startswith("* as "):
            return f"const {{ default: {what} }} = {other(found[2], ['default'])};"
        module = other(found[2], [])
        return f"const {what.removeprefix('* as ')} = {module};" if what else ""

    def passed_on(found: re.Match[str]) -> str:
        names = _NAME.findall(found[1])
        module = other(found[2], [there for there, _ in names])
        exports.update({called or there: f"{module}.{there}" for there, called in names})
        return ""

    def exported(found: re.Match[str]) -> str:
        exports[found[1]] = found[1]
        return ""

    def default(found: re.Match[str]) -> str:
        exports["default"] = "$default"
        return "const $default = "

    for pattern, put in ((_IMPORT, imported), (_PASSED_ON, passed_on), (_EXPORT, exported),
                         (_DEFAULT, default)):  # fmt: skip
        text = pattern.sub(put, text)
    text = _NOTHING.sub("", text)
    left = _LEFT.search(text)
    if left:
        raise ValueError(f"{name}: expected a plain import or export; got {left[0]!r}")
    given = ", ".join(f"{key}: {value}" for key, value in exports.items())
    return f'$add("{name}", () => {{\n{text}\nreturn {{ {given} }};\n}});\n', list(exports), needed


def link_style(files: Mapping[str, str], entry: str) -> str:
    """Return a style sheet with those that it imports in their places."""

    def put(found: re.Match[str]) -> str:
        path = posixpath.join(posixpath.dirname(entry), found[1])
        return link_style(files, posixpath.normpath(path))

    return _STYLE.sub(put, files[entry])

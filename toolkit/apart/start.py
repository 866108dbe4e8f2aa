"""What the child's interpreter runs: this very package, whatever lies in the current folder.

The parent may have been installed, in a wheel or in place, or run from a
checkout; another package may be called ``toolkit`` too.  So the package is
loaded from where this file lies, and no folder is searched for it.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_PACKAGE = Path(__file__).resolve().parents[1]


def _load(name: str, path: Path, folder: Path | None = None) -> ModuleType:
    folders = None if folder is None else [str(folder)]
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folders)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    # Before all else: loading the package takes a while.
    _load("lifeline", _PACKAGE / "lifeline.py").die_with(int(sys.argv[1]))
    _load("toolkit", _PACKAGE / "__init__.py", _PACKAGE)
    from toolkit.apart.child import main

    main()

# Sourced by make: finds a Chromium or gets one, and names it in TOOLKIT_TEST_BROWSER.
# In order: a system Chromium or Chrome; Playwright's own; as root on Debian, the package.
find_browser() {
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    command -v "$name" && return 0
  done
  for path in "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
              "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    [ -x "$path" ] && { echo "$path"; return 0; }
  done
  .venv/bin/python - <<'PYTHON'
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    path = Path(playwright.chromium.executable_path)
    if not path.exists():
        raise SystemExit(1)
    print(path)
PYTHON
}

if [ -z "${TOOLKIT_TEST_BROWSER:-}" ]; then
  TOOLKIT_TEST_BROWSER=$(find_browser 2>/dev/null | head -n 1)
  if [ -z "$TOOLKIT_TEST_BROWSER" ]; then
    echo "no browser found; asking Playwright for its own" >&2
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true
    TOOLKIT_TEST_BROWSER=$(find_browser 2>/dev/null | head -n 1)
  fi
  if [ -z "$TOOLKIT_TEST_BROWSER" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "no browser found; installing the chromium package" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 || true
    TOOLKIT_TEST_BROWSER=$(find_browser 2>/dev/null | head -n 1)
  fi
  export TOOLKIT_TEST_BROWSER
fi
if [ -n "$TOOLKIT_TEST_BROWSER" ]; then
  echo "browser: $TOOLKIT_TEST_BROWSER" >&2
else
  echo "NO BROWSER: the browser tests will be skipped" >&2
fi

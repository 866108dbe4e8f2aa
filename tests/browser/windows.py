"""Browser windows that are used again: a page that a browser knows opens with half the work."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page

SIZE = (1366, 768)
NO_PAGE = "/_stcore/health"
HINT_SEEN = "localStorage.setItem('weight-map-toolkit.hint', 'seen')"


class Windows:
    """Windows of one browser, to be had for a while.

    One that is taken is as a new one, but for what a browser may keep of addresses that never
    change. A test of just that makes a window for itself.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[BrowserContext] = []

    def take(self, address: str, size: tuple[int, int] = SIZE) -> Page:
        """Return the one page of a window in which nobody was at this address."""
        window = self._free.pop() if self._free else self._new()
        page = window.pages[0] if window.pages else window.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="light")
        page.mouse.move(0, 0)
        # A document from there that is no page of ours: none that writes something as it is left.
        page.goto(address + NO_PAGE)
        page.evaluate("sessionStorage.clear(); window.name = ''")
        window.clear_cookies()
        tools = window.new_cdp_session(page)
        tools.send("Storage.clearDataForOrigin", {"origin": address, "storageTypes": "all"})
        tools.detach()
        return page

    def give_back(self, window: BrowserContext, *, well: bool = True) -> None:
        """Keep a window for others; one in which a test went wrong is closed."""
        if not well:
            window.close()
            return
        for page in window.pages[1:]:
            page.close()
        for page in window.pages:
            page.unroute_all()
            # Within the site: its process stays, and with it what was compiled.
            page.goto(f"{page.evaluate('location.origin')}{NO_PAGE}")
        self._free.append(window)

    def _new(self) -> BrowserContext:
        window = self._browser.new_context()
        window.add_init_script(HINT_SEEN)
        return window

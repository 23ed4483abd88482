"""Screenshots for the eye: python -m tests.components.harness.shots FOLDER head_atlas token_strip …"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.components.conftest import CHROMIUM, QUIET, Harness
from tests.components.harness.material import PACKETS
from tests.components.harness.server import serving

SCENES = [  # name, packet, width, theme, language, choice
    ("desktop-light", "cat", 1440, "light", "en", {"layer": 2, "head": 7, "query": 8}),
    ("desktop-dark", "cat", 1440, "dark", "en", {"layer": 2, "head": 7, "query": 8}),
    ("phone", "cat", 390, "light", "en", {"layer": 2, "head": 7, "query": 8}),
    ("long-dark", "long", 1440, "dark", "en", {"layer": 0, "head": 2, "query": 20}),
    ("long-phone", "long", 390, "light", "en", {"layer": 0, "head": 2, "query": 20}),
    ("chinese", "chinese", 1440, "light", "zh", {"layer": 2, "head": 7, "query": 3}),
    ("bytes", "bytes", 390, "dark", "en", {"layer": 1, "head": 1, "query": 4}),
    ("hebrew", "hebrew", 390, "light", "en", {"layer": 1, "head": 1, "query": 4}),
    ("one", "one", 390, "light", "en", {"layer": 1, "head": 1}),
    ("thousand", "thousand", 1440, "light", "en", {"layer": 1, "head": 1, "query": 4}),
    ("far", "long-map", 860, "light", "en", {"layer": 0, "head": 1, "query": 1500}),
    ("far-dark", "long-map", 860, "dark", "en", {"layer": 0, "head": 1, "query": 1500}),
    ("far-phone", "long-map", 390, "light", "zh", {"layer": 0, "head": 1, "query": 1500}),
    ("many", "many", 390, "light", "en", {"layer": 1, "head": 1}),
]


def main(folder: Path, views: list[str], wanted: set[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with serving(PACKETS) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, packet, width, theme, language, choice in SCENES:
            if wanted and name not in wanted:
                continue
            page = browser.new_page(
                viewport={"width": width, "height": 900}, device_scale_factor=2 if width < 500 else 1
            )
            harness = Harness(page, address)
            harness.theme(theme)
            harness.settle(choice=choice, language=language)
            harness.shelve(packet)
            for view in views:
                harness.mount(view, width=None if width < 500 or view != "head_atlas" else 300)
            page.wait_for_timeout(200)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            print(name, *harness.complaints)  # noqa: T201
            page.close()


if __name__ == "__main__":
    views = [each for each in sys.argv[2:] if not each.startswith("@")]
    main(Path(sys.argv[1]), views, {each[1:] for each in sys.argv[2:] if each.startswith("@")})

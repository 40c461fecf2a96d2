"""Takes docs/gallery/report.png, the report in a browser while the mouse is on a neuron.

    python docs/screenshot.py

It needs playwright and a Chromium; the tests do not run it.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import generate
from PIL import Image
from playwright.sync_api import sync_playwright

COMMAND = "netrunner report networks/three_layer.yaml --output report.html"
NEURON = "2-1"  # neuron 1 of layer 2


def main() -> None:
    """Renew the picture."""
    with generate.fresh_folder(), sync_playwright() as playwright:
        print(generate.output_of(COMMAND), end="")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 1060})
        page.goto(f"file://{Path.cwd()}/report.html")
        page.locator(f"#diagram a[data-neuron='{NEURON}']").hover()
        page.wait_for_timeout(1000)  # until all has faded in and out
        shot = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    # 64 colours are enough, and a third of the bytes.
    shot.quantize(64).save(generate.ROOT / generate.GALLERY / "report.png", optimize=True)


if __name__ == "__main__":
    main()

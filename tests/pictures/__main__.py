"""python -m tests.pictures: all themes, sizes and states as pictures in .pictures/, and sheets.

Pictures that are there already are kept, so a stopped run goes on; --again takes all anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import django
from playwright.sync_api import Error, sync_playwright
from rich.console import Console
from rich.progress import track

from tests.browser import ARGUMENTS, chromium_path

OUT = Path(".pictures")


def main() -> int:
    """Take the pictures and return 1 when something in one of them is broken."""
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("--again", action="store_true", help="take those that are there, too")
    parser.add_argument("--only", default="", help="only pictures with this in their name")
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "captcha_site.settings")
    os.environ.setdefault("SECRET_KEY", "pictures-need-no-secret-0123456789-abcdefghijklmnop")
    django.setup()
    from tests.pictures import plain, scenes, sheets

    console = Console()
    every: list[scenes.WidgetShot | plain.PlainShot] = [*scenes.every_shot(), *plain.every_shot()]
    shots = [shot for shot in every if wanted.only in shot.name]
    missing = [shot for shot in shots if wanted.again or not (OUT / shot.name).exists()]
    OUT.mkdir(exist_ok=True)
    broken = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for shot in track(missing, description="Pictures", console=console):
            try:
                taken = shot.take(browser)
            except Error as error:
                console.print(f"{shot.name}: {error.message.splitlines()[0]}", markup=False)
                broken += 1
                continue
            (OUT / shot.name).write_bytes(taken.picture)
            for fault in taken.faults:
                console.print(f"{shot.name}: {fault}", markup=False)
            broken += bool(taken.faults)
        browser.close()
    for name in {shot.sheet for shot in shots}:
        there = [OUT / shot.name for shot in shots if shot.sheet == name]
        sheets.sheet([place for place in there if place.exists()], OUT / f"sheet-{name}.png")
    console.print(f"{len(shots)} pictures and sheets of them in {OUT}/. Broken: {broken}.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

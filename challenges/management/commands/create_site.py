"""Make a site and print its keys, once."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from challenges.flows.sites import create_site


class Command(BaseCommand):
    """manage.py create_site NAME --host HOST [--host HOST ...] [--contact ADDRESS] [--json]"""

    help = "Make a site that may embed Pawcha, and print its site key and secret, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="what you call the site, such as 'Our shop'")
        parser.add_argument(
            "--host",
            action="append",
            required=True,
            help="a host that may embed it: shop.example.org, *.example.org or localhost; "
            "may be given several times",
        )
        parser.add_argument(
            "--contact",
            default="",
            help="where visitors get help who cannot solve it: an e-mail address or an https "
            "address; anybody can see it",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, name: str, host: list[str], contact: str, **options: Any) -> None:
        """Make the site."""
        try:
            made = create_site(name, host, contact)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        keys = {"sitekey": made.site.sitekey, "secret": made.secret}
        if options["json"]:
            self.stdout.write(json.dumps(keys))
            return
        self.stdout.write(f"Site {made.site.name!r} for {', '.join(made.site.hosts)}")
        self.stdout.write(f"sitekey  {keys['sitekey']}")
        self.stdout.write(f"secret   {keys['secret']}")
        self.stdout.write("Keep the secret on your server. It is not shown again.")
        self.stdout.write("\nIn the page, inside the form:")
        self.stdout.write(f'<script src="{settings.PUBLIC_URL}/pawcha/api.js" async></script>')
        self.stdout.write(f'<div class="pawcha" data-sitekey="{keys["sitekey"]}"></div>')

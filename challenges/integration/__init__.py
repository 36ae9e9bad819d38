"""For Django sites that embed Pawcha: a form field, a DRF field, a client. No model, no app needed.

It imports nothing else of this project but httpx and Django (and DRF, for `serializers`), so a site
can have it without running a Pawcha. Settings: PAWCHA_URL, PAWCHA_SITEKEY, PAWCHA_SECRET.
"""

from __future__ import annotations

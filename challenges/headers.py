"""Headers of pages that anybody may see: closed to everything that they do not need. Pure."""

from __future__ import annotations

from typing import Final

CLOSED: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope",
    "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking",
)  # fmt: skip
# Pages that isolate themselves (Cross-Origin-Embedder-Policy) embed only what says both.
EMBEDDABLE: Final = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# No script, nothing from elsewhere.
PLAIN: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {ancestors}"
)


def plain_page(ancestors: str) -> dict[str, str]:
    """Return the headers of a page without scripts that these ancestors may embed (CSP sources)."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": PLAIN.format(ancestors=ancestors),
        **EMBEDDABLE,
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in CLOSED),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

"""What other apps may want to hear about. Each signal is sent after the commit."""

from __future__ import annotations

from django.dispatch import Signal

# New photos wait for a label.
photos_unlabelled = Signal()

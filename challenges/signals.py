"""What other apps may want to hear about: sent after the commit, but for the last one."""

from __future__ import annotations

from django.dispatch import Signal

# New photos wait for a label.
photos_unlabelled = Signal()

# A photo is about to be deleted for good: `photo`. Receivers return sentences (list[str]) about
# what they keep that still contains it. Sent inside the transaction that deletes it.
photo_forgetting = Signal()

"""What must not be logged."""

from __future__ import annotations

import logging
import re
from typing import Final

_QUERY: Final = re.compile(r"\?[^\s\"']*")


class WithoutQuery(logging.Filter):
    """Takes queries out of what Django's development server says: they may hold a secret.

    Nothing else here logs them: Django's own loggers name paths, granian keeps no access log
    unless asked to, and has only paths in it then.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _QUERY.sub("?...", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        return True

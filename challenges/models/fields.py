"""Fields of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from challenges.plaintext import without_turning

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


class NameField(_CharField):
    """Words that people write and others read: none of them turns what stands beside it around.

    To the database, and so to migrations, it is a CharField.
    """

    def deconstruct(self) -> Any:
        """Return it as a CharField."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        """Clean the words of a row that is saved."""
        value = self._clean(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Clean the words of rows that are changed together."""
        return self._clean(super().get_prep_value(value))

    @staticmethod
    def _clean(value: Any) -> Any:
        return without_turning(value) if isinstance(value, str) else value

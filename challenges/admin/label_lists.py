"""Export and import of labels in the admin, by django-import-export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ChoiceField, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, JSON
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm

from challenges import tables
from challenges.admin.base import person
from challenges.flows import label_lists
from challenges.flows.deciding import OnlyOwner, may_settle
from challenges.flows.label_lists import COLUMNS, NEEDED, Judged
from challenges.models import Photo

# So many rows of each kind are shown before an import.
SHOWN: Final = 200
# The formats as the forms number them, and how the names of their files end.
CSV_CHOICE, JSON_CHOICE = "0", "1"
ENDS: Final = {".csv": CSV_CHOICE, ".tsv": CSV_CHOICE, ".txt": CSV_CHOICE, ".json": JSON_CHOICE}


class CsvList(CSV):  # type: ignore[misc]
    """CSV as spreadsheets write it, and as none takes it for formulas."""

    def is_binary(self) -> bool:
        """Return yes: it is read as bytes, since spreadsheets write several encodings."""
        return True

    def get_read_mode(self) -> str:
        """Return how the stored file is opened."""
        return "rb"

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Dataset:
        """Return the rows. Raises BadTable."""
        return _dataset(tables.read_csv(in_stream, NEEDED), CsvList.__name__)

    def export_data(self, dataset: Dataset, **kwargs: Any) -> str:
        """Return the file."""
        return "".join(tables.write_csv(dataset.headers, _rows(dataset)))


class JsonList(JSON):  # type: ignore[misc]
    """JSON: a list of rows."""

    is_binary = CsvList.is_binary
    get_read_mode = CsvList.get_read_mode

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Dataset:
        """Return the rows. Raises BadTable."""
        return _dataset(tables.read_json(in_stream, NEEDED), JsonList.__name__)

    def export_data(self, dataset: Dataset, **kwargs: Any) -> str:
        """Return the file."""
        return "".join(tables.write_json(_rows(dataset)))


def _dataset(rows: tables.Rows, kind: str) -> Dataset:
    headings = list(dict.fromkeys(name for row in rows for name in row))
    made = Dataset(headers=headings, title=kind)
    for row in rows:
        made.append([row.get(name, "") for name in headings])
    return made


def _rows(dataset: Dataset) -> Iterable[dict[str, str]]:
    headings = dataset.headers or []
    for row in dataset:
        yield dict(zip(headings, map(str, row), strict=True))


class LabelResource(ModelResource):  # type: ignore[misc]
    """What a list says of each photo, and how the rows of one are taken in."""

    judged: list[Judged]

    class Meta:
        """Its columns are those below; rows are judged by the flow."""

        model = Photo
        fields = ()
        import_id_fields = ()
        skip_diff = True
        use_transactions = True
        report_skipped = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = []
        self.only_looks = True
        self.headings = False
        for name in COLUMNS:
            self.fields[name] = Field(column_name=name, attribute=name, readonly=True)

    def get_export_order(self) -> list[str]:
        """Return the columns in their order."""
        return list(COLUMNS)

    def export_resource(self, instance: Photo, *args: Any, **kwargs: Any) -> list[str]:
        """Return one row."""
        cells = label_lists.cells(instance)
        chosen = kwargs.get("selected_fields") or COLUMNS
        return [cells[name] for name in COLUMNS if name in chosen]

    def filter_export(self, queryset: QuerySet[Photo], **kwargs: Any) -> QuerySet[Photo]:
        """Return the photos with all that a row says."""
        return label_lists.exported(queryset.order_by("pk"))

    def import_data(self, dataset: Dataset, dry_run: bool = False, **kwargs: Any) -> Result:  # noqa: FBT001, FBT002
        """Take a list in, or only look at it."""
        self.only_looks = dry_run
        return super().import_data(dataset, dry_run=dry_run, **kwargs)

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Judge the whole list, and let it count unless it is only looked at."""
        rows = list(_rows(dataset))
        user = kwargs["user"]
        assert isinstance(user, User)  # noqa: S101
        self.headings = dataset.title == CsvList.__name__
        self.judged = (
            label_lists.judge(rows, headings=self.headings)
            if self.only_looks
            else label_lists.apply(rows, user, headings=self.headings)
        )

    def import_row(self, row: Mapping[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        """Return what was judged of the row."""
        result = RowResult()
        one = self.judged[kwargs["row_number"] - 1]
        where = label_lists.place(one.row, headings=self.headings)
        changes = one.kind == "change"
        result.import_type = RowResult.IMPORT_TYPE_UPDATE if changes else RowResult.IMPORT_TYPE_SKIP
        if one.kind == "wrong":
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError([where, one.sentence])
        result.object_id, result.object_repr = one.photo, f"{where}: {one.sentence}"
        return result


def _offer(form: Form) -> None:
    """Let a form have CSV as its format unless somebody says otherwise."""
    field = form.fields["format"]
    assert isinstance(field, ChoiceField)  # noqa: S101
    choices: Any = field.choices
    field.choices = [(value, words) for value, words in choices if value]
    field.initial, field.required = CSV_CHOICE, False


class ListForm(ImportForm):  # type: ignore[misc]
    """A list to import. Its name says of which format it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)

    def clean(self) -> dict[str, Any]:
        """Return what was sent, with the format that the file's name tells."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        name = getattr(said.get("import_file"), "name", "").lower()
        told = next((kind for end, kind in ENDS.items() if name.endswith(end)), "")
        said["format"] = told or said.get("format") or CSV_CHOICE
        return said


class ListExportForm(SelectableFieldsExportForm):  # type: ignore[misc]
    """What is exported, and how."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self)

    def clean_format(self) -> str:
        """Return the format."""
        return self.cleaned_data.get("format") or CSV_CHOICE


class LabelLists(ImportExportMixin):  # type: ignore[misc]
    """Export and import of labels, on the page of the list of photos."""

    resource_classes = (LabelResource,)
    import_form_class = ListForm
    export_form_class = ListExportForm
    import_template_name = "admin/challenges/photo/import.html"
    skip_admin_log = True

    def get_import_formats(self) -> list[type[CSV]]:
        """Return the formats that are read."""
        return [CsvList, JsonList]

    def get_export_formats(self) -> list[type[CSV]]:
        """Return the formats that are written."""
        return [CsvList, JsonList]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may import labels: each is a word of theirs."""
        return person(request).has_perm("challenges.label_photo")

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may export labels."""
        return person(request).has_perm("challenges.export_labels")

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what a list would change."""
        return self._refused(request) or super().import_action(request, **kwargs)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take a list in."""
        return self._refused(request) or super().process_import(request, **kwargs)

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        """Say that only owners may, where two have to agree; None where this person may."""
        if not self.has_import_permission(request) or may_settle(person(request)):
            return None
        messages.error(request, str(OnlyOwner()))
        return HttpResponseRedirect(reverse("admin:challenges_photo_changelist"))

    def add_data_read_fail_error_to_form(self, form: Any, error: Exception) -> None:
        """Say why the file cannot be read."""
        known = isinstance(error, tables.BadTable)
        form.add_error("import_file", str(error) if known else "This file cannot be read.")

    def get_import_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page needs beside the result."""
        return {"columns": COLUMNS, "shown": SHOWN}

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        """Say what came of the import."""
        totals = result.totals
        wrong = totals[RowResult.IMPORT_TYPE_INVALID]
        if wrong:
            said = f"Rows that cannot be: {wrong}. So nothing has changed: look at the list again."
            messages.error(request, said)
            return HttpResponseRedirect(reverse("admin:challenges_photo_import"))
        changed = totals[RowResult.IMPORT_TYPE_UPDATE]
        same = totals[RowResult.IMPORT_TYPE_SKIP]
        messages.success(request, f"Labels taken in: {changed}. Nothing to change: {same}.")
        return HttpResponseRedirect(reverse("admin:challenges_photo_changelist"))

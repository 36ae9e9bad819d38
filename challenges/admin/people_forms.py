"""The forms for people: who they are, and what they may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from challenges.flows import people


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Groups, each with a sentence on what its people may do."""

    def label_from_instance(self, obj: Any) -> SafeString:
        """Return the group's name and its sentence."""
        role = people.ROLES.get(obj.name)
        told = role.sentence if role else "A group of your own."
        return format_html("<strong>{}</strong>: {}", obj.name, told)


class PersonForm(forms.ModelForm[User]):
    """A person who is known. Whoever is in a group may use the desk."""

    # Who fills it in; the admin page says so.
    by: User | None = None

    username = forms.CharField(
        label="Name to sign in with",
        max_length=150,
        validators=User._meta.get_field("username").validators,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        help_text="Letters, digits and @ . + - _",
    )
    first_name = forms.CharField(
        label="Full name", required=False, max_length=150, widget=UnfoldAdminTextInputWidget
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        widget=UnfoldAdminEmailInputWidget,
        help_text="May be used to sign in, too. Pawcha sends no mail.",
    )
    groups = RolesField(
        queryset=Group.objects.order_by("pk"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Without a group somebody can sign in, but not use the desk.",
    )
    is_active = forms.BooleanField(
        label="May sign in",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Switch it off for people who left: what they did stays in the history.",
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "email", "groups", "is_active")

    def clean_username(self) -> str:
        """Return the name, which nobody else has in whatever spelling."""
        name: str = self.cleaned_data["username"].strip()
        if self._others().filter(username__iexact=name).exists():
            raise ValidationError(f"Somebody is called {name} already: take another name.")
        return name

    def clean_email(self) -> str:
        """Return the address, which nobody else has: people sign in with it."""
        email: str = self.cleaned_data["email"].strip()
        if email and self._others().filter(email__iexact=email).exists():
            raise ValidationError("Somebody else has this e-mail address.")
        return email

    def _others(self) -> Any:
        return User.objects.exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        """See that the groups are ours to give, and that an owner is left."""
        super().clean()
        said: dict[str, Any] = self.cleaned_data
        if self.errors:
            return said
        self._check_rights(said.get("groups") or Group.objects.none())
        if not self.instance._state.adding and self._locks_out(said):
            try:
                people.check_owned_without([self.instance])
            except people.LastOwner as error:
                raise ValidationError(str(error)) from error
        return said

    def _locks_out(self, said: dict[str, Any]) -> bool:
        owns = any(group.name == people.OWNER for group in said.get("groups") or ())
        return not said.get("is_active") or not (owns or self.instance.is_superuser)

    def _check_rights(self, groups: Any) -> None:
        """See that nobody gives, to others or to themselves, what they do not have."""
        if self.by is None or self.by.is_superuser:
            return
        known = set(self.instance.groups.values_list("pk", flat=True)) if self.instance.pk else ()
        for group in groups:
            if group.pk not in known and not people.may_give(self.by, group):
                raise ValidationError(
                    f"You cannot put anybody into {group.name}: it may do more than you may."
                )


class PersonNewForm(PersonForm):
    """Somebody new. Without a password they get a link to set one themselves."""

    password = forms.CharField(
        label="First password",
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty to get a link instead, with which they set it themselves.",
    )
    is_active = None  # type: ignore[assignment]

    class Meta(PersonForm.Meta):
        fields = ("username", "first_name", "email", "groups")  # type: ignore[assignment]

    def clean_password(self) -> str:
        """Return the password, if it is good enough."""
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 (as Django has it)
        """Make the person, with the password or without any."""
        # None is a password that never fits.
        self.instance.set_password(self.cleaned_data["password"] or None)
        return super().save(commit)

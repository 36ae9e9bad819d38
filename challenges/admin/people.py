"""People and groups: added in one form, and never more rights than their owner has."""

from __future__ import annotations

from typing import Any, Final

# Imported from where they are registered, so that they can be taken off again.
from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from challenges.admin import base
from challenges.admin.again import ask_again
from challenges.admin.history import HistoryPage
from challenges.admin.people_forms import PersonForm, PersonNewForm
from challenges.admin.tokens import TokensPage
from challenges.flows import people

# allauth's own pages: nobody needs to see second factors as rows, and mail is not used.
admin.site.unregister([User, Group, Authenticator, EmailAddress])

PERSON: Final = "admin:auth_user_change"
PASSWORD: Final = "admin:auth_user_password_change"  # noqa: S105 (a route)
# In the session until the page is shown on which the link stands.
LINK_FOR: Final = "pawcha_link_for"


class AsksAgain:
    """Whoever gives or takes rights is asked for the password again, after a while.

    Otherwise a session left open, or stolen, would be enough to become an owner for ever.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Ask before something new is typed, and before anything is saved."""
        if request.method == "POST" or self._is_new(*args, **options):
            ask_again(request)
        return super().changeform_view(request, *args, **options)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Ask before anything is deleted."""
        if request.method == "POST":
            ask_again(request)
        return super().delete_view(request, *args, **options)  # type: ignore[misc]

    @staticmethod
    def _is_new(object_id: str | None = None, *_args: Any, **_options: Any) -> bool:
        return object_id is None


@admin.register(User)
class PersonAdmin(AsksAgain, UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """People who may sign in, the history of what they did, and their API tokens."""

    form = PersonForm
    add_form = PersonNewForm
    # The usual way of adding a user has a form of two steps.
    add_form_template = None
    change_form_template = "admin/challenges/people/person.html"
    list_display = ("username", "full_name", "email", "roles", "second_factor", "shown_active")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "email")
    filter_horizontal = ()
    fieldsets = ((None, {"fields": ("username", "first_name", "email", "groups", "is_active")}),)
    add_fieldsets = ((None, {"fields": ("username", "first_name", "email", "groups", "password")}),)
    actions_detail = ("new_password", "drop_second_factor")

    def get_urls(self) -> list[URLPattern]:
        """Return the usual routes, and those of the history and of API tokens."""
        history = self.admin_site.admin_view(HistoryPage.as_view(model_admin=self))
        tokens = self.admin_site.admin_view(TokensPage.as_view(model_admin=self))
        return [
            path("history/", history, name="challenges_person_history"),
            path("tokens/", tokens, name="challenges_person_tokens"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the people with their groups, and whether they have a second factor."""
        factors = people.second_factors().filter(user=OuterRef("pk"))
        found: QuerySet[User] = super().get_queryset(request)
        return found.prefetch_related("groups").annotate(has_factor=Exists(factors))

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 (as Django has it)
        **options: Any,
    ) -> Any:
        """Return the form, which is told who fills it in."""
        form: Any = super().get_form(request, obj, change=change, **options)
        form.by = request.user
        return form

    @admin.display(description="Full name", ordering="first_name")
    def full_name(self, person: User) -> str:
        """Return what the person is called."""
        return person.get_full_name()

    @display(description="Groups", label=True)  # type: ignore[untyped-decorator]
    def roles(self, person: User) -> list[str]:
        """Return in which groups the person is."""
        if person.is_superuser:
            return ["superuser"]
        return [group.name for group in person.groups.all()] or ["none: cannot use the desk"]

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, person: User) -> bool:
        """Return whether the person signs in with more than a password."""
        return bool(getattr(person, "has_factor", False))

    @admin.display(description="May sign in", boolean=True, ordering="is_active")
    def shown_active(self, person: User) -> bool:
        """Return whether the person may sign in."""
        return person.is_active

    # What may be done to whom

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether this person may be changed: by nobody who may do less."""
        return _reaches(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether this person may be deleted: by nobody who may do less."""
        return _reaches(request, obj) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return no action for many at once: people are looked at one by one."""
        return {}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete a person, unless nobody would be left to look after this Pawcha."""
        person = self.get_object(request, object_id)
        if person is not None and self.has_delete_permission(request, person):
            try:
                people.check_owned_without([person])
            except people.LastOwner as error:
                self.message_user(request, str(error), messages.ERROR)
                return HttpResponseRedirect(reverse(PERSON, args=[person.pk]))
        page: HttpResponse = super().delete_view(request, object_id, extra_context)
        return page

    # Passwords and second factors

    def has_help_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether a way in may be made for this person."""
        person = User.objects.filter(pk=object_id).first() if object_id else None
        return self.has_change_permission(request, person)

    def has_factor_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether this person has a second factor that may be removed."""
        known = people.second_factors().filter(user_id=object_id).exists() if object_id else False
        return known and self.has_help_permission(request, object_id)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the link for those who are to set their password themselves."""
        if obj.has_usable_password():
            answer: HttpResponse = ModelAdmin.response_add(self, request, obj, post_url_continue)
            return answer
        request.session[LINK_FOR] = obj.pk
        return redirect(PASSWORD, obj.pk)

    @action(  # type: ignore[untyped-decorator]
        description="New password", permissions=["help"], url_path="new-password", icon="key"
    )
    def new_password(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Go to the page on which a link is made."""
        return redirect(PASSWORD, object_id)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Make a link by which the person sets a password, and show it this once.

        It stands where Django has a form in which one types the password of somebody else.
        """
        person = self.get_object(request, id)
        if person is None or not self.has_change_permission(request, person):
            raise PermissionDenied
        if person.pk == request.user.pk:
            # There the old one is asked for.
            return redirect("account_change_password")
        ask_again(request)
        asked = request.session.pop(LINK_FOR, None) == person.pk or request.method == "POST"
        return TemplateResponse(
            request,
            "admin/challenges/people/password.html",
            {
                **self.admin_site.each_context(request),
                "title": f"A password for {person.get_username()}",
                "opts": self.opts,
                "person": person,
                "link": _address(person) if asked else "",
                "back": reverse(PERSON, args=[person.pk]),
            },
            headers={"Cache-Control": "no-store"},
        )

    @action(  # type: ignore[untyped-decorator]
        description="Remove second factor",
        permissions=["factor"],
        url_path="remove-second-factor",
        icon="no_encryption",
    )
    def drop_second_factor(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then remove the second factor of somebody who lost it."""
        person = self.get_object(request, str(object_id))
        if person is None:
            raise PermissionDenied
        ask_again(request)
        back = reverse(PERSON, args=[person.pk])
        if request.method == "POST":
            people.remove_second_factor(person)
            told = (
                f"{person} now signs in with the password alone, and has no API tokens any more. "
                "Ask them to set up a new second factor."
            )
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Remove the second factor of {person.get_username()}?",
            "opts": self.opts,
            "back": back,
        }
        return TemplateResponse(request, "admin/challenges/people/factor.html", context)


def _reaches(request: HttpRequest, person: User | None) -> bool:
    """Return whether this person may do nothing that who asks may not."""
    return person is None or people.reaches(base.person(request), person)


def _address(person: User) -> str:
    link = people.password_link(person)
    return str(settings.PUBLIC_URL + reverse("account_first_password", args=[link.who, link.token]))


@admin.register(Group)
class PeopleAdmin(AsksAgain, GroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of people. Pawcha keeps four of them; others may be made beside."""

    list_display = ("name", "sentence", "kept")

    @admin.display(description="What its people may do")
    def sentence(self, group: Group) -> str:
        """Return it in a sentence."""
        role = people.ROLES.get(group.name)
        return role.sentence if role else "What is ticked in it."

    @admin.display(description="Kept by Pawcha", boolean=True)
    def kept(self, group: Group) -> bool:
        """Return whether it is one of the four."""
        return group.name in people.ROLES

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return whether the group may be changed: not the four."""
        return _is_free(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Return whether the group may be deleted: not the four."""
        return _is_free(obj) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return no action for many at once."""
        return {}

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        """Offer only rights that whoever asks has, so that nobody gives away more."""
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "permissions" and field is not None and request is not None:
            field.queryset = _rights_of(request.user)
        return field


def _is_free(group: Group | None) -> bool:
    return group is None or group.name not in people.ROLES


def _rights_of(user: Any) -> QuerySet[Permission]:
    rights = Permission.objects.select_related("content_type")
    named = {one.pk: f"{one.content_type.app_label}.{one.codename}" for one in rights}
    held = [pk for pk, name in named.items() if user.has_perm(name)]
    return rights.filter(pk__in=held, content_type__app_label__in=people.APPS)

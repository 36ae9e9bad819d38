"""The integration's test keys are the service's own: two lists, one truth."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from challenges import testkeys
from challenges.integration import testing
from challenges.testkeys import Verify


def test_the_site_key_and_its_token_are_the_services() -> None:
    assert testkeys.SITEKEYS[testing.SITEKEY] is testkeys.Widget.PASSES
    assert testkeys.dummy_token(testing.SITEKEY) == testing.TOKEN


@pytest.mark.parametrize(
    ("secret", "verify", "success"),
    [
        (testing.PASSING_SECRET, Verify.PASSES, True),
        (testing.FAILING_SECRET, Verify.FAILS, False),
        (testing.SPENT_SECRET, Verify.SPENT, False),
    ],
)
def test_the_secrets_mean_what_they_mean_to_the_service(
    secret: str, verify: Verify, success: bool
) -> None:
    assert testkeys.SECRETS[secret] is verify
    assert testing.judge(testing.TOKEN, secret).success is success


def test_all_of_the_services_own_test_secrets_are_known() -> None:
    ours = {secret for secret in testkeys.SECRETS if secret.startswith("pawcha")}
    assert ours == testing.SECRETS


@pytest.mark.parametrize("secret", sorted(testing.SECRETS))
@pytest.mark.parametrize("token", [testing.TOKEN, "a-token"])
@pytest.mark.django_db
def test_it_judges_as_the_service_does(settings: Settings, secret: str, token: str) -> None:
    settings.TEST_KEYS = True
    said = APIClient().post("/siteverify", {"secret": secret, "response": token}).json()
    judged = testing.judge(token, secret)
    assert judged.success == said["success"]
    assert list(judged.errors) == said["error-codes"]
    assert judged.hostname == said.get("hostname", "")

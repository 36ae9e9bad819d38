"""What a visitor of /classify/ is told when there is no answer: a code, a status, a sentence."""

from __future__ import annotations

from challenges.exceptions import PawchaError


class PhotoRefused(PawchaError):
    """This file cannot become a photo; the sentence says why."""

    code = "bad_photo"
    status = 422


class NoPhoto(PawchaError):
    """The request holds no photo."""

    code = "invalid_request"
    sentence = (
        "There is no photo in this request: send it in the multipart field photo, "
        "or as the whole body."
    )


class WrongType(PawchaError):
    """The body is announced as something else than a photo or a form with one."""

    code = "unsupported_media_type"
    status = 415
    sentence = (
        "Send the photo in the multipart field photo, or as the whole body with its type, "
        "such as image/jpeg."
    )


class TooLarge(PawchaError):
    """The body is larger than any photo that is taken."""

    code = "too_large"
    status = 413


class Asleep(PawchaError):
    """No worker with a network is awake."""

    code = "no_network"
    status = 503
    sentence = (
        "No network is awake here right now, so nobody can look at your photo. "
        "Please try again later."
    )


class NotTrained(PawchaError):
    """The workers have no trained network."""

    code = "no_network"
    status = 503
    sentence = "This Pawcha has no trained network yet, so it cannot tell cats from dogs."


class Full(PawchaError):
    """As many photos wait as may."""

    code = "queue_full"
    status = 503
    sentence = "Many photos are waiting to be looked at. Please try again in a few seconds."


class TooLate(PawchaError):
    """The network did not come to the photo in time; it will not look at it any more."""

    code = "timeout"
    status = 503
    sentence = "The network did not get to your photo in time. Please try again in a few seconds."


class Stumbled(PawchaError):
    """Something broke while the network looked."""

    code = "unavailable"
    status = 503
    sentence = "The network stumbled over this photo. Please try again, or with another one."

"""What can go wrong, each with a stable code, an HTTP status and one plain sentence."""

from __future__ import annotations

import math


class PawchaError(Exception):
    """Something that a client is told: `code`, `status` and a sentence."""

    code = "error"
    status = 400
    sentence = "That did not work."

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        """Keep the sentence (or this error's own), and the wait in seconds, if there is one."""
        super().__init__(message or self.sentence)
        self.retry_after = None if retry_after is None else max(1, math.ceil(retry_after))


class AddressUnknown(PawchaError):
    """The peer has no readable address."""

    code = "invalid_request"
    sentence = "The address of the connection cannot be read."


class InvalidRequest(PawchaError):
    """The request is not of the form that the API asks for."""

    code = "invalid_request"
    sentence = "The request is not of the right form."


class LengthRequired(PawchaError):
    """The body comes in chunks, without its length."""

    code = "length_required"
    status = 411
    sentence = "Send the length of the body: Content-Length, not chunks."


class TooLarge(PawchaError):
    """The body is longer than anything that is asked for."""

    code = "too_large"
    status = 413
    sentence = "The request is too large."


class InvalidPicks(PawchaError):
    """The picks are not a list of different numbers of pictures. The challenge stays open."""

    code = "invalid_picks"


class UnknownSitekey(PawchaError):
    """No site that is served has this key."""

    code = "unknown_sitekey"
    status = 404
    sentence = "This site key is not known here. Check that it was copied whole."


class HostNotAllowed(PawchaError):
    """The page's origin is not among the site's hosts."""

    code = "host_not_allowed"
    status = 403


class HostRequired(PawchaError):
    """The site refuses clients that name no host."""

    code = "host_required"
    status = 403
    sentence = "This site accepts only challenges that are shown in its own pages."


class UnknownTicket(PawchaError):
    """The request says that it is an attack of ours, with a ticket that nobody left."""

    code = "unknown_ticket"
    status = 403
    sentence = "This attack ticket is not known here, or its time is over."


class UnknownChallenge(PawchaError):
    """No such challenge, or it is long gone."""

    code = "unknown_challenge"
    status = 404
    sentence = "This challenge is not known, or it is long over. Please ask for a new one."


class AlreadyAnswered(PawchaError):
    """The challenge was answered before."""

    code = "already_answered"
    status = 409
    sentence = "This challenge was answered already. Please ask for a new one."


class AlreadyExtended(PawchaError):
    """The challenge was given more time before."""

    code = "already_extended"
    status = 409
    sentence = "This challenge was given more time already. That is possible once."


class AlreadyReported(PawchaError):
    """Another picture of the challenge was reported before."""

    code = "already_reported"
    status = 409
    sentence = "A picture of this challenge was reported already. That is possible once."


class ChallengeExpired(PawchaError):
    """The challenge was open for longer than two minutes, or four if it was extended."""

    code = "challenge_expired"
    status = 410
    sentence = "Time is up for these pictures. Here come new ones."


class WrongAnswer(PawchaError):
    """The picks are not exactly the cats."""

    code = "wrong_answer"
    status = 422
    sentence = "Not quite: please try these new pictures."


class TooManyRequests(PawchaError):
    """The address prefix or the site has spent its tries."""

    code = "too_many_requests"
    status = 429


class AllPicturesSeen(PawchaError):
    """This network was shown every picture that is ready in the last hour."""

    code = "all_pictures_seen"
    status = 429
    sentence = "All our pictures have been shown on your network in the last hour."


class NoChallengeReady(PawchaError):
    """The ready queue is empty."""

    code = "no_challenge_ready"
    status = 503
    sentence = "No pictures are ready right now. Please try again in a few seconds."


class Unavailable(PawchaError):
    """A part of the service cannot be reached, so it refuses rather than guesses."""

    code = "unavailable"
    status = 503
    sentence = "The service cannot be reached right now. Please try again in a few seconds."


class NotEnoughPhotos(PawchaError):
    """The pool cannot fill a challenge."""

    code = "not_enough_photos"
    status = 503


class OverBudget(NotEnoughPhotos):
    """The pool cannot meet a site's attack budget, and its policy says to refuse then."""


class PhotoGone(PawchaError):
    """The photo was deleted for good while somebody looked at it."""

    code = "photo_gone"
    status = 404
    sentence = "This photo was deleted meanwhile, so there is nothing to decide."


class PhotoTaken(PawchaError):
    """Another reviewer has the photo on the screen."""

    code = "photo_taken"
    status = 409


class AlreadySettled(PawchaError):
    """Somebody else decided on the photo first."""

    code = "already_settled"
    status = 409


class NotUndone(PawchaError):
    """The decision cannot be taken back."""

    code = "not_undone"
    status = 409
    sentence = "There is no decision of yours that can be taken back."


class FileRefused(PawchaError):
    """A file that is handed in cannot be taken. The sentence names it and the way out."""

    code = "file_refused"
    status = 422


class UnknownTransfer(PawchaError):
    """No such transfer, or it is somebody else's."""

    code = "unknown_transfer"
    status = 404
    sentence = "This upload is not known here, or it is another person's. Begin it again."


class UnknownBatch(PawchaError):
    """No such batch, or it is somebody else's."""

    code = "unknown_batch"
    status = 404
    sentence = "This batch is not known here, or it is another person's."


class WrongOffset(PawchaError):
    """The bytes do not go on where the last ones that are safe ended."""

    code = "wrong_offset"
    status = 409
    sentence = "These bytes do not follow the last ones that arrived. Ask how far the file is."


class TransferOver(PawchaError):
    """The file has arrived, so there is nothing to add or to stop."""

    code = "transfer_over"
    status = 409
    sentence = "This file has arrived already: nothing can be added to it or stopped."


class ChecksumWrong(PawchaError):
    """The bytes were changed on their way."""

    code = "checksum_mismatch"
    status = 460
    sentence = "These bytes were changed on their way: send them again."


class NoRoom(PawchaError):
    """The disk is full."""

    code = "no_room"
    status = 507
    sentence = (
        "There is no room left on this Pawcha's disk. What arrived is kept: ask an owner to make "
        "room, then go on."
    )


class NotSignedIn(PawchaError):
    """A call for people who run a Pawcha, from nobody who is known."""

    code = "not_signed_in"
    status = 401
    sentence = "Sign in to the admin, or send an API token: Authorization: Token pawcha_..."


class NotAllowed(PawchaError):
    """This person may not do that."""

    code = "not_allowed"
    status = 403
    sentence = "You may not do this. Ask an owner of this Pawcha for the right to."


class SecondFactorNeeded(NotAllowed):
    """A second factor is required here, and this person has none."""

    code = "second_factor_needed"
    sentence = "This Pawcha asks for a second factor. Set one up first, under your name."


class UnknownPhoto(PawchaError):
    """No such photo."""

    code = "unknown_photo"
    status = 404


class PhotoForgotten(PawchaError):
    """The photo was deleted for good."""

    code = "photo_deleted"
    status = 410


class UnknownUpload(PawchaError):
    """No such upload, or it is somebody else's."""

    code = "unknown_upload"
    status = 404
    sentence = "This upload is not known here, or it is another person's."

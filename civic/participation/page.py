"""Everything people do around a contribution, gathered for its page in few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.actor import Actor
from civic.attachments import photo_srcset, photo_url
from civic.attachments.captions import photo_alt, photo_subject
from civic.attachments.models import Photo
from civic.attachments.policies import may_describe
from civic.attachments.queries import list_photos
from civic.comments.forms import CommentForm
from civic.comments.policies import (
    comment_refusal,
    is_own,
    may_answer_officially,
    may_edit_comment,
    may_judge,
    may_withdraw_comment,
)
from civic.comments.queries import CommentSort, Said, list_threads
from civic.contributions.kinds import kind_of
from civic.contributions.models import Contribution, ModerationState
from civic.contributions.policies import is_author, may_see_waiting
from civic.contributions.screening_registry import explain_hold
from civic.i18n import N_
from civic.participation.queries import Ties, get_ties, list_happenings
from civic.participation.timeline import Step, tell
from civic.votes.policies import vote_refusal
from civic.web.language import locale_code

SORTS = {
    CommentSort.BEST: N_("Les plus utiles"),
    CommentSort.NEWEST: N_("Les plus récents"),
    CommentSort.OLDEST: N_("Les plus anciens"),
}
_HOLDS_EXPLAINED = 3


@dataclass(frozen=True, slots=True)
class VoteState:
    """The button that supports. ``refusal`` says why there is none for this person."""

    count: int
    is_cast: bool
    label: str
    url: str
    sign_in_url: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class FollowState:
    """The button that follows; an author and a voter have opted in already."""

    is_following: bool
    url: str
    sign_in_url: str = ""


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment as components/comment.html draws it, and what this reader may do with it."""

    id: int
    author: str | None
    when: datetime
    text: str
    role: str
    department: bool
    stance: str | None
    edited: bool
    hidden_reason: str
    is_held: bool
    hold_labels: Sequence[str]
    helpful_count: int
    unhelpful_count: int
    judged: bool | None
    may_judge: bool
    may_edit: bool
    may_withdraw: bool
    may_flag: bool
    replies: Sequence["CommentView"] = ()


@dataclass(frozen=True, slots=True)
class CommentsState:
    """The threads of one page, their orders, and the form (None: see ``refusal``)."""

    threads: Sequence[CommentView]
    total: int
    sorts: Sequence[Mapping[str, Any]]
    more_url: str
    form: CommentForm | None
    takes_stances: bool
    may_answer_officially: bool
    write_url: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Participation:
    """What the partials of participation/ draw."""

    vote: VoteState
    follow: FollowState
    comments: CommentsState
    photos: Sequence[Mapping[str, Any]]
    describe_url: str
    timeline: Sequence[Step]
    explanation: str
    is_author: bool
    page_url: str
    share_url: str
    qr_url: str
    flag_url: str


def gather(session: Session, contribution: Contribution, actor: Actor) -> Participation:
    """Return all of it for ``actor``, in four queries (three for a visitor).

    The order and the cursor of the comments are read from the address (``comments``, ``after``).
    """
    ties = get_ties(session, contribution.id, actor.account_id)
    own = is_author(actor, contribution)
    everything = may_see_waiting(actor, contribution)
    photos = list_photos(session, contribution.id, public_only=not everything)
    by_step: dict[int | None, list[Photo]] = defaultdict(list)
    for photo in photos:
        by_step[photo.status_change_id].append(photo)
    views = {step: photo_views(shown, contribution) for step, shown in by_step.items()}
    reference = contribution.reference
    return Participation(
        vote=vote_state(contribution, actor, ties),
        follow=follow_state(contribution, actor, ties),
        comments=_comments(session, contribution, actor),
        photos=views.get(None, []),
        describe_url=url_for("participation.photos", reference=reference)
        if photos and may_describe(actor, contribution)
        else "",
        timeline=tell(
            contribution,
            list_happenings(session, contribution.id),
            {step: shown for step, shown in views.items() if step is not None},
        ),
        explanation=gettext(kind_of(contribution).workflow[contribution.status].explanation),
        is_author=own,
        page_url=page_url(contribution),
        share_url=url_for("participation.show", reference=reference, _external=True),
        qr_url=url_for("participation.qr", reference=reference),
        flag_url=url_for("participation.flag", reference=reference),
    )


def page_url(contribution: Contribution, **parts: Any) -> str:
    """Return the address of its own page; a kind without pages has the common one."""
    endpoint = f"{kind_of(contribution).blueprint}.show"
    if endpoint not in current_app.view_functions:
        endpoint = "participation.show"
    return url_for(endpoint, reference=contribution.reference, **parts)


def vote_state(contribution: Contribution, actor: Actor, ties: Ties) -> VoteState:
    """Return the state of the button that supports."""
    kind = kind_of(contribution)
    status = kind.workflow[contribution.status]
    refusal = vote_refusal(actor, contribution)
    return VoteState(
        count=contribution.vote_count,
        is_cast=ties.has_voted,
        label=gettext(kind.voted_label if ties.has_voted else status.vote_label or kind.vote_label),
        url=url_for("participation.vote", reference=contribution.reference),
        sign_in_url=_sign_in_url(contribution, actor, "vote"),
        # Support can always be taken back, whatever has become of the contribution.
        refusal="" if not refusal or ties.has_voted else gettext(refusal),
    )


def follow_state(contribution: Contribution, actor: Actor, ties: Ties) -> FollowState:
    """Return the state of the button that follows."""
    return FollowState(
        is_following=ties.is_following,
        url=url_for("participation.follow", reference=contribution.reference),
        sign_in_url=_sign_in_url(contribution, actor, "follow"),
    )


UNSEEN = {
    ModerationState.HELD: N_("Pas encore publique : une personne la regarde d’abord."),
    ModerationState.HIDDEN: N_("Masquée au public par une décision de modération."),
    ModerationState.PRIVATE: N_("Réservée à son auteur et au service."),
}
"""What stands under a photo that only its author and the staff see."""


def photo_views(photos: Sequence[Photo], contribution: Contribution) -> list[dict[str, Any]]:
    """Return photos that are shown together as components/cards.html draws them."""
    about = photo_subject(contribution)
    return [
        _photo_view(photo, photo_alt(photo.description, about, number, len(photos)))
        for number, photo in enumerate(photos, start=1)
    ]


def _photo_view(photo: Photo, alt: str) -> dict[str, Any]:
    return {
        "id": photo.id,
        "url": photo_url(photo.key, "large"),
        "thumb_url": photo_url(photo.key, "medium"),
        "srcset": photo_srcset(photo.key, photo.width, photo.height),
        "alt": alt,
        "description": photo.description,
        "caption": gettext(UNSEEN[photo.moderation_state])
        if photo.moderation_state in UNSEEN
        else photo.description,
    }


def _sign_in_url(contribution: Contribution, actor: Actor, act: str) -> str:
    if actor.account_id is not None and actor.is_verified:
        return ""
    wanted = url_for("accounts.named_intent", act=act, about=contribution.reference)
    return url_for("accounts.sign_in", next=wanted)


def _comments(session: Session, contribution: Contribution, actor: Actor) -> CommentsState:
    asked = request.args.get("comments", "")
    sort = CommentSort(asked) if asked in set(CommentSort) else CommentSort.BEST
    page = list_threads(
        session,
        contribution.id,
        reader_id=actor.account_id,
        sort=sort,
        after=request.args.get("after", ""),
    )
    refusal = comment_refusal(actor, contribution)
    is_visitor = actor.account_id is None
    views = _Views(session, contribution, actor, is_open=not refusal)
    return CommentsState(
        threads=[
            views.view(
                thread.first,
                has_replies=bool(thread.replies),
                replies=[views.view(reply) for reply in thread.replies],
            )
            for thread in page.threads
        ],
        total=contribution.comment_count,
        sorts=_sorts(contribution, sort),
        more_url=_comments_url(contribution, sort, after=page.after) if page.after else "",
        form=None if refusal or is_visitor else CommentForm(formdata=None),
        takes_stances=kind_of(contribution).takes_stances,
        may_answer_officially=may_answer_officially(actor, contribution),
        write_url=url_for("participation.new_comment", reference=contribution.reference)
        if is_visitor and not refusal
        else "",
        refusal=gettext(refusal) if refusal else "",
    )


def _sorts(contribution: Contribution, current: CommentSort) -> list[Mapping[str, Any]]:
    return [
        {
            "label": gettext(label),
            "url": _comments_url(contribution, sort),
            "current": sort is current,
        }
        for sort, label in SORTS.items()
    ]


def _comments_url(contribution: Contribution, sort: CommentSort, **parts: Any) -> str:
    asked = None if sort is CommentSort.BEST else sort.value
    return page_url(contribution, comments=asked, _anchor="comments", **parts)


class _Views:
    """Turns what was read into what is drawn, for one reader of one contribution."""

    def __init__(
        self, session: Session, contribution: Contribution, actor: Actor, *, is_open: bool
    ) -> None:
        self._session = session
        self._contribution = contribution
        self._actor = actor
        self._is_open = is_open
        self._explained = 0

    def view(
        self, said: Said, *, has_replies: bool = False, replies: Sequence[CommentView] = ()
    ) -> CommentView:
        """Return ``said`` as it is drawn for this reader."""
        actor = self._actor
        own = is_own(actor, said.author_id)
        shown = said.is_public or (own and said.moderation_state is ModerationState.HELD)
        return CommentView(
            id=said.id,
            author=self._author(said) if shown else None,
            when=said.created_at,
            text=said.body if shown else "",
            role=self._role(said) if shown else "",
            department=said.is_official,
            stance=_stance(said) if shown else None,
            edited=said.edited_at is not None and shown,
            hidden_reason="" if shown else _absence(said),
            is_held=shown and not said.is_public,
            hold_labels=self._hold_labels(said) if shown and not said.is_public else (),
            helpful_count=said.helpful_count,
            unhelpful_count=said.unhelpful_count,
            judged=said.judged,
            may_judge=self._is_open and may_judge(actor, said),
            may_edit=self._is_open and may_edit_comment(actor, said, has_replies=has_replies),
            may_withdraw=may_withdraw_comment(actor, said),
            may_flag=said.is_public and not own,
            replies=replies,
        )

    def _author(self, said: Said) -> str | None:
        if said.is_official:
            english = said.department_name_en if locale_code() == "en" else ""
            return english or said.department_name
        if self._wrote_the_contribution(said) and self._contribution.hides_author:
            return None
        return said.author_name

    def _role(self, said: Said) -> str:
        if said.is_official:
            return gettext("Réponse de la ville")
        return gettext("Auteur") if self._wrote_the_contribution(said) else ""

    def _wrote_the_contribution(self, said: Said) -> bool:
        return said.author_id is not None and said.author_id == self._contribution.author_id

    def _hold_labels(self, said: Said) -> Sequence[str]:
        # The few newest: one query each, and nobody has many that wait.
        self._explained += 1
        if self._explained > _HOLDS_EXPLAINED:
            return ()
        labels = explain_hold(self._session, self._contribution.id, said.id)
        return [gettext(label) for label in labels]


def _stance(said: Said) -> str | None:
    return said.stance.value if said.stance.value in {"for", "against"} else None


def _absence(said: Said) -> str:
    if said.moderation_state is ModerationState.HELD:
        return gettext("Ce commentaire attend d’être relu.")
    if not said.body:
        return gettext("Ce commentaire a été retiré par son auteur.")
    return gettext("Ce commentaire a été retiré par la modération.")

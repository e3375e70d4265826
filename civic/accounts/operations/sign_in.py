"""Signing in by mail: a link and a six-digit code, good once and for a quarter of an hour."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.accounts import signals, tokens
from civic.accounts.models import Account, AccountSession, CodePurpose, SignInCode
from civic.accounts.operations.people import check_email, find_or_create_account
from civic.accounts.operations.sessions import prove
from civic.accounts.paths import own_path
from civic.accounts.queries import find_account
from civic.accounts.security import record
from civic.database import utcnow
from civic.errors import Conflict, Invalid
from civic.i18n import N_

LIFE = timedelta(minutes=15)
SECOND_PRESS = timedelta(seconds=10)
"""Whoever presses a button twice does it within that time."""
MOST_ATTEMPTS = 5
MOST_CODES = 5
"""How many codes one address is sent within their life…"""
MOST_A_DAY = 20
"""… and in a day; then one at a time, whose code is tried once. Nobody's mailbox is flooded from
here, and nobody is locked out by others who ask: a mail is refused only while the link of one that
was sent there still holds."""


def request_sign_in(
    session: Session, email: str, next_path: str = "/", *, locale: str = "fr", browser: str
) -> str:
    """Have a link and a code sent to ``email``; returns the address as it is kept.

    The code opens only ``browser`` (what its cookie holds), so that nobody else can use up its
    tries. It does the same whether the address has an account or not. Raises Invalid for no
    address, or one that was just sent several codes.
    """
    email = check_email(email)
    tries = _count_tries_left(session, email, CodePurpose.SIGN_IN)
    token, code = _new_code(
        session, email, browser, tries=tries, locale=locale, next_path=own_path(next_path)
    )
    signals.sign_in_requested.send(
        session, email=email, locale=locale, token=token, code=code, minutes=_minutes()
    )
    return email


def request_proof(session: Session, opened: AccountSession) -> None:
    """Have a code sent to the owner of the account, good for this session only.

    Raises Invalid when several were just sent.
    """
    email, locale = _address_of(opened.account), opened.account.locale
    tries = _count_tries_left(session, email, CodePurpose.PROOF)
    _, code = _new_code(
        session,
        email,
        _browser_of(opened),
        tries=tries,
        locale=locale,
        purpose=CodePurpose.PROOF,
    )
    signals.proof_requested.send(session, account=opened.account, code=code, minutes=_minutes())


def prove_by_code(session: Session, opened: AccountSession, code: str) -> None:
    """Let the six digits show that the account is theirs; raises Invalid as redeem_code does."""
    _redeem(session, email=_address_of(opened.account), code=code, browser=_browser_of(opened))
    prove(session, opened)


def find_link(session: Session, token: str) -> SignInCode | None:
    """Return what a link stands for while it can still be used, or None. Consumes nothing."""
    found = _look_up_link(session, token)
    if found is None or found.used_at is not None or found.expires_at <= utcnow():
        return None
    return found


def redeem_link(session: Session, token: str, *, browser: str | None = None) -> tuple[Account, str]:
    """Sign in by a link; returns the account and where to go.

    Raises Conflict when the link was used, is too old, or never was one. The browser that asked
    may press the button twice.
    """
    found = _look_up_link(session, token)
    if found is None or not (_consume(session, found) or _is_second_press(found, browser)):
        raise Conflict(N_("Ce lien ne vaut plus. Demandez-en un autre."))
    return _enter(session, found), found.next_path


def redeem_code(session: Session, *, email: str, code: str, browser: str) -> tuple[Account, str]:
    """Sign in by the six digits, in the browser that asked; returns the account and where to go.

    Raises Invalid for a wrong code. Commit even then: the try is counted in the database, five in
    all for one code, so that nobody guesses in several windows at once.
    """
    found = _redeem(session, email=check_email(email), code=code, browser=browser)
    return _enter(session, found), found.next_path


def note_sign_in(session: Session, account: Account) -> None:
    """Write down that the person came back: unused accounts are erased in the end."""
    account.last_seen_at = utcnow()
    account.inactivity_warned_at = None
    session.flush()


def _count_tries_left(session: Session, email: str, purpose: CodePurpose) -> int:
    """Return how often a new code may be tried: once, where many were asked for and none used.

    Raises Invalid where none may be sent now.
    """
    now = utcnow()
    waiting = select(func.count()).where(
        SignInCode.email == email,
        SignInCode.purpose == purpose,
        SignInCode.used_at.is_(None),
        # What a clock that was ahead has written locks nobody out once it is set back.
        SignInCode.created_at <= now,
    )
    of_late = session.scalar(waiting.where(SignInCode.created_at > now - LIFE)) or 0
    today = session.scalar(waiting.where(SignInCode.created_at > now - timedelta(days=1))) or 0
    if today < MOST_A_DAY and of_late < MOST_CODES:
        return MOST_ATTEMPTS
    if of_late == 0:
        return 1
    raise Invalid(
        N_(
            "Plusieurs courriels viennent de partir à cette adresse : le dernier vaut encore. Pour "
            "en recevoir un autre, attendez un quart d’heure."
        ),
        field="email",
    )


def _new_code(
    session: Session,
    email: str,
    browser: str,
    *,
    tries: int,
    locale: str,
    next_path: str = "/",
    purpose: CodePurpose = CodePurpose.SIGN_IN,
) -> tuple[str, str]:
    """Store the hashes of a new link and code; return what goes into the mail."""
    token, code = tokens.new_token(), tokens.new_code()
    now = utcnow()
    session.add(
        SignInCode(
            email=email,
            purpose=purpose,
            link_hash=tokens.hash_token(token, purpose="link"),
            code_hash=_code_hash(email, code),
            browser_hash=_browser_hash(browser),
            locale=locale,
            next_path=next_path,
            attempts=MOST_ATTEMPTS - tries,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    return token, code


def _redeem(session: Session, *, email: str, code: str, browser: str) -> SignInCode:
    digits = "".join(character for character in code if character.isdigit())
    tried = session.execute(
        update(SignInCode)
        .where(
            SignInCode.email == email,
            SignInCode.browser_hash == _browser_hash(browser),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > utcnow(),
            SignInCode.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=SignInCode.attempts + 1)
        .returning(SignInCode.id, SignInCode.code_hash)
        .execution_options(synchronize_session=False)
    ).all()
    if not tried:
        _record_failure(session, email)
        raise Invalid(N_("Ce code ne vaut plus. Demandez-en un autre."), field="code")
    wanted = _code_hash(email, digits)
    for found_id, code_hash in tried:
        if tokens.same(code_hash, wanted):
            found = session.get_one(SignInCode, found_id)
            if _consume(session, found):
                return found
    _record_failure(session, email)
    raise Invalid(N_("Ce n’est pas le bon code : relisez le dernier courriel."), field="code")


def _record_failure(session: Session, email: str) -> None:
    """Write it down, also where there is no such account: the answer takes as long."""
    account = find_account(session, email)
    account_id = account.id if account is not None else None
    record(session, "sign_in_failed", account_id=account_id, by="code")


def _look_up_link(session: Session, token: str) -> SignInCode | None:
    return session.scalars(
        select(SignInCode).where(SignInCode.link_hash == tokens.hash_token(token, purpose="link"))
    ).one_or_none()


def _is_second_press(found: SignInCode, browser: str | None) -> bool:
    """Whether the link was used a moment ago, by the browser that had asked for it."""
    if browser is None or found.used_at is None or utcnow() - found.used_at > SECOND_PRESS:
        return False
    return tokens.same(found.browser_hash, _browser_hash(browser))


def _consume(session: Session, found: SignInCode) -> bool:
    """Use it up; False when it is too old or somebody was quicker."""
    used = session.execute(
        update(SignInCode)
        .where(
            SignInCode.id == found.id,
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > utcnow(),
        )
        .values(used_at=utcnow())
        .returning(SignInCode.id)
        .execution_options(synchronize_session=False)
    ).first()
    return used is not None


def _enter(session: Session, found: SignInCode) -> Account:
    """The address is shown to be theirs; the other codes sent to it are of no more use."""
    session.execute(
        update(SignInCode)
        .where(SignInCode.email == found.email, SignInCode.used_at.is_(None))
        .values(used_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    account = find_or_create_account(session, email=found.email, locale=found.locale)
    is_new = account.verified_at is None
    if is_new:
        account.verified_at = utcnow()
    note_sign_in(session, account)
    if is_new:
        signals.account_verified.send(session, account=account)
    return account


def _address_of(account: Account) -> str:
    if account.email is None:
        raise Conflict(N_("Ce compte n’existe pas, ou n’existe plus."))
    return account.email


def _browser_of(opened: AccountSession) -> str:
    return f"session:{opened.id}"


def _browser_hash(browser: str) -> str:
    return tokens.hash_token(browser, purpose="browser")


def _code_hash(email: str, code: str) -> str:
    return tokens.hash_token(f"{email}:{code}", purpose="code")


def _minutes() -> int:
    return int(LIFE.total_seconds() // 60)

"""The verbs on accounts. They flush, they never commit, they raise domain errors."""

from civic.accounts.operations.address import (
    confirm_email_change,
    request_email_change,
    stop_email_change,
)
from civic.accounts.operations.passwords import (
    check_password,
    prove_by_password,
    remove_password,
    set_password,
)
from civic.accounts.operations.people import (
    change_language,
    change_name,
    check_email,
    create_account,
    find_or_create_account,
)
from civic.accounts.operations.privacy import erase_account, export_my_data
from civic.accounts.operations.roles import grant_role, revoke_role
from civic.accounts.operations.sessions import (
    begin_session,
    end_session,
    sign_out_everywhere,
)
from civic.accounts.operations.sign_in import (
    find_link,
    note_sign_in,
    prove_by_code,
    redeem_code,
    redeem_link,
    request_proof,
    request_sign_in,
)

__all__ = [
    "begin_session",
    "change_language",
    "change_name",
    "check_email",
    "check_password",
    "confirm_email_change",
    "create_account",
    "end_session",
    "erase_account",
    "export_my_data",
    "find_link",
    "find_or_create_account",
    "grant_role",
    "note_sign_in",
    "prove_by_code",
    "prove_by_password",
    "redeem_code",
    "redeem_link",
    "remove_password",
    "request_email_change",
    "request_proof",
    "request_sign_in",
    "revoke_role",
    "set_password",
    "sign_out_everywhere",
    "stop_email_change",
]

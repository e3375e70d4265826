"""Addresses of mailboxes, as people write them and as every mail server takes them."""

from urllib.parse import urlsplit, urlunsplit

from email_validator import EmailNotValidError, validate_email


def ascii_address(address: str) -> str:
    """Return ``address`` with its domain in ASCII (IDNA), which needs no SMTPUTF8.

    What stands before the @ stays: it has no other form.
    """
    if address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return address
    return f"{found.local_part}@{found.ascii_domain}"


def ascii_url(url: str) -> str:
    """Return ``url`` with its host in ASCII, for the headers of a mail."""
    parts = urlsplit(url)
    if url.isascii() or parts.hostname is None:
        return url
    host = ascii_address(f"postmaster@{parts.hostname}").partition("@")[2]
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=host + port))

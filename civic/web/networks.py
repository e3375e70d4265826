"""From which network somebody asks: what limits and bursts are counted by."""

from ipaddress import IPv6Address, ip_address

from flask import request

_SUBSCRIBER = 64
"""Bits of an IPv6 address that tell subscribers apart: the others each of them chooses freely."""


def caller_network() -> str:
    """Return the address of the caller; of an IPv6 one the /64 that its subscriber has."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """Return the network of ``address``; what is no address stands for itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    kept = int(found) >> (128 - _SUBSCRIBER) << (128 - _SUBSCRIBER)
    return f"{IPv6Address(kept)}/{_SUBSCRIBER}"

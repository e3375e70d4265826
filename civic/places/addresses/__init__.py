"""The address file: importing it, finding an address while it is typed, naming a point.

No third party is asked: the town imports its Base Adresse Nationale file, or any list of addresses.
"""

from civic.places.addresses.finding import find_addresses, nearest_address, street_label
from civic.places.addresses.loading import AddressImport, import_addresses
from civic.places.addresses.matches import AddressMatch, Fit, sure_match
from civic.places.addresses.retiring import Missing
from civic.places.addresses.rows import read_address_rows

__all__ = [
    "AddressImport",
    "AddressMatch",
    "Fit",
    "Missing",
    "find_addresses",
    "import_addresses",
    "nearest_address",
    "read_address_rows",
    "street_label",
    "sure_match",
]

"""The address file: importing it, finding an address while it is typed, naming a point.

No third party is asked: the town imports its Base Adresse Nationale file, or any list of addresses.
"""

from civic.places.addresses.finding import find_addresses, nearest_address
from civic.places.addresses.loading import AddressImport, import_addresses, read_address_rows
from civic.places.addresses.matches import AddressMatch

__all__ = [
    "AddressImport",
    "AddressMatch",
    "find_addresses",
    "import_addresses",
    "nearest_address",
    "read_address_rows",
]

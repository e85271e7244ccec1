"""Merkle tree hashes, beside a plain reading of RFC 6962."""

from hashlib import sha256

import pytest

from audit import merkle


def plain(leaves: list[bytes]) -> bytes:
    """The definition, as the RFC gives it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + plain(leaves[:split]) + plain(leaves[split:])).digest()


@pytest.mark.parametrize("count", [*range(20), 31, 32, 33, 1000])
def test_roots_are_those_of_the_rfc(count):
    leaves = [merkle.leaf_hash(bytes([n % 256, n // 256])) for n in range(count)]
    assert merkle.root(leaves) == plain(leaves)


def test_known_hashes():
    """Of the test vectors that certificate transparency publishes."""
    entries = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    assert merkle.root([]).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert merkle.root(leaves[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.root(leaves[:6]).hex() == (
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
    )

"""Merkle tree hashes as in RFC 6962, section 2.1, with SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

EMPTY = sha256(b"").digest()
LEAF, NODE = b"\x00", b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf, which no inner node can have."""
    return sha256(LEAF + entry).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the tree's hash.

    Args:
        leaves: their hashes, in order; a stream is enough, as whole subtrees are folded at once.
    """
    # Roots of full subtrees, each smaller than the one before: (number of leaves, hash).
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, leaf
        while stack and stack[-1][0] == size:
            node = sha256(NODE + stack.pop()[1] + node).digest()
            size *= 2
        stack.append((size, node))
    if not stack:
        return EMPTY
    _, node = stack.pop()
    while stack:
        node = sha256(NODE + stack.pop()[1] + node).digest()
    return node

// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {SessionState} from "./SessionState.sol";

/// @title ICS-23 proofs of a session chain's state tree
/// @notice Verifies what the tree with a root holds at a key, or that it holds nothing there. A proof is the encoded
/// CommitmentProof of ICS-23 (github.com/cosmos/ics23) as the chain's RPC returns it, of an IAVL tree: a hash is
/// SHA-256(height || size || version || 0x20 || left || 0x20 || right) of an inner node, and
/// SHA-256(0 || 1 || version || key || SHA-256(value)) of a leaf, numbers as signed varints, key and hash behind their lengths.
/// Everything that such a proof of that tree does not have is refused: each byte of it has one meaning.
library SessionProof {
    /// An AVL tree of this depth has more leaves than a chain can make.
    uint256 internal constant MAX_DEPTH = 48;

    /// A leaf that a proof shows. The leaves of the tree cover the places 0 to 2**MAX_DEPTH - 1 without a gap, in the order of
    /// their keys: a leaf at depth d covers 2**(MAX_DEPTH - d).
    struct Leaf {
        bytes32 root;
        uint256 first; // place
        uint256 end; // the place behind its last one
    }

    struct Node {
        uint256 height;
        uint256 size;
        uint256 version;
        uint256 length; // of their encoding, in bytes
    }

    error NotAProof();
    /// The proof shows another key.
    error WrongKey(bytes expected, bytes got);
    error WrongRoot(bytes32 expected, bytes32 got);
    /// The leaves on both sides of the key are no neighbours, or not on both sides of it.
    error NotNeighbours();

    /// @notice Reports whether a proof is one that nothing is there.
    function isAbsence(bytes calldata proof) internal pure returns (bool) {
        return proof.length > 0 && proof[0] == 0x12;
    }

    /// @notice Returns what the tree with the root holds at the key.
    function valueAt(bytes32 root, bytes memory key, bytes calldata proof) internal pure returns (bytes calldata) {
        (bytes calldata k, bytes calldata value) = leaf(root, proof);
        require(keccak256(k) == keccak256(key), WrongKey(key, k));
        return value;
    }

    /// @notice Returns the key and the value of a leaf of the tree with the root.
    function leaf(bytes32 root, bytes calldata proof) internal pure returns (bytes calldata key, bytes calldata value) {
        bytes calldata existence = _last(proof, 0, 0x0a);
        Leaf memory l;
        (key, value, l) = _leaf(existence);
        require(l.root == root, WrongRoot(root, l.root));
    }

    /// @notice Checks that the tree with the root holds nothing at the key.
    function absent(bytes32 root, bytes memory key, bytes calldata proof) internal pure {
        proof = _last(proof, 0, 0x12);
        (bytes calldata k, uint256 pos) = _field(proof, 0, 0x0a);
        require(keccak256(k) == keccak256(key), WrongKey(key, k));
        (uint256 leftEnd, uint256 rightFirst) = (0, 1 << MAX_DEPTH); // as if the tree ended there
        require(pos < proof.length, NotAProof());
        if (proof[pos] == 0x12) {
            bytes calldata left;
            (left, pos) = _field(proof, pos, 0x12);
            (bytes calldata smaller,, Leaf memory l) = _leaf(left);
            require(l.root == root, WrongRoot(root, l.root));
            require(_less(smaller, k), NotNeighbours());
            leftEnd = l.end;
        }
        if (pos < proof.length) {
            bytes calldata right;
            (right, pos) = _field(proof, pos, 0x1a);
            (bytes calldata larger,, Leaf memory r) = _leaf(right);
            require(r.root == root, WrongRoot(root, r.root));
            require(_less(k, larger), NotNeighbours());
            rightFirst = r.first;
        }
        require(pos == proof.length, NotAProof());
        require(leftEnd == rightFirst, NotNeighbours());
    }

    /// @dev Decodes an ExistenceProof, and computes the root that its path leads to.
    function _leaf(bytes calldata p) private pure returns (bytes calldata key, bytes calldata value, Leaf memory l) {
        uint256 pos;
        bytes calldata part;
        (key, pos) = _field(p, 0, 0x0a);
        (value, pos) = _field(p, pos, 0x12);
        (part, pos) = _field(p, pos, 0x1a);
        require(0 < key.length && key.length < 128 && value.length > 0, NotAProof());
        // A LeafOp: SHA-256, the key as it is, the value's SHA-256, lengths as varints, the prefix.
        require(part.length > 6 && bytes6(part[:6]) == 0x080118012001, NotAProof());
        bytes calldata prefix = _last(part, 6, 0x2a);
        Node memory below = _node(prefix);
        require(below.height == 0 && below.size == 1 && below.length == prefix.length, NotAProof());
        l.root = sha256(abi.encodePacked(prefix, uint8(key.length), key, uint8(32), sha256(value)));

        uint256 depth = 0;
        for (; pos < p.length; depth++) {
            require(depth < MAX_DEPTH, NotAProof());
            (part, pos) = _field(p, pos, 0x22);
            bool isRight;
            (l.root, isRight) = _parent(l.root, below, part);
            if (isRight) l.first |= 1 << depth;
        }
        l.first <<= MAX_DEPTH - depth;
        l.end = l.first + (1 << (MAX_DEPTH - depth));
    }

    /// @dev Decodes an InnerOp, and computes the hash of the node that it makes of its child's. The node takes the child's place.
    function _parent(bytes32 child, Node memory below, bytes calldata op) private pure returns (bytes32, bool isRight) {
        require(op.length > 2 && bytes2(op[:2]) == 0x0801, NotAProof()); // SHA-256
        (bytes calldata prefix, uint256 pos) = _field(op, 2, 0x12);
        Node memory above = _node(prefix);
        require(above.height > below.height && above.size > below.size && above.version >= below.version, NotAProof());
        (below.height, below.size, below.version) = (above.height, above.size, above.version);

        bytes calldata before = prefix[above.length:];
        isRight = pos == op.length; // nothing follows the right child
        if (isRight) {
            require(before.length == 34 && before[0] == 0x20 && before[33] == 0x20, NotAProof());
            return (sha256(abi.encodePacked(prefix, child)), true);
        }
        bytes calldata suffix = _last(op, pos, 0x1a);
        require(before.length == 1 && before[0] == 0x20 && suffix.length == 33 && suffix[0] == 0x20, NotAProof());
        return (sha256(abi.encodePacked(prefix, child, suffix)), false);
    }

    /// @dev Decodes what a node's hash begins with: at most 11 bytes.
    function _node(bytes calldata prefix) private pure returns (Node memory n) {
        uint256 pos;
        (n.height, pos) = _positive(prefix, 0);
        (n.size, pos) = _positive(prefix, pos);
        (n.version, pos) = _positive(prefix, pos);
        require(pos < 12, NotAProof());
        n.length = pos;
    }

    /// @dev Decodes a signed varint that is not negative.
    function _positive(bytes calldata b, uint256 pos) private pure returns (uint256 value, uint256 next) {
        (value, next) = SessionState.varint(b, pos);
        require(value & 1 == 0, NotAProof());
        return (value >> 1, next);
    }

    /// @dev Returns the content of the field with a tag and a length at a place, and the place behind it.
    function _field(bytes calldata b, uint256 pos, uint8 tag) private pure returns (bytes calldata, uint256) {
        require(pos < b.length && uint8(b[pos]) == tag, NotAProof());
        uint256 size;
        (size, pos) = SessionState.varint(b, pos + 1);
        require(size <= b.length - pos, NotAProof());
        return (b[pos:pos + size], pos + size);
    }

    /// @dev Returns the content of the last field of a message.
    function _last(bytes calldata b, uint256 pos, uint8 tag) private pure returns (bytes calldata content) {
        (content, pos) = _field(b, pos, tag);
        require(pos == b.length, NotAProof());
    }

    /// @dev Reports whether a is before b in the order of bytes.
    function _less(bytes calldata a, bytes calldata b) private pure returns (bool) {
        for (uint256 i = 0; i < a.length && i < b.length; i++) {
            if (a[i] != b[i]) return a[i] < b[i];
        }
        return a.length < b.length;
    }
}

// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {IWarpMessenger, WarpBlockHash, WarpMessage} from "./IWarpMessenger.sol";
import {SessionState} from "./SessionState.sol";

/// What validators of a session chain have signed about a message that the chain has delivered, or about a participant's receipt.
struct Delivery {
    uint64 height; // of the block that has it
    bytes32 stateRoot; // of that block; SessionProof leads to it
    bytes32 session;
    bytes32 id; // of the message, which commits to session, sender and the ciphertext's hash; of a receipt its transaction's
    uint64 sequence; // of the message in its session, from 1; a receipt is of all messages up to it
    bytes32 sender; // the identity that sent the message, or whose receipt it is
    bytes32 transcript; // of the session after the message of the sequence
}

/// What is known of a session whose deliveries are taken in their order.
struct Position {
    uint64 sequence; // of the last delivery that was taken
    uint64 height;
}

/// @title Deliveries and blocks of a session chain, as Warp messages bring them
/// @notice `take` returns what the platform has verified, and checks that it is of the chain that is asked for.
/// `advance` takes each session's deliveries once and in their order.
library SessionDelivery {
    IWarpMessenger internal constant WARP = IWarpMessenger(0x0200000000000000000000000000000000000005);

    /// A delivery's type and version, its first byte.
    uint8 internal constant MESSAGE = 0x01;
    uint8 internal constant RECEIPT = 0x03;
    uint256 internal constant SIZE = 209;

    /// The transaction has no valid Warp message at that place of its access list. (At one of the other kind, a certificate where a
    /// delivery is asked for, the precompile itself fails: the call reverts without a reason.)
    error NotVerified(uint32 index);
    error WrongChain(bytes32 expected, bytes32 got);
    /// The payload is no delivery: of another type, size or source address.
    error NotADelivery();
    /// The delivery, or one after it, was taken before.
    error Replayed(bytes32 session, uint64 taken, uint64 sequence);
    /// The block is older than that of a delivery that was taken before.
    error OlderHeight(uint64 taken, uint64 height);
    /// The header is not that of the block that validators have certified.
    error WrongHeader(bytes32 expected, bytes32 got);

    /// @notice Returns the delivery of a message that is the transaction's Warp message at a place.
    /// @param index the place in the transaction's access list, from 0
    /// @param chain the ID of the session chain
    function take(uint32 index, bytes32 chain) internal view returns (Delivery memory) {
        return _take(index, chain, MESSAGE);
    }

    /// @notice Returns the receipt that is the transaction's Warp message at a place.
    function takeReceipt(uint32 index, bytes32 chain) internal view returns (Delivery memory) {
        return _take(index, chain, RECEIPT);
    }

    function _take(uint32 index, bytes32 chain, uint8 kind) private view returns (Delivery memory d) {
        (WarpMessage memory m, bool valid) = WARP.getVerifiedWarpMessage(index);
        require(valid, NotVerified(index));
        require(m.sourceChainID == chain, WrongChain(chain, m.sourceChainID));
        bytes memory p = m.payload;
        require(p.length == SIZE && uint8(p[0]) == kind, NotADelivery());
        require(_word(p, 1) == chain, WrongChain(chain, _word(p, 1)));
        d.height = uint64(bytes8(_word(p, 33)));
        d.stateRoot = _word(p, 41);
        d.session = _word(p, 73);
        d.id = _word(p, 105);
        d.sequence = uint64(bytes8(_word(p, 137)));
        d.sender = _word(p, 145);
        d.transcript = _word(p, 177);
        // The platform shows the last 20 bytes of the source address, which is the sender's ID.
        require(m.originSenderAddress == address(uint160(uint256(d.sender))), NotADelivery());
    }

    /// @notice Notes that a delivery is taken. Each is taken once, later ones of a session never before earlier ones.
    /// Some may be left out: a contract that wants all compares the sequences.
    function advance(mapping(bytes32 session => Position) storage taken, Delivery memory d) internal {
        Position storage last = taken[d.session];
        require(d.sequence > last.sequence, Replayed(d.session, last.sequence, d.sequence));
        require(d.height >= last.height, OlderHeight(last.height, d.height));
        (last.sequence, last.height) = (d.sequence, d.height);
    }

    /// @notice Returns the header of the block whose certificate is the transaction's Warp message at a place.
    /// @param header the header's bytes, whose SHA-256 hash the block ID is
    function takeBlock(uint32 index, bytes32 chain, bytes calldata header) internal view returns (SessionState.Header memory) {
        (WarpBlockHash memory b, bool valid) = WARP.getVerifiedWarpBlockHash(index);
        require(valid, NotVerified(index));
        require(b.sourceChainID == chain, WrongChain(chain, b.sourceChainID));
        require(sha256(header) == b.blockHash, WrongHeader(b.blockHash, sha256(header)));
        return SessionState.parseHeader(header);
    }

    /// @dev The 32 bytes of p from a place on.
    function _word(bytes memory p, uint256 pos) private pure returns (bytes32 w) {
        assembly ("memory-safe") {
            w := mload(add(add(p, 32), pos))
        }
    }
}

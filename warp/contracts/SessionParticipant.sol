// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {IWarpMessenger} from "./IWarpMessenger.sol";

/// @title A contract that takes part in sessions of a session chain
/// @notice It makes sessions, sends messages and acknowledges. Each is a Warp message that the validators of this chain sign, and
/// that anybody brings to the session chain, as `session relay --sender` does. There it is a transaction of the contract, which has
/// no keys. The session chain may refuse it, and the contract does not hear of that.
/// @dev The payload is 0x04, the session chain's ID and the canonical encoding of a transaction that has nothing but its body
/// (docs/PROTOCOL.md, "Contracts of other chains"). Field numbers and domains are those of package chain.
abstract contract SessionParticipant {
    IWarpMessenger private constant WARP = IWarpMessenger(0x0200000000000000000000000000000000000005);

    /// A call's type and version, its first byte.
    bytes1 private constant CALL = 0x04;
    /// The most bytes of a call, from the session chain's ID on.
    uint256 private constant MAX_CALL = 24448;
    /// The bytes of an identity's ML-KEM-768 and ML-DSA-65 public keys.
    uint256 private constant KEM_KEY = 1184;
    uint256 private constant DSA_KEY = 1952;
    /// The most participants of a session, with this contract.
    uint256 private constant MAX_PARTICIPANTS = 256;
    /// {"e2ee": "2"}, as field 3 of CreateSession: programs that read sessions look for it.
    bytes private constant METADATA = hex"1a090a0465326565120132";

    /// The ID of the session chain.
    bytes32 public immutable chain;
    /// As whom this contract takes part.
    bytes32 public immutable participant;
    /// The first byte of the chain's session IDs: `idPrefix` of its genesis.
    bytes1 public immutable prefix;
    /// For how many seconds a session that is made can be brought there; at most `limits.transactionWindow` of the genesis.
    uint64 public immutable window;

    /// How many sessions this contract has made.
    uint64 public made;

    event SessionMade(bytes32 indexed session);
    event MessageSent(bytes32 indexed session, bytes32 indexed message);
    event Acknowledged(bytes32 indexed session, uint64 sequence);
    /// The transaction's ID on the session chain.
    event Registered(bytes32 indexed transaction);

    error TooManyParticipants(uint256 most, uint256 got);
    /// The participant is empty, this contract, or there twice.
    error BadParticipant(bytes32 got);
    error NoSession();
    error NoCiphertext();
    /// The first message has sequence 1.
    error NoSequence();
    error NoTranscript();
    error KeySize(uint256 expected, uint256 got);
    error NoDeadline();
    error TooLong(uint256 most, uint256 got);

    constructor(bytes32 chain_, bytes1 prefix_, uint64 window_) {
        (chain, prefix, window) = (chain_, prefix_, window_);
        participant = sha256(abi.encodePacked("sessionvm/contract/v1\x00", WARP.getBlockchainID(), address(this)));
    }

    /// @notice Makes a session of this contract and others.
    /// @param others the IDs of the other participants: identities, or contracts
    /// @return session its ID, once it is brought there in time; messages to it may follow in the same transaction
    function _create(bytes32[] memory others) internal returns (bytes32 session) {
        require(others.length < MAX_PARTICIPANTS, TooManyParticipants(MAX_PARTICIPANTS, others.length + 1));
        bytes memory body = abi.encodePacked(
            hex"0a20", participant, _participants(others), METADATA, hex"2220", participant, hex"31", _fint64(++made), hex"38", _varint((block.timestamp + window) * 1000)
        );
        bytes memory call = _emit(0x12, body);
        session = sha256(abi.encodePacked("sessionvm/session/v1\x00", chain, sha256(abi.encodePacked("sessionvm/create-session/v1\x00", call))));
        session = (session & ~bytes32(bytes1(0xff))) | prefix;
        emit SessionMade(session);
    }

    /// @notice Sends a message to a session in which this contract takes part.
    /// @param ciphertext what the others get. Everybody can read the transactions of this chain: what is not encrypted
    /// elsewhere is public, and its first byte is 0 (`session read` shows such a message).
    /// @return message its ID on the session chain
    function _send(bytes32 session, bytes memory ciphertext) internal returns (bytes32 message) {
        require(session != 0, NoSession());
        require(ciphertext.length > 0, NoCiphertext());
        _emit(0x1a, abi.encodePacked(hex"0a20", session, hex"1220", participant, hex"1a", _varint(ciphertext.length), ciphertext));
        message = sha256(abi.encodePacked("sessionvm/message/v1\x00", chain, session, participant, sha256(ciphertext)));
        emit MessageSent(session, message);
    }

    /// @notice Acknowledges all messages of a session up to one.
    /// @param transcript of the session after the message of the sequence, as its delivery has it: the session chain refuses another
    function _acknowledge(bytes32 session, uint64 sequence, bytes32 transcript) internal {
        require(session != 0, NoSession());
        require(sequence > 0, NoSequence());
        require(transcript != 0, NoTranscript());
        _emit(0x22, abi.encodePacked(hex"0a20", session, hex"1220", participant, hex"18", _varint(sequence), hex"2220", transcript));
        emit Acknowledged(session, sequence);
    }

    /// @notice Registers the identity of two public keys, if the genesis of the session chain has this contract admit.
    /// @param kemKey ML-KEM-768, 1184 bytes. The session chain refuses one that is no key (FIPS 203, section 7.2)
    /// @param dsaKey ML-DSA-65, 1952 bytes
    /// @param deadline until when it can be brought there, Unix milliseconds; at most `window` from now
    /// @return transaction its ID on the session chain
    function _register(bytes memory kemKey, bytes memory dsaKey, uint64 deadline) internal returns (bytes32 transaction) {
        require(kemKey.length == KEM_KEY, KeySize(KEM_KEY, kemKey.length));
        require(dsaKey.length == DSA_KEY, KeySize(DSA_KEY, dsaKey.length));
        require(deadline > 0, NoDeadline());
        bytes memory call = _emit(0x0a, abi.encodePacked(hex"0aa009", kemKey, hex"12a00f", dsaKey, hex"18", _varint(deadline)));
        transaction = sha256(abi.encodePacked("sessionvm/register-identity/v1\x00", call));
        emit Registered(transaction);
    }

    /// @dev Each as field 1 of CreateSession: 34 bytes.
    function _participants(bytes32[] memory others) private view returns (bytes memory encoded) {
        encoded = new bytes(34 * others.length);
        for (uint256 i = 0; i < others.length; i++) {
            bytes32 other = others[i];
            require(other != 0 && other != participant, BadParticipant(other));
            for (uint256 j = 0; j < i; j++) {
                require(other != others[j], BadParticipant(other));
            }
            assembly ("memory-safe") {
                let at := add(add(encoded, 32), mul(34, i))
                mstore8(at, 0x0a)
                mstore8(add(at, 1), 0x20)
                mstore(add(at, 2), other)
            }
        }
    }

    /// @dev Sends the transaction that has the body as the field with a tag, and returns the chain's ID and the transaction.
    function _emit(bytes1 tag, bytes memory body) private returns (bytes memory call) {
        call = abi.encodePacked(chain, tag, _varint(body.length), body);
        require(call.length <= MAX_CALL, TooLong(MAX_CALL, call.length));
        WARP.sendWarpMessage(abi.encodePacked(CALL, call));
    }

    /// @dev 7 bits in each byte, the lowest first; the high bit says that more follow.
    function _varint(uint256 n) private pure returns (bytes memory encoded) {
        for (; n > 0x7f; n >>= 7) {
            encoded = abi.encodePacked(encoded, uint8(n) | 0x80);
        }
        return abi.encodePacked(encoded, uint8(n));
    }

    /// @dev 8 bytes, little endian.
    function _fint64(uint64 n) private pure returns (bytes memory encoded) {
        for (uint256 i = 0; i < 8; i++) {
            encoded = abi.encodePacked(encoded, uint8(n >> (8 * i)));
        }
    }
}

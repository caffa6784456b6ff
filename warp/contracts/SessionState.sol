// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

/// @title Keys and leaves of a session chain's state, and its headers
/// @notice The bytes are canoto's, which are Protocol Buffers (docs/PROTOCOL.md): a field that is not there is zero. What is
/// decoded here must be known to be the chain's, by SessionProof or by a block's ID: nothing is checked but what keeps the
/// decoder within the bytes.
library SessionState {
    struct Header {
        uint64 height;
        uint64 timestamp; // Unix milliseconds
        bytes32 stateRoot;
    }

    struct Session {
        uint64 messages; // how many there are; the last one's sequence
        bytes32 transcript; // after the last one
    }

    struct Message {
        bytes32 id;
        bytes32 session;
        bytes32 sender;
        uint64 sequence;
        uint64 timestamp; // of the block, Unix milliseconds
    }

    struct Receipt {
        uint64 sequence; // the participant has every message up to this
        uint64 timestamp; // of the block, Unix milliseconds
        bytes32 transcript; // of the session after the message of the sequence
    }

    /// A message of a session, as its transcript has it.
    struct Said {
        bytes32 message;
        uint64 timestamp; // of the block, Unix milliseconds
    }

    error Malformed();

    function sessionKey(bytes32 session) internal pure returns (bytes memory) {
        return abi.encodePacked(bytes1(0x03), session);
    }

    function receiptKey(bytes32 session, bytes32 participant) internal pure returns (bytes memory) {
        return abi.encodePacked(bytes1(0x05), session, participant);
    }

    /// @notice Reports whether a leaf's key is that of a message.
    function isMessageKey(bytes calldata key) internal pure returns (bool) {
        return key.length == 9 && key[0] == 0x04;
    }

    function parseHeader(bytes calldata b) internal pure returns (Header memory) {
        return Header(_uint(b, 4), _uint(b, 5), _word(b, 6));
    }

    function parseSession(bytes calldata b) internal pure returns (Session memory) {
        return Session(_uint(b, 5), _word(b, 11));
    }

    function parseMessage(bytes calldata b) internal pure returns (Message memory) {
        return Message(_word(b, 1), _word(b, 2), _word(b, 3), _uint(b, 4), _uint(b, 5));
    }

    function parseReceipt(bytes calldata b) internal pure returns (Receipt memory) {
        return Receipt(_uint(b, 1), _uint(b, 2), _word(b, 4));
    }

    /// @notice Returns the transcript of a session without messages.
    function firstTranscript(bytes32 session) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("sessionvm/transcript/v1", bytes1(0), session));
    }

    /// @notice Returns a session's transcript after one more message.
    function nextTranscript(bytes32 transcript, Said calldata said) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("sessionvm/transcript/v1", bytes1(0), transcript, said.message, said.timestamp));
    }

    /// @dev The number in a field of a message, 0 if it has none.
    function _uint(bytes calldata b, uint256 number) private pure returns (uint64) {
        (uint256 value,) = _find(b, number << 3);
        return uint64(value);
    }

    /// @dev The 32 bytes in a field of a message, zero if it has none.
    function _word(bytes calldata b, uint256 number) private pure returns (bytes32) {
        (uint256 size, uint256 pos) = _find(b, number << 3 | 2);
        if (size == 0) return 0;
        require(size == 32, Malformed());
        return bytes32(b[pos:pos + 32]);
    }

    /// @dev The number, or the length, behind the first tag that is the one wanted, and the place behind that; 0, 0 without.
    function _find(bytes calldata b, uint256 wanted) private pure returns (uint256 value, uint256 pos) {
        while (pos < b.length) {
            uint256 tag = uint8(b[pos]);
            (value, pos) = varint(b, pos + 1);
            if (tag == wanted) return (value, pos);
            if (tag & 7 == 2) pos += value;
        }
        return (0, 0);
    }

    /// @notice Decodes a varint of Protocol Buffers of at most 64 bits, in its shortest form.
    /// @return value the number
    /// @return next the place behind it
    function varint(bytes calldata b, uint256 pos) internal pure returns (uint256 value, uint256 next) {
        for (uint256 shift = 0; shift < 64; shift += 7) {
            require(pos < b.length, Malformed());
            uint256 c = uint8(b[pos++]);
            value |= (c & 0x7f) << shift;
            if (c < 0x80) {
                require((c != 0 || shift == 0) && value >> 64 == 0, Malformed());
                return (value, pos);
            }
        }
        revert Malformed();
    }
}

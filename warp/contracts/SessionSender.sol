// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {SessionParticipant} from "./SessionParticipant.sol";

/// @title Takes part in sessions for its owner
/// @notice Who has deployed it makes sessions and writes in them. A contract that writes by rules of its own inherits
/// SessionParticipant as this one does.
contract SessionSender is SessionParticipant {
    address public immutable owner;

    error NotOwner(address owner, address got);

    modifier onlyOwner() {
        require(msg.sender == owner, NotOwner(owner, msg.sender));
        _;
    }

    constructor(bytes32 chain_, bytes1 prefix_, uint64 window_) SessionParticipant(chain_, prefix_, window_) {
        owner = msg.sender;
    }

    /// @notice See SessionParticipant for the parameters of all of these.
    function create(bytes32[] calldata others) external onlyOwner returns (bytes32 session) {
        return _create(others);
    }

    function send(bytes32 session, bytes calldata ciphertext) external onlyOwner returns (bytes32 message) {
        return _send(session, ciphertext);
    }

    function acknowledge(bytes32 session, uint64 sequence, bytes32 transcript) external onlyOwner {
        _acknowledge(session, sequence, transcript);
    }
}

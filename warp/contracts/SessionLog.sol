// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {Delivery, SessionDelivery} from "./SessionDelivery.sol";
import {SessionProof} from "./SessionProof.sol";
import {SessionState} from "./SessionState.sol";

/// @title A log of what was said on a session chain
/// @notice Anybody records deliveries, and any contract asks whether a message was said by an identity, and when. The message
/// ID commits to the ciphertext's hash, so that who is shown a ciphertext can check that it is the one.
contract SessionLog {
    struct Entry {
        bytes32 session;
        bytes32 sender;
        uint64 sequence; // in its session, from 1; 0 if nothing is recorded
        uint64 height; // of the block that delivered it
        uint64 timestamp; // of that block, Unix milliseconds; 0 if nobody has proven it
    }

    /// The ID of the session chain.
    bytes32 public immutable chain;

    mapping(bytes32 message => Entry) private _entries;

    event Recorded(
        bytes32 indexed message, bytes32 indexed session, bytes32 indexed sender, uint64 sequence, uint64 height, uint64 timestamp
    );

    error AlreadyRecorded(bytes32 message);
    error WrongMessage(bytes32 expected, bytes32 got);

    constructor(bytes32 chain_) {
        chain = chain_;
    }

    /// @notice Records a delivery, once; once more to add its time.
    /// @param index the place of the delivery in the transaction's access list
    /// @param proof of the message under the state root of the delivery, which has its time; may be empty
    function record(uint32 index, bytes calldata proof) external {
        Delivery memory d = SessionDelivery.take(index, chain);
        Entry storage e = _entries[d.id];
        require(e.sequence == 0 || (e.timestamp == 0 && proof.length > 0), AlreadyRecorded(d.id));
        uint64 timestamp = proof.length > 0 ? _timestamp(d, proof) : 0;
        _entries[d.id] = Entry(d.session, d.sender, d.sequence, d.height, timestamp);
        emit Recorded(d.id, d.session, d.sender, d.sequence, d.height, timestamp);
    }

    function entry(bytes32 message) external view returns (Entry memory) {
        return _entries[message];
    }

    /// @notice Reports whether a message was said by an identity, as far as is recorded, and when.
    /// @return said whether it was
    /// @return timestamp the time of its block, Unix milliseconds; 0 if nobody has proven it
    function saidBy(bytes32 message, bytes32 sender) external view returns (bool said, uint64 timestamp) {
        Entry storage e = _entries[message];
        said = e.sequence > 0 && e.sender == sender;
        return (said, said ? e.timestamp : 0);
    }

    function _timestamp(Delivery memory d, bytes calldata proof) private pure returns (uint64) {
        (bytes calldata key, bytes calldata value) = SessionProof.leaf(d.stateRoot, proof);
        SessionState.Message memory m = SessionState.parseMessage(value);
        require(SessionState.isMessageKey(key) && m.id == d.id, WrongMessage(d.id, m.id));
        return m.timestamp;
    }
}

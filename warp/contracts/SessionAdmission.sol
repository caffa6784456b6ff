// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {SessionParticipant} from "./SessionParticipant.sol";

/// @title Admits to a session chain whoever pays a price
/// @notice The genesis of the session chain names this contract (`registration.contracts`). Anybody pays, for any identity. What it
/// sends has to be brought there in time, as `session relay --sender` does, and the session chain may refuse it: what is paid for
/// can be sent again for a day.
contract SessionAdmission is SessionParticipant {
    /// For how many seconds what is paid for can be sent again.
    uint256 private constant AGAIN = 1 days;

    address payable public immutable owner;
    /// In the smallest unit of this chain's coin.
    uint256 public immutable price;

    /// Until when an identity can be sent again, by the hash of its keys; Unix seconds.
    mapping(bytes32 keys => uint256) private _paid;

    error NotOwner(address owner, address got);
    error WrongPrice(uint256 expected, uint256 got);
    /// The owner does not take what it withdraws.
    error NotTaken();

    constructor(bytes32 chain_, bytes1 prefix_, uint64 window_, uint256 price_) SessionParticipant(chain_, prefix_, window_) {
        (owner, price) = (payable(msg.sender), price_);
    }

    /// @notice Admits the identity of two public keys, for the price; within a day after that again, for nothing.
    /// @dev See SessionParticipant._register for the parameters.
    function admit(bytes calldata kemKey, bytes calldata dsaKey) external payable returns (bytes32 transaction) {
        bytes32 keys = keccak256(abi.encodePacked(kemKey, dsaKey)); // of fixed lengths, which _register checks
        if (msg.value > 0 || block.timestamp >= _paid[keys]) {
            require(msg.value == price, WrongPrice(price, msg.value));
            _paid[keys] = block.timestamp + AGAIN;
        }
        return _register(kemKey, dsaKey, (uint64(block.timestamp) + window) * 1000);
    }

    /// @notice Sends the owner what was paid.
    function withdraw() external {
        require(msg.sender == owner, NotOwner(owner, msg.sender));
        (bool taken,) = owner.call{value: address(this).balance}("");
        require(taken, NotTaken());
    }
}

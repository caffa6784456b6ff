// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {Position, SessionDelivery} from "../SessionDelivery.sol";

/// @title Takes each session's deliveries once and in their order, for tests
contract Inbox {
    bytes32 private immutable _chain;
    mapping(bytes32 session => Position) private _taken;

    constructor(bytes32 chain_) {
        _chain = chain_;
    }

    function take(uint32 index) external {
        SessionDelivery.advance(_taken, SessionDelivery.take(index, _chain));
    }
}

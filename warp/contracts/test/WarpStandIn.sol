// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {WarpBlockHash, WarpMessage} from "../IWarpMessenger.sol";

/// @title What the Warp precompile would have verified, for tests
contract WarpStandIn {
    // Each place of the access list has one of the two, and an empty one of the other kind.
    WarpMessage[] private _messages;
    WarpBlockHash[] private _blocks;

    function clear() external {
        delete _messages;
        delete _blocks;
    }

    function put(bytes32 chain, address sender, bytes calldata payload) external {
        _messages.push(WarpMessage(chain, sender, payload));
        _blocks.push();
    }

    function putBlock(bytes32 chain, bytes32 blockID) external {
        _messages.push();
        _blocks.push(WarpBlockHash(chain, blockID));
    }

    function getVerifiedWarpMessage(uint32 index) external view returns (WarpMessage memory message, bool valid) {
        if (index < _messages.length) (message, valid) = (_messages[index], _messages[index].sourceChainID != 0);
    }

    function getVerifiedWarpBlockHash(uint32 index) external view returns (WarpBlockHash memory warpBlockHash, bool valid) {
        if (index < _blocks.length) (warpBlockHash, valid) = (_blocks[index], _blocks[index].sourceChainID != 0);
    }
}

// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {IWarpMessenger, WarpBlockHash, WarpMessage} from "../IWarpMessenger.sol";

/// @title What the Warp precompile would have verified, for tests; it keeps what it is to send
contract WarpStandIn {
    /// The chain that it says it is on.
    bytes32 public constant getBlockchainID = bytes32("evm");

    // Each place of the access list has one of the two, and an empty one of the other kind. Who asks for that gets no answer: the
    // precompile fails.
    WarpMessage[] private _messages;
    WarpBlockHash[] private _blocks;

    /// Logs the unsigned message as the precompile does, of network 0.
    function sendWarpMessage(bytes calldata payload) external returns (bytes32 messageID) {
        bytes memory call = abi.encodePacked(uint16(0), uint32(1), uint32(20), msg.sender, uint32(payload.length), payload);
        bytes memory message = abi.encodePacked(uint16(0), uint32(0), getBlockchainID, uint32(call.length), call);
        messageID = sha256(message);
        emit IWarpMessenger.SendWarpMessage(msg.sender, messageID, message);
    }

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
        if (index < _messages.length) (message, valid) = (_messages[index], true);
        require(message.sourceChainID != 0 || !valid);
    }

    function getVerifiedWarpBlockHash(uint32 index) external view returns (WarpBlockHash memory warpBlockHash, bool valid) {
        if (index < _blocks.length) (warpBlockHash, valid) = (_blocks[index], true);
        require(warpBlockHash.sourceChainID != 0 || !valid);
    }
}

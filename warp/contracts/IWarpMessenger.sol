// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

/// A Warp message that the platform has verified.
struct WarpMessage {
    bytes32 sourceChainID;
    address originSenderAddress;
    bytes payload;
}

/// A certificate of a block that the platform has verified.
struct WarpBlockHash {
    bytes32 sourceChainID;
    bytes32 blockHash;
}

/// @title What these contracts use of the Warp precompile of AvalancheGo's EVM chains
/// @notice Who sends a transaction puts signed Warp messages into its access list. The precompile verifies them against
/// the validators of the source chain before the transaction runs, and a contract reads those that are valid by their place.
interface IWarpMessenger {
    /// The validators of this chain sign the message: the encoding of the whole unsigned one.
    event SendWarpMessage(address indexed sender, bytes32 indexed messageID, bytes message);

    function getBlockchainID() external view returns (bytes32 blockchainID);

    function sendWarpMessage(bytes calldata payload) external returns (bytes32 messageID);

    function getVerifiedWarpMessage(uint32 index) external view returns (WarpMessage memory message, bool valid);

    function getVerifiedWarpBlockHash(uint32 index) external view returns (WarpBlockHash memory warpBlockHash, bool valid);
}

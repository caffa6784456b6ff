// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {SessionProof} from "../SessionProof.sol";

/// @title The functions of SessionProof, to be called by tests
contract Proofs {
    function valueAt(bytes32 root, bytes calldata key, bytes calldata proof) external pure returns (bytes memory) {
        return SessionProof.valueAt(root, key, proof);
    }

    function absent(bytes32 root, bytes calldata key, bytes calldata proof) external pure {
        SessionProof.absent(root, key, proof);
    }
}

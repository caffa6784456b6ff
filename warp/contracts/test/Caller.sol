// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

/// @title Makes calls in one transaction, and tells of each what it answers, or why it reverts, for tests
contract Caller {
    /// What each call gets: one that burns all of its gas, as a failing precompile does, leaves the others theirs.
    uint256 private constant GAS = 1_000_000;

    struct Step {
        address to; // 0: the input is the code of a contract to make, and its address the answer
        uint256 value;
        bytes input;
    }

    event Answered(bool done, bytes answer);

    receive() external payable {}

    function run(Step[] calldata steps) external payable returns (bytes[] memory answers) {
        answers = new bytes[](steps.length);
        for (uint256 i = 0; i < steps.length; i++) {
            bool done;
            if (steps[i].to == address(0)) {
                bytes memory code = steps[i].input;
                address made;
                assembly ("memory-safe") {
                    made := create(0, add(code, 32), mload(code))
                }
                (done, answers[i]) = (made != address(0), abi.encode(made));
            } else {
                (done, answers[i]) = steps[i].to.call{value: steps[i].value, gas: GAS}(steps[i].input);
            }
            emit Answered(done, answers[i]);
        }
    }
}

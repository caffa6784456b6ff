// SPDX-License-Identifier: BSD-3-Clause
pragma solidity ^0.8.24;

import {Delivery, SessionDelivery} from "./SessionDelivery.sol";
import {SessionProof} from "./SessionProof.sol";
import {SessionState} from "./SessionState.sol";

/// @title Pays for a message that was delivered, or read
/// @notice Somebody deposits an amount for a message of a session: one whose ID is known before it is sent, or any one from a
/// sequence on. The payee gets it with the message's delivery or, if a reader is named, with that participant's receipt.
/// The payer gets it back with a block of the deadline or later under whose state root the message was not said, or not
/// acknowledged. What comes first counts: a message that is delivered after the deadline is paid unless the refund was first.
/// @dev A session chain forgets a session some time after its end (`retentionDays` of its genesis): the session is absent
/// then, and the payer can have the amount back. Payees claim before.
contract SessionEscrow {
    struct Deposit {
        address payable payer;
        address payable payee;
        uint256 amount; // 0 once it is paid out
        bytes32 session;
        bytes32 message; // 0: any one from the sequence on
        uint64 sequence;
        bytes32 reader; // the participant whose receipt is asked for; 0: a delivery is enough
        uint64 deadline; // time of the session chain, Unix milliseconds
    }

    /// The ID of the session chain.
    bytes32 public immutable chain;

    /// The messages of a session that somebody has gone through: none of them is the one that the deposit is for.
    struct Scan {
        bytes32 transcript; // after them
        uint64 count;
    }

    Deposit[] private _deposits;
    mapping(uint256 id => mapping(address by => Scan)) private _scans;

    event Deposited(uint256 indexed id, bytes32 indexed session, address indexed payee, address payer, uint256 amount);
    event Paid(uint256 indexed id);
    event Refunded(uint256 indexed id);

    error NothingDeposited();
    error NoSuchDeposit(uint256 id);
    error AlreadySettled(uint256 id);
    /// The deposit names neither a message nor a sequence.
    error NoMessage();
    error WrongMessage(bytes32 expected, bytes32 got);
    error SequenceTooLow(uint64 expected, uint64 got);
    error WrongSession(bytes32 expected, bytes32 got);
    /// The receipt is another participant's.
    error WrongReader(bytes32 expected, bytes32 got);
    /// The deposit asks for no receipt.
    error NoReceiptNeeded();
    /// The receipt does not reach the message.
    error NotRead(uint64 sequence, uint64 read);
    /// The receipt reaches the message.
    error WasRead(uint64 sequence, uint64 read);
    error BeforeDeadline(uint64 deadline, uint64 timestamp);
    /// The messages are not all of the session's, in their order and with their times.
    error WrongTranscript(bytes32 expected, bytes32 got);
    /// The session has the message.
    error WasSaid(uint256 sequence);
    /// The receiver of the amount does not take it.
    error NotTaken();

    constructor(bytes32 chain_) {
        chain = chain_;
    }

    /// @notice Deposits what is sent along. See Deposit for the parameters.
    /// @return id counts deposits, from 0
    function deposit(address payable payee, bytes32 session, bytes32 message, uint64 sequence, bytes32 reader, uint64 deadline)
        external
        payable
        returns (uint256 id)
    {
        require(msg.value > 0, NothingDeposited());
        require(message != 0 || sequence > 0, NoMessage());
        id = _deposits.length;
        _deposits.push(Deposit(payable(msg.sender), payee, msg.value, session, message, sequence, reader, deadline));
        emit Deposited(id, session, payee, msg.sender, msg.value);
    }

    /// @notice Returns how many deposits there were.
    function count() external view returns (uint256) {
        return _deposits.length;
    }

    function deposits(uint256 id) external view returns (Deposit memory) {
        return _open(id);
    }

    /// @notice Pays the payee, with the message's delivery, or with the reader's receipt.
    /// @param index the place of the delivery in the transaction's access list; or that of the receipt, and if the deposit is for an
    /// ID, behind it the place of that message's delivery
    function claim(uint256 id, uint32 index) external {
        Deposit storage d = _unsettled(id);
        if (d.reader == 0) {
            _message(d, index);
        } else {
            Delivery memory receipt = SessionDelivery.takeReceipt(index, chain);
            require(receipt.session == d.session, WrongSession(d.session, receipt.session));
            require(receipt.sender == d.reader, WrongReader(d.reader, receipt.sender));
            uint64 sequence = d.message == 0 ? d.sequence : _message(d, index + 1);
            require(receipt.sequence >= sequence, NotRead(sequence, receipt.sequence));
        }
        _pay(id, d.payee);
        emit Paid(id);
    }

    /// @notice Gives the amount back, with a proof that the message was not said.
    /// @param index the place in the transaction's access list of the certificate of a block, of the deadline or later
    /// @param header the block's header
    /// @param proof of the session, or that it is not there, under the header's state root
    /// @param said all messages of the session from the first on that the sender has not scanned; not read if it is not there, or
    /// if the deposit names no ID
    function refund(uint256 id, uint32 index, bytes calldata header, bytes calldata proof, SessionState.Said[] calldata said)
        external
    {
        Deposit storage d = _unsettled(id);
        bytes32 root = _late(d, index, header);
        bytes memory key = SessionState.sessionKey(d.session);
        if (SessionProof.isAbsence(proof)) {
            SessionProof.absent(root, key, proof);
        } else {
            SessionState.Session memory session = SessionState.parseSession(SessionProof.valueAt(root, key, proof));
            if (d.message == 0) {
                require(session.messages < d.sequence, WasSaid(session.messages));
            } else {
                bytes32 got = _scan(id, d, said).transcript;
                require(got == session.transcript, WrongTranscript(session.transcript, got));
            }
        }
        _pay(id, d.payer);
        emit Refunded(id);
    }

    /// @notice Goes through messages of a session, for a refund in which the others are: where a session has too many for one
    /// transaction. What each sender scans is its own, because only the refund shows that the messages are the session's.
    /// @param said messages of the session, from the first on that the sender has not scanned
    function scan(uint256 id, SessionState.Said[] calldata said) external {
        Deposit storage d = _unsettled(id);
        _scans[id][msg.sender] = _scan(id, d, said);
    }

    /// @notice Returns what somebody has scanned.
    function scans(uint256 id, address by) external view returns (Scan memory) {
        return _scans[id][by];
    }

    /// @notice Gives the amount back, with a proof that the reader has not acknowledged the message.
    /// @param receipt proof of the reader's receipt, or that it is not there, under the header's state root
    /// @param message proof of the message, under the same; not read if there is no receipt, or if the deposit names no ID
    function refundUnread(uint256 id, uint32 index, bytes calldata header, bytes calldata receipt, bytes calldata message) external {
        Deposit storage d = _unsettled(id);
        require(d.reader != 0, NoReceiptNeeded());
        bytes32 root = _late(d, index, header);
        if (SessionProof.isAbsence(receipt)) {
            SessionProof.absent(root, SessionState.receiptKey(d.session, d.reader), receipt);
        } else {
            uint64 read = _read(d, root, receipt);
            uint64 sequence = _sequence(d, root, message);
            require(read < sequence, WasRead(sequence, read));
        }
        _pay(id, d.payer);
        emit Refunded(id);
    }

    function _open(uint256 id) private view returns (Deposit storage) {
        require(id < _deposits.length, NoSuchDeposit(id));
        return _deposits[id];
    }

    function _unsettled(uint256 id) private view returns (Deposit storage d) {
        d = _open(id);
        require(d.amount > 0, AlreadySettled(id));
    }

    /// @dev Returns the state root of a certified block of the deadline or later.
    function _late(Deposit storage d, uint32 index, bytes calldata header) private view returns (bytes32) {
        SessionState.Header memory h = SessionDelivery.takeBlock(index, chain, header);
        require(h.timestamp >= d.deadline, BeforeDeadline(d.deadline, h.timestamp));
        return h.stateRoot;
    }

    /// @dev Returns what the sender has scanned, and these messages behind it.
    function _scan(uint256 id, Deposit storage d, SessionState.Said[] calldata said) private view returns (Scan memory s) {
        s = _scans[id][msg.sender];
        if (s.count == 0) s.transcript = SessionState.firstTranscript(d.session);
        bytes32 message = d.message;
        for (uint256 i = 0; i < said.length; i++) {
            s.count++;
            require(said[i].message != message, WasSaid(s.count));
            s.transcript = SessionState.nextTranscript(s.transcript, said[i]);
        }
    }

    /// @dev Returns the sequence of the message that the deposit is for, from its delivery.
    function _message(Deposit storage d, uint32 index) private view returns (uint64) {
        Delivery memory got = SessionDelivery.take(index, chain);
        return _check(d, got.session, got.id, got.sequence);
    }

    /// @dev Returns the sequence that the reader's receipt is to reach: that of the message, from a proof of it, if the deposit is for
    /// an ID.
    function _sequence(Deposit storage d, bytes32 root, bytes calldata proof) private view returns (uint64) {
        if (d.message == 0) return d.sequence;
        (bytes calldata key, bytes calldata value) = SessionProof.leaf(root, proof);
        require(SessionState.isMessageKey(key), WrongMessage(d.message, 0));
        SessionState.Message memory m = SessionState.parseMessage(value);
        return _check(d, m.session, m.id, m.sequence);
    }

    /// @dev Checks that a message is what the deposit is for.
    function _check(Deposit storage d, bytes32 session, bytes32 message, uint64 sequence) private view returns (uint64) {
        require(session == d.session, WrongSession(d.session, session));
        require(d.message == 0 || message == d.message, WrongMessage(d.message, message));
        require(sequence >= d.sequence, SequenceTooLow(d.sequence, sequence));
        return sequence;
    }

    /// @dev Returns the sequence up to which the reader has acknowledged.
    function _read(Deposit storage d, bytes32 root, bytes calldata proof) private view returns (uint64) {
        return SessionState.parseReceipt(SessionProof.valueAt(root, SessionState.receiptKey(d.session, d.reader), proof)).sequence;
    }

    function _pay(uint256 id, address payable to) private {
        uint256 amount = _deposits[id].amount;
        _deposits[id].amount = 0;
        (bool taken,) = to.call{value: amount}("");
        require(taken, NotTaken());
    }
}

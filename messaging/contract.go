package messaging

import (
	"unicode/utf8"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// openContent is the first byte of what a contract says openly.
const openContent = 0x00

// OpenText returns what a contract of another chain sends to say a text: the byte 0, and the text in UTF-8. It is open to
// everybody who reads either chain, as what a contract does is anyway.
func OpenText(text string) []byte { return append([]byte{openContent}, text...) }

// isOpenText reports whether a contract's message is a text.
func isOpenText(ciphertext []byte) bool {
	return len(ciphertext) > 1 && ciphertext[0] == openContent && utf8.Valid(ciphertext[1:])
}

// verifyContract checks that the contract that a node names is the sender. That it has sent the message, this chain's
// validators have checked with the BLS signatures of those of the contract's chain: nothing post-quantum shows it.
func verifyContract(m *client.Message) error {
	if got := chain.ContractID(m.Contract.ChainID, m.Contract.Address); got != m.Sender {
		return refusal.Because(ErrNode, "message %d is of %s, and not of contract %x of chain %s", m.Sequence, pq.FormatID(m.Sender), []byte(m.Contract.Address), m.Contract.ChainID)
	}
	return nil
}

// ofContract reports whether a message is a contract's: the node names it, or it is a text of a member without keys. That
// such a message is in the chain is proven; a node that leaves out the contract hides no text.
func (s *Session) ofContract(m *client.Message) bool {
	return m.Contract != nil || s.record.member(m.Sender).DSA == nil && isOpenText(m.Ciphertext)
}

// takeContract adds what a contract says; nil if the node does not name it.
func (s *Session) takeContract(m *heldMessage, contract *client.Contract) {
	event := m.event(KindMessage)
	event.Contract = contract
	if isOpenText(m.Ciphertext) {
		event.Type, event.Content = e2ee.ContentText, m.Ciphertext[1:]
	} else {
		event.Kind, event.Err, event.Content = KindRefused, openError(e2ee.ErrMalformed), m.Ciphertext
	}
	s.record.add(event)
}

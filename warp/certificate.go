package warp

import (
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// MaxCertificateBytes bounds an encoded certificate.
const MaxCertificateBytes = versionSize + 4 + ids.IDLen + lengthSize + hashPayloadSize + typeIDSize + lengthSize + MaxSignersBytes + SignatureSize

// Certificate is a Message with the payload Hash(block ID): validators have accepted the
// block. On the wire it is a standard Warp message, which any receiver can verify.
type Certificate struct {
	NetworkID     uint32
	SourceChainID ids.ID
	BlockID       ids.ID
	Signers       Signers
	Signature     Signature
}

// BlockMessage returns what a validator signs to certify that it has accepted a block.
func BlockMessage(networkID uint32, chainID, blockID ids.ID) *UnsignedMessage {
	return &UnsignedMessage{NetworkID: networkID, SourceChainID: chainID, Payload: HashPayload(blockID)}
}

// Message returns the certificate as the Warp message that it is.
func (c *Certificate) Message() *Message {
	return &Message{
		UnsignedMessage: *BlockMessage(c.NetworkID, c.SourceChainID, c.BlockID),
		Signers:         c.Signers,
		Signature:       c.Signature,
	}
}

// Certificate returns the certificate that the message is.
func (m *Message) Certificate() (*Certificate, error) {
	blockID, err := ParseHashPayload(m.Payload)
	if err != nil {
		return nil, err
	}
	return &Certificate{
		NetworkID:     m.NetworkID,
		SourceChainID: m.SourceChainID,
		BlockID:       blockID,
		Signers:       m.Signers,
		Signature:     m.Signature,
	}, nil
}

// Bytes returns the encoding: that of the Warp message.
func (c *Certificate) Bytes() []byte { return c.Message().Bytes() }

// ParseCertificate decodes strictly. It verifies nothing; the signers alias the input.
func ParseCertificate(bytes []byte) (*Certificate, error) {
	m, err := ParseMessage(bytes)
	if err != nil {
		return nil, err
	}
	return m.Certificate()
}

// VerifyCertificate checks that a quorum of the set's weight certifies a header, and that
// the set is the one that the header commits to. It returns how much weight has signed.
//
// That the header commits to the set says nothing about who made both: the set must be
// trusted by other means, see the package's documentation.
func (v *Verifier) VerifyCertificate(c *Certificate, header *chain.Header, set *ValidatorSet) (Weight, error) {
	// a) The header is of the chain, and commits to the set.
	if err := v.VerifySet(header, set); err != nil {
		return Weight{}, err
	}
	// b) A quorum of the set has signed the header's ID.
	return v.VerifyCertificateBy(c, header, set, v.quorum())
}

// VerifyCertificateBy checks that enough of a set's weight certifies a header. The set may
// be another than the one that the header commits to.
func (v *Verifier) VerifyCertificateBy(c *Certificate, header *chain.Header, set *ValidatorSet, threshold Threshold) (Weight, error) {
	if header.ChainID != v.ChainID {
		return Weight{}, refusal.Wrap(ErrWrongChain, refusal.ErrWrongChain, v.ChainID.String(), header.ChainID)
	}
	if id := header.ID(); c.BlockID != id {
		return Weight{}, refusal.Wrap(ErrWrongBlock, refusal.ErrProof, "a certificate of block "+id.String(), c.BlockID)
	}
	return v.VerifyMessageBy(c.Message(), set, threshold)
}

// VerifySet checks that a header of the chain commits to a set.
func (v *Verifier) VerifySet(header *chain.Header, set *ValidatorSet) error {
	if header.ChainID != v.ChainID {
		return refusal.Wrap(ErrWrongChain, refusal.ErrWrongChain, v.ChainID.String(), header.ChainID)
	}
	if hash := set.Hash(v.NetworkID, v.ChainID); header.ValidatorSetHash != hash {
		return refusal.Wrap(ErrWrongSet, refusal.ErrValidatorSet, "the validator set with hash "+header.ValidatorSetHash.String(), hash)
	}
	return nil
}

package warp

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// ContextAttestation is the signing context of a validator's attestation that it has accepted a block.
	ContextAttestation = "sessionvm/attest-block/v1"

	// MaxAttestations bounds the signatures of a PostQuantumCertificate.
	MaxAttestations = 1 << 12
	// MaxPostQuantumCertificateBytes bounds an encoded PostQuantumCertificate.
	MaxPostQuantumCertificateBytes = postQuantumHeadSize + lengthSize + MaxSignersBytes + MaxAttestations*chain.SignatureSize

	postQuantumHeadSize = 1 + attestedSize
	attestedSize        = 4 + ids.IDLen + 8 + ids.IDLen
)

// AttestedBytes returns what a validator signs to attest that it has accepted a block: network ID (4 bytes, big
// endian) || chain ID || height (8, big endian) || block ID, 76 bytes.
func AttestedBytes(networkID uint32, chainID ids.ID, height uint64, blockID ids.ID) []byte {
	bytes := binary.BigEndian.AppendUint32(make([]byte, 0, attestedSize), networkID)
	bytes = append(bytes, chainID[:]...)
	bytes = binary.BigEndian.AppendUint64(bytes, height)
	return append(bytes, blockID[:]...)
}

// PostQuantumCertificate is the validators' certificate of a block that rests on ML-DSA-65 alone: one signature of
// each who has signed.
//
//	scheme, 1         1 byte
//	network ID        4, big endian
//	chain ID         32
//	height            8, big endian
//	block ID         32
//	signers           4 bytes of length, and the bit set
//	signatures        3,309 bytes each, in the signers' order
type PostQuantumCertificate struct {
	Scheme     chain.Scheme
	NetworkID  uint32
	ChainID    ids.ID
	Height     uint64
	BlockID    ids.ID
	Signers    Signers
	Signatures [][]byte
}

// Size returns how many bytes the encoding has.
func (c *PostQuantumCertificate) Size() int {
	return postQuantumHeadSize + lengthSize + len(c.Signers) + len(c.Signatures)*chain.SignatureSize
}

// Bytes returns the encoding.
func (c *PostQuantumCertificate) Bytes() []byte { return slices.Concat(c.Parts()...) }

// Parts returns the encoding in pieces, with the signatures as they are, so that a large one need not be copied.
func (c *PostQuantumCertificate) Parts() [][]byte {
	head := append([]byte{byte(c.Scheme)}, AttestedBytes(c.NetworkID, c.ChainID, c.Height, c.BlockID)...)
	return append([][]byte{appendBytes(head, c.Signers)}, c.Signatures...)
}

// ParsePostQuantumCertificate decodes strictly. It verifies nothing; the signers and signatures alias the input.
func ParsePostQuantumCertificate(bytes []byte) (*PostQuantumCertificate, error) {
	if len(bytes) > MaxPostQuantumCertificateBytes {
		return nil, refusal.Wrap(ErrCodec, refusal.ErrTooLarge, fmt.Sprintf("a post-quantum certificate of at most %d bytes", MaxPostQuantumCertificateBytes), len(bytes))
	}
	r := &reader{rest: bytes}
	c, err := readPostQuantumHead(r)
	if err != nil {
		return nil, err
	}
	for range c.Signers.Len() {
		c.Signatures = append(c.Signatures, r.take(chain.SignatureSize))
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return c, nil
}

// readPostQuantumHead decodes what is before the signatures.
func readPostQuantumHead(r *reader) (*PostQuantumCertificate, error) {
	head := r.take(postQuantumHeadSize)
	c := &PostQuantumCertificate{Signers: r.bytes("a bit set", MaxSignersBytes)}
	if r.err != nil {
		return nil, r.err
	}
	c.Scheme, c.NetworkID, c.ChainID = chain.Scheme(head[0]), binary.BigEndian.Uint32(head[1:]), ids.ID(head[5:37])
	c.Height, c.BlockID = binary.BigEndian.Uint64(head[37:]), ids.ID(head[45:])
	if err := c.Scheme.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayloadType, err)
	}
	return c, c.Signers.check()
}

// VerifyPostQuantum checks that enough of a key set's weight attests a header, each with its own key. The set may be
// another than the one that the header commits to. Whether the keys are the validators' is up to the caller.
func (v *Verifier) VerifyPostQuantum(c *PostQuantumCertificate, header *chain.Header, set *KeySet, threshold Threshold) (Weight, error) {
	if count := c.Signers.Len(); count != len(c.Signatures) {
		return Weight{}, refusal.Wrap(ErrCodec, refusal.ErrSignatureSize, fmt.Sprintf("%d signatures", count), len(c.Signatures))
	}
	at := 0
	return v.verifyPostQuantum(c, header, set, threshold, func() ([]byte, error) {
		at++
		return c.Signatures[at-1], nil
	})
}

// ReadPostQuantum is VerifyPostQuantum of an encoded certificate that is checked as it comes, however many have signed: it has the signers and one
// signature in memory, at most MaxSignersBytes and 3,309 bytes, besides the key set. It stops at the first thing that is wrong, and reads
// nothing after the certificate but to see that there is nothing.
func (v *Verifier) ReadPostQuantum(from io.Reader, header *chain.Header, set *KeySet, threshold Threshold) (Weight, error) {
	short := func(err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return refusal.Wrap(ErrCodec, refusal.ErrMalformed, "a whole post-quantum certificate", "its beginning")
		}
		return err
	}
	head := make([]byte, postQuantumHeadSize+lengthSize, postQuantumHeadSize+lengthSize+MaxSignersBytes)
	if _, err := io.ReadFull(from, head); err != nil {
		return Weight{}, short(err)
	}
	if size := binary.BigEndian.Uint32(head[postQuantumHeadSize:]); size <= MaxSignersBytes { // else decoding says so
		head = head[:len(head)+int(size)]
		if _, err := io.ReadFull(from, head[postQuantumHeadSize+lengthSize:]); err != nil {
			return Weight{}, short(err)
		}
	}
	c, err := readPostQuantumHead(&reader{rest: head})
	if err != nil {
		return Weight{}, err
	}
	signature := make([]byte, chain.SignatureSize)
	weight, err := v.verifyPostQuantum(c, header, set, threshold, func() ([]byte, error) {
		_, err := io.ReadFull(from, signature)
		return signature, short(err)
	})
	if err != nil {
		return Weight{}, err
	}
	if _, err := io.ReadFull(from, head[:1]); err == nil {
		return Weight{}, refusal.Wrap(ErrCodec, refusal.ErrMalformed, "nothing after the certificate", "more")
	} else if err != io.EOF {
		return Weight{}, err
	}
	return weight, nil
}

// verifyPostQuantum checks a certificate whose signatures come one after the other, in the signers' order.
func (v *Verifier) verifyPostQuantum(c *PostQuantumCertificate, header *chain.Header, set *KeySet, threshold Threshold, next func() ([]byte, error)) (Weight, error) {
	// a) It is of this block, network, chain and height.
	if c.NetworkID != v.NetworkID {
		return Weight{}, refusal.Wrap(ErrWrongNetwork, refusal.ErrWrongChain, fmt.Sprintf("network %d", v.NetworkID), c.NetworkID)
	}
	if c.ChainID != v.ChainID || header.ChainID != v.ChainID {
		return Weight{}, refusal.Wrap(ErrWrongChain, refusal.ErrWrongChain, v.ChainID.String(), c.ChainID)
	}
	if c.Height != header.Height {
		return Weight{}, refusal.Wrap(ErrWrongHeight, refusal.ErrBlockHeight, fmt.Sprintf("a certificate of height %d", header.Height), c.Height)
	}
	if id := header.ID(); c.BlockID != id {
		return Weight{}, refusal.Wrap(ErrWrongBlock, refusal.ErrProof, "a certificate of block "+id.String(), c.BlockID)
	}
	// b) The signers are in the set, have keys, and are enough.
	weight, err := set.Weight(c.Signers)
	if err != nil {
		return Weight{}, err
	}
	if err := threshold.Verify(weight); err != nil {
		return Weight{}, err
	}
	// c) Each has signed.
	attested := AttestedBytes(c.NetworkID, c.ChainID, c.Height, c.BlockID)
	for _, index := range c.Signers.Indices() {
		signature, err := next()
		if err != nil {
			return Weight{}, err
		}
		if err := set.verify(index, attested, signature); err != nil {
			return Weight{}, err
		}
	}
	return weight, nil
}

// unpackedKeys is how many validators' unpacked ML-DSA-65 keys are kept in memory, about 40 KB each.
const unpackedKeys = 1024

// unpacked has the keys that have attested last, by their SHA-256 hashes: unpacking one costs more than it takes to verify with it.
var unpacked = pq.NewVerifierCache(unpackedKeys)

// verify checks the signature of the validator at an index.
func (s *KeySet) verify(index int, attested, signature []byte) error {
	if len(s.keys[index]) == 0 {
		return refusal.Wrap(ErrNoKey, refusal.ErrProof, "signers with an ML-DSA-65 key", fmt.Sprintf("validator %d", index))
	}
	key := func() ([]byte, error) { return s.keys[index], nil }
	if err := unpacked.Verify(sha256.Sum256(s.keys[index]), key, ContextAttestation, attested, signature); err != nil {
		return refusal.Wrap(ErrAttestation, refusal.ErrProof, fmt.Sprintf("validator %d's signature with its registered key, in context %q", index, ContextAttestation), err)
	}
	return nil
}

// PostQuantumAggregation collects validators' attestations of one block until they are enough. It is not safe for use by
// several goroutines.
type PostQuantumAggregation struct {
	header     PostQuantumCertificate // without signers
	attested   []byte
	set        *KeySet
	signatures map[int][]byte
	weight     Weight
}

// NewPostQuantumAggregation returns an aggregation without signatures.
func NewPostQuantumAggregation(networkID uint32, header *chain.Header, set *KeySet) *PostQuantumAggregation {
	c := PostQuantumCertificate{Scheme: chain.SchemeMLDSA65, NetworkID: networkID, ChainID: header.ChainID, Height: header.Height, BlockID: header.ID()}
	return &PostQuantumAggregation{
		header:     c,
		attested:   AttestedBytes(c.NetworkID, c.ChainID, c.Height, c.BlockID),
		set:        set,
		signatures: make(map[int][]byte),
		weight:     Weight{Total: set.TotalWeight()},
	}
}

// Add verifies the signature of the validator at an index, and counts it if it is good.
func (a *PostQuantumAggregation) Add(index int, signature []byte) error {
	if index < 0 || index >= a.set.Len() {
		return refusal.Wrap(ErrUnknownSigner, refusal.ErrProof, fmt.Sprintf("one of %d validators", a.set.Len()), index)
	}
	if a.signatures[index] != nil {
		return refusal.Wrap(ErrRepeatedSigner, refusal.ErrDuplicate, "a validator that has not signed yet", fmt.Sprintf("validator %d", index))
	}
	if err := a.set.verify(index, a.attested, signature); err != nil {
		return err
	}
	a.signatures[index] = signature
	a.weight.Signed += a.set.Validator(index).Weight
	return nil
}

// Weight returns how much has signed so far.
func (a *PostQuantumAggregation) Weight() Weight { return a.weight }

// Certificate returns the certificate of the fewest signers that reach the threshold, the heaviest first: a signature has 3,309 bytes.
func (a *PostQuantumAggregation) Certificate(threshold Threshold) (*PostQuantumCertificate, error) {
	if err := threshold.Verify(a.weight); err != nil {
		return nil, err
	}
	heaviest := slices.SortedFunc(maps.Keys(a.signatures), func(i, j int) int {
		return cmp.Or(cmp.Compare(a.set.Validator(j).Weight, a.set.Validator(i).Weight), cmp.Compare(i, j))
	})
	enough, weight := 0, Weight{Total: a.weight.Total}
	for ; threshold.Verify(weight) != nil; enough++ {
		weight.Signed += a.set.Validator(heaviest[enough]).Weight
	}
	indices := heaviest[:enough]
	slices.Sort(indices)
	c := a.header
	c.Signers = NewSigners(indices...)
	for _, index := range indices {
		c.Signatures = append(c.Signatures, a.signatures[index])
	}
	return &c, nil
}

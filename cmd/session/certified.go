package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
)

// maxProofBytes bounds a proof file of any form.
const maxProofBytes = 2*lightclient.MaxCertifiedBundleBytes + 1<<20

// proofFile is a proof, and the certified block that it rests on, if the file has one.
type proofFile struct {
	bundle *proofs.Bundle
	block  *lightclient.LightBlock // nil: the file has none
}

// parseProof reads a proof file: certified or not, JSON or binary.
func parseProof(content []byte) (*proofFile, error) {
	if isJSONObject(content) {
		var form struct {
			Block json.RawMessage `json:"block"`
		}
		if json.Unmarshal(content, &form) == nil && form.Block != nil {
			return newProofFile(lightclient.ParseCertifiedBundleJSON(content))
		}
		bundle, err := proofs.ParseBundleJSON(content)
		return &proofFile{bundle: bundle}, err
	}
	file, certifiedErr := newProofFile(lightclient.ParseCertifiedBundle(content))
	if certifiedErr == nil {
		return file, nil
	}
	bundle, err := proofs.ParseBundle(content)
	if err != nil {
		return nil, fmt.Errorf("neither a proof (%w) nor a certified one (%w)", err, certifiedErr)
	}
	return &proofFile{bundle: bundle}, nil
}

func newProofFile(certified *lightclient.CertifiedBundle, err error) (*proofFile, error) {
	if err != nil {
		return nil, err
	}
	return &proofFile{certified.Bundle, certified.Block}, nil
}

func isJSONObject(content []byte) bool {
	trimmed := bytes.TrimLeft(content, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{'
}

// encode returns the file's content.
func (f *proofFile) encode(binary bool) ([]byte, error) {
	var form interface{ Bytes() []byte } = f.bundle
	if f.block != nil {
		form = &lightclient.CertifiedBundle{Bundle: f.bundle, Block: f.block}
	}
	if binary {
		return form.Bytes(), nil
	}
	content, err := json.MarshalIndent(form, "", "  ")
	return append(content, '\n'), err
}

// verify checks the proof, and, if there is something to trust, that it rests on a block
// that follows from there.
func (f *proofFile) verify(trust *lightclient.TrustOptions) (*proofs.Statement, *lightclient.Basis, error) {
	if trust == nil {
		statement, err := f.bundle.Verify(pq.Verify)
		if err == nil && f.block != nil && f.block.Header.ID() != statement.BlockID {
			err = refusal.New(refusal.ErrProof, "the certificate of block "+statement.BlockID.String(), f.block.Header.ID())
		}
		return statement, nil, err
	}
	block := f.block
	if block == nil { // it may be about the checkpoint itself
		block = trust.Checkpoint.Block()
		if id := block.Header.ID(); f.bundle.BlockID != id {
			return nil, nil, refusal.New(refusal.ErrProof, `a certified proof ("session proof --certified"), or one of the trust file's block `+id.String(), "one of block "+f.bundle.BlockID.String())
		}
	}
	certified := &lightclient.CertifiedBundle{Bundle: f.bundle, Block: block}
	verified, err := certified.Verify(trust, time.Now())
	if err != nil {
		return nil, nil, explainTrust(err)
	}
	return verified.Statement, &verified.Basis, nil
}

// explainTrust adds what to do about a block that does not follow from a trust file.
func explainTrust(err error) error {
	var missing lightclient.ErrNotEnoughTrust
	if errors.As(err, &missing) {
		return fmt.Errorf("%w. It is forged, or the validators have changed since: then get the proof with \"session proof --trust\" and this trust file, or make a newer one (\"session trust --from\")", err)
	}
	return err
}

// certify gets the certified block that a proof rests on. Whoever trusts the block at a
// height (0: none) can go on from there.
func (n *node) certify(ctx context.Context, file *proofFile, trustedHeight uint64) error {
	answer, err := n.GetLightBlock(ctx, client.GetLightBlockParams{Height: file.bundle.Header.Height, TrustedHeight: trustedHeight})
	if err != nil {
		return n.noTrust(err)
	}
	if file.block, err = lightclient.ParseLightBlock(answer.LightBlock); err != nil {
		return fmt.Errorf("%s gave a block that cannot be read: %w", n.address, err)
	}
	return nil
}

// fetchDelivery gets a message's delivery in one piece.
func (n *node) fetchDelivery(ctx context.Context, r proofRequest, trustedHeight uint64) (*proofFile, error) {
	params := client.GetDeliveryParams{MessageID: r.message, Height: r.height, Full: true, TrustedHeight: trustedHeight}
	if r.message == ids.Empty {
		params.SessionID, params.Sequence = r.session, r.sequence
	}
	answer, err := n.GetDelivery(ctx, params)
	if err != nil {
		return nil, n.noTrust(err)
	}
	file, err := newProofFile(lightclient.ParseCertifiedBundle(answer.Binary))
	if err != nil {
		return nil, fmt.Errorf("%s gave a proof that cannot be read: %w", n.address, err)
	}
	return file, nil
}

// trustedText says what a verified proof rests on.
func trustedText(w io.Writer, result *verifyResult) {
	basis := result.Basis
	if basis.Checkpoint {
		fmt.Fprintln(w, "That is the block of the trust file.")
		return
	}
	fmt.Fprintln(w, "The block follows from the trust file by its validators' signatures. They are not")
	fmt.Fprintln(w, "post-quantum: with a quantum computer somebody could make them up, and so a delivery")
	fmt.Fprintln(w, "or its absence, but not what a sender has signed with ML-DSA-65.")
}

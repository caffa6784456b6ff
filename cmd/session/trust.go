package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// trustRequest is how the user wants a trust file to be made.
type trustRequest struct {
	from      string // an earlier trust file, to go on from
	pChain    string // address of the P-chain's API
	subnet    ids.ID
	witnesses []string

	height      uint64 // 0: the latest block
	block       ids.ID // empty: any
	networkID   *uint32
	ciphersuite warp.Ciphersuite
	quorum      uint64 // percent
	period      time.Duration
	policy      lightclient.Policy
}

// Where a checkpoint comes from.
const (
	fromNode     = "node"
	fromPlatform = "p-chain"
	fromTrust    = "trust file"
)

// trustResult is what a trust file makes its reader trust, and on whose word.
type trustResult struct {
	trust *lightclient.TrustOptions // what is described

	File             string           `json:"file,omitempty"`
	Chain            ids.ID           `json:"chain"`
	NetworkID        uint32           `json:"networkId"`
	Block            ids.ID           `json:"block"`
	Height           uint64           `json:"height"`
	BlockTime        time.Time        `json:"blockTime"`
	Expires          time.Time        `json:"expires"`
	ValidatorSetHash chain.Hash       `json:"validatorSetHash"`
	Validators       int              `json:"validators"` // with a BLS key
	SignedBy         warp.Weight      `json:"signedBy"`
	Ciphersuite      warp.Ciphersuite `json:"ciphersuite"`
	Quorum           warp.Threshold   `json:"quorum"`
	// Policy is which signatures are demanded; left out: BLS.
	Policy        lightclient.Policy `json:"policy,omitempty"`
	PostQuantum   bool               `json:"postQuantum"`
	Source        string             `json:"source"`                 // node, p-chain or trust file
	OnTheWordOf   []string           `json:"onTheWordOf"`            // who could have lied, and about what
	BlockRequired bool               `json:"blockRequired,omitzero"` // --block named it
}

func newTrust(s *shell) *cobra.Command {
	var (
		request                               trustRequest
		out, subnet, block, suiteName, policy string
		networkID                             uint32
	)
	c := &cobra.Command{
		Use:   "trust [--p-chain URL | --from FILE] [--out FILE]",
		Short: "Make a trust file: the block and the validators that everything else is checked from",
		Long: `Make a trust file: a block, the validators behind it, and how they sign. With it, "session
verify --trust" and "session follow --trust" believe no node. So what goes into it matters:

  session trust --p-chain URL --chain ID   from the P-chain, where the validators are registered:
                                           URL is the P-chain's API of an AvalancheGo or Lux node
                                           that you trust. The block has to be signed by them.
  session trust --from FILE                from an earlier trust file, by following the chain from
                                           there. The node is trusted with nothing.
  session trust                            on the node's word alone, for a chain that runs by
                                           itself, or if you compare the block ID with somebody
                                           who has it from elsewhere (they, or --block, name it).

If enough of the validators have registered ML-DSA-65 keys, the file demands their signatures
too from then on (--policy says otherwise). A file that does leads to none that demands less.

A trust file is good for the trusting period after its block's time: make the next one from it
before that, or keep up with "session follow --store".`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if request.subnet, err = parseOptionalID(subnet); err != nil {
				return err
			}
			if request.block, err = parseOptionalID(block); err != nil {
				return err
			}
			if c.Flags().Changed("network-id") {
				request.networkID = &networkID
			}
			if request.ciphersuite, err = parseCiphersuite(suiteName); err != nil {
				return err
			}
			request.policy = lightclient.Policy(policy)
			if err := request.policy.Check(); err != nil {
				return usage("--policy: %w", err)
			}
			for _, name := range []string{"p-chain", "network-id", "ciphersuite", "quorum", "period"} {
				if request.from != "" && c.Flags().Changed(name) {
					return usage("--from FILE says it: leave out --%s", name)
				}
			}
			if subnet != "" && request.pChain == "" {
				return usage("--subnet needs --p-chain URL")
			}
			if len(request.witnesses) > 0 && request.from == "" {
				return usage("--witness needs --from FILE")
			}
			return s.makeTrust(c.Context(), request, out)
		},
	}
	flags := c.Flags()
	flags.StringVar(&out, "out", "", "file to write (default: standard output)")
	flags.StringVar(&request.pChain, "p-chain", "", "take the validators from the P-chain, like http://127.0.0.1:9650/ext/bc/P")
	flags.StringVar(&subnet, "subnet", "", "the subnet that validates the chain (default: the P-chain says)")
	flags.StringVar(&request.from, "from", "", "go on from this trust file")
	flags.StringArrayVar(&request.witnesses, "witness", nil, "with --from: RPC address of a node that must have the same block")
	flags.Uint64Var(&request.height, "height", 0, "take the block at this height (default: the latest)")
	flags.StringVar(&block, "block", "", "refuse another block than the one with this ID")
	flags.Uint32Var(&networkID, "network-id", 0, "ID of the network (default: the node says; the validators' signatures bind it)")
	flags.StringVar(&suiteName, "ciphersuite", "POP", "how the network signs: POP (AvalancheGo, standalone) or NUL")
	flags.Uint64Var(&request.quorum, "quorum", warp.DefaultQuorum.Num, "percent of the validators' weight that has to sign, 67 to 100")
	flags.StringVar(&policy, "policy", "", "signatures that are demanded from then on: bls, ml-dsa (post-quantum) or both (default: both\nif validators with more than two thirds of the weight have ML-DSA-65 keys, else bls)")
	flags.DurationVar(&request.period, "period", lightclient.DefaultTrustingPeriod, "how long after its time a block is good to go on from")
	return c
}

// parseOptionalID reads an ID, or nothing.
func parseOptionalID(text string) (ids.ID, error) {
	if text == "" {
		return ids.Empty, nil
	}
	return mailbox.ParseID(text)
}

// parseCiphersuite reads a ciphersuite's tag, or what tells it from the others.
func parseCiphersuite(text string) (warp.Ciphersuite, error) {
	for _, suite := range warp.Ciphersuites() {
		if string(suite) == text || strings.HasSuffix(string(suite), "_RO_"+strings.ToUpper(text)+"_") {
			return suite, nil
		}
	}
	return "", usage("--ciphersuite: expected POP or NUL, not %q", text)
}

func (s *shell) makeTrust(ctx context.Context, request trustRequest, out string) error {
	result, err := s.gatherTrust(ctx, request)
	if err != nil {
		return err
	}
	trust := result.trust
	if err := trust.Check(); err != nil {
		return err
	}
	header := trust.Checkpoint.Header
	if id := header.ID(); request.block != ids.Empty && request.block != id {
		return refusal.New(refusal.ErrProof, "block "+request.block.String(), fmt.Sprintf("%s at height %d", id, header.Height))
	}
	result.fill()
	if result.BlockRequired = request.block != ids.Empty; result.BlockRequired && result.Source == fromNode {
		result.OnTheWordOf = []string{"you: that this block is the chain's (--block)"}
	}
	if !time.Now().Before(result.Expires) {
		return fmt.Errorf("block %d is of %s, longer ago than the trusting period of %s: nobody could go on from it; wait for a new block, or set --period",
			header.Height, moment(result.BlockTime), lifetime(uint64(trust.TrustingPeriod.Seconds())))
	}
	content, err := json.MarshalIndent(trust, "", "  ")
	if err != nil {
		return err
	}
	content = append(content, '\n')
	if out == "" {
		if _, err := s.out.Write(content); err != nil {
			return err
		}
		if s.json { // the file is all that there is room for
			return nil
		}
		trustText(s.errOut, result)
		return nil
	}
	if err := writeFile(out, content); err != nil {
		return err
	}
	result.File = out
	return s.show(result, func(w io.Writer) { trustText(w, result) })
}

// fill says what the trust options are.
func (r *trustResult) fill() {
	o, header := r.trust, r.trust.Checkpoint.Header
	r.Chain, r.NetworkID = o.ChainID, o.NetworkID
	r.Block, r.Height, r.BlockTime = header.ID(), header.Height, header.Time()
	r.Expires = header.Time().Add(o.TrustingPeriod)
	r.ValidatorSetHash, r.Validators = header.ValidatorSetHash, o.Checkpoint.Validators.Len()
	r.Ciphersuite, r.Quorum, r.Policy = o.Ciphersuite, o.Quorum, o.Policy
	r.PostQuantum = o.Policy.PostQuantum()
}

// signaturesText says which signatures are demanded.
func signaturesText(r *trustResult) string {
	switch r.Policy {
	case lightclient.PolicyMLDSA:
		return "ML-DSA-65, post-quantum"
	case lightclient.PolicyBoth:
		return "ML-DSA-65, post-quantum, and " + string(r.Ciphersuite)
	default:
		return string(r.Ciphersuite) + ", not post-quantum"
	}
}

func trustText(w io.Writer, r *trustResult) {
	name := r.File
	if name == "" {
		name = "(standard output)"
	}
	signed := fmt.Sprintf("%s of the weight of %s; %s is demanded", r.SignedBy, plural(uint64(r.Validators), "validator"), r.Quorum)
	if r.SignedBy.Signed == 0 {
		signed = "(it is the checkpoint of the earlier trust file)"
	}
	fields(w,
		"Trust file", name,
		"Chain", fmt.Sprintf("%s  on network %d", r.Chain, r.NetworkID),
		"Checkpoint", fmt.Sprintf("block %d  %s", r.Height, r.Block),
		"Block time", moment(r.BlockTime),
		"Signed by", signed,
		"Signatures", signaturesText(r),
		"Good until", moment(r.Expires),
	)
	fmt.Fprintln(w)
	if r.Source == fromNode && !r.BlockRequired {
		fmt.Fprintln(w, "WARNING: all of this is trusted on the word of one node. Whoever runs it, or stands")
		fmt.Fprintln(w, "between it and you, can have made it up. Compare the checkpoint's block ID with")
		fmt.Fprintln(w, "somebody who has it from elsewhere, or take the validators from the P-chain (--p-chain).")
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "Taken on the word of")
	for _, word := range r.OnTheWordOf {
		fmt.Fprintln(w, "  "+printable(word, "  "))
	}
}

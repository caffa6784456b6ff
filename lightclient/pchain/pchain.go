// Package pchain makes a light client's first checkpoint from the P-chain, on which a network's
// validators are registered. The node whose P-chain is asked is trusted with the validators; the
// chain's own node is trusted with nothing.
//
// The P-chain's API is the one of AvalancheGo and luxd (vms/platformvm/service.go in both):
// JSON-RPC 2.0 with numbers as strings, where luxd says netID for subnetID.
package pchain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/jsonrpc"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/warp"
)

// MaxAnswerBytes bounds an answer of the P-chain: a validator takes about 200 bytes.
const MaxAnswerBytes = 400 * warp.MaxValidators

var (
	// ErrUnreachable is a P-chain that does not answer.
	ErrUnreachable = errors.New("no answer from the P-chain")
	// ErrAnswer is an answer that is not one of the P-chain's API.
	ErrAnswer = errors.New("the P-chain's answer cannot be read")
	// ErrRefused is the P-chain's own error.
	ErrRefused = errors.New("the P-chain refuses")
	// ErrNoValidators is a subnet that has no validators with a BLS key.
	ErrNoValidators = errors.New("no validators with a BLS key")
	// ErrCertificate is a block that too few of the validators now have signed.
	ErrCertificate = errors.New("not a certificate by the validators that the P-chain has now")
)

// Client calls the P-chain's API of a node.
type Client struct{ service *jsonrpc.Service }

// New returns a client of the API at an address, like http://127.0.0.1:9650/ext/bc/P. It asks
// nothing yet. Without an HTTP client it is http.DefaultClient.
func New(address string, client *http.Client) (*Client, error) {
	service, err := jsonrpc.New(address, "http://127.0.0.1:9650/ext/bc/P", client, MaxAnswerBytes)
	if err != nil {
		return nil, err
	}
	return &Client{service}, nil
}

// Address returns the API's URL.
func (c *Client) Address() string { return c.service.URL }

// Height returns the P-chain's height.
func (c *Client) Height(ctx context.Context) (uint64, error) {
	var answer struct {
		Height *decimal `json:"height"`
	}
	if err := c.call(ctx, "getHeight", struct{}{}, &answer); err != nil {
		return 0, err
	}
	if answer.Height == nil {
		return 0, fmt.Errorf("%w: getHeight without a height", ErrAnswer)
	}
	return uint64(*answer.Height), nil
}

// Subnet returns the subnet whose validators validate a chain.
func (c *Client) Subnet(ctx context.Context, chainID ids.ID) (ids.ID, error) {
	var answer struct {
		SubnetID ids.ID `json:"subnetID"`
		NetID    ids.ID `json:"netID"` // luxd
	}
	if err := c.call(ctx, "validatedBy", map[string]ids.ID{"blockchainID": chainID}, &answer); err != nil {
		return ids.Empty, err
	}
	switch {
	case answer.SubnetID != ids.Empty:
		return answer.SubnetID, nil
	case answer.NetID != ids.Empty:
		return answer.NetID, nil
	default:
		return ids.Empty, fmt.Errorf("%w: validatedBy without a subnet", ErrAnswer)
	}
}

// Validators returns the canonical set of a subnet's validators at a height of the P-chain. A
// set in which nobody has a BLS key is ErrNoValidators.
func (c *Client) Validators(ctx context.Context, subnet ids.ID, height uint64) (*warp.ValidatorSet, error) {
	var answer validators
	err := c.call(ctx, "getValidatorsAt", map[string]any{
		"height":   strconv.FormatUint(height, 10),
		"subnetID": subnet,
		"netID":    subnet, // luxd
	}, &answer)
	if err != nil {
		return nil, err
	}
	members := make([]warp.Member, 0, len(answer))
	for node, v := range answer {
		if v.Weight == nil {
			return nil, fmt.Errorf("%w: a validator without a weight: %q", ErrAnswer, node)
		}
		member := warp.Member{Weight: uint64(*v.Weight)}
		if v.PublicKey != nil {
			if member.PublicKey, err = hex.DecodeString(strings.TrimPrefix(*v.PublicKey, "0x")); err != nil {
				return nil, fmt.Errorf("%w: a BLS key of %q that is no hex", ErrAnswer, node)
			}
		}
		members = append(members, member)
	}
	set, err := warp.NewValidatorSet(members)
	if err != nil {
		return nil, fmt.Errorf("the validators of subnet %s at P-chain height %d: %w", subnet, height, err)
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("%w in subnet %s at P-chain height %d", ErrNoValidators, subnet, height)
	}
	return set, nil
}

// decimal is a number that travels as a string of digits.
type decimal uint64

func (d *decimal) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(text), `"`), 10, 64)
	*d = decimal(n)
	return err
}

// validators are by their node IDs: the answer itself, or, of older nodes, its member
// "validators".
type validators map[string]validator

type validator struct {
	PublicKey *string  `json:"publicKey"` // compressed, in hex with 0x; null if it has none
	Weight    *decimal `json:"weight"`
}

func (v *validators) UnmarshalJSON(text []byte) error {
	var wrapped struct {
		Validators map[string]validator `json:"validators"`
	}
	if err := strictjson.Unmarshal(text, &wrapped); err == nil && wrapped.Validators != nil {
		*v = wrapped.Validators
		return nil
	}
	return strictjson.Unmarshal(text, (*map[string]validator)(v))
}

// call calls a method of the API. What others wrote is quoted in errors.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	err, refused := c.service.Call(ctx, "platform."+method, params, result), new(jsonrpc.Error)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return fmt.Errorf("%w platform.%s: %q", ErrRefused, method, refused.Message)
	case errors.Is(err, jsonrpc.ErrResponse):
		return fmt.Errorf("%w: platform.%s: %v", ErrAnswer, method, err) // the P-chain's, and no other service's
	default:
		return fmt.Errorf("%w: platform.%s: %w", ErrUnreachable, method, err)
	}
}

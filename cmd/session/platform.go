package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/warp"
)

// maxPlatformBytes bounds an answer of the P-chain: a validator takes about 200 bytes.
const maxPlatformBytes = 400 * warp.MaxValidators

// platform is the P-chain's API of a node, as AvalancheGo and luxd have it: JSON-RPC 2.0,
// numbers as strings (vms/platformvm/service.go in both).
type platform struct {
	address string
	timeout time.Duration
}

func newPlatform(address string, timeout time.Duration) (*platform, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, usage("--p-chain: expected a URL like http://127.0.0.1:9650/ext/bc/P, not %q", address)
	}
	return &platform{address, timeout}, nil
}

// decimal is a number that travels as a string of digits.
type decimal uint64

func (d *decimal) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(text), `"`), 10, 64)
	*d = decimal(n)
	return err
}

// height returns the P-chain's height.
func (p *platform) height(ctx context.Context) (uint64, error) {
	var answer struct {
		Height *decimal `json:"height"`
	}
	if err := p.call(ctx, "getHeight", struct{}{}, &answer); err != nil {
		return 0, err
	}
	if answer.Height == nil {
		return 0, p.answers("getHeight without a height")
	}
	return uint64(*answer.Height), nil
}

// subnet returns the subnet whose validators validate a chain.
func (p *platform) subnet(ctx context.Context, chainID ids.ID) (ids.ID, error) {
	var answer struct {
		SubnetID ids.ID `json:"subnetID"`
		NetID    ids.ID `json:"netID"` // luxd
	}
	err := p.call(ctx, "validatedBy", map[string]ids.ID{"blockchainID": chainID}, &answer)
	if err == nil && answer.SubnetID == ids.Empty && answer.NetID == ids.Empty {
		err = p.answers("validatedBy without a subnet")
	}
	if answer.SubnetID == ids.Empty {
		return answer.NetID, err
	}
	return answer.SubnetID, err
}

// platformValidator is a validator as the P-chain tells of it.
type platformValidator struct {
	PublicKey *string  `json:"publicKey"` // compressed, in hex with 0x; null if it has none
	Weight    *decimal `json:"weight"`
}

// platformValidators are validators by their node IDs: the answer itself, or, of older nodes,
// its member "validators".
type platformValidators map[string]platformValidator

func (v *platformValidators) UnmarshalJSON(text []byte) error {
	var wrapped struct {
		Validators map[string]platformValidator `json:"validators"`
	}
	if err := strictjson.Unmarshal(text, &wrapped); err == nil && wrapped.Validators != nil {
		*v = wrapped.Validators
		return nil
	}
	var bare map[string]platformValidator
	err := strictjson.Unmarshal(text, &bare)
	*v = bare
	return err
}

// validators returns the canonical set of a subnet's validators at a height of the P-chain.
func (p *platform) validators(ctx context.Context, subnet ids.ID, height uint64) (*warp.ValidatorSet, error) {
	var answer platformValidators
	err := p.call(ctx, "getValidatorsAt", map[string]any{
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
			return nil, p.answers("a validator without a weight: " + node)
		}
		member := warp.Member{Weight: uint64(*v.Weight)}
		if v.PublicKey != nil {
			if member.PublicKey, err = hex.DecodeString(strings.TrimPrefix(*v.PublicKey, "0x")); err != nil {
				return nil, p.answers(fmt.Sprintf("a BLS key of %s that is no hex", node))
			}
		}
		members = append(members, member)
	}
	set, err := warp.NewValidatorSet(members)
	if err != nil {
		return nil, fmt.Errorf("the validators of subnet %s at P-chain height %d: %w", subnet, height, err)
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("subnet %s has no validators with a BLS key at P-chain height %d", subnet, height)
	}
	return set, nil
}

func (p *platform) answers(what string) error {
	return fmt.Errorf("the P-chain at %s answers what cannot be read: %s", p.address, printable(what, ""))
}

func (p *platform) call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "platform." + method, "params": params})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if transport := new(url.Error); errors.As(err, &transport) {
			err = transport.Err
		}
		return fmt.Errorf("platform.%s: %w", method, &unreachableError{p.address, err})
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxPlatformBytes+1))
	if err != nil {
		return fmt.Errorf("platform.%s: %w", method, &unreachableError{p.address, err})
	}
	if len(answer) > maxPlatformBytes {
		return p.answers(fmt.Sprintf("more than %d bytes", maxPlatformBytes))
	}
	var envelope struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := strictjson.Unmarshal(answer, &envelope); err != nil {
		return p.answers(fmt.Sprintf("HTTP status %s, and no JSON-RPC", response.Status))
	}
	if envelope.Error != nil {
		return fmt.Errorf("the P-chain at %s refuses platform.%s: %s", p.address, method, printable(envelope.Error.Message, ""))
	}
	if err := strictjson.Unmarshal(envelope.Result, result); err != nil {
		return p.answers("platform." + method + ": " + err.Error())
	}
	return nil
}

package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/contracts"
	"github.com/luxfi/session/warp/relay"
)

const (
	envEVM    = "SESSION_EVM"
	envEVMKey = "SESSION_EVM_KEY"
	// maxKeyBytes bounds a file with a private key in hex.
	maxKeyBytes = 128
)

// evmFlags name an EVM chain and who pays there.
type evmFlags struct{ url, key string }

func (f *evmFlags) add(c *cobra.Command) {
	c.PersistentFlags().StringVar(&f.url, "evm", "", "JSON-RPC address of a node of the EVM chain ("+envEVM+")")
	c.PersistentFlags().StringVar(&f.key, "evm-key", "", "file with the private key that pays fees there, in hex ("+envEVMKey+")")
}

// dialEVM connects to the EVM chain that the user named.
func (s *shell) dialEVM(ctx context.Context, f evmFlags) (*relay.EVM, error) {
	url, path := cmp.Or(f.url, s.getenv(envEVM)), cmp.Or(f.key, s.getenv(envEVMKey))
	if url == "" || path == "" {
		return nil, usage("name a node of the EVM chain with --evm or %s, and the file of a key with --evm-key or %s", envEVM, envEVMKey)
	}
	key, err := readEVMKey(path)
	if err != nil {
		return nil, err
	}
	return relay.DialEVM(ctx, url, key)
}

func readEVMKey(path string) (*ecdsa.PrivateKey, error) {
	content, err := readFile(path, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	key, err := crypto.HexToECDSA(strings.TrimPrefix(strings.TrimSpace(string(content)), "0x"))
	if err != nil {
		return nil, usage("%s: expected a private key of 64 hex digits: %w", path, err)
	}
	return key, nil
}

func newEVM(s *shell) *cobra.Command {
	f := new(evmFlags)
	c := group(&cobra.Command{
		Use:   "evm",
		Short: "Have contracts of an EVM chain act on messages",
		Long: `Have contracts act on what this chain has delivered, on an EVM chain of the same network that has the
Warp precompile:

  session evm deploy escrow               a SessionEscrow: prints its address
  session evm deposit ESCROW SESSION --payee ADDRESS --amount 0.5 --within 1h
                                          pay for the session's next message
  session relay --escrow ESCROW           pay out, or refund, what can be shown
  session evm deposits ESCROW             what became of it

  session evm deploy log                  a SessionLog
  session relay --log LOG --session SESSION
                                          record what is said in a session
  session evm said LOG MESSAGE            who said it, and when

A contract can write, too:

  session evm deploy sender               a SessionSender
  session evm create SENDER WHO           have it make a session: prints SESSION
  session evm say SENDER SESSION TEXT     have it say something
  session evm acknowledge SENDER SESSION SEQUENCE
                                          have it acknowledge what was said
  session relay --sender SENDER           bring that to this chain

A contract can admit to this chain, where its genesis says so:

  session evm next                        the address of the contract that the key deploys next
  session evm deploy admission --price 0.1
  session evm admit ADMISSION             pay for your identity
  session relay --sender ADMISSION        bring that to this chain

docs/warp.md says what the contracts check, and what that rests on.`,
	})
	f.add(c)
	c.AddCommand(newEVMDeploy(s, f), newEVMDeposit(s, f), newEVMDeposits(s, f), newEVMSaid(s, f), newEVMCreate(s, f), newEVMSay(s, f), newEVMAcknowledge(s, f),
		newEVMNext(s, f), newEVMAdmit(s, f))
	return c
}

// bothChains connects to a node of the session chain and to one of the EVM chain.
func (s *shell) bothChains(ctx context.Context, f evmFlags) (*node, *relay.EVM, error) {
	n, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	evm, err := s.dialEVM(ctx, f)
	return n, evm, err
}

type depositResult struct {
	ID       uint64         `json:"id"`
	Open     bool           `json:"open"` // nobody has had it yet
	Payer    common.Address `json:"payer"`
	Payee    common.Address `json:"payee"`
	Amount   string         `json:"amount"` // in coins
	Session  ids.ID         `json:"session"`
	Message  ids.ID         `json:"message,omitzero"`
	Sequence uint64         `json:"sequence,omitzero"` // this one or a later one
	Reader   ids.ID         `json:"reader,omitzero"`
	Deadline time.Time      `json:"deadline"`
}

func depositOf(d *relay.Deposit) depositResult {
	return depositResult{
		ID: d.ID, Open: d.Open(), Payer: d.Payer, Payee: d.Payee, Amount: coins(d.Amount), Session: d.Session, Message: d.Message,
		Sequence: d.Sequence, Reader: d.Reader, Deadline: time.UnixMilli(int64(d.Deadline)).UTC(),
	}
}

func (r depositResult) show(w io.Writer) {
	state := r.Amount + " for " + r.Payee.Hex()
	if !r.Open {
		state = "settled"
	}
	what := fmt.Sprintf("message %d, or a later one, of session %s", r.Sequence, r.Session)
	if r.Message != ids.Empty {
		what = fmt.Sprintf("message %s of session %s", r.Message, r.Session)
	}
	if r.Reader != ids.Empty {
		what += ", read by " + r.Reader.String()
	}
	fields(w, "Deposit", strconv.FormatUint(r.ID, 10)+"  "+state, "For", what, "Until", r.Deadline.Format(time.RFC3339), "Payer", r.Payer.Hex())
}

func newEVMDeposit(s *shell, f *evmFlags) *cobra.Command {
	var (
		message, reader, payee, amount string
		within                         time.Duration
	)
	c := &cobra.Command{
		Use:   "deposit ESCROW SESSION [SEQUENCE]",
		Short: "Deposit an amount for a message",
		Long: `Deposit an amount that is paid when a message is delivered, or with --reader when that participant has
acknowledged it, and that is given back if it is not there by the deadline. Without SEQUENCE it is for the
session's next message or a later one, whoever says it: how many it has so far is the node's word, so give
SEQUENCE where you do not trust it. With --message it is for the one with that ID.

Whoever runs "session relay" pays it out or gives it back.`,
		Args: between(2, "ESCROW", "SESSION", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) error {
			escrow, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			to, err := parseAddress(payee)
			if err != nil {
				return err
			}
			value, err := parseCoins("--amount", amount)
			if err != nil {
				return err
			}
			args = args[1:]
			if err := s.namesToIDs(c.Context(), args, &reader); err != nil {
				return err
			}
			n, evm, err := s.bothChains(c.Context(), *f)
			if err != nil {
				return err
			}
			terms := contracts.SessionEscrowDeposit{Payee: to, Amount: value}
			if err := n.depositTerms(c.Context(), &terms, args, message, reader, within); err != nil {
				return err
			}
			call := relay.DepositCall(escrow, terms)
			receipt, err := evm.Do(c.Context(), call)
			if err != nil {
				return err
			}
			d, err := relay.Deposited(receipt, terms)
			if err != nil {
				return err
			}
			result := depositOf(d)
			return s.show(result, result.show)
		},
	}
	flags := c.Flags()
	flags.StringVar(&message, "message", "", "the ID of the message, instead of SEQUENCE")
	flags.StringVar(&reader, "reader", "", "pay only once this participant has acknowledged it")
	flags.StringVar(&payee, "payee", "", "the address that is paid")
	flags.StringVar(&amount, "amount", "", "how much, in the EVM chain's coins")
	flags.DurationVar(&within, "within", time.Hour, "how long from now, in the session chain's time, until it is given back")
	return c
}

// depositTerms fills in for which message a deposit is, and until when.
func (n *node) depositTerms(ctx context.Context, terms *contracts.SessionEscrowDeposit, args []string, message, reader string, within time.Duration) error {
	session, err := mailbox.ParseID(args[0])
	if err != nil {
		return err
	}
	terms.Session = session
	switch {
	case message != "" && len(args) == 2:
		return usage("--message ID is enough: leave out SEQUENCE")
	case message != "":
		id, err := mailbox.ParseID(message)
		if err != nil {
			return err
		}
		terms.Message = id
	case len(args) == 2:
		if terms.Sequence, err = strconv.ParseUint(args[1], 10, 64); err != nil || terms.Sequence == 0 {
			return usage("SEQUENCE %q is no number from 1 on", args[1])
		}
	default:
		answer, err := n.GetSession(ctx, client.GetSessionParams{SessionID: session})
		if err != nil {
			return err
		}
		terms.Sequence = answer.Session.Messages + 1
	}
	if reader != "" {
		id, err := mailbox.ParseIdentity(reader)
		if err != nil {
			return err
		}
		terms.Reader = id
	}
	last, err := n.GetHeader(ctx, client.BlockParams{})
	if err != nil {
		return err
	}
	terms.Deadline = max(last.Header.Timestamp, uint64(time.Now().UnixMilli())) + uint64(within.Milliseconds())
	return nil
}

func newEVMDeposits(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "deposits ESCROW",
		Short: "List the deposits of an escrow",
		Args:  exactly("ESCROW"),
		RunE: func(c *cobra.Command, args []string) error {
			escrow, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			evm, err := s.dialEVM(c.Context(), *f)
			if err != nil {
				return err
			}
			deposits, err := relay.Deposits(c.Context(), evm, escrow, 0)
			if err != nil {
				return err
			}
			results := []depositResult{}
			for _, d := range deposits {
				results = append(results, depositOf(d))
			}
			return s.show(results, func(w io.Writer) {
				for _, r := range results {
					r.show(w)
				}
			})
		},
	}
}

type saidResult struct {
	Message  ids.ID    `json:"message"`
	Session  ids.ID    `json:"session"`
	Sender   ids.ID    `json:"sender"`
	Sequence uint64    `json:"sequence"`
	Height   uint64    `json:"height"`
	Time     time.Time `json:"time,omitzero"` // left out if nobody has proven it
}

func newEVMSaid(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "said LOG MESSAGE",
		Short: "Ask a log who said a message, and when",
		Args:  exactly("LOG", "MESSAGE"),
		RunE: func(c *cobra.Command, args []string) error {
			log, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			message, err := mailbox.ParseID(args[1])
			if err != nil {
				return err
			}
			evm, err := s.dialEVM(c.Context(), *f)
			if err != nil {
				return err
			}
			e, err := relay.Entry(c.Context(), evm, log, message)
			if err != nil {
				return err
			}
			if e.Sequence == 0 {
				return refusal.New(refusal.ErrNotFound, "a message that the log has recorded", message)
			}
			result := saidResult{Message: message, Session: e.Session, Sender: e.Sender, Sequence: e.Sequence, Height: e.Height}
			if e.Timestamp > 0 {
				result.Time = time.UnixMilli(int64(e.Timestamp)).UTC()
			}
			return s.show(result, func(w io.Writer) {
				when := "not proven"
				if !result.Time.IsZero() {
					when = result.Time.Format(time.RFC3339)
				}
				fields(w, "Said by", pq.FormatID(result.Sender), "When", when, "Session", result.Session.String(),
					"Sequence", strconv.FormatUint(result.Sequence, 10), "Height", strconv.FormatUint(result.Height, 10))
			})
		},
	}
}

func parseAddress(text string) (common.Address, error) {
	if !common.IsHexAddress(text) {
		return common.Address{}, usage("%q is no address of an EVM chain: expected 40 hex digits", text)
	}
	return common.HexToAddress(text), nil
}

// coin is how many of the smallest unit one coin of an EVM chain has.
var coin = new(big.Rat).SetInt64(1e18)

// parseCoins returns the amount of a flag in the smallest unit.
func parseCoins(flag, text string) (*big.Int, error) {
	amount, ok := new(big.Rat).SetString(text)
	if !ok || len(text) > 80 || amount.Sign() <= 0 {
		return nil, usage("%s %q is no amount: expected one like 0.5", flag, text)
	}
	if amount.Mul(amount, coin); !amount.IsInt() {
		return nil, usage("%s %q has more than 18 digits behind the point", flag, text)
	}
	return amount.Num(), nil
}

// coins returns an amount of the smallest unit in coins.
func coins(amount *big.Int) string {
	text := new(big.Rat).Quo(new(big.Rat).SetInt(amount), coin).FloatString(18)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

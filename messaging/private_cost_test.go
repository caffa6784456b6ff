package messaging

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// dialogue is two people who talk from nothing, and what that costs.
type dialogue struct {
	t          testing.TB
	alice, bob *person
	a, b       *Session
	said       int
	steps      [steps]step
}

// step is a part of a dialogue: what it put onto the chain, and how long it took until the other one had read it.
type step struct {
	transactions int
	bytes        int
	took         time.Duration
	parts        []string // what each transaction is, and how long
}

const (
	stepRegister = iota // both, each with a prekey
	stepFirst           // message, to somebody who knows nothing of it
	stepAnswer
	stepThird // message, the second of the first one
	stepFourth
	stepMessages
	steps
)

var stepNames = [stepMessages]string{"both register, with a prekey", "the first message", "the answer", "the third message", "the fourth"}

// dialogueMessages is how many messages follow the first four.
const dialogueMessages = 20

// dialogues has two people talk in public, and two in private: first the ones, then the others, and then in turns. Nobody
// else does anything on the chain meanwhile.
func dialogues(t testing.TB) (public, private *dialogue) {
	public, private = publicly(t), privately(t)
	for range dialogueMessages / 2 {
		for _, d := range []*dialogue{public, private} {
			d.step(stepMessages, func() { d.says(d.a, d.b); d.says(d.b, d.a) })
		}
	}
	for _, d := range []*dialogue{public, private} {
		require.NoError(t, d.a.Close())
		require.NoError(t, d.b.Close())
	}
	return public, private
}

// newDialogue has two people send four messages.
func newDialogue(t testing.TB, first, answer func(*dialogue)) *dialogue {
	d := &dialogue{t: t}
	d.step(stepRegister, func() {
		d.alice, d.bob = newPerson(t, nil), newPerson(t, nil)
		d.bob.Messenger.config.Contact = func(ids.ID) bool { return true }
	})
	d.step(stepFirst, func() { first(d) })
	d.step(stepAnswer, func() { answer(d) })
	d.step(stepThird, func() { d.says(d.a, d.b) })
	d.step(stepFourth, func() { d.says(d.b, d.a) })
	return d
}

// publicly and privately are the two ways to begin.
func publicly(t testing.TB) *dialogue {
	return newDialogue(t, func(d *dialogue) {
		var err error
		d.a, err = d.alice.NewSession(testContext(t), d.bob.Self())
		require.NoError(t, err)
		sends(t, d.a, "hello")
		listed, err := d.bob.config.Client.ListSessions(testContext(t), client.ListSessionsParams{Participant: d.bob.Self(), Requests: true})
		require.NoError(t, err)
		d.b, err = d.bob.Join(testContext(t), listed.Sessions[0].ID)
		require.NoError(t, err)
		until(t, d.b, text("hello"))
	}, func(d *dialogue) { d.says(d.b, d.a) })
}

func privately(t testing.TB) *dialogue {
	return newDialogue(t, func(d *dialogue) {
		d.alice.invites(t, d.bob, "hello")
		require.Equal(t, "hello", string(d.bob.invited(t).Content))
	}, func(d *dialogue) {
		var err error
		d.b, _, err = d.bob.AcceptWith(testContext(t), d.alice.Self(), &Draft{Content: []byte("first answer")})
		require.NoError(t, err)
		pairs, err := d.alice.Pairs(testContext(t), ids.Empty)
		require.NoError(t, err)
		d.a, err = d.alice.Join(testContext(t), pairs[0].Session)
		require.NoError(t, err)
		until(t, d.a, text("first answer"))
	})
}

// says has one send a text, of the same size each time, and the other one read it.
func (d *dialogue) says(from, to *Session) {
	d.said++
	said := fmt.Sprintf("message %4d", d.said)
	sends(d.t, from, said)
	until(d.t, to, text(said))
}

func heightOf(t testing.TB) uint64 {
	info, err := connect(t, nil).GetChainInfo(testContext(t))
	require.NoError(t, err)
	return info.LastAccepted.Height
}

// step does a step, and adds what the blocks hold that it took.
func (d *dialogue) step(n int, do func()) {
	s := &d.steps[n]
	height, begun := heightOf(d.t), time.Now()
	do()
	s.took += time.Since(begun)
	rpc := connect(d.t, nil)
	for end := heightOf(d.t); height < end; {
		height++
		answer, err := rpc.GetBlock(context.Background(), client.BlockParams{Height: &height})
		require.NoError(d.t, err)
		block, err := chain.ParseBlock(answer.Block.Header.ChainID, answer.Block.Bytes, chain.MaxBlockBytes)
		require.NoError(d.t, err)
		for _, tx := range block.Transactions {
			if ofValidators(tx) {
				continue
			}
			s.transactions++
			s.bytes += len(tx.Bytes())
			s.parts = append(s.parts, part(tx))
		}
	}
}

// part says what a transaction holds, in bytes.
func part(tx *chain.Transaction) string {
	name, _ := strings.CutPrefix(fmt.Sprintf("%T", tx.Body), "*chain.")
	if body, ok := tx.Body.(*chain.SendMessage); ok {
		name = "message"
		if body.Ciphertext[0] == 0x10 {
			name = "announcement with a message"
		}
	}
	if tx.Registration != nil {
		name = "registration and " + name
	}
	return fmt.Sprintf("%s %d", name, len(tx.Bytes()))
}

// total adds up the steps before the messages that follow.
func (d *dialogue) total() (sum step) {
	for _, s := range d.steps[:stepMessages] {
		sum.transactions += s.transactions
		sum.bytes += s.bytes
		sum.took += s.took
	}
	return sum
}

// TestWhatPrivateCostsBesidePublic counts what two people put onto the chain, from nothing, with all registrations and
// prekeys: in private no transaction more, and the same for every message once both have spoken twice.
func TestWhatPrivateCostsBesidePublic(t *testing.T) {
	public, private := dialogues(t)
	t.Log("\n" + besides(public, private))
	require.LessOrEqual(t, private.total().transactions, public.total().transactions)
	require.Equal(t, public.steps[stepRegister].transactions, private.steps[stepRegister].transactions)
	require.Equal(t, 1, private.steps[stepFirst].transactions, "to somebody who is away")
	require.Equal(t, dialogueMessages, private.steps[stepMessages].transactions)
	require.Equal(t, public.steps[stepMessages].transactions, private.steps[stepMessages].transactions)
	require.Equal(t, public.steps[stepMessages].bytes, private.steps[stepMessages].bytes)
	more := func(d *dialogue) float64 {
		return float64(d.total().bytes + 64*d.steps[stepMessages].bytes/dialogueMessages)
	}
	require.Less(t, more(private)/more(public), 1.1, "64 messages later, with all that it began with")
}

// BenchmarkPrivateBesidePublic has two people talk from nothing, in public and in private, in turns: what they put onto
// the chain, and the time until the other one has read. With the default genesis, in which work pays for identities and
// invitations, and with prices of none. Blocks come after a millisecond.
func BenchmarkPrivateBesidePublic(b *testing.B) {
	for name, change := range map[string]func(*chain.Genesis){
		"no work": func(g *chain.Genesis) {},
		"work": func(g *chain.Genesis) {
			usual := chain.DefaultGenesis()
			g.Registration, g.Allowances, g.Invitations = usual.Registration, usual.Allowances, usual.Invitations
		},
	} {
		b.Run(name, func(b *testing.B) {
			onChain(b, change)
			sums := [2]*dialogue{}
			for b.Loop() {
				public, private := dialogues(b)
				for i, d := range []*dialogue{public, private} {
					if sums[i] == nil {
						sums[i] = d
						continue
					}
					for n := range d.steps {
						sums[i].steps[n].took += d.steps[n].took
					}
				}
			}
			for _, d := range sums {
				for n := range d.steps {
					d.steps[n].took /= time.Duration(b.N)
				}
			}
			public, private := sums[0], sums[1]
			ratio := func(of func(step) float64, unit string) {
				b.ReportMetric(of(private.steps[stepMessages])/of(public.steps[stepMessages]), unit)
			}
			ratio(func(s step) float64 { return float64(s.bytes) }, "bytes-ratio")
			ratio(func(s step) float64 { return float64(s.took) }, "time-ratio")
			b.ReportMetric(float64(private.total().transactions-public.total().transactions), "more-transactions")
			b.Log(besides(public, private))
		})
	}
}

// besides returns a table of two dialogues, and their ratio.
func besides(public, private *dialogue) string {
	var table strings.Builder
	table.WriteString("| step | transactions: public, private | bytes: public, private | ratio | time: public, private | ratio |\n| --- | --- | --- | --- | --- | --- |\n")
	row := func(name string, a, b step, each int) {
		fmt.Fprintf(&table, "| %s | %d, %d | %d, %d | %.3f | %.3g ms, %.3g ms | %.2f |\n", name, a.transactions/each, b.transactions/each, a.bytes/each, b.bytes/each,
			float64(b.bytes)/float64(a.bytes), a.took.Seconds()*1000/float64(each), b.took.Seconds()*1000/float64(each), b.took.Seconds()/a.took.Seconds())
	}
	for i, name := range stepNames {
		row(name, public.steps[i], private.steps[i], 1)
	}
	row("together, four messages", public.total(), private.total(), 1)
	for i, name := range stepNames {
		fmt.Fprintf(&table, "%s: %s | %s\n", name, strings.Join(public.steps[i].parts, ", "), strings.Join(private.steps[i].parts, ", "))
	}
	row("each message after", public.steps[stepMessages], private.steps[stepMessages], dialogueMessages)
	return strings.TrimSpace(table.String())
}

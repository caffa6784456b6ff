package vm

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// inviteBody returns an invitation that is another one each time, without work.
func (c *testChain) inviteBody(bucket chain.Bucket, size int) *chain.Invite {
	c.nonce++
	head := make([]byte, chain.InvitationHeadSize)
	binary.BigEndian.PutUint64(head, c.nonce)
	return &chain.Invite{Bits: bucket.Bits, Bucket: bucket.Number, Head: head, Sealed: make([]byte, size), Deadline: c.deadline()}
}

// invitation returns an invitation of an identity that costs what it has to now.
func (c *testChain) invitation(identity ids.ID) *chain.Transaction {
	c.t.Helper()
	price, err := c.InvitationPrice()
	require.NoError(c.t, err)
	return c.worked(c.inviteBody(chain.BucketOf(identity, price.BucketBits), chain.InvitationSizes[0]), price.Beacon, price.Bits)
}

// worked returns an invitation with so many bits of work for a beacon, and not one more.
func (c *testChain) worked(body *chain.Invite, beacon ids.ID, bits uint64) *chain.Transaction {
	challenge := c.invitationChallenge(body, beacon)
	for challenge.Bits(body.Work) != bits {
		body.Work++
	}
	return sign(c.t, nil, body)
}

func (c *testChain) invitationChallenge(body *chain.Invite, beacon ids.ID) chain.Challenge {
	return chain.NewInvitationChallenge(testChainID, chain.TransactionID(testChainID, body), beacon)
}

func startInviting(t *testing.T, change func(*chain.InvitationTerms)) *registered {
	return startRegistered(t, func(g *chain.Genesis) {
		g.RetentionDays, g.SessionTTL = 1, 3600
		change(&g.Invitations)
	})
}

func (c *testChain) invitationPrice() *InvitationPrice {
	c.t.Helper()
	price, err := c.InvitationPrice()
	require.NoError(c.t, err)
	return price
}

func TestWorkPaysForAnInvitation(t *testing.T) {
	const bits = 7
	r := startInviting(t, func(terms *chain.InvitationTerms) { terms.WorkBits, terms.MaxKept = bits, 8 })
	window := time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second
	r.clock.advance(window)
	price := r.invitationPrice()
	require.Equal(t, &InvitationPrice{Bits: bits, Beacon: r.store.Last().ID()}, price)
	body := func() *chain.Invite { return r.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]) }

	beacons := r.totals().BeaconsAt(r.Genesis(), r.clock.millis(), price.Beacon)
	r.refuse(r.testChain.worked(body(), price.Beacon, bits-1), refusal.ErrWork, "one bit less")
	worked := func(beacon ids.ID) *chain.Invite {
		return r.testChain.worked(body(), beacon, bits+8).Body.(*chain.Invite)
	}
	refuse := func(what string, next func() *chain.Invite) {
		unpaid := next()
		enough := func(beacon ids.ID) bool { return r.invitationChallenge(unpaid, beacon).Bits(unpaid.Work) >= bits }
		for slices.ContainsFunc(beacons[:], enough) { // by chance
			unpaid = next()
		}
		r.refuse(sign(t, nil, unpaid), refusal.ErrWork, what)
	}
	refuse("for another beacon", func() *chain.Invite { return worked(ids.ID{1}) })
	refuse("another's work", func() *chain.Invite {
		stolen := body()
		stolen.Work = worked(price.Beacon).Work
		return stolen
	})
	refuse("another deadline: one work is one place in the mempool", func() *chain.Invite {
		later := worked(price.Beacon)
		later.Deadline++
		return later
	})
	r.refuse(r.testChain.worked(r.inviteBody(chain.Bucket{Bits: 1}, chain.InvitationSizes[0]), price.Beacon, bits), refusal.ErrBucketBits, "a smaller bucket")
	late := body()
	late.Deadline = r.clock.millis() - 1
	r.refuse(r.testChain.worked(late, price.Beacon, bits), refusal.ErrDeadlinePassed, "late")

	first := r.testChain.worked(body(), price.Beacon, bits)
	r.take(first)
	r.refuse(first, refusal.ErrDuplicate, "again")
	again := *first.Body.(*chain.Invite)
	again.Work++
	r.refuse(r.testChain.worked(&again, price.Beacon, bits+1), refusal.ErrDuplicate, "again, with another work")
	r.take(r.testChain.worked(body(), price.Beacon, bits))
	require.EqualValues(t, bits+1, r.invitationPrice().Bits, "half of the places are taken")
	r.take(r.testChain.worked(body(), price.Beacon, bits+1))
	r.take(r.testChain.worked(body(), price.Beacon, bits+2))
	r.refuse(r.testChain.worked(body(), price.Beacon, bits+8), refusal.ErrInvitationLimit, "all are taken")

	for n := range 2 {
		r.clock.advance(window)
		r.take(r.registration(identity(50 + n)))
	}
	r.refuse(r.testChain.worked(body(), r.invitationPrice().Beacon, bits+8), refusal.ErrInvitationLimit, "still taken")
	r.clock.advance(6*time.Hour - 2*window)
	require.EqualValues(t, bits+2, r.invitationPrice().Bits, "one has come free")
	for n := range 2 {
		r.clock.advance(window)
		r.take(r.registration(identity(60 + n)))
	}
	r.refuse(r.testChain.worked(body(), price.Beacon, bits+8), refusal.ErrWork, "stocked up")
	r.take(r.testChain.worked(body(), r.invitationPrice().Beacon, bits+1))
	r.refuse(r.testChain.worked(body(), r.invitationPrice().Beacon, bits+8), refusal.ErrInvitationLimit, "and is taken again")
	r.clock.advance(24 * time.Hour)
	for n := range 2 {
		r.clock.advance(window)
		r.take(r.registration(identity(70 + n)))
	}
	require.EqualValues(t, bits, r.invitationPrice().Bits, "all are free")
	leaf, err := r.Snapshot().Invitations(chain.Bucket{})
	require.NoError(t, err)
	before, _ := leaf.Begin(r.Genesis(), r.clock.millis())
	require.EqualValues(t, 5, before, "what is past retention need not be shown")
}

// TestBucketsFollowWhoCanBeInvited counts identities with a prekey, exactly, as they come and lapse.
func TestBucketsFollowWhoCanBeInvited(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Invitations.BucketIdentities, g.Limits.IdentityDays = 1, 2
	})
	window := time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second
	invite := func(bits uint64) *chain.Transaction {
		return r.testChain.worked(r.inviteBody(chain.BucketOf(identity(1).ID(), bits), chain.InvitationSizes[0]), r.invitationPrice().Beacon, 0)
	}
	publish := func(of *pq.Identity, number uint64) *chain.Transaction {
		return sign(t, of, &chain.PublishPrekey{Identity: of.ID(), PublicKey: prekey(of, byte(number)), Number: number, Deadline: r.deadline()})
	}
	people := crowd(identity(1), 4)
	for i, person := range people {
		r.take(r.registration(person))
		require.EqualValues(t, i, r.totals().Prekeys)
		r.take(publish(person, 1))
		r.take(publish(person, 2))
		require.EqualValues(t, i+1, r.totals().Prekeys, "each once")
	}
	r.refuse(invite(2), refusal.ErrBucketBits, "within the window")
	r.take(invite(0))
	r.clock.advance(window)
	require.EqualValues(t, 2, r.invitationPrice().BucketBits)
	r.take(invite(0))
	r.take(invite(2))
	r.refuse(invite(1), refusal.ErrBucketBits, "neither of the two")
	r.clock.advance(window)
	r.refuse(invite(0), refusal.ErrBucketBits, "two windows later")
	r.take(invite(2))

	r.clock.advance(25 * time.Hour)
	r.take(r.registration(people[0])) // renewed
	r.clock.advance(24 * time.Hour)
	require.EqualValues(t, 2, r.invitationPrice().BucketBits, "nobody has been swept")
	r.take(r.registration(identity(77)))
	require.EqualValues(t, 1, r.totals().Prekeys, "the others have lapsed")
	r.take(r.registration(people[1]))
	r.take(publish(people[1], 1))
	require.EqualValues(t, 2, r.totals().Prekeys)
	r.clock.advance(window)
	r.take(invite(2))
	r.take(invite(1))
	require.EqualValues(t, 1, r.totals().BucketBits)
	require.Len(t, r.invitationsOf(chain.BucketOf(people[0].ID(), 2)), 3)
}

// invitationsOf returns the places of all of a bucket's invitations.
func (c *testChain) invitationsOf(bucket chain.Bucket) (numbers []uint64) {
	c.t.Helper()
	found, err := c.Invitations(bucket, 1, 1<<40, 1000)
	require.NoError(c.t, err)
	for _, at := range found {
		body, err := c.Invitation(at)
		require.NoError(c.t, err)
		require.Equal(c.t, bucket, body.To())
		numbers = append(numbers, at.Number)
	}
	return numbers
}

// TestABlockTakesSoManyInvitations, and so many bytes of them; what is more waits.
func TestABlockTakesSoManyInvitations(t *testing.T) {
	r := startInviting(t, func(terms *chain.InvitationTerms) { terms.MaxBlock, terms.MaxBlockBytes = 3, 50_000 })
	var small, large []*chain.Transaction
	for range 8 {
		small = append(small, r.testChain.worked(r.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0))
		large = append(large, r.testChain.worked(r.inviteBody(chain.Bucket{}, chain.InvitationSizes[2]), ids.Empty, 0))
	}
	for _, transactions := range [][]*chain.Transaction{small[:4], large[:2], {small[0], small[1], large[0]}} {
		r.follower.requireUntouched(func() {
			r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, transactions...).Bytes()), refusal.ErrInvitationBlockLimit)
		})
	}
	for _, tx := range small {
		require.NoError(t, r.Submit(t.Context(), tx, "client"))
	}
	require.NoError(t, r.Submit(t.Context(), r.registration(identity(1)), ""))
	for _, count := range []int{4, 3, 2} {
		blk := r.block()
		require.Len(t, blk.Transactions, count)
		r.follower.follow(blk.Block)
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8}, r.follower.invitationsOf(chain.Bucket{}))
	found, err := r.Invitations(chain.Bucket{}, 3, 6, 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.EqualValues(t, 3, found[0].Number)
	require.EqualValues(t, 4, found[1].Number)
	found, err = r.Invitations(chain.Bucket{}, 9, 8, 2)
	require.NoError(t, err)
	require.Empty(t, found)
}

// TestSourcesShareThePlacesForInvitations has one client, and a hundred, take all room for invitations: another's is
// taken with the first of each, and what is signed is not held up.
func TestSourcesShareThePlacesForInvitations(t *testing.T) {
	const places = 4
	for _, sources := range []int{1, 100} {
		t.Run(fmt.Sprint(sources), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) { g.Invitations.MaxBlock = places })
			alice, _, session := c.open2()
			c.reopen(`{"mempool":{"maxTransactions":1600,"maxBytes":16777216,"maxPerSender":250}}`)
			invitation := func(source string) error {
				return c.Submit(t.Context(), c.worked(c.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0), Source(source))
			}
			for n, refused := 0, 0; refused < sources; n++ {
				if err := invitation(fmt.Sprint("flood ", n%sources)); err != nil {
					require.ErrorIs(t, err, refusal.ErrMempoolFull)
					refused++
				}
			}
			requireMempool(t, c.mempool)
			require.LessOrEqual(t, c.mempool.invitations.bytes, 16777216/invitationShare)
			victims := c.worked(c.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0)
			require.NoError(t, c.Submit(t.Context(), victims, "victim"), "it makes room")
			message, plain := c.message(alice, session, "small"), sign(t, nil, c.sessionBody(nil, identity(2), identity(3)))
			require.NoError(t, c.Submit(t.Context(), message, ""))
			require.NoError(t, c.Submit(t.Context(), plain, "flood 0"))
			requireMempool(t, c.mempool)
			blocks := 1
			first := c.block()
			require.Subset(t, idsOf(first.Transactions), []ids.ID{message.ID(), plain.ID()})
			for blk := first; !slices.Contains(idsOf(blk.Transactions), victims.ID()); blocks++ {
				require.Less(t, blocks, 50)
				blk = c.block()
			}
			require.LessOrEqual(t, blocks, sources/places+1)
			requireMempool(t, c.mempool)
		})
	}
}

// TestInvitationsTakeAShareOfABlock: they leave the rest to what is signed.
func TestInvitationsTakeAShareOfABlock(t *testing.T) {
	const blockBytes = 256 << 10
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.MaxBlockBytes = blockBytes
		g.Invitations.MaxBlock, g.Invitations.MaxBlockBytes = 100, blockBytes
	})
	alice, _, session := c.open2()
	for n := range 40 {
		require.NoError(t, c.Submit(t.Context(), c.worked(c.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0), Source(fmt.Sprint(n))))
	}
	for n := range 200 {
		require.NoError(t, c.Submit(t.Context(), c.message(alice, session, fmt.Sprintf("%0*d", 4000, n)), ""))
	}
	invitations := 0
	for _, tx := range c.block().Transactions {
		if isInvitation(tx) {
			invitations += len(tx.Bytes())
		}
	}
	require.InDelta(t, blockBytes/invitationShare, invitations, 14_000)
	for len(c.Waiting()) > 0 { // what others leave is for them
		c.block()
	}
	require.Len(t, c.invitationsOf(chain.Bucket{}), 40)
}

// TestWaitingInvitationsFillNoBlock: however many wait, blocks come as often as they are to.
func TestWaitingInvitationsFillNoBlock(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockBytes = 256 << 10 })
	alice, _, session := c.open2()
	for n := range 60 {
		require.NoError(t, c.Submit(t.Context(), c.worked(c.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0), Source(fmt.Sprint(n))))
	}
	require.False(t, c.FillsBlock())
	for n := range 10 {
		require.NoError(t, c.Submit(t.Context(), c.message(alice, session, fmt.Sprintf("%0*d", 25_000, n)), ""))
	}
	require.True(t, c.FillsBlock())
}

func TestInvitationsCanBeForbidden(t *testing.T) {
	r := startInviting(t, func(terms *chain.InvitationTerms) { terms.MaxBlock = 0 })
	r.refuse(r.testChain.worked(r.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), ids.Empty, 0), refusal.ErrInvitationBlockLimit, "none")
	r = startInviting(t, func(terms *chain.InvitationTerms) { terms.MaxBlockBytes = 12 << 10 })
	r.refuse(r.testChain.worked(r.inviteBody(chain.Bucket{}, chain.InvitationSizes[1]), ids.Empty, 0), refusal.ErrTransactionTooLarge, "larger than a block's share")
}

// TestInvitationsAreChargedWhatTheyWrite has a bucket with a mark for each period.
func TestInvitationsAreChargedWhatTheyWrite(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.RetentionDays = 1 })
	for range 40 {
		c.accept(c.invitation(ids.Empty))
		c.clock.advance(90 * time.Minute)
	}
	leaf, err := c.Snapshot().Invitations(chain.Bucket{})
	require.NoError(t, err)
	require.Len(t, leaf.Marks, chain.InvitationPeriods)
	wrote := c.leafBytes(chain.InvitationsKey(chain.Bucket{}))
	require.LessOrEqual(t, wrote, invitationLeaf)
	require.Less(t, invitationLeaf, wrote*3/2+256)
}

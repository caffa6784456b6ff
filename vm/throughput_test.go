package vm

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/state"
)

// wideSessions is how many sessions the messages before the wide shape are in at most, if it does not
// send more.
const wideSessions = 100_000

// prefilledBlock is how many messages a block has before the clock starts.
const prefilledBlock = 5_000

var (
	benchState    = flag.Int("bench.state", 100_000, "messages in state before the throughput benchmark")
	benchMessages = flag.Int("bench.messages", 20_000, "messages that the throughput benchmark sends")
	benchBlock    = flag.Uint64("bench.block", chain.DefaultGenesis().Limits.MaxBlockBytes, "maximum block size in the throughput benchmark, in bytes")
	benchProfile  = flag.String("bench.profile", "", "write CPU profiles of the timed part to this path and the shape's name")
	benchBackend  = flag.String("bench.database", state.PebbleDB, "database of the throughput benchmark")
)

// BenchmarkThroughput measures accepted messages per second through the whole path:
// decode, check, verify the signature, execute, commit to disk with a sync for each block.
// What it accepts is what two members of a session send (package e2ee): messages with 100
// bytes of plaintext, and for every 100 of them the announcement of the next epoch. All is
// sealed and signed before the clock starts. Beside it, in the same run, the rate of raw ML-DSA-65 verifications
// with unpacked keys on all processors; "ratio" is the quotient of the two, and "cpu-ratio" that of the
// processor time of a verification and of a message, which other work on the machine changes less.
//
//   - hot: 100 sessions
//   - keyed: the same on a chain with the ML-DSA-65 keys of 1,000 validators in its state
//   - wide: each message, or announcement, in another session
//
// The messages before are executed, past the rules, and committed as all are, but in larger blocks and
// without signatures. Their bodies are left out of the block log, which nothing reads: 5 million would take
// 17 GB.
func BenchmarkThroughput(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // as the program has it
	for _, shape := range []struct {
		name     string
		keys     int // of validators, in the state
		sessions func(messages int) int
	}{
		{"hot", 0, func(int) int { return 100 }},
		{"keyed", 1000, func(int) int { return 100 }},
		{"wide", 0, func(messages int) int { return min(messages, max(*benchMessages, wideSessions)) }},
	} {
		b.Run(shape.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				bench := newThroughput(b, shape.keys, shape.sessions)
				rawBefore, cpuBefore := bench.rawVerifyRate()
				stopProfile := profile(b, shape.name)
				b.StartTimer()
				bench.run()
				b.StopTimer()
				stopProfile()
				rawAfter, cpuAfter := bench.rawVerifyRate()
				raw, cpuRaw := (rawBefore+rawAfter)/2, (cpuBefore+cpuAfter)/2
				rate := float64(len(bench.messages)) / bench.took.Seconds()
				cpu := float64(bench.cpu.Microseconds()) / float64(len(bench.messages))
				b.ReportMetric(rate, "messages/s")
				b.ReportMetric(raw, "verifications/s")
				b.ReportMetric(rate/raw, "ratio")
				b.ReportMetric(cpu, "cpu-us/message")
				b.ReportMetric(cpuRaw/cpu, "cpu-ratio")
				b.ReportMetric(float64(len(bench.messages))/float64(bench.blocks), "messages/block")
				b.ReportMetric(float64(bench.diskBytes)/float64(len(bench.messages)), "disk-B/message")
				b.ReportMetric(float64(bench.transactionBytes())/float64(len(bench.messages)), "transaction-B")
				b.ReportMetric(float64(bench.memory)/(1<<20), "memory-MiB")
				require.NoError(b, bench.vm.Shutdown(context.Background()))
				b.StartTimer()
			}
		})
	}
}

// profile writes a CPU profile of what is timed, if the flag asks for it.
func profile(b *testing.B, shape string) (stop func()) {
	if *benchProfile == "" {
		return func() {}
	}
	file, err := os.Create(*benchProfile + "." + shape)
	require.NoError(b, err)
	require.NoError(b, pprof.StartCPUProfile(file))
	return func() {
		pprof.StopCPUProfile()
		require.NoError(b, file.Close())
	}
}

type throughput struct {
	b          *testing.B
	vm         *VM
	folder     string
	identities []*pq.Identity
	messages   [][]byte // encoded transactions, announcements included

	took      time.Duration
	cpu       time.Duration // of the process, while it took that
	blocks    int
	diskBytes int64
	memory    uint64
}

func newThroughput(b *testing.B, keys int, sessionsOf func(messages int) int) *throughput {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	genesis.Limits.MaxBlockBytes = *benchBlock
	genesis.Limits.MaxBlockStateBytes = 1 << 30 // 200 people make all the sessions, in large blocks
	genesis.MaxMessages = 1 << 32
	plenty := chain.Allowance{PerDay: 1 << 32, Burst: 1 << 32}
	genesis.Allowances = chain.Allowances{TransactionBytes: plenty, StateBytes: plenty, Sessions: plenty, Keys: plenty}
	config := fmt.Sprintf(`{"database":%q,"leafCache":400000,"treeCacheNodes":1000000,"mempool":{"maxTransactions":32768,"maxBytes":268435456,"maxPerSender":4096}}`, *benchBackend)
	t := &throughput{b: b, vm: New(), folder: b.TempDir()}
	require.NoError(b, t.vm.Initialize(context.Background(), Host{ChainID: testChainID, DataDir: t.folder, Log: slog.New(slog.DiscardHandler)}, genesis.Bytes(), []byte(config)))
	require.NoError(b, t.vm.SetState(context.Background(), NormalOperation))
	for n := range 200 {
		t.identities = append(t.identities, identity(n))
	}
	t.prefillBlock(func(e *execution) {
		for n := range keys {
			key := &chain.RegisterValidatorKey{Scheme: chain.SchemeMLDSA65, PublicKey: make([]byte, chain.DSAPublicKeySize), BLSPublicKey: fmt.Appendf(nil, "%048d", n)}
			require.NoError(b, e.registerValidatorKey(key))
		}
	})
	prefilled := sessionsOf(*benchState)
	sessions := t.prefill(prefilled, *benchState)
	if prefilled > len(t.identities) { // wide: sessions that have no message yet
		sessions = t.prefill(*benchMessages, 0)
	}
	t.sign(sessions)
	return t
}

// member returns the identities of a session.
func (t *throughput) members(session int) (a, b *pq.Identity) {
	n := len(t.identities)
	return t.identities[session%n], t.identities[(session+1+(session/n)%(n-1))%n]
}

// prefill puts sessions and messages into the state, and nothing is signed. Messages skip the rules.
func (t *throughput) prefill(sessions, messages int) []ids.ID {
	var (
		sessionIDs []ids.ID
		pending    []*chain.Transaction
		signature  = make([]byte, chain.SignatureSize)
		deadline   = uint64(time.Now().Add(2 * time.Minute).UnixMilli())
	)
	flush := func() {
		t.prefillBlock(func(e *execution) {
			for _, tx := range pending {
				require.NoError(t.b, e.execute(tx))
			}
		})
		pending = pending[:0]
	}
	add := func(body chain.Body, signature []byte) *chain.Transaction {
		tx, err := chain.NewTransaction(testChainID, body, signature)
		require.NoError(t.b, err)
		if pending = append(pending, tx); len(pending) == 2000 {
			flush()
		}
		return tx
	}
	if t.vm.store.Last().Height == 1 { // its first blocks
		for _, identity := range t.identities {
			public := identity.Public()
			add(&chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: deadline}, nil)
			if len(pending) == 100 {
				flush()
			}
		}
		flush()
	}
	base := t.vm.Snapshot().Header().Height << 32
	for n := range sessions {
		a, b := t.members(n)
		tx := add(&chain.CreateSession{
			Participants: []ids.ID{a.ID(), b.ID()},
			PublicKeys:   [][]byte{a.Public().KEM, b.Public().KEM},
			Creator:      a.ID(),
			Nonce:        base + uint64(n),
			Deadline:     deadline,
		}, signature)
		sessionIDs = append(sessionIDs, chain.SessionID(t.vm.genesis.Prefix(), testChainID, tx.ID()))
	}
	flush()
	for n := 0; n < messages; n += prefilledBlock {
		t.prefillBlock(func(e *execution) {
			for k := range min(prefilledBlock, messages-n) {
				session := (n + k) % sessions
				a, _ := t.members(session)
				id := ids.ID(sha256.Sum256(fmt.Appendf(nil, "prefilled %d", n+k)))
				location := state.Location{Height: e.height, Position: uint32(k)}
				var err error
				location.Message, location.Sequence, err = e.sendMessage(id, &chain.SendMessage{Session: sessionIDs[session], Sender: a.ID()})
				require.NoError(t.b, err)
				e.change.AddTransaction(id, location)
			}
		})
	}
	return sessionIDs
}

func (t *throughput) prefillBlock(fill func(*execution)) {
	parent := t.vm.store.Accepted()
	header := chain.Header{
		Version:   chain.HeaderVersion,
		ChainID:   testChainID,
		Parent:    parent.Header().ID(),
		Height:    parent.Header().Height + 1,
		Timestamp: uint64(time.Now().UnixMilli()),
	}
	change, err := t.vm.store.Begin(parent)
	require.NoError(t.b, err)
	e, err := begin(t.vm.genesis, change, testChainID, commitment{}, header.Height, header.Timestamp)
	require.NoError(t.b, err)
	fill(e)
	header.StateRoot, err = change.Root()
	require.NoError(t.b, err)
	blk := chain.NewBlock(header, nil)
	fork, err := change.Save(blk.Header)
	require.NoError(t.b, err)
	require.NoError(t.b, t.vm.store.Accept(fork, blk))
	require.NoError(t.b, t.vm.refreshSnapshot())
	t.vm.preferred = blk.ID()
}

// sign makes the messages: one for each session, then the next one for each. Every 100th of a
// session comes with an announcement; sessions start at different places of their epochs.
func (t *throughput) sign(sessions []ids.ID) {
	const epoch = e2ee.DefaultMaxMessages
	t.messages = make([][]byte, *benchMessages)
	t.parallel(len(sessions), func(session int) {
		sender, _ := t.members(session)
		member := t.endToEnd(session, sessions[session])
		plaintext := make([]byte, 100)
		for n, place := session, session; n < len(t.messages); n, place = n+len(sessions), place+1 {
			_, _ = rand.Read(plaintext)
			ciphertext := t.seal(member, plaintext, place%epoch == 0)
			t.messages[n] = sign(t.b, sender, &chain.SendMessage{Session: sessions[session], Sender: sender.ID(), Ciphertext: ciphertext}).Bytes()
		}
	})
}

// endToEnd returns the sender's side of a session's encryption.
func (t *throughput) endToEnd(session int, id ids.ID) *e2ee.Session {
	sender, receiver := t.members(session)
	member, err := e2ee.New(e2ee.Config{
		Chain: testChainID, Session: id, Secrets: e2ee.Secrets{Identity: sender},
		Members: []e2ee.ID{sender.ID(), receiver.ID()},
	})
	require.NoError(t.b, err)
	prekey, err := e2ee.NewPrekey(nil)
	require.NoError(t.b, err)
	require.NoError(t.b, member.SetPrekey(receiver.ID(), receiver.Public().KEM, prekey.Public()))
	return member
}

// seal returns a message: the first one of a new epoch, with its announcement, or one of an epoch that has begun: of a
// session that has none, the announcement counts as sent before.
func (t *throughput) seal(member *e2ee.Session, plaintext []byte, announce bool) []byte {
	var rotated e2ee.Sealed
	if announce {
		var err error
		rotated, err = member.Rotate(0)
		require.NoError(t.b, err)
	}
	sealed, err := member.Seal(0, e2ee.Seen{}, e2ee.ContentText, plaintext)
	require.NoError(t.b, err)
	require.Len(t.b, sealed.Message, e2ee.MessageOverhead+e2ee.PaddedSize(len(plaintext)))
	sealed.Announcement = rotated.Announcement
	return sealed.Ciphertexts(1 << 20)[0]
}

func (t *throughput) transactionBytes() (bytes int) {
	for _, message := range t.messages {
		bytes += len(message)
	}
	return bytes
}

func (t *throughput) parallel(n int, do func(int)) {
	var group sync.WaitGroup
	next := make(chan int, 1024)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for n := range next {
				do(n)
			}
		})
	}
	for n := range n {
		next <- n
	}
	close(next)
	group.Wait()
}

// run submits the encoded messages and accepts blocks until all are accepted.
func (t *throughput) run() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)) // as the program has it
	ctx := context.Background()
	before, started, cpu := folderBytes(t.folder), time.Now(), cpuTime()
	waiting := make(chan struct{}, 16_384) // fewer than the mempool has room for
	go t.parallel(len(t.messages), func(n int) {
		waiting <- struct{}{}
		tx, err := chain.ParseTransaction(testChainID, t.messages[n])
		if err == nil {
			err = t.vm.Submit(ctx, tx, "")
		}
		if err != nil {
			panic(err)
		}
	})
	verified := make(chan *Block, 1) // a block is built on the last while that is committed
	var committer sync.WaitGroup
	committer.Go(func() {
		for blk := range verified {
			if err := blk.Accept(ctx); err != nil {
				panic(err)
			}
		}
	})
	for taken := 0; taken < len(t.messages); t.blocks++ {
		require.NoError(t.b, t.vm.WaitForEvent(ctx))
		blk, err := t.vm.BuildBlock(ctx)
		require.NoError(t.b, err)
		require.NoError(t.b, blk.Verify(ctx))
		require.NoError(t.b, t.vm.SetPreference(ctx, blk.ID()))
		taken += len(blk.Transactions)
		for range blk.Transactions {
			<-waiting
		}
		verified <- blk
	}
	close(verified)
	committer.Wait()
	t.took, t.cpu = time.Since(started), cpuTime()-cpu
	t.diskBytes = folderBytes(t.folder) - before
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.memory = memory.HeapInuse + memory.StackInuse
	totals, err := t.vm.Snapshot().Totals()
	require.NoError(t.b, err)
	require.EqualValues(t.b, *benchState+*benchMessages, totals.Messages)
}

// cpuTime returns the processor time that the process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// rawVerifyRate measures ML-DSA-65 verifications with unpacked keys on all processors: how many in a
// second, and the processor time of one, in microseconds.
func (t *throughput) rawVerifyRate() (perSecond, cpu float64) {
	cache := pq.NewVerifierCache(len(t.identities))
	transactions := make([]*chain.Transaction, 2000)
	for n := range transactions {
		tx, err := chain.ParseTransaction(testChainID, t.messages[n%len(t.messages)])
		require.NoError(t.b, err)
		transactions[n] = tx
	}
	keys := make(map[ids.ID][]byte)
	for _, identity := range t.identities {
		keys[identity.ID()] = identity.Public().DSA
	}
	verify := func(n int) {
		tx := transactions[n%len(transactions)]
		actor := tx.Body.Actor()
		if err := cache.Verify(actor, func() ([]byte, error) { return keys[actor], nil }, tx.Body.Context(), tx.SigningBytes(), tx.Signature); err != nil {
			panic(err)
		}
	}
	t.parallel(len(transactions), verify) // unpacks the keys
	const verifications = 20_000
	started, before := time.Now(), cpuTime()
	t.parallel(verifications, verify)
	took, used := time.Since(started), cpuTime()-before
	return verifications / took.Seconds(), float64(used.Microseconds()) / verifications
}

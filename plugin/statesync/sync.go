package statesync

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// workers is how many requests are under way at a time, and so how many answers are in memory.
const workers = 16

// Options are what a sync needs.
type Options struct {
	Network Network
	Log     *slog.Logger
	// DataDir is the chain's data folder, Database its backend.
	DataDir, Database string
	Genesis           *chain.Genesis
	// Verify checks that a certificate is of a header, by a quorum of the validators that it commits to.
	Verify func(ctx context.Context, header *chain.Header, certificate []byte) error
	// Metrics counts what is fetched; nil: nobody does.
	Metrics *Metrics

	times times // zero: defaultTimes
}

// Sync fetches the state after a block, and makes a database of it.
type Sync struct {
	Options
	header  *chain.Header
	peers   *peers
	staging *staging
	began   time.Time
}

// Fetch makes the database of a summary in the sync's folder, from what is there and what peers give.
// Then Install puts it into its place. An error of ctx leaves what was fetched for the next time; after
// any other one, the folder is gone.
func Fetch(ctx context.Context, summary Summary, options Options) (err error) {
	if options.times == (times{}) {
		options.times = defaultTimes
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = errors.Join(err, Discard(options.DataDir))
		}
	}()
	s := &Sync{Options: options, header: summary.Header, peers: newPeers(options.Network, options.Log, options.times)}
	if s.staging, err = openStaging(options.DataDir, summary.Bytes()); err != nil {
		return err
	}
	s.began = time.Now()
	return errors.Join(s.fetch(ctx), s.staging.close())
}

// did logs that a step is done.
func (s *Sync) did(step string) {
	s.Log.Info("state sync: "+step, "height", s.header.Height, "after", time.Since(s.began).Round(time.Millisecond), "bytes", s.staging.end)
}

// errOtherChain is a state that validators have certified, and that is not the genesis' one.
var errOtherChain = errors.New("the state is of another chain")

func (s *Sync) fetch(ctx context.Context) error {
	if _, err := os.Stat(s.staging.path(completeFile)); err == nil {
		return nil // all but Install was done
	}
	certificate, err := s.certificate(ctx)
	if err != nil {
		return fmt.Errorf("the certificate of block %s: %w", s.header.ID(), err)
	}
	s.did("the certificate is verified")
	if err := s.tree(ctx); err != nil {
		return fmt.Errorf("the tree at height %d: %w", s.header.Height, err)
	}
	s.did("the tree is here")
	blocks, err := s.blocks(ctx)
	if err != nil {
		return fmt.Errorf("the blocks before height %d: %w", s.header.Height, err)
	}
	s.did("the latest blocks are here")
	if err := s.build(ctx, certificate, blocks); err != nil {
		return fmt.Errorf("the database at height %d: %w", s.header.Height, err)
	}
	s.did("the database is made")
	return nil
}

// certificate returns the header's certificate. It comes first: nothing else is asked for, or
// stored, of a block that validators have not certified.
func (s *Sync) certificate(ctx context.Context) ([]byte, error) {
	kept, err := os.ReadFile(s.staging.path(certificateFile))
	if err == nil && s.Verify(ctx, s.header, kept) == nil {
		return kept, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	err = s.peers.ask(ctx, certificateRequest(s.header.Height), func(answer []byte) error {
		if err := s.Verify(ctx, s.header, answer); err != nil {
			return err
		}
		kept = answer
		return nil
	})
	if err != nil {
		return nil, err
	}
	return kept, s.staging.write(certificateFile, kept)
}

// tree fetches all chunks of the tree.
func (s *Sync) tree(ctx context.Context) error {
	return inParallel(ctx, []state.Subtree{state.StateTree(s.header)}, func(ctx context.Context, part state.Subtree) ([]state.Subtree, error) {
		_, parts, err := s.chunk(ctx, part)
		return parts, err
	})
}

// chunk returns a chunk and the parts of the tree that it leaves out. It was fetched before, or is now.
func (s *Sync) chunk(ctx context.Context, part state.Subtree) (chunk []byte, parts []state.Subtree, err error) {
	if err := ctx.Err(); err != nil { // nothing below need wait for anybody
		return nil, nil, err
	}
	if chunk, err = s.staging.get(part.Hash); err != nil {
		return nil, nil, err
	}
	if chunk != nil {
		if parts, err = part.LeftOut(chunk); err == nil {
			return chunk, parts, nil
		}
	}
	err = s.peers.ask(ctx, chunkRequest(s.header.Height, part.Path), func(answer []byte) (err error) {
		chunk = answer
		parts, err = part.LeftOut(answer)
		return err
	})
	if err == nil {
		s.Metrics.received(len(chunk))
		err = s.staging.put(part.Hash, chunk)
	}
	return chunk, parts, err
}

// blocks fetches the header's block, and those before it whose transactions could come again. It
// returns their IDs, from the newest to the oldest.
func (s *Sync) blocks(ctx context.Context) ([]ids.ID, error) {
	headers := []*chain.Header{s.header}
	lowest := func() *chain.Header { return headers[len(headers)-1] }
	for state.NeedsOlder(s.Genesis, s.header, lowest()) {
		first := lowest().Parent
		err := s.peers.ask(ctx, headersRequest(first, maxHeaders), func(answer []byte) error {
			older, err := parseHeaders(answer, first, maxHeaders)
			headers = append(headers, older...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for len(headers) > 1 && !state.NeedsOlder(s.Genesis, s.header, headers[len(headers)-2]) {
		headers = headers[:len(headers)-1]
	}
	all := make([]ids.ID, len(headers))
	for i, header := range headers {
		all[i] = header.ID()
	}
	var runs [][]ids.ID
	for rest := all; len(rest) > 0; rest = rest[min(len(rest), maxBlocks):] {
		runs = append(runs, rest[:min(len(rest), maxBlocks)])
	}
	return all, inParallel(ctx, runs, s.run)
}

// run fetches some of the blocks of a run, and returns the rest.
func (s *Sync) run(ctx context.Context, run []ids.ID) ([][]ids.ID, error) {
	for len(run) > 0 {
		kept, err := s.staged(run[0])
		if err != nil {
			return nil, err
		}
		if kept == nil {
			break
		}
		run = run[1:]
	}
	if len(run) == 0 {
		return nil, nil
	}
	var blocks []*chain.Block
	err := s.peers.ask(ctx, blocksRequest(run[0], len(run)), func(answer []byte) (err error) {
		blocks, err = parseBlocks(s.header.ChainID, answer, run[0], len(run))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, blk := range blocks {
		s.Metrics.received(len(blk.Bytes()))
		if err := s.staging.put(blk.ID(), blk.Bytes()); err != nil {
			return nil, err
		}
	}
	return [][]ids.ID{run[len(blocks):]}, nil
}

// staged returns a block that was fetched, nil if there is none.
func (s *Sync) staged(id ids.ID) ([]byte, error) {
	encoded, err := s.staging.get(id)
	if encoded == nil || err != nil {
		return nil, err
	}
	if blk, err := chain.ParseBlock(s.header.ChainID, encoded, MaxAnswerBytes); err != nil || blk.ID() != id {
		return nil, nil // a crash has left it so
	}
	return encoded, nil
}

// build makes the database of what was fetched.
func (s *Sync) build(ctx context.Context, certificate []byte, blocks []ids.ID) (err error) {
	folder := s.staging.path(builtFolder)
	if err := os.RemoveAll(folder); err != nil { // of a time that was broken off
		return err
	}
	db, err := state.OpenDatabase(s.Database, folder)
	if err != nil {
		return err
	}
	err = s.buildIn(ctx, db, state.BlockFolder(folder), certificate, blocks)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	for _, made := range []string{folder, filepath.Dir(folder)} {
		if err := sealedfile.SyncFolder(made); err != nil {
			return err
		}
	}
	return s.staging.write(completeFile, nil)
}

func (s *Sync) buildIn(ctx context.Context, db dbm.DB, blockFolder string, certificate []byte, blocks []ids.ID) (err error) {
	b, err := state.NewBuilder(db, blockFolder, s.Genesis, s.header)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = b.Tree(func(path state.Path, hash chain.Hash) ([]byte, error) {
		chunk, _, err := s.chunk(ctx, state.Subtree{Path: path, Hash: hash})
		return chunk, err
	})
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errOtherChain, err)
	} else if err != nil {
		return err
	}
	for _, id := range blocks {
		encoded, err := s.staged(id)
		if err != nil {
			return err
		}
		if err := b.AddBlock(encoded); err != nil {
			return err
		}
	}
	if err := b.KeepCertificate(certificate); err != nil {
		return err
	}
	return b.Finish()
}

// inParallel does all tasks, and those that doing them returns, a bounded number at a time.
func inParallel[T any](ctx context.Context, tasks []T, do func(context.Context, T) ([]T, error)) error {
	group, ctx := errgroup.WithContext(ctx)
	more := make(chan []T, workers)
	free, active := workers, 0
	for len(tasks) > 0 || active > 0 {
		if len(tasks) > 0 && free > 0 {
			task := tasks[len(tasks)-1] // the newest first, so that few wait
			tasks, free, active = tasks[:len(tasks)-1], free-1, active+1
			group.Go(func() error {
				made, err := do(ctx, task)
				more <- made // never full
				return err
			})
			continue
		}
		tasks = append(tasks, <-more...)
		free, active = free+1, active-1
		if ctx.Err() != nil {
			tasks = nil
		}
	}
	return group.Wait()
}

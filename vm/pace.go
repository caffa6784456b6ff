package vm

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/luxfi/session/chain"
)

const (
	// A block that would have less than one part in smallBlock of the largest one's bytes waits while
	// others are being processed, for holdTime at most.
	smallBlock = 8
	holdTime   = time.Second

	// What this node builds gets smaller when the network took slowBlock or longer to decide on one of its
	// blocks, and larger again when it did not.
	slowBlock = 2 * time.Second
)

// pace is how large the blocks are that this node builds: as large as the network carries. Where a host lets a
// peer send less than blocks need, a large one arrives after the nodes have given it up and asked others
// for it, which sends it again, and again.
type pace struct {
	bytes atomic.Int64 // of transactions in a block; 0: as many as the rules allow
}

// room returns how many bytes of the next block are for transactions. Every one that the rules allow is at
// most half of that, so that none waits for ever.
func (p *pace) room(genesis *chain.Genesis) int {
	most, limits := blockRoom(genesis), &genesis.Limits
	bytes := int(p.bytes.Load())
	if bytes == 0 {
		return most
	}
	session := limits.MaxParticipants*(chain.KEMPublicKeySize+64) + 2*limits.MaxMetadataBytes
	largest := int(max(limits.MaxCiphertextBytes, session)) + 4*chain.SignatureSize // with what it carries
	largest = max(largest, chain.InvitationHeadSize+slices.Max(chain.InvitationSizes)+64)
	return min(most, max(bytes, 2*largest))
}

// decided adapts to how long the network took for a block of this node. A small one says nothing of what the
// network carries. Calls come one at a time.
func (p *pace) decided(genesis *chain.Genesis, size int, took time.Duration) {
	switch room := p.room(genesis); {
	case size < room/2:
	case took >= slowBlock:
		p.bytes.Store(max(1, int64(float64(min(size, room))*slowBlock.Seconds()/took.Seconds())))
	case p.bytes.Load() == 0:
	case room+room/8 < blockRoom(genesis):
		p.bytes.Store(int64(room + room/8))
	default:
		p.bytes.Store(0)
	}
}

// WaitForEvent returns nil when a block is to be built: when something waits, and no block is being
// processed or what waits is a good part of one. So blocks grow with what comes while the network
// decides on the ones before, and under overload it need not decide on many small ones: each costs it
// as much as a large one.
func (vm *VM) WaitForEvent(ctx context.Context) error {
	var held <-chan time.Time // since a small block could be built
	for hold := true; ; {
		if err := vm.ready(); err != nil {
			return err
		}
		bytes, version, changed := vm.mempool.state()
		vm.mu.Lock()
		emptyAt, decided := vm.emptyAt, len(vm.processing) == 0
		vm.mu.Unlock()
		if bytes > 0 && version != emptyAt && vm.canBuild() == nil {
			if decided || !hold || bytes >= int(vm.genesis.Limits.MaxBlockBytes)/smallBlock {
				return nil
			}
			if held == nil {
				held = time.After(holdTime)
			}
		}
		select {
		case <-held:
			hold = false
		case <-changed:
		case <-vm.clockRetry():
		case <-ctx.Done():
			return ctx.Err()
		case <-vm.failed:
		case <-vm.closed:
		}
	}
}

// canBuild returns nil, or why no block can be built whatever waits.
func (vm *VM) canBuild() error {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if err := vm.CheckClock(); err != nil {
		return err
	}
	_, _, err := vm.rules.after(vm.parentToBuildOn().Header().Timestamp)
	return err
}

// FillsBlock reports whether what waits fills a block of this node. Of registrations, plain sessions and invitations
// those count that a block takes.
func (vm *VM) FillsBlock() bool {
	_, values, err := vm.rules.after(vm.Snapshot().Header().Timestamp)
	if err != nil {
		return true // there is no next block
	}
	limits := values.Limits
	registrations, plain, invitations := limits.MaxBlockRegistrations, limits.MaxBlockPendingSessions, values.Invitations.MaxBlock
	room, count, bytes := vm.pace.room(values), uint64(0), 0
	full := false
	vm.mempool.eachWaiting(func(e *entry) bool {
		var of *uint64
		switch {
		case registrationBytes(e.tx) > 0:
			of = &registrations
		case isPlain(e.tx):
			of = &plain
		case isInvitation(e.tx):
			of = &invitations
		}
		if of != nil {
			if *of == 0 {
				return true
			}
			*of--
		}
		count++
		bytes += len(e.tx.Bytes())
		full = count >= limits.MaxBlockTransactions || bytes >= room
		return !full
	})
	return full
}

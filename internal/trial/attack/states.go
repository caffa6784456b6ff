package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
)

const (
	largeSession  = 128 // participants
	listedPages   = 64  // that a client looks through
	sweptSessions = 1000
	sweptTTL      = 20 // seconds
)

// states are the attacks with transactions.
func states() []*attack {
	return []*attack{
		{name: "2. sessions that name the victim", identity: true, act: nameVictim, note: victimsList},
		{name: "3a. channels, where each may have 10", genesis: map[string]any{"maxChannels": 10}, identity: true, act: func(ctx context.Context, f *field, n int) error { return f.people[n].Channel(ctx) }, note: gauge("sessionvm_channels", "channels")},
		{name: "3b. registrations, where 300 may be", genesis: map[string]any{"maxIdentities": 300, "registration": map[string]any{"mode": "work", "bits": 16}}, act: register, note: gauge("sessionvm_identities", "identities")},
		{name: "3c, d. plain sessions, where 100 may be", genesis: map[string]any{"maxPendingSessions": 100}, act: plainSession(2), note: gauge("sessionvm_pending_sessions", "pending")},
		{name: "3e. registrations from the victim's address", counts: []int{1}, same: true, act: register},
		{name: "4. messages of 256 KiB", identity: true, prepare: ownSessions(1, 2), act: largeMessage},
		{name: "5. RotateKey in sessions of 128", identity: true, prepare: largeSessions, act: rotateKey},
		{name: "7. invitations", act: invitation, note: gauge("sessionvm_invitations", "invitations")},
		{name: "8. pending sessions of 128 that end", counts: []int{1}, interval: setupInterval, genesis: map[string]any{"pendingTTL": sweptTTL},
			prepare: pendingSessions, once: sweep, act: func(ctx context.Context, _ *field, _ int) error { pause(ctx, time.Second); return nil }},
	}
}

func gauge(name, what string) func(context.Context, *field) string {
	return func(ctx context.Context, f *field) string {
		values, err := f.server.Sample(ctx)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%.0f %s after %.0f s", values[name], what, time.Since(f.started).Seconds())
	}
}

// nameVictim makes a session with the victim, and does not wait for it.
func nameVictim(ctx context.Context, f *field, n int) error {
	attacker := f.people[n]
	body, err := attacker.SessionBody(ctx, f.victim.ID())
	if err != nil {
		return err
	}
	tx, err := attacker.Client.SignTransaction(ctx, body, attacker)
	if err != nil {
		return err
	}
	_, err = attacker.Issue(ctx, tx, 0)
	return err
}

// victimsList says whether the victim still finds the friend's session.
func victimsList(ctx context.Context, f *field) string {
	found, listed := false, 0
	err := f.victim.Client.EachSession(ctx, client.ListSessionsParams{Participant: f.victim.ID()}, listedPages, func(s *client.SessionSummary) bool {
		listed++
		found = s.ID == f.session
		return !found
	})
	if found {
		return fmt.Sprintf("the friend's session is the %d. of the list", listed)
	}
	return fmt.Sprintf("the friend's session is NOT among the first %d (%v)", listed, err)
}

// register registers somebody new, and does the work that the chain asks for.
func register(ctx context.Context, f *field, n int) error {
	stranger, err := trial.NewPerson(f.server.RPC, 1+n)
	if err != nil {
		return err
	}
	defer stranger.HTTP.CloseIdleConnections()
	return stranger.Register(ctx)
}

// plainSession makes LP-42's CreateSession, which nobody signs.
func plainSession(participants int) func(context.Context, *field, int) error {
	return func(ctx context.Context, f *field, n int) error {
		attacker := f.people[n]
		body, err := attacker.SessionBody(ctx, trial.Strangers(participants-1)...)
		if err != nil {
			return err
		}
		body.Creator = ids.Empty
		tx, err := attacker.Client.SignTransaction(ctx, body, nil)
		if err != nil {
			return err
		}
		_, err = attacker.Issue(ctx, tx, 0)
		return err
	}
}

// invitation sends an invitation, and does not wait for it.
func invitation(ctx context.Context, f *field, n int) error {
	tx, err := f.people[n].Invitation(ctx)
	if err != nil {
		return err
	}
	_, err = f.people[n].Issue(ctx, tx, 0)
	return err
}

// ownSessions gives each attacker sessions of so many participants.
func ownSessions(sessions, participants int) func(context.Context, *field) error {
	return func(ctx context.Context, f *field) error {
		var group errgroup.Group
		for n, attacker := range f.people {
			group.Go(func() error {
				for range sessions {
					session, err := attacker.Session(ctx, trial.Strangers(participants-1)...)
					if err != nil {
						return err
					}
					f.sessions[n] = append(f.sessions[n], session)
				}
				return nil
			})
		}
		return group.Wait()
	}
}

// largeSessions gives the attackers sessions with the most participants: one each, or to a single one as many as a new
// identity's bytes of state allow, and some keys besides.
func largeSessions(ctx context.Context, f *field) error {
	return ownSessions(max(1, 16/len(f.people)), largeSession)(ctx, f)
}

func largeMessage(ctx context.Context, f *field, n int) error {
	tx, err := f.people[n].Message(ctx, f.sessions[n][0], largest)
	if err != nil {
		return err
	}
	_, err = f.people[n].Issue(ctx, tx, 0)
	return err
}

// rotateKey rotates the attacker's key in each of the sessions in turn.
func rotateKey(ctx context.Context, f *field, n int) error {
	step := uint64(f.steps[n].Add(1) - 1)
	sessions := uint64(len(f.sessions[n]))
	attacker := f.people[n]
	body := &chain.RotateKey{Session: f.sessions[n][step%sessions], Participant: attacker.ID(), PublicKey: attacker.Public().KEM, Epoch: step/sessions + 1}
	tx, err := attacker.Client.SignTransaction(ctx, body, attacker)
	if err != nil {
		return err
	}
	if _, err = attacker.Issue(ctx, tx, 0); err != nil {
		f.steps[n].Add(-1) // the epochs have no gap
	}
	return err
}

// pendingSessions makes many large sessions that nobody acts in.
func pendingSessions(ctx context.Context, f *field) error {
	const makers = 50
	crowd := &field{server: f.server}
	for n := range makers {
		person, err := trial.NewPerson(f.server.RPC, 1000+n)
		if err != nil {
			return err
		}
		crowd.people = append(crowd.people, person)
	}
	ctx, cancel := context.WithTimeout(ctx, sweptTTL*time.Second/2)
	defer cancel()
	var group errgroup.Group
	var made atomic.Int64
	for n := range makers {
		group.Go(func() error {
			act := plainSession(largeSession)
			for made.Load() < sweptSessions && ctx.Err() == nil {
				if err := act(ctx, crowd, n); err == nil {
					made.Add(1)
				} else {
					pause(ctx, 20*time.Millisecond)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// sweep waits until the sessions have ended, and causes the block that removes them.
func sweep(ctx context.Context, f *field) error {
	pause(ctx, (sweptTTL+1)*time.Second)
	tx, err := f.friend.Message(ctx, f.session, 64)
	if err != nil {
		return err
	}
	_, err = f.friend.Issue(ctx, tx, victimWait)
	return err
}

// together is all attacks at once, each by some of the attackers.
func together(all []*attack) *attack {
	var acts []*attack
	for _, a := range all {
		if a.counts == nil { // the others are special cases
			acts = append(acts, a)
		}
	}
	return &attack{
		name: "all at once", counts: []int{100}, identity: true,
		prepare: func(ctx context.Context, f *field) error {
			if err := ownSessions(1, 16)(ctx, f); err != nil {
				return err
			}
			shared := f.sessions[0]
			if err := fillBlocks(ctx, f); err != nil {
				return err
			}
			pagesOf := f.sessions[0]
			f.sessions[0] = append(pagesOf, shared...)
			return nil
		},
		act: func(ctx context.Context, f *field, n int) error { return acts[n%len(acts)].act(ctx, f, n) },
	}
}

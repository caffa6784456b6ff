package main

import (
	"context"
	"errors"

	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// readTrust reads a trust file.
func readTrust(path string) (*lightclient.TrustOptions, error) {
	content, err := readFile(path, lightclient.MaxTrustFileBytes)
	if err != nil {
		return nil, err
	}
	trust, err := lightclient.ParseTrustOptions(content)
	if err != nil {
		return nil, usage("%s is no trust file: %w", path, err)
	}
	return trust, nil
}

// light is a light client, and where its blocks come from.
type light struct {
	*lightclient.Client
	primary  string
	provider *provider.Provider // of the primary's blocks
	store    lightclient.Store
}

// lightOptions are what a light client is made of.
type lightOptions struct {
	trust      *lightclient.TrustOptions
	witnesses  []string // addresses
	store      string   // folder; empty: in memory
	sequential bool
}

// follower makes a light client of the node that the user named. It asks nobody yet.
func (s *shell) follower(options lightOptions) (*light, error) {
	if _, err := s.checkChain(options.trust.ChainID); err != nil {
		return nil, err
	}
	l := &light{primary: s.address(), store: lightclient.NewMemoryStore()}
	config := lightclient.Config{Trust: *options.trust, Sequential: options.sequential}
	postQuantum := options.trust.Policy.PostQuantum()
	primary, err := s.provider(l.primary, postQuantum)
	if err != nil {
		return nil, err
	}
	config.Primary, l.provider = primary, primary
	for _, address := range options.witnesses {
		witness, err := s.provider(address, postQuantum)
		if err != nil {
			return nil, err
		}
		config.Witnesses = append(config.Witnesses, witness)
	}
	if options.store != "" {
		if l.store, err = lightclient.NewFileStore(options.store); err != nil {
			return nil, &usageError{err}
		}
	}
	config.Store = l.store
	l.Client, err = lightclient.New(config)
	return l, err
}

func (s *shell) provider(address string, postQuantum bool) (*provider.Provider, error) {
	c, err := s.dial(address)
	if err != nil {
		return nil, err
	}
	p := provider.New(address, c)
	p.PostQuantum = postQuantum
	return p, nil
}

// latest returns the latest block that is trusted, and what that rests on.
func (l *light) latest(ctx context.Context) (*lightclient.LightBlock, lightclient.Basis, error) {
	b, err := l.Latest()
	if err != nil {
		return nil, lightclient.Basis{}, err
	}
	_, basis, err := l.Header(ctx, b.Header.Height)
	return b, basis, err
}

// passing reports whether an error may pass by itself: somebody does not answer, or does not
// have a block yet.
func passing(err error) bool {
	var missing lightclient.ErrWitnesses
	return isUnreachable(err) || errors.As(err, &missing) || errors.Is(err, lightclient.ErrNotFound) || errors.Is(err, refusal.ErrRateLimited)
}

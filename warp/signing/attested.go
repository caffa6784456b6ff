package signing

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/warp"
)

// attestedBytes bounds the post-quantum certificates that are remembered: clients can ask for that of each block.
const attestedBytes = 64 << 20

// attested remembers post-quantum certificates by their blocks. It is safe for concurrent use.
type attested struct {
	mu    sync.Mutex
	lru   *simplelru.LRU[ids.ID, *warp.PostQuantumCertificate]
	bytes int
}

func newAttested() *attested {
	a := new(attested)
	var err error
	a.lru, err = simplelru.NewLRU(math.MaxInt32, func(_ ids.ID, c *warp.PostQuantumCertificate) { a.bytes -= c.Size() })
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	return a
}

// get returns the certificate of a block, nil if it is not remembered.
func (a *attested) get(block ids.ID) *warp.PostQuantumCertificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	certificate, _ := a.lru.Get(block)
	return certificate
}

// add remembers a certificate, and forgets those that were not asked for the longest.
func (a *attested) add(block ids.ID, certificate *warp.PostQuantumCertificate) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lru.Remove(block)
	a.lru.Add(block, certificate)
	for a.bytes += certificate.Size(); a.bytes > attestedBytes; {
		a.lru.RemoveOldest()
	}
}

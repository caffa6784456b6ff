package chain

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/refusal"
)

// decoder decodes one kind of the chain's bytes, and encodes again what it has decoded.
type decoder struct {
	valid  []byte
	decode func([]byte) (again []byte, err error)
}

func allDecoders(t *testing.T) map[string]decoder {
	header := sampleHeader()
	all := map[string]decoder{
		"header": {header.Bytes(), func(encoded []byte) ([]byte, error) {
			h, err := ParseHeader(encoded)
			if err != nil {
				return nil, err
			}
			return h.Bytes(), nil
		}},
		"block": {sampleBlock().Bytes(), func(encoded []byte) ([]byte, error) {
			blk, err := ParseBlock(sampleChainID, encoded, MaxBlockBytes)
			if err != nil {
				return nil, err
			}
			return NewBlock(*blk.Header, blk.Transactions).Bytes(), nil
		}},
	}
	for name, sample := range sampleTransactions() {
		all["transaction "+name] = decoder{sample.Bytes(), func(encoded []byte) ([]byte, error) {
			tx, err := ParseTransaction(sampleChainID, encoded)
			if err != nil {
				return nil, err
			}
			made, err := again(tx)
			if err != nil || tx.ID() != made.ID() { // require is slow, and here it is called a million times
				require.NoError(t, err)
				require.Equal(t, tx.ID(), made.ID())
			}
			return made.Bytes(), nil
		}}
	}
	for kind, record := range sampleRecords() {
		all["record "+kind] = decoder{record.Bytes(), func(encoded []byte) ([]byte, error) {
			r, err := parseRecordOf(kind, encoded)
			if err != nil {
				return nil, err
			}
			return r.Bytes(), nil
		}}
	}
	return all
}

// TestEveryChangedByteIsRefusedOrIsTheOneEncodingOfAnother: no two encodings of a value,
// one byte apart. With the race detector, which makes each decoding ten times as long, a byte of a key or a
// signature is changed in one bit only.
func TestEveryChangedByteIsRefusedOrIsTheOneEncodingOfAnother(t *testing.T) {
	for name, d := range allDecoders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(changed []byte) {
				again, err := d.decode(changed)
				if err == nil && !bytes.Equal(changed, again) {
					require.Equal(t, changed, again)
				}
				if refused := new(refusal.Error); err != nil && !errors.As(err, &refused) {
					require.ErrorAs(t, err, &refused)
				}
			}
			changed := bytes.Clone(d.valid)
			for i := range d.valid {
				outer := i < 128 || i > len(d.valid)-16 // between them are keys and signatures
				for bit := range 8 {
					if race.Enabled && !outer && bit != i%8 {
						continue
					}
					changed[i] = d.valid[i] ^ 1<<bit
					check(changed)
				}
				changed[i] = d.valid[i]
				if outer {
					check(slices.Delete(bytes.Clone(d.valid), i, i+1))
					check(slices.Insert(bytes.Clone(d.valid), i, d.valid[i]))
					check(d.valid[:i])
				}
			}
		})
	}
}

// TestDecodersTakeLittleMemory: what is short on the wire and long in memory is refused
// before it is in memory.
func TestDecodersTakeLittleMemory(t *testing.T) {
	const size = 512 << 10
	patterns := map[string][]byte{"zeros": make([]byte, size)}
	for field := byte(1); field <= 17; field++ {
		// Empty values of one field, again and again, and inside of a body.
		tag := []byte{field<<3 | 2, 0}
		if field >= 16 {
			tag = []byte{0x82 + (field-16)<<3, 0x01, 0}
		}
		empty := bytes.Repeat(tag, size/len(tag))
		patterns["empty values of field "+string('a'+rune(field))] = empty
		for body := byte(1); body <= 9; body++ {
			length := len(empty)
			inside := []byte{body<<3 | 2, byte(length) | 0x80, byte(length>>7) | 0x80, byte(length >> 14)}
			patterns["body "+string('a'+rune(body))+" with empty values of field "+string('a'+rune(field))] = append(inside, empty...)
		}
	}
	for name, d := range allDecoders(t) {
		t.Run(name, func(t *testing.T) {
			for pattern, encoded := range patterns {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, _ = d.decode(encoded) // some are one large value, and taken
				runtime.ReadMemStats(&after)
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*size), pattern)
			}
		})
	}
}

package lightclient

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/luxfi/session/proofs"
)

// fuzzDecoder checks that what decodes encodes to the same bytes, and that decoding changes
// nothing. Decoders bound what they allocate by the input's size.
func fuzzDecoder(f *testing.F, seed string, decode func([]byte) ([]byte, error)) {
	encoded, err := os.ReadFile(filepath.Join("testdata", seed))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add(encoded[:len(encoded)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		input := bytes.Clone(encoded)
		again, err := decode(encoded)
		if !bytes.Equal(input, encoded) {
			t.Fatal("the decoder changed its input")
		}
		if err == nil && !bytes.Equal(again, encoded) {
			t.Fatalf("decoded %x, encoded again %x", encoded, again)
		}
	})
}

func FuzzParseLightBlock(f *testing.F) {
	fuzzDecoder(f, "light.block", func(encoded []byte) ([]byte, error) {
		b, err := ParseLightBlock(encoded)
		if err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	})
}

func FuzzParseEvidence(f *testing.F) {
	fuzzDecoder(f, "two-blocks.evidence", func(encoded []byte) ([]byte, error) {
		e, err := ParseEvidence(encoded)
		if err != nil {
			return nil, err
		}
		return e.Bytes(), nil
	})
}

func FuzzBlockOf(f *testing.F) {
	file, err := os.ReadFile("testdata/delivery.bundle")
	if err != nil {
		f.Fatal(err)
	}
	b, err := proofs.Parse(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(b.Certificates))
	f.Fuzz(func(t *testing.T, certificates []byte) {
		changed := &proofs.Bundle{Version: b.Version, Header: b.Header, BlockID: b.BlockID, Certificates: certificates}
		block, err := BlockOf(changed)
		if err != nil || block == nil {
			return
		}
		if err := Certify(changed, block); err != nil || !bytes.Equal(changed.Certificates, certificates) {
			t.Fatalf("%x from %x: %v", changed.Certificates, certificates, err)
		}
	})
}

// fuzzJSON checks that what decodes encodes to a form that decodes to the same.
func fuzzJSON[V json.Marshaler](f *testing.F, seed string, decode func([]byte) (V, error)) {
	text, err := os.ReadFile(filepath.Join("testdata", seed))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := decode(text)
		if err != nil {
			return
		}
		form, err := value.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decode(form)
		if err != nil {
			t.Fatalf("%s from %s: %v", form, text, err)
		}
		if second, err := again.MarshalJSON(); err != nil || !bytes.Equal(form, second) {
			t.Fatalf("%s from %s: %v", second, form, err)
		}
	})
}

func FuzzParseTrustOptions(f *testing.F) { fuzzJSON(f, "trust.json", ParseTrustOptions) }

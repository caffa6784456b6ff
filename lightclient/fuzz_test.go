package lightclient

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
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

func FuzzParseCertifiedBundle(f *testing.F) {
	fuzzDecoder(f, "delivery.certified", func(encoded []byte) ([]byte, error) {
		b, err := ParseCertifiedBundle(encoded)
		if err != nil {
			return nil, err
		}
		return b.Bytes(), nil
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

func FuzzParseCertifiedBundleJSON(f *testing.F) {
	fuzzJSON(f, "delivery.certified.json", ParseCertifiedBundleJSON)
}

func FuzzParseTrustOptions(f *testing.F) { fuzzJSON(f, "trust.json", ParseTrustOptions) }

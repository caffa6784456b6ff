package warp

import (
	"bytes"
	"testing"
)

// fuzzDecoder checks that what decodes encodes to the same bytes.
func fuzzDecoder(f *testing.F, seed []byte, decode func([]byte) ([]byte, error)) {
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
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

func FuzzParseMessage(f *testing.F) {
	m := &Message{UnsignedMessage: *testDelivery().UnsignedMessage(testNetworkID), Signers: NewSigners(1, 9)}
	fuzzDecoder(f, m.Bytes(), func(encoded []byte) ([]byte, error) {
		m, err := ParseMessage(encoded)
		if err != nil {
			return nil, err
		}
		return m.Bytes(), nil
	})
}

func FuzzParseUnsignedMessage(f *testing.F) {
	fuzzDecoder(f, testDelivery().UnsignedMessage(testNetworkID).Bytes(), func(encoded []byte) ([]byte, error) {
		m, err := ParseUnsignedMessage(encoded)
		if err != nil {
			return nil, err
		}
		return m.Bytes(), nil
	})
}

func FuzzParseCertificate(f *testing.F) {
	c := &Certificate{NetworkID: 1, SourceChainID: testChainID, Signers: NewSigners(3)}
	fuzzDecoder(f, c.Bytes(), func(encoded []byte) ([]byte, error) {
		c, err := ParseCertificate(encoded)
		if err != nil {
			return nil, err
		}
		return c.Bytes(), nil
	})
}

func FuzzDelivery(f *testing.F) {
	fuzzDecoder(f, testDelivery().UnsignedMessage(testNetworkID).Payload, func(encoded []byte) ([]byte, error) {
		d, err := (&UnsignedMessage{SourceChainID: testChainID, Payload: encoded}).Delivery()
		if err != nil {
			return nil, err
		}
		return d.UnsignedMessage(testNetworkID).Payload, nil
	})
}

func FuzzParsePayloads(f *testing.F) {
	fuzzDecoder(f, HashPayload(testChainID), func(encoded []byte) ([]byte, error) {
		if hash, err := ParseHashPayload(encoded); err == nil {
			return HashPayload(hash), nil
		}
		call, err := ParseAddressedCall(encoded)
		if err != nil {
			return nil, err
		}
		return call.Bytes(), nil
	})
}

func FuzzParseValidatorSet(f *testing.F) {
	_, set := testSet(f, 1, 2, 3)
	fuzzDecoder(f, set.Bytes(), func(encoded []byte) ([]byte, error) {
		s, err := ParseValidatorSet(encoded)
		if err != nil {
			return nil, err
		}
		members := []Member{}
		total := s.TotalWeight()
		for i := range s.Len() {
			v := s.Validator(i)
			members = append(members, Member{PublicKey: v.PublicKey.Uncompressed(), Weight: v.Weight})
			total -= v.Weight
		}
		if s, err = NewValidatorSet(append(members, Member{Weight: total})); err != nil {
			return nil, err
		}
		return s.Bytes(), nil
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(testSigner(f, 1).PublicKey().Uncompressed())
	fuzzDecoder(f, testSigner(f, 1).PublicKey().Bytes(), func(encoded []byte) ([]byte, error) {
		k, err := ParsePublicKey(encoded)
		if err != nil {
			return nil, err
		}
		if len(encoded) == UncompressedPublicKeySize {
			return k.Uncompressed(), nil
		}
		return k.Bytes(), nil
	})
}

package lightclient

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func testTrust() *TrustOptions {
	c := testChain{}.extend(repeat(3, weights{0: 10, 1: 20, 2: 30, keyless: 5})...)
	return &TrustOptions{Rules: testRules(), Checkpoint: c[2].checkpoint()}
}

func TestATrustFileHoldsAllOptions(t *testing.T) {
	for name, change := range map[string]func(o *TrustOptions){
		"as it is":        func(*TrustOptions) {},
		"another quorum":  func(o *TrustOptions) { o.Quorum = warp.TwoThirds },
		"another suite":   func(o *TrustOptions) { o.Ciphersuite = warp.CiphersuiteNUL },
		"other durations": func(o *TrustOptions) { o.TrustingPeriod, o.MaxClockDrift = DefaultTrustingPeriod, time.Millisecond },
	} {
		o := testTrust()
		change(o)
		parsed, err := ParseTrustOptions(asJSON(t, o))
		require.NoError(t, err, name)
		if o.Quorum == (warp.Threshold{}) {
			o.Quorum = warp.DefaultQuorum // it is written out
		}
		require.Equal(t, o.Rules, parsed.Rules, name)
		require.Equal(t, o.Checkpoint.Header.Bytes(), parsed.Checkpoint.Header.Bytes(), name)
		require.Equal(t, o.Checkpoint.Validators.Bytes(), parsed.Checkpoint.Validators.Bytes(), name)
		require.EqualValues(t, 65, parsed.Checkpoint.Validators.TotalWeight(), name)
		require.Equal(t, asJSON(t, o), asJSON(t, parsed), name)

		var indented bytes.Buffer
		require.NoError(t, json.Indent(&indented, asJSON(t, o), "", "  "))
		_, err = ParseTrustOptions(indented.Bytes())
		require.NoError(t, err, "as people keep it")
	}
}

// TestTheLargestSetFitsATrustFile, also as people keep it, indented.
func TestTheLargestSetFitsATrustFile(t *testing.T) {
	size := func(w weights) int {
		o := TrustOptions{Rules: testRules(), Checkpoint: testChain{}.extend(w)[0].checkpoint()}
		text, err := json.MarshalIndent(&o, "", "    ")
		require.NoError(t, err)
		return len(text)
	}
	one := size(weights{0: 1 << 60})
	each := size(weights{0: 1 << 60, 1: 1 << 60}) - one
	require.LessOrEqual(t, one+warp.MaxValidators*each, MaxTrustFileBytes)
}

func TestTrustFilesThatAreNotAreRefused(t *testing.T) {
	text := string(asJSON(t, testTrust()))
	replace := func(old, new string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, new, 1)
	}
	cut := strings.Index(text, `"validators":[`) + len(`"validators":[`)
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing":                 {"", ErrEncoding},
		"no JSON":                 {"trust me", ErrEncoding},
		"no fields":               {"{}", ErrEncoding},
		"more":                    {text + "{}", ErrEncoding},
		"too large":               {strings.Repeat(" ", MaxTrustFileBytes+1), refusal.ErrTooLarge},
		"another version":         {replace(`{"version":1`, `{"version":2`), ErrEncoding},
		"an unknown field":        {replace(`{`, `{"extra":1,`), ErrEncoding},
		"a field twice":           {replace(`"networkId":1337`, `"networkId":7,"networkId":1337`), ErrEncoding},
		"another case":            {replace(`"weight"`, `"Weight"`), ErrEncoding},
		"another network":         {replace(`1337`, `1338`), ErrOptions},
		"another chain":           {replace(testChainID.String(), "11111111111111111111111111111111LpoYY"), ErrOptions},
		"an endless chain ID":     {replace(testChainID.String(), strings.Repeat("2", 1<<20)), ErrEncoding},
		"an unknown suite":        {replace(`_POP_`, `_AUG_`), ErrOptions},
		"a low quorum":            {replace(`"num":67`, `"num":66`), ErrOptions},
		"no duration":             {replace(`"16m40s"`, `"long"`), ErrOptions},
		"an empty duration":       {replace(`"10s"`, `""`), ErrOptions},
		"a negative period":       {replace(`"16m40s"`, `"-16m40s"`), ErrOptions},
		"another block ID":        {replace(`"blockId":"`, `"blockId":"11111111111111111111111111111111LpoYY","was":"`), ErrEncoding},
		"another header":          {replace(`"height":2`, `"height":3`), ErrCheckpoint},
		"another weight":          {replace(`"weight":20`, `"weight":21`), ErrOptions},
		"another total":           {replace(`"totalWeight":65`, `"totalWeight":66`), ErrOptions},
		"too small a total":       {replace(`"totalWeight":65`, `"totalWeight":59`), warp.ErrValidatorSet},
		"weights that overflow":   {replace(`"weight":20`, `"weight":18446744073709551615`), warp.ErrWeightOverflow},
		"a validator without key": {text[:cut] + `{"publicKey":"","weight":1},` + text[cut:], warp.ErrPublicKey},
		"a key that is no hex":    {text[:cut] + `{"publicKey":"zz","weight":1},` + text[cut:], warp.ErrPublicKey},
		"a key that is none":      {text[:cut] + `{"publicKey":"00","weight":1},` + text[cut:], warp.ErrPublicKey},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ParseTrustOptions([]byte(test.text))
			require.ErrorIs(t, err, test.want)
			require.Nil(t, o)
			var reason refusal.Reason
			require.ErrorAs(t, err, &reason)
		})
	}
}

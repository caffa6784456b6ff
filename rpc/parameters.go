package rpc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

// maxElements bounds the lists and objects within parameters while they are read. The methods
// have narrower bounds of their own.
const maxElements = 1024

// parameter is a field of a parameter struct.
type parameter struct {
	name     string
	optional bool
	identity bool // an ID that may be written with 07
	positive bool // a number from 1
}

// parameters describes a parameter struct of package client.
type parameters struct {
	list  []parameter
	index map[string]int
}

var described sync.Map // reflect.Type to *parameters

func describe(of reflect.Type) *parameters {
	if known, ok := described.Load(of); ok {
		return known.(*parameters)
	}
	p := &parameters{index: make(map[string]int)}
	for i := range of.NumField() {
		field := of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		p.index[name] = i
		p.list = append(p.list, parameter{
			name:     name,
			optional: strings.Contains(options, "omit"),
			identity: field.Tag.Get("id") == "identity",
			positive: field.Tag.Get("min") == "1",
		})
	}
	known, _ := described.LoadOrStore(of, p)
	return known.(*parameters)
}

// decodeParameters fills a parameter struct of package client from the params of a call:
// an object, or an array holding one object. A field is required unless its tag has
// omitempty or omitzero; null counts as left out.
//
// Params that are no such object, or have a field that the method does not know or has
// already, are JSON-RPC's invalid params. A field that is missing or wrong is a
// refusal.ErrInvalidArgs that names it.
func decodeParameters(params []byte, into any) error {
	target := reflect.ValueOf(into).Elem()
	known := describe(target.Type())
	given, set := make([]bool, len(known.list)), make([]bool, len(known.list))
	if len(params) > 0 {
		err := eachParameter(params, func(name string, value jsontext.Value) error {
			i, ok := known.index[name]
			switch {
			case !ok:
				return invalidParameters(known.expected(), quoted(name))
			case given[i]:
				return invalidParameters("each parameter once", quoted(name)+" twice")
			}
			given[i] = true
			if value.Kind() == 'n' {
				return nil
			}
			set[i] = true
			return named(name, decodeValue(value, target.Field(i), &known.list[i]))
		})
		if err != nil {
			return err
		}
	}
	for i := range known.list {
		if !set[i] && !known.list[i].optional {
			return refusal.New(refusal.ErrInvalidArgs, "the parameter "+known.list[i].name, "none")
		}
	}
	return nil
}

// expected names the parameters that there are.
func (p *parameters) expected() string {
	if len(p.list) == 0 {
		return "no parameters"
	}
	names := make([]string, len(p.list))
	for i := range p.list {
		names[i] = p.list[i].name
	}
	return "no parameters but " + strings.Join(names, ", ")
}

// eachParameter reads the fields of the one object. The whole is JSON: parseCalls has read it.
func eachParameter(params []byte, do func(name string, value jsontext.Value) error) error {
	const expected = "an object, or an array that holds one object"
	d := decoder(params)
	kind := d.PeekKind()
	if kind == '[' {
		_, _ = d.ReadToken()
		if kind = d.PeekKind(); kind == ']' {
			return nil
		}
	} else if kind == 'n' {
		return nil
	}
	if kind != '{' {
		return invalidParameters(expected, shown(params))
	}
	if err := eachMember(d, do); err != nil {
		return err
	}
	if token, err := d.ReadToken(); err == nil && token.Kind() != ']' {
		return invalidParameters(expected, "an array of several")
	}
	return nil
}

// eachMember reads the members of an object up to its end.
func eachMember(d *jsontext.Decoder, do func(name string, value jsontext.Value) error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := readName(d)
		if err != nil {
			return err
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := do(name, value); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func invalidParameters(expected, got string) error {
	return &protocolError{client.CodeInvalidParams, expected, got}
}

// named puts a field's name before what was expected of it.
func named(name string, err error) error {
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return &refusal.Error{Reason: refused.Reason, Expected: name + ": " + refused.Expected, Got: refused.Got}
	}
	return err
}

func wrong(expected string, got []byte) error {
	return refusal.New(refusal.ErrInvalidArgs, expected, shown(got))
}

// decodeValue decodes one of the types that parameters have.
func decodeValue(raw jsontext.Value, into reflect.Value, p *parameter) (err error) {
	switch target := into.Addr().Interface().(type) {
	case *ids.ID:
		if err = decodeID(raw, target, p.identity); err == nil && *target == ids.Empty && p.optional {
			err = refusal.New(refusal.ErrInvalidArgs, "an ID that is not zero; left out if none is meant", shown(raw))
		}
	case *client.Bytes:
		*target, err = decodeHex(raw)
	case *chain.Hash:
		digits, failed := decodeHex(raw)
		if failed != nil || len(digits) != chain.HashSize {
			return wrong("a hash as 64 hex digits", raw)
		}
		*target = chain.Hash(digits)
	case *uint64:
		if *target, err = parseNumber(raw); err == nil && *target == 0 && p.positive {
			err = refusal.New(refusal.ErrInvalidArgs, "a number from 1; left out if none is meant", 0)
		}
	case **uint64: // a height: nil is the latest
		if string(raw) == `"latest"` {
			return nil
		}
		number, failed := parseNumber(raw)
		if failed != nil {
			return wrong(`a height, or "latest"`, raw)
		}
		*target = &number
	case *bool:
		if *target = raw.Kind() == 't'; !*target && raw.Kind() != 'f' {
			return wrong("true or false", raw)
		}
	case *client.Seconds:
		if raw.Kind() != '0' || target.UnmarshalJSON(raw) != nil {
			return wrong("a number of seconds", raw)
		}
	case *map[string]string:
		*target, err = decodeStrings(raw)
	case *[]ids.ID:
		return decodeList(raw, target, func(raw jsontext.Value, id *ids.ID) error { return decodeID(raw, id, p.identity) })
	case *[]client.Bytes:
		return decodeList(raw, target, func(raw jsontext.Value, b *client.Bytes) (err error) { *b, err = decodeHex(raw); return err })
	case *[]uint64:
		return decodeList(raw, target, func(raw jsontext.Value, n *uint64) (err error) { *n, err = parseNumber(raw); return err })
	default:
		panic(fmt.Sprintf("parameters have no type %s", into.Type())) // a test decodes all parameter types
	}
	return err
}

func tooMany() error {
	return refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("at most %d elements", maxElements), "more")
}

func decodeList[T any](raw jsontext.Value, into *[]T, decode func(jsontext.Value, *T) error) error {
	if raw.Kind() != '[' {
		return wrong("an array", raw)
	}
	d := decoder(raw)
	_, _ = d.ReadToken()
	*into = []T{}
	for d.PeekKind() != ']' {
		if len(*into) == maxElements {
			return tooMany()
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		var element T
		if err := decode(value, &element); err != nil {
			return named(strconv.Itoa(len(*into)), err)
		}
		*into = append(*into, element)
	}
	return nil
}

func decodeStrings(raw jsontext.Value) (map[string]string, error) {
	if raw.Kind() != '{' {
		return nil, wrong("an object of strings", raw)
	}
	strings := make(map[string]string)
	return strings, eachMember(decoder(raw), func(name string, value jsontext.Value) error {
		if len(strings) == maxElements {
			return tooMany()
		}
		if _, twice := strings[name]; twice {
			return refusal.New(refusal.ErrInvalidArgs, "each name once", quoted(name)+" twice")
		}
		if value.Kind() != '"' {
			return wrong("an object of strings", value)
		}
		text, err := jsontext.AppendUnquote(nil, value)
		strings[name] = string(text)
		return err
	})
}

// plainText returns what is in a JSON string. IDs and hex need no escapes, and so no copy.
func plainText(raw jsontext.Value) ([]byte, bool) {
	if raw.Kind() != '"' {
		return nil, false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true
	}
	unquoted, err := jsontext.AppendUnquote(nil, raw)
	return unquoted, err == nil
}

func decodeID(raw jsontext.Value, id *ids.ID, identity bool) (err error) {
	text, ok := plainText(raw)
	if !ok {
		return wrong("an ID as a string", raw)
	}
	*id, err = parseID(string(text), identity)
	return err
}

// parseID reads an ID as strictjson.ParseID does. An identity's ID may also be 07 and 64 hex
// digits, as people write it.
func parseID(text string, identity bool) (ids.ID, error) {
	const hexDigits = 2 * ids.IDLen
	want, digits := "an ID as CB58 or 64 hex digits", text
	if identity {
		want = "an identity's ID as CB58, 64 hex digits, or 07 and 64 hex digits"
		if trimmed := strictjson.TrimHexPrefix(text); len(trimmed) == hexDigits+2 && strings.HasPrefix(trimmed, "07") {
			digits = trimmed[2:]
		}
	}
	id, err := strictjson.ParseID(digits)
	if err != nil {
		return ids.Empty, refusal.New(refusal.ErrInvalidArgs, want, quoted(text))
	}
	return id, nil
}

// identityText is an identity's ID as people write it.
func identityText(id ids.ID) string { return "07" + id.Hex() }

// decodeHex reads hex digits of either case, with or without 0x.
func decodeHex(raw jsontext.Value) ([]byte, error) {
	text, ok := plainText(raw)
	if !ok {
		return nil, wrong("bytes as a hex string", raw)
	}
	digits := strictjson.TrimHexPrefix(text)
	decoded := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(decoded, digits); err != nil {
		return nil, refusal.New(refusal.ErrInvalidArgs, "bytes as an even number of hex digits", err)
	}
	return decoded, nil
}

// parseNumber reads an unsigned number of 64 bits, as a number or as a string of digits:
// JavaScript's numbers have 53 bits.
func parseNumber(raw jsontext.Value) (uint64, error) {
	digits := string(raw)
	if text, ok := strings.CutPrefix(digits, `"`); ok {
		digits = strings.TrimSuffix(text, `"`)
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0, wrong("a whole number from 0 to 2^64 - 1", raw)
	}
	return number, nil
}

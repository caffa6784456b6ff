package rpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/creachadair/jrpc2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// decodeParameters fills a parameter struct of package client from the params of a call:
// an object, or an array holding one object. A field is required unless its tag has
// omitempty or omitzero; null counts as left out.
//
// Params that are no such object or have a field that the method does not know are
// JSON-RPC's invalid params. A field that is missing or wrong is a refusal.ErrInvalidArgs
// that names it.
func decodeParameters(params json.RawMessage, into any) error {
	object, err := parameterObject(params)
	if err != nil {
		return err
	}
	target := reflect.ValueOf(into).Elem()
	var known []string
	for i := range target.NumField() {
		field := target.Type().Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		name, options := tag[0], tag[1:]
		known = append(known, name)
		raw, ok := object[name]
		if delete(object, name); !ok || string(raw) == "null" {
			if slices.Contains(options, "omitempty") || slices.Contains(options, "omitzero") {
				continue
			}
			return refusal.New(refusal.ErrInvalidArgs, "the parameter "+name, "none")
		}
		if err := decodeValue(raw, target.Field(i), field.Tag.Get("id") == "identity"); err != nil {
			return named(name, err)
		}
	}
	for name := range object {
		expected := "no parameters"
		if len(known) > 0 {
			expected = "no parameters but " + strings.Join(known, ", ")
		}
		return invalidParameters(expected, quoted(name))
	}
	return nil
}

// parameterObject returns the fields of the one object.
func parameterObject(params json.RawMessage) (map[string]json.RawMessage, error) {
	const expected = "an object, or an array that holds one object"
	switch params = bytes.TrimSpace(params); {
	case len(params) == 0 || string(params) == "null":
		return nil, nil
	case params[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(params, &list); err != nil {
			return nil, invalidParameters(expected, err.Error())
		}
		switch len(list) {
		case 0:
			return nil, nil
		case 1:
			params = list[0]
		default:
			return nil, invalidParameters(expected, fmt.Sprintf("an array of %d", len(list)))
		}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(params, &object); err != nil || object == nil {
		return nil, invalidParameters(expected, quoted(string(params)))
	}
	return object, nil
}

func invalidParameters(expected, got string) error {
	data := client.ErrorData{Reason: jrpc2.InvalidParams.String(), Expected: expected, Got: got}
	return jrpc2.Errorf(jrpc2.InvalidParams, "%s: expected %s, got %s", data.Reason, expected, got).WithData(data)
}

// named puts a field's name before what was expected of it.
func named(name string, err error) error {
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return &refusal.Error{Reason: refused.Reason, Expected: name + ": " + refused.Expected, Got: refused.Got}
	}
	return err
}

// decodeValue decodes one of the types that parameters have.
func decodeValue(raw json.RawMessage, into reflect.Value, identity bool) error {
	switch target := into.Addr().Interface().(type) {
	case *ids.ID:
		return decodeText(raw, "an ID as a string", func(text string) (err error) {
			*target, err = parseID(text, identity)
			return err
		})
	case *client.Bytes:
		return decodeText(raw, "bytes as a hex string", func(text string) (err error) {
			*target, err = parseHex(text)
			return err
		})
	case *chain.Hash:
		return decodeText(raw, "a hash as 64 hex digits", func(text string) error {
			digits, err := parseHex(text)
			if err != nil || len(digits) != chain.HashSize {
				return refusal.New(refusal.ErrInvalidArgs, "a hash as 64 hex digits", quoted(text))
			}
			*target = chain.Hash(digits)
			return nil
		})
	case *uint64:
		number, err := parseNumber(raw)
		*target = number
		return err
	case **uint64: // a height: nil is the latest
		if string(raw) == `"latest"` {
			return nil
		}
		number, err := parseNumber(raw)
		if err != nil {
			return refusal.New(refusal.ErrInvalidArgs, `a height, or "latest"`, shown(raw))
		}
		*target = &number
		return nil
	case *bool:
		return decodeJSON(raw, target, "true or false")
	case *client.Seconds:
		return decodeJSON(raw, target, "a number of seconds")
	case *map[string]string:
		return decodeJSON(raw, target, "an object of strings")
	case *[]ids.ID, *[]client.Bytes, *[]uint64:
		return decodeList(raw, into, identity)
	default:
		panic(fmt.Sprintf("parameters have no type %s", into.Type())) // a test decodes all parameter types
	}
}

func decodeList(raw json.RawMessage, into reflect.Value, identity bool) error {
	var list []json.RawMessage
	if err := decodeJSON(raw, &list, "an array"); err != nil {
		return err
	}
	values := reflect.MakeSlice(into.Type(), len(list), len(list))
	for i := range list {
		if err := decodeValue(list[i], values.Index(i), identity); err != nil {
			return named(strconv.Itoa(i), err)
		}
	}
	into.Set(values)
	return nil
}

func decodeText(raw json.RawMessage, expected string, parse func(string) error) error {
	var text *string // null is no string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return refusal.New(refusal.ErrInvalidArgs, expected, shown(raw))
	}
	return parse(*text)
}

func decodeJSON(raw json.RawMessage, into any, expected string) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return refusal.New(refusal.ErrInvalidArgs, expected, shown(raw))
	}
	return nil
}

// parseNumber reads an unsigned number of 64 bits, as a number or as a string of digits:
// JavaScript's numbers have 53 bits.
func parseNumber(raw json.RawMessage) (uint64, error) {
	digits := string(raw)
	if text, ok := strings.CutPrefix(digits, `"`); ok {
		digits = strings.TrimSuffix(text, `"`)
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0, refusal.New(refusal.ErrInvalidArgs, "a whole number from 0 to 2^64 - 1", shown(raw))
	}
	return number, nil
}

// shown returns JSON as an error quotes it.
func shown(raw json.RawMessage) string { return cut(string(raw)) }

func quoted(text string) string { return strconv.Quote(cut(text)) }

func cut(text string) string {
	if len(text) > 100 {
		return strings.ToValidUTF8(text[:100], "") + "..."
	}
	return text
}

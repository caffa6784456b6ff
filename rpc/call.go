package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// call is a request object of JSON-RPC 2.0. Its raw parts share the body's memory.
type call struct {
	id     []byte // JSON; nil for a notification
	method string
	params []byte // JSON; nil if left out
	err    error  // why it is no request object
}

// members is how many members a request object has at most.
const members = 4

// decoder returns a decoder of text that has been, or is being, checked for names that come
// twice by who reads it: the bodies of honest clients have few names, those of others get no table.
func decoder(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
}

// parseCalls decodes a body strictly: one call, or a batch of at most maxBatch. It stops at
// the first call too many. A body that is no JSON, or an empty batch, is one error.
func parseCalls(body []byte, maxBatch int) (calls []call, batch bool, err error) {
	d := decoder(body)
	if batch = d.PeekKind() == '['; batch {
		_, _ = d.ReadToken()
		for d.PeekKind() != ']' {
			if len(calls) == maxBatch {
				return nil, batch, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a batch of at most %d calls", maxBatch), "more")
			}
			c, err := parseCall(d, body)
			if err != nil {
				return nil, batch, notJSON(err)
			}
			calls = append(calls, c)
		}
		if _, err := d.ReadToken(); err != nil {
			return nil, batch, notJSON(err)
		}
		if len(calls) == 0 {
			return nil, batch, &protocolError{client.CodeInvalidRequest, "a batch with at least one call", "none"}
		}
	} else {
		c, err := parseCall(d, body)
		if err != nil {
			return nil, batch, notJSON(err)
		}
		calls = []call{c}
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, batch, &protocolError{client.CodeParseError, "nothing after the JSON text", fmt.Sprintf("more at byte %d", d.InputOffset())}
	}
	return calls, batch, nil
}

func notJSON(err error) error {
	at, why := int64(0), err
	if syntactic := (*jsontext.SyntacticError)(nil); errors.As(err, &syntactic) {
		at, why = syntactic.ByteOffset, syntactic.Err
	}
	return &protocolError{client.CodeParseError, "JSON in UTF-8", fmt.Sprintf("%s at byte %d", cut(fmt.Sprint(why)), at)}
}

// parseCall decodes a request object; what is none is an error of the call. An error of its
// own means that the body is no JSON.
func parseCall(d *jsontext.Decoder, body []byte) (c call, err error) {
	if kind := d.PeekKind(); kind != '{' {
		value, err := d.ReadValue()
		c.refuse("a JSON object", cut(string(value)))
		c.id = []byte("null") // it is answered
		return c, err
	}
	if _, err := d.ReadToken(); err != nil {
		return c, err
	}
	seen := make(map[string]bool, members)
	for d.PeekKind() != '}' {
		if len(seen) > 2*members { // it is refused already: names are not even read
			if err := errors.Join(d.SkipValue(), d.SkipValue()); err != nil {
				return c, err
			}
			continue
		}
		name, err := readName(d)
		if err != nil {
			return c, err
		}
		value, err := d.ReadValue()
		if err != nil {
			return c, err
		}
		if seen[name] {
			c.refuse("each member once", quoted(name)+" twice")
		}
		seen[name] = true
		value = body[d.InputOffset()-int64(len(value)) : d.InputOffset()] // the decoder's own is overwritten
		c.member(name, value)
	}
	_, err = d.ReadToken()
	if c.err == nil && c.method == "" {
		c.refuse(`a "method"`, "none")
	}
	if c.err != nil && c.id == nil {
		c.id = []byte("null")
	}
	return c, err
}

// member takes a member of a request object.
func (c *call) member(name string, value []byte) {
	kind := jsontext.Value(value).Kind()
	switch name {
	case "jsonrpc": // LP-42's first clients left it out, and JSON-RPC 1.0 has none
		if text := string(value); text != `"2.0"` && text != `"1.0"` {
			c.refuse(`"jsonrpc": "2.0"`, shown(value))
		}
	case "id":
		if kind != '"' && kind != '0' && kind != 'n' {
			c.refuse(`a string, a number or null as "id"`, shown(value))
			return
		}
		c.id = value
	case "method":
		if kind != '"' {
			c.refuse(`a string as "method"`, shown(value))
			return
		}
		method, err := jsontext.AppendUnquote(nil, value)
		if err != nil || len(method) == 0 {
			c.refuse(`the name of a method as "method"`, shown(value))
		}
		c.method = string(method)
	case "params":
		c.params = value
	default:
		c.refuse(`no members but "jsonrpc", "id", "method" and "params"`, quoted(name))
	}
}

// refuse notes the first thing that is wrong with a request object.
func (c *call) refuse(expected, got string) {
	if c.err == nil {
		c.err = &protocolError{client.CodeInvalidRequest, expected, got}
	}
}

// readName reads a member's name.
func readName(d *jsontext.Decoder) (string, error) {
	value, err := d.ReadValue()
	if err != nil {
		return "", err
	}
	if kind := value.Kind(); kind != '"' {
		return "", errors.New("a name that is no string")
	}
	name, err := jsontext.AppendUnquote(nil, value)
	return string(name), err
}

// shown returns JSON as an error quotes it.
func shown(raw []byte) string { return cut(string(raw)) }

func quoted(text string) string { return strconv.Quote(cut(text)) }

func cut(text string) string {
	const most = 100
	for i := range text {
		if i >= most {
			return text[:i] + "..."
		}
	}
	return text
}

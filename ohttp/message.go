package ohttp

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/luxfi/session/refusal"
)

// The framing indicators of messages of known length: RFC 9292, section 3.3.
const (
	framingRequest  = 0
	framingResponse = 1
)

const (
	maxFields   = 64       // of a message
	maxText     = 16 << 10 // bytes of a name, a value or a part of the control data
	leastPadded = 1 << 10  // bytes of a message
)

// Field is a line of a message's header. Its name is in lower case.
type Field struct{ Name, Value string }

// Request is a binary HTTP request: RFC 9292, section 3.
type Request struct {
	Method, Scheme, Authority, Path string
	Header                          []Field
	Content                         []byte
}

// Response is a binary HTTP response.
type Response struct {
	Status  int // 200 to 599
	Header  []Field
	Content []byte
}

// Value returns the only value that a header has for a name. It reports whether there is one at all, which is
// empty if there are several.
func Value(header []Field, name string) (value string, ok bool) {
	for _, field := range header {
		if field.Name == name {
			if ok {
				return "", true
			}
			value, ok = field.Value, true
		}
	}
	return value, ok
}

// Bytes returns the encoding of a request, padded.
func (r *Request) Bytes() []byte {
	control := []byte{framingRequest}
	for _, part := range []string{r.Method, r.Scheme, r.Authority, r.Path} {
		control = appendText(control, part)
	}
	return encode(control, r.Header, r.Content)
}

// EncodeResponse returns the encoding of a response with a content in pieces, padded.
func EncodeResponse(status int, header []Field, content ...[]byte) []byte {
	return encode(appendInteger([]byte{framingResponse}, status), header, content...)
}

// encode appends the header, the content, an empty trailer, and zeros, so that the size tells little: RFC 9292,
// section 3.8. There is room for a tag after it.
func encode(control []byte, header []Field, content ...[]byte) []byte {
	var lines []byte
	for _, field := range header {
		lines = appendText(appendText(lines, field.Name), field.Value)
	}
	size := 0
	for _, piece := range content {
		size += len(piece)
	}
	b := appendInteger(appendText(control, string(lines)), size)
	end := padded(len(b) + size + 1)
	b = slices.Grow(b, end-len(b)+tagSize)
	for _, piece := range content {
		b = append(b, piece...)
	}
	return append(b, make([]byte, end-len(b))...)
}

func appendText(b []byte, text string) []byte { return append(appendInteger(b, len(text)), text...) }

// appendInteger appends a variable-length integer: RFC 9000, section 16.
func appendInteger(b []byte, n int) []byte {
	switch {
	case n < 1<<6:
		return append(b, byte(n))
	case n < 1<<14:
		return binary.BigEndian.AppendUint16(b, 1<<14|uint16(n))
	case n < 1<<30:
		return binary.BigEndian.AppendUint32(b, 2<<30|uint32(n))
	default:
		return binary.BigEndian.AppendUint64(b, 3<<62|uint64(n))
	}
}

// padded returns the size to which n bytes are padded: a multiple of 1 KiB, or of what is at most an eighth
// of them.
func padded(n int) int {
	step := max(leastPadded, 1<<bits.Len(uint(n))>>4)
	return (n + step - 1) / step * step
}

// reader reads a message. After the first error it reads zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(expected string, got any) {
	if r.err == nil {
		r.err = refusal.New(refusal.ErrMalformed, "a binary HTTP message with "+expected, got)
	}
	r.rest = nil
}

func (r *reader) integer() uint64 {
	if len(r.rest) == 0 {
		r.fail("an integer", "its end")
		return 0
	}
	size := 1 << (r.rest[0] >> 6)
	if len(r.rest) < size {
		r.fail(fmt.Sprintf("an integer of %d bytes", size), fmt.Sprintf("%d bytes", len(r.rest)))
		return 0
	}
	n := uint64(r.rest[0] & 0x3f)
	for _, next := range r.rest[1:size] {
		n = n<<8 | uint64(next)
	}
	r.rest = r.rest[size:]
	return n
}

// bytes reads bytes after their length. They are part of the message.
func (r *reader) bytes() (read []byte) {
	size := r.integer()
	if size > uint64(len(r.rest)) {
		r.fail(fmt.Sprintf("%d bytes", size), fmt.Sprintf("the last %d", len(r.rest)))
		return nil
	}
	read, r.rest = r.rest[:size], r.rest[size:]
	return read
}

func (r *reader) text() string {
	read := r.bytes()
	if len(read) > maxText {
		r.fail(fmt.Sprintf("texts of at most %d bytes", maxText), fmt.Sprintf("one of %d", len(read)))
		return ""
	}
	return string(read)
}

// section reads a header or trailer, which may be cut off with all that follows: RFC 9292, section 3.8.
func (r *reader) section() (fields []Field) {
	if len(r.rest) == 0 {
		return nil
	}
	lines := reader{rest: r.bytes()}
	for len(lines.rest) > 0 {
		field := Field{Name: lines.text(), Value: lines.text()}
		if lines.err == nil && (!httpguts.ValidHeaderFieldName(field.Name) || strings.ToLower(field.Name) != field.Name) {
			lines.fail("names of fields in lower case", fmt.Sprintf("%.40q", field.Name))
		}
		if lines.err == nil && (!httpguts.ValidHeaderFieldValue(field.Value) || strings.Trim(field.Value, " \t") != field.Value) {
			lines.fail("values of fields without control characters or spaces around them", fmt.Sprintf("%.40q", field.Value))
		}
		if fields = append(fields, field); len(fields) > maxFields {
			lines.fail(fmt.Sprintf("at most %d fields", maxFields), "more")
		}
	}
	if lines.err != nil && r.err == nil {
		r.err, r.rest = lines.err, nil
	}
	return fields
}

// end reads the content, the trailer, which is not used, and the padding.
func (r *reader) end() (content []byte) {
	if len(r.rest) > 0 {
		content = r.bytes()
	}
	r.section()
	for _, padding := range r.rest {
		if padding != 0 {
			r.fail("zeros at its end", padding)
			break
		}
	}
	return content
}

// ParseRequest decodes a request of known length. Its content is a part of the message.
func ParseRequest(message []byte) (*Request, error) {
	r := &reader{rest: message}
	if framing := r.integer(); r.err == nil && framing != framingRequest {
		r.fail("the framing of a request of known length, 0", framing)
	}
	request := &Request{Method: r.text(), Scheme: r.text(), Authority: r.text(), Path: r.text()}
	request.Header, request.Content = r.section(), r.end()
	if r.err != nil {
		return nil, r.err
	}
	return request, nil
}

// ParseResponse decodes a response of known length, and passes over informational ones before it. Its content is a
// part of the message.
func ParseResponse(message []byte) (*Response, error) {
	r := &reader{rest: message}
	if framing := r.integer(); r.err == nil && framing != framingResponse {
		r.fail("the framing of a response of known length, 1", framing)
	}
	status := r.integer()
	for status >= 100 && status < 200 {
		r.section()
		status = r.integer()
	}
	if r.err == nil && (status < 200 || status > 599) {
		r.fail("a status from 200 to 599", status)
	}
	response := &Response{Status: int(status), Header: r.section(), Content: r.end()}
	if r.err != nil {
		return nil, r.err
	}
	return response, nil
}

package door

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/luxfi/session/internal/trial"
)

// wire sends requests that were encoded before, one after the other on a connection of its own. It
// reads the answers and no more: what a client does beside is no part of what is measured.
type wire struct {
	net.Conn
	reader *bufio.Reader
}

// dial connects from one of loopback's addresses.
func dial(service string, address int) (*wire, error) {
	at, err := url.Parse(service)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: trial.Address(address)}, Timeout: 10 * time.Second}
	connection, err := dialer.Dial("tcp", at.Host)
	if err != nil {
		return nil, err
	}
	return &wire{connection, bufio.NewReader(connection)}, nil
}

// post encodes a request to a path of a service.
func post(service, path, mediaType string, body []byte) []byte {
	at, _ := url.Parse(service) // dial has parsed it
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, at.Host, mediaType, len(body))
	return append(request, body...)
}

// send sends a request and returns the body of its answer.
func (w *wire) send(request []byte) ([]byte, error) {
	if _, err := w.Write(request); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(w.reader, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || bytes.Contains(body, []byte(`"error"`))) {
		err = fmt.Errorf("status %s: %s", response.Status, body)
	}
	return body, err
}

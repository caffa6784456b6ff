package places

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// ErrGivesWay is the cause of the end of what another client has the place of.
var ErrGivesWay = errors.New("another client has its place")

// refusalTime is how long a client may take to read that its request has given way.
const refusalTime = time.Second

// Request returns a place for an HTTP request, and the request's context. When the request gives way, the context ends with the
// cause ErrGivesWay, and so does reading from its client and writing to it.
func (p *Places[Client]) Request(client Client, w http.ResponseWriter, r *http.Request) (place *Place[Client], ctx context.Context) {
	ctx, end := context.WithCancelCause(r.Context())
	conn := http.NewResponseController(w)
	return p.Place(client, func() {
		_ = conn.SetWriteDeadline(time.Now()) // not all servers can, nor need it
		end(ErrGivesWay)
		_ = conn.SetReadDeadline(time.Now()) // ends the request's own context, after the cause is known
	}), ctx
}

// GivesWay reports whether a request gives way. Then a short answer can be written, if none was begun.
func GivesWay(ctx context.Context, w http.ResponseWriter) bool {
	if context.Cause(ctx) != ErrGivesWay {
		return false
	}
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(refusalTime))
	return true
}

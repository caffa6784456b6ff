package rpc

import "io"

// exchange is the channel (jrpc2's channel.Channel) of a server that answers one message:
// it gives the message, takes the answer, and then is at its end.
type exchange struct {
	message  []byte
	answer   []byte // nil if there is none
	answered chan struct{}
	closed   bool
}

// newExchange returns the channel of a message. If it expects no answer, the channel is at
// its end at once, and the server finishes the notifications that it has.
func newExchange(message []byte, expectsAnswer bool) *exchange {
	e := &exchange{message: message, answered: make(chan struct{})}
	if !expectsAnswer {
		close(e.answered)
		e.closed = true
	}
	return e
}

// Recv gives the message the first time, and waits for the answer to tell the end.
func (e *exchange) Recv() ([]byte, error) {
	if message := e.message; message != nil {
		e.message = nil
		return message, nil
	}
	<-e.answered
	return nil, io.EOF
}

// Send takes the answer. The server sends once, under its lock.
func (e *exchange) Send(answer []byte) error {
	e.answer = answer
	if !e.closed {
		close(e.answered)
		e.closed = true
	}
	return nil
}

// Close implements channel.Channel.
func (e *exchange) Close() error { return nil }

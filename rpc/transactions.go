package rpc

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// transactions is POST /transactions: canonical transactions, each after its length in four
// bytes, big endian. Each is answered by itself, in their order.
func (s *service) transactions() endpoint {
	return endpoint{s, client.TransactionsType, s.config.MaxBodyBytes, (*request).answerTransactions}
}

func (r *request) answerTransactions(ctx context.Context, body []byte) response {
	r.named = []string{batchOfTransactions}
	began := time.Now()
	defer func() { r.metrics.seconds[batchOfTransactions].Observe(time.Since(began).Seconds()) }()
	encoded, err := splitTransactions(body, r.config.MaxTransactions)
	if err == nil {
		err = r.acquire(ctx)
	}
	if err != nil {
		return response{status: http.StatusBadRequest, parts: [][]byte{r.failure(ctx, batchOfTransactions, nil, err)}}
	}
	defer r.release()
	result := client.TransactionsResult{Transactions: make([]client.SentTransaction, len(encoded))}
	failed := func(err error) *client.ErrorData {
		object := newErrorObject(ctx, r.log, batchOfTransactions, err)
		r.metrics.failed(object.Code)
		object.Data.Code = object.Code
		return &object.Data
	}
	for i := range encoded {
		if i > 0 { // the first was charged before the body was read
			if err := r.client.call(); err != nil { // the rest is not looked at
				refused := failed(err)
				for ; i < len(encoded); i++ {
					result.Transactions[i].Error = refused
				}
				break
			}
		}
		sent := &result.Transactions[i]
		if err := r.take(ctx, encoded[i], sent); err != nil {
			sent.Error = failed(err)
		}
	}
	text, err := json.Marshal(result)
	if err != nil {
		panic(err) // IDs, numbers and strings
	}
	if err := r.charge(int64(len(text))); err != nil {
		return response{status: http.StatusTooManyRequests, parts: [][]byte{r.failure(ctx, batchOfTransactions, nil, err)}}
	}
	return response{status: http.StatusOK, parts: [][]byte{text}}
}

// splitTransactions checks the lengths of all before anything is decoded.
func splitTransactions(body []byte, most int) (encoded [][]byte, err error) {
	const prefix = 4
	malformed := func(got string) error {
		return refusal.New(refusal.ErrMalformed, fmt.Sprintf("transactions, each after its length in %d bytes, big endian", prefix), got)
	}
	for at := 0; at < len(body); {
		if len(encoded) == most {
			return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("at most %d transactions", most), "more")
		}
		if len(body)-at < prefix {
			return nil, malformed(fmt.Sprintf("%d bytes at the end", len(body)-at))
		}
		size := binary.BigEndian.Uint32(body[at:])
		if at += prefix; uint64(size) > uint64(len(body)-at) {
			return nil, malformed(fmt.Sprintf("a length of %d before the last %d bytes", size, len(body)-at))
		}
		encoded = append(encoded, body[at:at+int(size)])
		at += int(size)
	}
	if len(encoded) == 0 {
		return nil, malformed("none")
	}
	return encoded, nil
}

// take submits one transaction. Its bytes are copied: the body's memory is used again.
func (r *request) take(ctx context.Context, encoded []byte, sent *client.SentTransaction) (err error) {
	defer r.guard(batchOfTransactions, &err)
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := chain.ParseTransaction(r.chainID(), append([]byte(nil), encoded...))
	if err != nil {
		return err
	}
	sent.TransactionID = tx.ID()
	return r.submit(ctx, tx)
}

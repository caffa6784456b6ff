package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/internal/trial"
)

const (
	largestBody = 4 << 20 // the service's default
	batchCalls  = 64
	fullBlocks  = 24
	largest     = 256 << 10 // bytes of a large message
	// heldConnections is how many bodies an attacker holds back.
	heldConnections = 300
)

// requests are the attacks with HTTP requests alone.
func requests() []*attack {
	nothing := func(element string) func(context.Context, *field, int) error {
		unit := element + ","
		body := []byte("[" + strings.Repeat(unit, (largestBody-8)/len(unit)) + element + "]")
		return func(ctx context.Context, f *field, n int) error { return post(ctx, f, n, body) }
	}
	zeros, objects := nothing("0"), nothing("{}")
	return []*attack{
		{name: "1a. 4 MiB of `[0,0,...]`", act: zeros, once: first(zeros)},
		{name: "1a. 4 MiB of `[{},{},...]`", act: objects, once: first(objects)},
		{name: "1b. batch of 64 pages of full blocks", interval: setupInterval, prepare: fillBlocks, act: pages, once: first(pages)},
		{name: "1c. the same, and not waiting", interval: setupInterval, prepare: fillBlocks, act: abandonedPages, once: first(abandonedPages)},
		{name: "1d. bodies held back", act: heldBody},
		{name: "1e. batch of 64 waiting calls", act: waiters},
	}
}

func first(act func(context.Context, *field, int) error) func(context.Context, *field) error {
	return func(ctx context.Context, f *field) error { return act(ctx, f, 0) }
}

// post sends a body as an attacker. What is not 200 was refused.
func post(ctx context.Context, f *field, attacker int, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.server.RPC, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := f.people[attacker].HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", response.StatusCode)
	}
	return nil
}

// batch returns a batch of the same call.
func batch(calls int, method string, params any) []byte {
	all := make([]map[string]any, calls)
	for i := range all {
		all[i] = map[string]any{"jsonrpc": "2.0", "id": i, "method": "sessionvm." + method, "params": params}
	}
	body, err := json.Marshal(all)
	if err != nil {
		panic(err) // the programs' own values
	}
	return body
}

// fillBlocks makes full blocks, each with one small message of a session of the first attacker's.
func fillBlocks(ctx context.Context, f *field) error {
	writers := make([]*trial.Person, fullBlocks)
	small := make([]ids.ID, fullBlocks)
	var group errgroup.Group
	for i := range writers {
		writer, err := trial.NewPerson(f.server.RPC, 1000+i)
		if err != nil {
			return err
		}
		writers[i] = writer
		group.Go(func() (err error) {
			if err = writer.Register(ctx); err == nil {
				small[i], err = writer.Session(ctx, f.friend.ID())
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	shared, err := f.friend.Session(ctx, f.victim.ID())
	if err != nil {
		return err
	}
	f.sessions[0] = []ids.ID{shared}
	for i, writer := range writers {
		for k := range 7 {
			group.Go(func() error {
				sender, session, size := writer, small[i], largest
				if k == 6 {
					sender, session, size = f.friend, shared, 64
				}
				tx, err := sender.Message(ctx, session, size)
				if err == nil {
					_, err = sender.Issue(ctx, tx, victimWait)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func pagesBody(f *field) []byte {
	return batch(batchCalls, "ListMessages", map[string]any{"sessionId": f.sessions[0][0], "limit": batchCalls})
}

func pages(ctx context.Context, f *field, n int) error { return post(ctx, f, n, pagesBody(f)) }

// abandonedPages asks for pages and leaves, on one connection.
func abandonedPages(ctx context.Context, f *field, n int) error {
	body := pagesBody(f)
	connection, err := dial(ctx, f, n)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "%s%s", head(f, len(body)), body); err != nil {
		return err
	}
	pause(ctx, 20*time.Millisecond)
	return nil
}

// heldBody opens a connection and holds back the last byte of a body. A server that answers or hangs
// up refuses it.
func heldBody(ctx context.Context, f *field, n int) error {
	if opened := f.steps[n].Add(1); opened > heldConnections/int64(len(f.people))+1 {
		pause(ctx, 100*time.Millisecond)
		return nil
	}
	connection, err := dial(ctx, f, n)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = connection.Close() })
	body := bytes.Repeat([]byte{' '}, largestBody-1)
	if _, err := fmt.Fprintf(connection, "%s%s", head(f, largestBody), body); err != nil {
		return err
	}
	return nil
}

func head(f *field, length int) string {
	return fmt.Sprintf("POST /rpc HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", host(f), length)
}

func host(f *field) string {
	address, err := url.Parse(f.server.RPC)
	if err != nil {
		panic(err) // the server's own word
	}
	return address.Host
}

func dial(ctx context.Context, f *field, n int) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: trial.Address(1 + n)}, Timeout: 5 * time.Second}
	return dialer.DialContext(ctx, "tcp", host(f))
}

// waiters starts calls that wait, and does not wait for them: sixty requests in all.
func waiters(ctx context.Context, f *field, n int) error {
	if started := f.steps[n].Add(1); started > max(1, 60/int64(len(f.people))) {
		pause(ctx, 100*time.Millisecond)
		return nil
	}
	body := batch(batchCalls, "ListMessages", map[string]any{"sessionId": f.session, "from": 1 << 20, "wait": 20})
	go func() {
		if err := post(ctx, f, n, body); err != nil && ctx.Err() == nil {
			f.refused.Add(1)
		}
	}()
	return nil
}

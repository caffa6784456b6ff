package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// A call returns a result, or an error that is found by the chain's reason. A service by itself
// answers on http://127.0.0.1:9652/rpc; the one here stands in for it.
func Example() {
	service := httptest.NewServer(http.HandlerFunc(answer))
	defer service.Close()
	ctx := context.Background()
	node, err := client.New(service.URL, client.Options{})
	if err != nil {
		log.Fatal(err)
	}

	health, err := node.Health(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("healthy:", health.Healthy, "height:", health.Height)

	_, err = node.GetSession(ctx, client.GetSessionParams{SessionID: ids.ID{7}})
	if errors.Is(err, refusal.ErrNotFound) {
		fmt.Println("there is no such session")
	}
	// Output:
	// healthy: true height: 17
	// there is no such session
}

func answer(w http.ResponseWriter, r *http.Request) {
	call, _ := io.ReadAll(r.Body)
	if strings.Contains(string(call), "Health") {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{"healthy":true,"bootstrapped":true,"height":17}}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":2,"error":{"code":%d,"message":"not found"}}`, refusal.ErrNotFound)
}

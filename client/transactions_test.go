package client

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

func TestOnlyAnswersAboutTheTransactionsThatWereSentAreBelieved(t *testing.T) {
	var sent []*chain.Transaction
	for n := range byte(2) {
		tx, err := chain.NewTransaction(ids.ID{1}, &chain.SendMessage{Session: ids.ID{7}, Sender: ids.ID{8}, Ciphertext: []byte{n}}, make([]byte, chain.SignatureSize))
		require.NoError(t, err)
		sent = append(sent, tx)
	}
	taken := func(id ids.ID) string { return fmt.Sprintf(`{"transactionId":"%s"}`, id) }
	failed := func(id string) string { return `{` + id + `"error":{"code":1403,"reason":"too many requests"}}` }
	first, second := sent[0].ID(), sent[1].ID()
	for name, test := range map[string]struct {
		list string
		true bool
	}{
		"taken":            {taken(first) + "," + taken(second), true},
		"refused":          {failed("") + "," + failed(fmt.Sprintf(`"transactionId":"%s",`, second)), true},
		"nothing":          {``, false},
		"one missing":      {taken(first), false},
		"one too many":     {taken(first) + "," + taken(second) + "," + taken(second), false},
		"another order":    {taken(second) + "," + taken(first), false},
		"null":             {`null,null`, false},
		"no ID":            {`{},{}`, false},
		"somebody else's":  {taken(first) + "," + taken(ids.ID{9}), false},
		"refused, another": {taken(first) + "," + failed(fmt.Sprintf(`"transactionId":"%s",`, first)), false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"transactions":[`+test.list+`]}`)
		}))
		c, err := New(server.URL+"/rpc", Options{})
		require.NoError(t, err)
		_, err = c.SendTransactions(t.Context(), sent)
		server.Close()
		if test.true {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, ErrResponse, name)
		}
	}
}

package rpc

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

const documentation = "../docs/RPC.md"

var update = flag.Bool("update", false, "write the table of error codes into "+documentation)

func TestEveryReasonIsDocumentedAsAnErrorCode(t *testing.T) {
	content, err := os.ReadFile(documentation)
	require.NoError(t, err)
	const begin, end = "-update -->\n", "<!-- end -->"
	before, rest, ok := strings.Cut(string(content), begin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	want := reasonTable(t)
	if *update {
		require.NoError(t, os.WriteFile(documentation, []byte(before+begin+want+end+after), 0o644))
		return
	}
	require.Equal(t, want, table, "go test ./rpc -run Documented -update writes it")
}

// reasonTable returns the table of the constants in chain/reason.go.
func reasonTable(t *testing.T) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../refusal/reason.go", nil, 0)
	require.NoError(t, err)
	table := "| code | name | meaning |\n| --- | --- | --- |\n"
	count := 0
	ast.Inspect(file, func(node ast.Node) bool {
		value, ok := node.(*ast.ValueSpec)
		if !ok || len(value.Names) != 1 || len(value.Values) != 1 || !strings.HasPrefix(value.Names[0].Name, "Err") {
			return true
		}
		literal, ok := value.Values[0].(*ast.BasicLit)
		require.True(t, ok, value.Names[0].Name)
		code, err := strconv.Atoi(literal.Value)
		require.NoError(t, err)
		text := refusal.Reason(code).Error()
		require.NotContains(t, text, "reason ", "%s has no text", value.Names[0].Name)
		table += fmt.Sprintf("| %d | `%s` | %s |\n", code, value.Names[0].Name, text)
		count++
		return true
	})
	require.Greater(t, count, 50)
	return table
}

// parameterTypes has the parameters and results of each method.
var parameterTypes = map[string][2]any{
	"Health":           {struct{}{}, client.HealthResult{}},
	"GetChainInfo":     {struct{}{}, client.ChainInfo{}},
	"RegisterIdentity": {client.RegisterIdentityParams{}, client.RegisterIdentityResult{}},
	"GetIdentity":      {client.GetIdentityParams{}, client.Identity{}},
	"CreateSession":    {client.CreateSessionParams{}, client.CreateSessionResult{}},
	"GetSession":       {client.GetSessionParams{}, client.Session{}},
	"ListSessions":     {client.ListSessionsParams{}, client.ListSessionsResult{}},
	"SendMessage":      {client.SendMessageParams{}, client.SendMessageResult{}},
	"GetMessage":       {client.GetMessageParams{}, client.Message{}},
	"ListMessages":     {client.ListMessagesParams{}, client.ListMessagesResult{}},
	"GetReceipt":       {client.GetReceiptParams{}, client.Receipt{}},
	"PollSession":      {client.PollSessionParams{}, client.PollSessionResult{}},
	"GetStateProof":    {client.GetStateProofParams{}, client.GetStateProofResult{}},
	"ListInvitations":  {client.ListInvitationsParams{}, client.ListInvitationsResult{}},
	"GetInvitation":    {client.GetInvitationParams{}, client.GetInvitationResult{}},
	"GetChannel":       {client.GetChannelParams{}, client.Channel{}},
	"IssueTransaction": {client.IssueTransactionParams{}, client.TransactionResult{}},
	"GetTransaction":   {client.GetTransactionParams{}, struct{}{}}, // as IssueTransaction
	"GetHeader":        {client.BlockParams{}, client.Header{}},
	"GetBlock":         {client.BlockParams{}, client.Block{}},
	"GetProof":         {client.GetProofParams{}, client.GetProofResult{}},
	"GetValidators":    {client.GetValidatorsParams{}, client.GetValidatorsResult{}},
	"GetCertificate":   {client.GetCertificateParams{}, client.GetCertificateResult{}},
	"GetLightBlock":    {client.GetLightBlockParams{}, client.GetLightBlockResult{}},
	"GetWarpMessage":   {client.GetWarpMessageParams{}, client.GetWarpMessageResult{}},
}

func TestEveryMethodIsDocumentedWithItsFields(t *testing.T) {
	content, err := os.ReadFile(documentation)
	require.NoError(t, err)
	sections := regexp.MustCompile(`(?m)^##+ `).Split(string(content), -1)
	documented := make(map[string]string)
	for _, section := range sections {
		title, text, _ := strings.Cut(section, "\n")
		if name, ok := strings.CutPrefix(title, namespace+"."); ok {
			documented[name] = text
		}
	}
	for name := range documented {
		require.Contains(t, methods, name, "documented, and no method")
	}
	for name := range methods {
		require.Contains(t, documented, name)
		require.Contains(t, parameterTypes, name)
		for _, value := range parameterTypes[name] {
			for _, field := range fields(reflect.TypeOf(value)) {
				require.Contains(t, documented[name], "`"+field+"`", name)
			}
		}
	}
}

func fields(of reflect.Type) (names []string) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Anonymous {
			names = append(names, fields(field.Type)...)
			continue
		}
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func TestTheDocumentationsExamplesWorkWhenPasted(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "sed", "seq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the examples need %s", tool)
		}
	}
	content, err := os.ReadFile(documentation)
	require.NoError(t, err)
	c := startChain(t, DefaultConfig(), nil)
	examples := regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllStringSubmatch(string(content), -1)
	require.Greater(t, len(examples), 4)
	for _, example := range examples {
		script := strings.ReplaceAll(example[1], "http://127.0.0.1:9652", c.server.URL)
		output, err := exec.CommandContext(t.Context(), "bash", "-c", script).CombinedOutput()
		require.NoError(t, err, "%s\n%s", script, output)
		require.Contains(t, string(output), `"result":{`, "%s", script)
		require.NotContains(t, string(output), `"error"`, "%s", script)
	}
}

// Package imports checks who imports whom.
package imports

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/luxfi/session/"

// Each package of the module with what it may import of the module. Those up to "---" are the
// client side: what people and light clients build.
const own = `
refusal
internal/trialrules
chain               refusal internal/trialrules
internal/avx
internal/places
internal/race
internal/sealedfile
pq                  internal/avx internal/sealedfile
internal/strictjson
internal/jsonrpc     internal/strictjson
proofs              refusal chain internal/strictjson
warp                refusal chain pq
lightclient         refusal chain pq proofs warp internal/sealedfile internal/strictjson
lightclient/pchain  refusal chain lightclient warp internal/strictjson internal/jsonrpc
e2ee                refusal pq internal/avx
client              refusal chain proofs internal/strictjson internal/jsonrpc
client/provider     refusal chain client lightclient warp
ohttp               refusal internal/places
warp/contracts
warp/relay          refusal chain pq proofs client warp warp/contracts internal/sealedfile
messaging           refusal chain pq e2ee lightclient client client/provider internal/sealedfile internal/strictjson
messaging/mailbox   refusal chain pq e2ee client messaging internal/sealedfile internal/strictjson
cmd/session         refusal chain pq e2ee proofs warp lightclient lightclient/pchain client client/provider ohttp messaging messaging/mailbox warp/contracts warp/relay internal/places internal/sealedfile internal/strictjson
---
state               refusal chain
warp/signing        refusal chain pq warp
vm                  refusal chain internal/trialrules lightclient pq proofs state warp warp/signing
rpc                 refusal chain proofs lightclient client ohttp state vm warp warp/signing internal/places internal/sealedfile internal/strictjson
plugin/gossip       refusal chain vm
plugin/statesync    refusal chain internal/sealedfile state
plugin/keyfile      internal/sealedfile pq
plugin/node         refusal chain pq plugin/gossip plugin/keyfile plugin/statesync rpc vm warp warp/signing
plugin/standalone   refusal chain pq internal/sealedfile lightclient plugin/keyfile rpc state vm warp warp/signing
plugin              refusal chain lightclient state plugin/keyfile plugin/node plugin/standalone rpc
internal/interop
internal/trial      chain pq client
internal/trial/attack chain client internal/trial
internal/trial/load refusal chain lightclient client internal/trial
internal/trial/mutate
internal/trial/soak refusal chain pq client internal/trial
warp/contracts/generate
warp/contracts/test
`

// Everything else that the pure packages import.
var libraries = map[string][]string{
	"refusal": nil,
	"chain":   {"github.com/StephenButtolph/canoto", "github.com/luxfi/ids", "golang.org/x/crypto/blake2b"},
	"pq": {
		"filippo.io/age", "filippo.io/age/armor", "github.com/cloudflare/circl/sign/mldsa/mldsa65",
		"github.com/hashicorp/golang-lru/v2", "golang.org/x/crypto/blake2b",
	},
	"proofs": {
		"github.com/StephenButtolph/canoto", "github.com/cosmos/ics23/go", "github.com/luxfi/ids",
		"google.golang.org/protobuf/encoding/protowire",
	},
	"warp": {
		"github.com/StephenButtolph/canoto", "github.com/cloudflare/circl/ecc/bls12381", "github.com/cloudflare/circl/sign/bls",
		"github.com/consensys/gnark-crypto/ecc/bls12-381", // not for js/wasm
		"github.com/luxfi/ids",
	},
	"lightclient": {"github.com/StephenButtolph/canoto", "github.com/luxfi/ids"},
	"ohttp": {
		"golang.org/x/crypto/chacha20poly1305", "golang.org/x/net/http/httpguts",
	},
	"e2ee": {
		"github.com/cloudflare/circl/kem/mlkem/mlkem768", "github.com/cloudflare/circl/kem/xwing",
		"golang.org/x/crypto/chacha20poly1305",
	},
}

func list(t *testing.T, arguments ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, arguments...)...)
	command.Dir = "../.."
	output, err := command.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(output)), "\n")
}

func TestEachPackageImportsWhatItMay(t *testing.T) {
	allowed := make(map[string][]string)
	for line := range strings.Lines(own) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "---" {
			allowed[fields[0]] = fields[1:]
		}
	}
	found := 0
	for _, line := range list(t, "-f", `{{if .GoFiles}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, "./...") {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		require.Contains(t, allowed, name, "the table has no line for it")
		found++
		for _, imported := range fields[1:] {
			if of, ours := strings.CutPrefix(imported, module); ours {
				require.Contains(t, allowed[name], of, "%s imports it", name)
				continue
			}
			domain, _, _ := strings.Cut(imported, "/")
			if pure, known := libraries[name]; known && strings.Contains(domain, ".") {
				require.Contains(t, pure, imported, "%s imports it", name)
			}
		}
	}
	require.Equal(t, len(allowed), found, "the table has lines for packages that are gone")
}

func TestTheClientSideIsLight(t *testing.T) {
	client, _, _ := strings.Cut(own, "---")
	arguments := []string{"-deps"}
	for line := range strings.Lines(client) {
		if fields := strings.Fields(line); len(fields) > 0 {
			arguments = append(arguments, "./"+fields[0])
		}
	}
	dependencies := list(t, arguments...)
	require.True(t, slices.Contains(dependencies, module+"messaging"))
	for _, dependency := range dependencies {
		for _, heavy := range []string{"luxfi/node", "luxfi/consensus", "cosmos/iavl", "cometbft-db", "cockroachdb", "goleveldb", "google.golang.org/grpc"} {
			require.NotContains(t, dependency, heavy)
		}
	}
}

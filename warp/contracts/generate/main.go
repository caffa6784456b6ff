// Generate compiles the contracts and writes their Go bindings. It needs Node.js and npm, which installs the compiler
// that package-lock.json names.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/luxfi/geth/accounts/abi/abigen"
)

// contract is what compile.mjs prints of one.
type contract struct {
	Name string          `json:"name"`
	ABI  json.RawMessage `json:"abi"`
	Code string          `json:"code"` // hex
	Test bool            `json:"test"`
}

func main() {
	log.SetFlags(0)
	if _, err := exec.LookPath("npm"); err != nil {
		log.Printf("the bindings of the contracts stay as they are: %v", err)
		return
	}
	run("npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund")
	var compiled []contract
	if err := json.Unmarshal(run("node", "compile.mjs"), &compiled); err != nil {
		log.Fatal(err)
	}
	isTest := func(c contract) bool { return c.Test }
	write("test/bindings.go", "test", slices.DeleteFunc(slices.Clone(compiled), func(c contract) bool { return !isTest(c) }))
	write("bindings.go", "contracts", slices.DeleteFunc(compiled, isTest))
}

func run(name string, arguments ...string) []byte {
	command := exec.Command(name, arguments...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		log.Fatalf("%s %s: %v", name, strings.Join(arguments, " "), err)
	}
	return output
}

func write(file, pkg string, contracts []contract) {
	var names, abis, codes []string
	for _, c := range contracts {
		compact := new(bytes.Buffer)
		if err := json.Compact(compact, c.ABI); err != nil {
			log.Fatal(err)
		}
		names, abis, codes = append(names, c.Name), append(abis, compact.String()), append(codes, c.Code)
	}
	bindings, err := abigen.BindV2(names, abis, codes, pkg, nil, nil)
	if err != nil {
		log.Fatal(fmt.Errorf("%s: %w", file, err))
	}
	if err := os.WriteFile(file, []byte(bindings), 0o644); err != nil {
		log.Fatal(err)
	}
}

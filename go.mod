module github.com/luxfi/session

go 1.26.4

require (
	github.com/StephenButtolph/canoto v0.20.0
	github.com/luxfi/ids v1.2.5
	golang.org/x/crypto v0.55.0
)

require (
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/fatih/structtag v1.2.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/luxfi/crypto v1.17.27 // indirect
	github.com/mr-tron/base58 v1.2.0 // indirect
	github.com/sanity-io/litter v1.5.8 // indirect
	github.com/spf13/cobra v1.10.2 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.39.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/tools v0.49.0 // indirect
	honnef.co/go/tools v0.7.0 // indirect
)

tool (
	github.com/StephenButtolph/canoto/canoto
	honnef.co/go/tools/cmd/staticcheck
)

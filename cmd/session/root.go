package main

import (
	"time"

	"github.com/spf13/cobra"
)

const defaultNode = "http://127.0.0.1:9652/rpc"

func newRoot(s *shell) *cobra.Command {
	root := group(&cobra.Command{
		Use:   "session",
		Short: "Post-quantum secure messages on a SessionVM chain",
		Long: `Post-quantum secure messages on a SessionVM chain (LP-42): ML-KEM-768 and ML-DSA-65.

First steps:
  session id new                      make an identity
  session contacts add bob ID         name somebody's identity
  session chat bob                    talk: messages, as blocks arrive, and receipts
  session send bob "hello"            send one message
  session read bob --follow           read, and wait for more
  session send bob --file report.pdf
  session requests                    who else has written to you
  session group create team --with bob,carol --public

With people one talks in private: the chain shows neither who sends nor who receives. With
--public it shows both, for services and for who wants to be seen; groups are public so far.

Proofs, for anybody:
  session proof SESSION 2 --out F     a proof that message 2 is in a block
  session verify F                    check it, without any node
  session trust --out T               what to trust: a block and its validators
  session follow --trust T            follow the chain, without trusting the node
  session verify F --trust T          check the block as well (proof --certified)

` + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })

	flags := root.PersistentFlags()
	flags.StringVar(&s.node, "node", "", "RPC address of a node, or of several, with commas: private sessions are spread over them (SESSION_NODE; default "+defaultNode+")")
	flags.StringVar(&s.chain, "chain", "", "ID of the chain that is meant: a node of another one is refused (SESSION_CHAIN)")
	flags.StringVar(&s.proxy, "proxy", "", "ask every node through this SOCKS5 proxy, like socks5://127.0.0.1:9050 for Tor, as another user for each private session (SESSION_PROXY)")
	flags.DurationVar(&s.delay, "delay", 0, "have what is sent in private wait for a random time, so long at the mean; it goes out in a chat, or with a later command in the conversation")
	flags.StringVar(&s.relay, "relay", "", "ask the node behind this relay, which then does not see who asks: the URL and the hash of the node's keys, like https://relay.example/#9f3a… (SESSION_RELAY)")
	flags.StringVar(&s.identity, "identity", "", "file of the identity (SESSION_IDENTITY; default ~/.session/identity.age)")
	flags.BoolVar(&s.public, "public", false, "talk with people in sessions that show on the chain who talks to whom (SESSION_PUBLIC=1)")
	flags.StringVar(&s.passphraseFile, "passphrase-file", "", "file that holds the identity's passphrase (or SESSION_PASSPHRASE; else it is asked for)")
	flags.StringArrayVar(&s.contacts, "contact", nil, "file with somebody's public keys (\"session id show --json\"), for identities that are not registered")
	flags.DurationVar(&s.timeout, "timeout", 30*time.Second, "how long to wait for the node")
	flags.StringVar(&s.trustFile, "trust", "", "verify the node's answers from this trust file (default: from what the chain's first use pinned)")
	flags.BoolVar(&s.trustNode, "trust-node", false, "believe the node: do not verify what it says of the chain")
	flags.BoolVar(&s.json, "json", false, "print JSON, for programs")

	root.AddCommand(
		newID(s),
		newChat(s), newSend(s), newRead(s), newSave(s), newContacts(s), newRequests(s), newGroup(s),
		newCreate(s),
		newAcknowledge(s), newRotate(s), newClose(s), newSessions(s), newShow(s),
		newProof(s), newVerify(s), newTrust(s), newFollow(s),
		newEVM(s), newRelay(s),
		newInfo(s), newRelayHTTP(s),
	)
	return root
}

// group makes a command that only holds others. Alone it prints its help; a word that is
// no command is a usage error, and not help with exit status 0.
func group(c *cobra.Command) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return c.Help()
		}
		return usage("%q is no command of %q", args[0], c.CommandPath())
	}
	return c
}

// exactly wants as many arguments as names, and says which one is missing.
func exactly(names ...string) cobra.PositionalArgs { return between(len(names), names...) }

// between wants at least least of the named arguments.
func between(least int, names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usage("%s is missing", names[len(args)])
		case len(args) > len(names):
			return usage("%q is one argument too many", args[len(names)])
		default:
			return nil
		}
	}
}

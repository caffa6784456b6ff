package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
)

const (
	envNode       = "SESSION_NODE"
	envChain      = "SESSION_CHAIN"
	envProxy      = "SESSION_PROXY"
	envRelay      = "SESSION_RELAY"
	envPublic     = "SESSION_PUBLIC"
	envIdentity   = "SESSION_IDENTITY"
	envPassphrase = "SESSION_PASSPHRASE"
)

// maxPassphraseBytes bounds a passphrase file.
const maxPassphraseBytes = 4096

// folder is where identities are kept unless the user says otherwise.
func (s *shell) folder() (string, error) {
	home := s.getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", usage("no home folder is known: name the identity's file with --identity or %s", envIdentity)
		}
	}
	return filepath.Join(home, ".session"), nil
}

// identityPath returns the file of the identity that the user acts as.
func (s *shell) identityPath() (string, error) {
	name := s.identity
	if name == "" {
		name = s.getenv(envIdentity)
	}
	if name == "" {
		name = "identity"
	}
	return s.pathOf(name)
}

// pathOf returns the file of an identity: of alice, ~/.session/alice.age. What has a dot
// or a separator is a path already.
func (s *shell) pathOf(name string) (string, error) {
	if strings.ContainsAny(name, "./"+string(filepath.Separator)) {
		return name, nil
	}
	folder, err := s.folder()
	return filepath.Join(folder, name+".age"), err
}

// unlock loads the identity that the user acts as.
func (s *shell) unlock() (*pq.Identity, error) {
	path, err := s.identityPath()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, usage("there is no identity at %s: make one with \"session id new\", or name its file with --identity or %s", path, envIdentity)
	} else if err != nil {
		return nil, &usageError{err}
	}
	passphrase, err := s.passphrase(path, false)
	if err != nil {
		return nil, err
	}
	return pq.LoadIdentity(path, passphrase)
}

// passphrase returns the passphrase from the file, the environment, or the terminal. A
// new one is asked for twice.
func (s *shell) passphrase(path string, isNew bool) (string, error) {
	passphrase, err := s.givenPassphrase()
	if err != nil {
		return "", err
	}
	if passphrase == "" {
		if passphrase, err = s.askPassphrase(path, isNew); err != nil {
			return "", err
		}
	}
	if passphrase == "" {
		return "", usage("the passphrase is empty: it protects the key file, so choose one")
	}
	return passphrase, nil
}

func (s *shell) givenPassphrase() (string, error) {
	if s.passphraseFile == "" {
		return s.getenv(envPassphrase), nil
	}
	content, err := readFile(s.passphraseFile, maxPassphraseBytes)
	if err != nil {
		return "", err
	}
	passphrase := strings.TrimRight(string(content), "\r\n")
	if passphrase == "" {
		return "", usage("the passphrase file %s is empty", s.passphraseFile)
	}
	return passphrase, nil
}

func (s *shell) askPassphrase(path string, isNew bool) (string, error) {
	terminal, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		// Standard input may hold the message: the passphrase then comes from the
		// controlling terminal.
		tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil {
			return "", usage("no terminal to ask for the passphrase of %s on: use --passphrase-file or %s", path, envPassphrase)
		}
		defer tty.Close()
		terminal = tty
	}
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", usage("reading the passphrase: %v", err)
	}
	defer term.Restore(fd, before) // an interrupted ReadPassword leaves the echo off
	ask := func(prompt string) (string, error) {
		fmt.Fprint(s.errOut, prompt)
		answer, err := unlessInterrupted(s.interrupted, func() ([]byte, error) { return term.ReadPassword(fd) })
		fmt.Fprintln(s.errOut)
		if err != nil {
			return "", usage("reading the passphrase: %v", err)
		}
		return string(answer), nil
	}
	if !isNew {
		return ask(fmt.Sprintf("Passphrase of %s: ", path))
	}
	first, err := ask(fmt.Sprintf("New passphrase for %s: ", path))
	if err != nil {
		return "", err
	}
	second, err := ask("Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", usage("the two passphrases differ: nothing was written, try again")
	}
	return first, nil
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &usageError{err}
	}
	defer file.Close()
	content, err := readAll(file, limit)
	if err != nil {
		return nil, usage("%s: %w", path, err)
	}
	return content, nil
}

// readAll reads at most limit bytes, and refuses more.
func readAll(r io.Reader, limit int) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(content) > limit {
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return content, nil
}

// writeFile writes a file that is there to be shown, or replaces one, all or nothing.
func writeFile(path string, content []byte) error {
	if err := sealedfile.Replace(path, content, 0o644); err != nil {
		return &usageError{err}
	}
	return nil
}

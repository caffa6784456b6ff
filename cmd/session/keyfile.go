package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"
)

const (
	envNode       = "SESSION_NODE"
	envChain      = "SESSION_CHAIN"
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
	if s.identity != "" {
		return s.identity, nil
	}
	if path := s.getenv(envIdentity); path != "" {
		return path, nil
	}
	folder, err := s.folder()
	return filepath.Join(folder, "identity.age"), err
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
	ask := func(prompt string) (string, error) {
		fmt.Fprint(s.errOut, prompt)
		answer, err := term.ReadPassword(int(terminal.Fd()))
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
	return readAll(file, path, limit)
}

// writeNew writes a file that must not exist yet, unless force is set. It never leaves
// half a file behind.
func writeNew(path string, content []byte, mode fs.FileMode, force bool) error {
	if _, err := os.Lstat(path); err == nil && !force {
		return usage("%s exists already and was left as it is", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &usageError{err}
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return &usageError{err}
	}
	defer os.Remove(temporary.Name()) // fails after the rename, as it should
	err = temporary.Chmod(mode)
	if err == nil {
		_, err = bytes.NewReader(content).WriteTo(temporary)
	}
	if err == nil {
		err = temporary.Sync()
	}
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return &usageError{err}
	}
	return nil
}

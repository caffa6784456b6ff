package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/vm"
)

// snapshotSocket is where a chain that runs gives snapshots, to those who may read its folder.
// The process that runs has the database for itself, so it writes the file's content there.
const snapshotSocket = "snapshot.sock"

// certifyTimeout bounds the wait for a snapshot's certificate.
const certifyTimeout = 10 * time.Second

// certificate returns a block's certificate as a snapshot file has it; nil if there is none.
func (c *Chain) certificate(ctx context.Context, header *chain.Header) []byte {
	ctx, cancel := context.WithTimeout(ctx, certifyTimeout)
	defer cancel()
	collector, err := c.vm.Certificates()
	if err != nil {
		return nil
	}
	own, err := c.vm.ValidatorsOf(ctx, header)
	if err != nil {
		return nil
	}
	certificate, err := collector.Certificate(ctx, header, own)
	if err != nil {
		return nil
	}
	block := &lightclient.LightBlock{Header: header, Validators: own.ValidatorSet, Certificate: certificate}
	return block.Bytes()
}

func (c *Chain) writeSnapshot(ctx context.Context, to io.Writer, begin func()) error {
	return c.vm.WriteSnapshot(ctx, to, vm.SnapshotOptions{Genesis: c.genesis, Certify: c.certificate, Begin: begin})
}

// serveSnapshots gives snapshots at the folder's socket until ctx ends.
func (c *Chain) serveSnapshots(ctx context.Context, folder *Folder) error {
	path := filepath.Join(folder.Path(), snapshotSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // the folder is locked: nobody listens there
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{
		ReadHeaderTimeout: readHeaderTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun := false
			err := c.writeSnapshot(r.Context(), &patient{w, http.NewResponseController(w)}, func() { begun = true })
			switch {
			case err != nil && begun:
				c.log.Warn("a snapshot was broken off", "error", err)
				panic(http.ErrAbortHandler) // the reader sees that it is not whole
			case err != nil:
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			}
		}),
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return nil
}

// snapshotPatience is how long a reader may take for what is written at a time. The chain keeps all
// that is in the snapshot until it ends.
const snapshotPatience = time.Minute

// patient gives each write a deadline.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p *patient) Write(content []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(snapshotPatience)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(content)
}

// Snapshot writes a snapshot file of the chain in a data folder, which may be running. It
// returns the block's header. The file is there whole, or not at all.
func Snapshot(ctx context.Context, data, out string) (header *chain.Header, err error) {
	temporary, err := os.CreateTemp(filepath.Dir(out), filepath.Base(out)+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary.Name()) // fails once it is renamed
	defer temporary.Close()
	folder, err := OpenFolder(data)
	switch {
	case errors.Is(err, ErrInUse):
		err = download(ctx, filepath.Join(data, snapshotSocket), temporary)
	case err == nil:
		err = errors.Join(offline(ctx, folder, temporary), folder.Close())
	}
	if err = errors.Join(err, temporary.Sync()); err != nil {
		return nil, err
	}
	if _, err := temporary.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	file, err := state.ReadSnapshotFile(temporary)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(temporary.Name(), out); err != nil {
		return nil, err
	}
	return file.Header, sealedfile.SyncFolder(filepath.Dir(out))
}

// offline writes a snapshot of a chain that does not run.
func offline(ctx context.Context, folder *Folder, to io.Writer) error {
	backend, err := state.Backend(filepath.Join(folder.Path(), chainFolder))
	if err != nil {
		return err
	}
	stopped, err := Open(folder, Options{Config: fmt.Appendf(nil, `{"database":%q,"archive":true}`, backend), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(stopped.writeSnapshot(ctx, to, func() {}), stopped.Close())
}

// download takes a snapshot from the process that runs the chain.
func download(ctx context.Context, socket string, to io.Writer) error {
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://chain/", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: asking the process that runs the chain: %w", ErrInUse, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, err := io.ReadAll(io.LimitReader(response.Body, 4096))
		return errors.Join(fmt.Errorf("the process that runs the chain: %s", said), err)
	}
	_, err = io.Copy(to, response.Body)
	return err
}

// Restore makes the data folder of a chain from a snapshot file. trust is asked whether its
// header may be believed; everything else is verified against that. The folder must be missing
// or empty: it is there whole afterwards, or as it was.
func Restore(from io.Reader, data, backend string, trust func(*state.SnapshotFile) error) (*chain.Header, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(data); err == nil && len(entries) > 0 {
		return nil, refusal.New(refusal.ErrConfig, "a data folder that is missing or empty", data)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	file, err := state.ReadSnapshotFile(from)
	if err == nil {
		err = trust(file)
	}
	if err != nil {
		return nil, err
	}
	staging, err := OpenFolder(data + ".restoring")
	if err != nil {
		return nil, err
	}
	defer func() { _ = staging.Close() }()
	if err := staging.restore(file, backend); err != nil {
		return nil, errors.Join(err, os.RemoveAll(staging.Path()))
	}
	if err := os.Rename(staging.Path(), data); err != nil {
		return nil, err
	}
	return file.Header, sealedfile.SyncFolder(filepath.Dir(data))
}

func (f *Folder) restore(file *state.SnapshotFile, backend string) error {
	for _, name := range []string{genesisFile, chainFolder} { // of an attempt that was broken off
		if err := os.RemoveAll(filepath.Join(f.Path(), name)); err != nil {
			return err
		}
	}
	at := filepath.Join(f.Path(), chainFolder)
	db, err := state.OpenDatabase(backend, at)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Restore(db, state.BlockFolder(at)), db.Close()); err != nil {
		return err
	}
	return errors.Join(f.SetGenesis(file.GenesisBytes), sealedfile.SyncFolder(at), sealedfile.SyncFolder(f.Path()))
}

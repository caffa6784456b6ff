package state

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// A snapshot file is a chain at one height: its genesis, the block's header and certificate,
// the chunks of the tree in the order of Chunks, and the blocks from that one back to the
// oldest. It begins with snapshotMagic. A record is its kind (1 byte), its length (4 bytes,
// big endian) and its content.
const snapshotMagic = "sessionvm/snapshot/v1\n"

const (
	recordGenesis     byte = iota + 1 // JSON
	recordBlockHeader                 // canonical
	recordCertificate                 // a light block, see docs/light-client.md; empty if there is none
	recordChunk
	recordBlock
	recordEnd // empty
)

// MaxCertificateRecord bounds the certificate in a snapshot file.
const MaxCertificateRecord = 16 << 20

var recordBounds = map[byte]uint32{
	recordGenesis:     chain.MaxGenesisBytes,
	recordBlockHeader: chain.MaxHeaderBytes,
	recordCertificate: MaxCertificateRecord,
	recordChunk:       MaxChunkBytes,
	recordBlock:       chain.MaxBlockBytes,
	recordEnd:         0,
}

// Hold keeps the state after the last accepted block, and all blocks that there are, until
// release is called.
func (s *Store) Hold() (header *chain.Header, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	header = s.last
	s.held[header.Height]++
	return header, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held[header.Height]--; s.held[header.Height] == 0 {
			delete(s.held, header.Height)
		}
	}
}

// WriteSnapshot writes a snapshot file of the chain at a block that is held. It may go on
// meanwhile.
func (s *Store) WriteSnapshot(to io.Writer, genesis []byte, header *chain.Header, certificate []byte) error {
	w := &recordWriter{to: bufio.NewWriterSize(to, 1<<20)}
	_, err := w.to.WriteString(snapshotMagic)
	for _, record := range []struct {
		kind    byte
		content []byte
	}{{recordGenesis, genesis}, {recordBlockHeader, header.Bytes()}, {recordCertificate, certificate}} {
		if err == nil {
			err = w.write(record.kind, record.content)
		}
	}
	if err != nil {
		return err
	}
	if err := s.Chunks(header, func(chunk []byte) error { return w.write(recordChunk, chunk) }); err != nil {
		return err
	}
	for height, lowest := header.Height, s.Lowest(); height >= lowest; height-- {
		body, err := s.BlockBytesAt(height)
		if err != nil {
			return err
		}
		if err := w.write(recordBlock, body); err != nil {
			return err
		}
	}
	return errors.Join(w.write(recordEnd, nil), w.to.Flush())
}

type recordWriter struct{ to *bufio.Writer }

func (w *recordWriter) write(kind byte, content []byte) error {
	if len(content) > int(recordBounds[kind]) {
		return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a record of at most %d bytes", recordBounds[kind]), len(content))
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(content)))
	_, err := w.to.Write(head)
	if err == nil {
		_, err = w.to.Write(content)
	}
	return err
}

type recordReader struct{ from *bufio.Reader }

// next returns the next record, which must be of one of two kinds.
func (r *recordReader) next(kinds ...byte) (kind byte, content []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return 0, nil, cut(err)
	}
	kind, length := head[0], binary.BigEndian.Uint32(head[1:])
	if bytes.IndexByte(kinds, kind) < 0 || length > recordBounds[kind] {
		return 0, nil, refusal.New(refusal.ErrMalformed, fmt.Sprintf("a record of kind %d of a snapshot file, of at most %d bytes", kinds, recordBounds[kinds[0]]), fmt.Sprintf("kind %d, %d bytes", kind, length))
	}
	content = make([]byte, length)
	if _, err := io.ReadFull(r.from, content); err != nil {
		return 0, nil, cut(err)
	}
	return kind, content, nil
}

// cut makes the end of a file a refusal.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return refusal.New(refusal.ErrMalformed, "a whole snapshot file", "one that is cut off")
	}
	return err
}

// SnapshotFile is the beginning of a snapshot file that is read.
type SnapshotFile struct {
	GenesisBytes []byte
	Genesis      *chain.Genesis
	Header       *chain.Header
	Certificate  []byte

	records recordReader
}

// ReadSnapshotFile reads the beginning of a snapshot file. It says nothing about whether the
// header is to be trusted.
func ReadSnapshotFile(from io.Reader) (*SnapshotFile, error) {
	f := &SnapshotFile{records: recordReader{bufio.NewReaderSize(from, 1<<20)}}
	magic := make([]byte, len(snapshotMagic))
	if _, err := io.ReadFull(f.records.from, magic); err != nil {
		return nil, cut(err)
	}
	if string(magic) != snapshotMagic {
		return nil, refusal.New(refusal.ErrVersion, fmt.Sprintf("a file that begins with %q", snapshotMagic), fmt.Sprintf("%q", magic))
	}
	var err error
	if _, f.GenesisBytes, err = f.records.next(recordGenesis); err != nil {
		return nil, err
	}
	if f.Genesis, err = chain.ParseGenesis(f.GenesisBytes); err != nil {
		return nil, err
	}
	_, header, err := f.records.next(recordBlockHeader)
	if err != nil {
		return nil, err
	}
	if f.Header, err = chain.ParseHeader(header); err != nil {
		return nil, err
	}
	_, f.Certificate, err = f.records.next(recordCertificate)
	return f, err
}

// Restore makes the chain's database of what follows, in an empty one: see Builder. All of it
// is verified against the header.
func (f *SnapshotFile) Restore(db dbm.DB, blockFolder string) (err error) {
	b, err := NewBuilder(db, blockFolder, f.Genesis, f.Header)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.Tree(func(Path, chain.Hash) ([]byte, error) {
		_, chunk, err := f.records.next(recordChunk)
		return chunk, err
	}); err != nil {
		return err
	}
	for {
		kind, content, err := f.records.next(recordBlock, recordEnd)
		if err != nil {
			return err
		}
		if kind == recordEnd {
			break
		}
		if err := b.AddBlock(content); err != nil {
			return err
		}
	}
	if _, err := f.records.from.ReadByte(); err != io.EOF {
		return refusal.New(refusal.ErrMalformed, "nothing after the end of a snapshot file", "more")
	}
	return b.Finish()
}

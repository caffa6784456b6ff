package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"

	"github.com/luxfi/session/chain"
)

// blockLog keeps the bodies of accepted blocks in files that are only appended to. Bodies
// are nineteen in twenty of the bytes that a chain writes; in a database each would be
// written three times or more: to its log, to a table, and again with every compaction.
//
// A body is written and synced before the batch that names its place is. What a crash
// leaves behind the last place that the database knows is cut off when the log is opened.
//
// A record is the body's length (4 bytes, big endian), its CRC-32C (4 bytes), and the body.
type blockLog struct {
	folder      string
	segmentSize int64

	mu      sync.RWMutex
	readers map[uint32]*os.File
	writer  *os.File
	segment uint32
	end     int64 // of the segment that is written
}

// place is where a body is.
type place struct {
	segment uint32
	offset  int64 // of the record
	length  uint32
}

const (
	placeSize       = 4 + 8 + 4
	recordHeader    = 4 + 4
	blockLogSegment = 1 << 30

	// maxUnfinished bounds what is in the log of a chain whose making was broken off: block
	// 0, which is hardly more than a header.
	maxUnfinished = recordHeader + chain.MaxHeaderBytes + 16
)

var crc32c = crc32.MakeTable(crc32.Castagnoli)

// errBlockLog is wrapped by everything that is wrong with the log's files.
var errBlockLog = errors.New("damaged block log")

func (p place) bytes() []byte {
	value := make([]byte, 0, placeSize)
	value = binary.BigEndian.AppendUint32(value, p.segment)
	value = binary.BigEndian.AppendUint64(value, uint64(p.offset))
	return binary.BigEndian.AppendUint32(value, p.length)
}

func parsePlace(value []byte) (place, error) {
	if len(value) != placeSize {
		return place{}, fmt.Errorf("%w: a place of %d bytes", errBlockLog, len(value))
	}
	return place{
		segment: binary.BigEndian.Uint32(value),
		offset:  int64(binary.BigEndian.Uint64(value[4:])),
		length:  binary.BigEndian.Uint32(value[12:]),
	}, nil
}

// openBlockLog opens the log in a folder. last is the place of the last accepted body, nil
// if there is none: whatever follows it is cut off.
func openBlockLog(folder string, segmentSize int64, last *place) (*blockLog, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	l := &blockLog{folder: folder, segmentSize: segmentSize, readers: make(map[uint32]*os.File)}
	if last != nil {
		l.segment = last.segment
		l.end = last.offset + recordHeader + int64(last.length)
	}
	// A later segment was begun by a block that was never accepted.
	if err := os.Remove(l.path(l.segment + 1)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := l.openWriter(); err != nil {
		return nil, err
	}
	info, err := l.writer.Stat()
	if err == nil && info.Size() < l.end {
		err = fmt.Errorf("%w: %s has %d bytes, expected at least %d", errBlockLog, l.path(l.segment), info.Size(), l.end)
	}
	if err == nil && last == nil && info.Size() > maxUnfinished {
		err = fmt.Errorf("%w: %s has blocks, the database has none: it has been lost or replaced", errBlockLog, l.path(l.segment))
	}
	if err == nil && info.Size() > l.end {
		if err = l.writer.Truncate(l.end); err == nil {
			err = l.writer.Sync()
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *blockLog) path(segment uint32) string {
	return filepath.Join(l.folder, fmt.Sprintf("%06d.blocks", segment))
}

// openWriter opens the segment that is written, and makes sure that its name is on disk.
func (l *blockLog) openWriter() error {
	file, err := os.OpenFile(l.path(l.segment), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	l.writer = file
	folder, err := os.Open(l.folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// append writes a body and syncs it. It is for one goroutine at a time.
func (l *blockLog) append(body []byte) (place, error) {
	if l.end >= l.segmentSize {
		if err := l.nextSegment(); err != nil {
			return place{}, err
		}
	}
	at := place{segment: l.segment, offset: l.end, length: uint32(len(body))}
	var header [recordHeader]byte
	binary.BigEndian.PutUint32(header[:], at.length)
	binary.BigEndian.PutUint32(header[4:], crc32.Checksum(body, crc32c))
	if _, err := l.writer.WriteAt(header[:], at.offset); err != nil {
		return place{}, err
	}
	if _, err := l.writer.WriteAt(body, at.offset+recordHeader); err != nil {
		return place{}, err
	}
	if err := l.writer.Sync(); err != nil {
		return place{}, err
	}
	l.end += recordHeader + int64(len(body))
	return at, nil
}

func (l *blockLog) nextSegment() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readers[l.segment] = l.writer
	l.segment++
	l.end = 0
	return l.openWriter()
}

// read returns the body at a place.
func (l *blockLog) read(at place) ([]byte, error) {
	file, err := l.reader(at.segment)
	if err != nil {
		return nil, err
	}
	record := make([]byte, recordHeader+int64(at.length))
	if _, err := file.ReadAt(record, at.offset); err != nil {
		return nil, fmt.Errorf("%w: %s at %d: %w", errBlockLog, l.path(at.segment), at.offset, err)
	}
	body := record[recordHeader:]
	if binary.BigEndian.Uint32(record) != at.length || binary.BigEndian.Uint32(record[4:]) != crc32.Checksum(body, crc32c) {
		return nil, fmt.Errorf("%w: %s at %d: length or checksum differ", errBlockLog, l.path(at.segment), at.offset)
	}
	return body, nil
}

// readPart returns the bytes from begin to end of the body at a place. The checksum of a body
// is over all of it: the caller checks the part.
func (l *blockLog) readPart(at place, begin, end int) ([]byte, error) {
	file, err := l.reader(at.segment)
	if err != nil {
		return nil, err
	}
	if begin < 0 || begin > end || int64(end) > int64(at.length) {
		return nil, fmt.Errorf("%w: %s at %d has %d bytes, expected those from %d to %d", errBlockLog, l.path(at.segment), at.offset, at.length, begin, end)
	}
	part := make([]byte, end-begin)
	if _, err := file.ReadAt(part, at.offset+recordHeader+int64(begin)); err != nil {
		return nil, fmt.Errorf("%w: %s at %d: %w", errBlockLog, l.path(at.segment), at.offset, err)
	}
	return part, nil
}

func (l *blockLog) reader(segment uint32) (*os.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if segment == l.segment {
		return l.writer, nil
	}
	if file, ok := l.readers[segment]; ok {
		return file, nil
	}
	file, err := os.Open(l.path(segment))
	if err != nil {
		return nil, err
	}
	l.readers[segment] = file
	return file, nil
}

func (l *blockLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.writer.Close()
	for _, file := range l.readers {
		err = errors.Join(err, file.Close())
	}
	return err
}

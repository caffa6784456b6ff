package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"sync"

	"github.com/luxfi/session/chain"
)

// blockLog keeps the bodies of accepted blocks in files that are only appended to. Bodies
// are nineteen in twenty of the bytes that a chain writes; in a database each would be
// written three times or more: to its log, to a table, and again with every compaction.
//
// A body is written and synced before the batch that names its place is. What a crash
// leaves behind the last place that the database knows is cut off when the log is opened.
// A segment whose blocks are all forgotten is removed.
//
// A record is the body's length (4 bytes, big endian), its CRC-32C (4 bytes), and the body.
type blockLog struct {
	files       files
	kind        logKind
	segmentSize int64

	mu      sync.RWMutex
	writer  file // nil: the segment is not there yet
	segment uint32
	end     int64 // of the segment that is written
}

// logKind is which of the two logs one is: that of blocks in the order of their acceptance, or
// that of blocks which were fetched later, from the newest to the oldest.
type logKind uint32

const (
	mainLog  logKind = 0
	olderLog logKind = 1 << 31 // in the segment's number
)

// place is where a body is.
type place struct {
	segment uint32
	offset  int64 // of the record
	length  uint32
}

const (
	placeSize       = 4 + 8 + 4
	recordHeader    = 4 + 4
	blockLogSegment = 64 << 20

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

func (p place) end() int64 { return p.offset + recordHeader + int64(p.length) }

// in reports whether the place is in a log.
func (p place) in(kind logKind) bool { return logKind(p.segment)&olderLog == kind }

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

// openBlockLog opens a log. last is the place of the last body in it that the database knows,
// nil if there is none: whatever follows it is cut off.
func openBlockLog(files files, kind logKind, segmentSize int64, last *place) (*blockLog, error) {
	l := &blockLog{files: files, kind: kind, segmentSize: segmentSize, segment: uint32(kind)}
	if last != nil {
		l.segment, l.end = last.segment, last.end()
	}
	// A later segment was begun by a block that was never accepted.
	if err := l.files.remove(l.name(l.segment + 1)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if kind == olderLog && last == nil {
		return l, l.remove(l.name(l.segment)) // most chains have none
	}
	if err := l.openWriter(); err != nil {
		return nil, err
	}
	size, err := l.writer.Size()
	if err == nil && size < l.end {
		err = fmt.Errorf("%w: %s has %d bytes, expected at least %d", errBlockLog, l.name(l.segment), size, l.end)
	}
	if err == nil && last == nil && size > maxUnfinished {
		err = fmt.Errorf("%w: %s has blocks, the database has none: it has been lost or replaced", errBlockLog, l.name(l.segment))
	}
	if err == nil && size > l.end {
		if err = l.writer.Truncate(l.end); err == nil {
			err = l.writer.Sync()
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// name returns the name of a segment's file.
func (l *blockLog) name(segment uint32) string {
	return fmt.Sprintf("%s%06d.blocks", l.prefix(), segment&^uint32(olderLog))
}

func (l *blockLog) prefix() string {
	if l.kind == olderLog {
		return "older-"
	}
	return ""
}

// openWriter opens the segment that is written, and makes sure that its name is on disk.
func (l *blockLog) openWriter() (err error) {
	if l.writer, err = l.files.open(l.name(l.segment), true); err != nil {
		return err
	}
	return l.files.sync()
}

// append writes a body and syncs it. It is for one goroutine at a time.
func (l *blockLog) append(body []byte) (place, error) {
	at, err := l.write(body)
	if err != nil {
		return place{}, err
	}
	return at, l.sync()
}

// write writes a body, which is on disk after the next sync. It is for one goroutine at a time.
func (l *blockLog) write(body []byte) (place, error) {
	if l.writer == nil || l.end >= l.segmentSize {
		if err := l.nextSegment(); err != nil {
			return place{}, err
		}
	}
	at := place{segment: l.segment, offset: l.end, length: uint32(len(body))}
	if err := writeRecord(l.writer, at, body); err != nil {
		return place{}, err
	}
	l.end = at.end()
	return at, nil
}

func writeRecord(to file, at place, body []byte) error {
	var header [recordHeader]byte
	binary.BigEndian.PutUint32(header[:], uint32(len(body)))
	binary.BigEndian.PutUint32(header[4:], crc32.Checksum(body, crc32c))
	if _, err := to.WriteAt(header[:], at.offset); err != nil {
		return err
	}
	_, err := to.WriteAt(body, at.offset+recordHeader)
	return err
}

// sync waits until everything that was written is on disk.
func (l *blockLog) sync() error {
	if l.writer == nil {
		return nil
	}
	return l.writer.Sync()
}

func (l *blockLog) nextSegment() error {
	if err := l.sync(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.closeWriter(); err != nil {
		return err
	}
	if l.end > 0 {
		l.segment++
	}
	l.end = 0
	return l.openWriter()
}

func (l *blockLog) closeWriter() (err error) {
	if l.writer != nil {
		err = l.writer.Close()
	}
	l.writer = nil
	return err
}

// read returns the body at a place.
func (l *blockLog) read(at place) ([]byte, error) {
	record := make([]byte, recordHeader+int64(at.length))
	err := l.use(at.segment, func(f file) error {
		_, err := f.ReadAt(record, at.offset)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s at %d: %w", errBlockLog, l.name(at.segment), at.offset, err)
	}
	body := record[recordHeader:]
	if binary.BigEndian.Uint32(record) != at.length || binary.BigEndian.Uint32(record[4:]) != crc32.Checksum(body, crc32c) {
		return nil, fmt.Errorf("%w: %s at %d: length or checksum differ", errBlockLog, l.name(at.segment), at.offset)
	}
	return body, nil
}

// scrubBuffer is how much of a body is read at a time to check it.
const scrubBuffer = 64 << 10

// check reads the body at a place through a buffer, and compares its checksum.
func (l *blockLog) check(at place, buffer []byte) error {
	var (
		header [recordHeader]byte
		sum    uint32
	)
	err := l.use(at.segment, func(f file) error {
		if _, err := f.ReadAt(header[:], at.offset); err != nil {
			return err
		}
		for offset := at.offset + recordHeader; offset < at.end(); offset += int64(len(buffer)) {
			part := buffer[:min(int64(len(buffer)), at.end()-offset)]
			if _, err := f.ReadAt(part, offset); err != nil {
				return err
			}
			sum = crc32.Update(sum, crc32c, part)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s at %d: %w", errBlockLog, l.name(at.segment), at.offset, err)
	}
	if binary.BigEndian.Uint32(header[:]) != at.length || binary.BigEndian.Uint32(header[4:]) != sum {
		return fmt.Errorf("%w: %s at %d: length or checksum differ", errBlockLog, l.name(at.segment), at.offset)
	}
	return nil
}

// readPart returns the bytes from begin to end of the body at a place. The checksum of a body
// is over all of it: the caller checks the part.
func (l *blockLog) readPart(at place, begin, end int) ([]byte, error) {
	if begin < 0 || begin > end || int64(end) > int64(at.length) {
		return nil, fmt.Errorf("%w: %s at %d has %d bytes, expected those from %d to %d", errBlockLog, l.name(at.segment), at.offset, at.length, begin, end)
	}
	part := make([]byte, end-begin)
	err := l.use(at.segment, func(f file) error {
		_, err := f.ReadAt(part, at.offset+recordHeader+int64(begin))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s at %d: %w", errBlockLog, l.name(at.segment), at.offset, err)
	}
	return part, nil
}

// use opens a segment for a while. The one that is written is open anyway.
func (l *blockLog) use(segment uint32, do func(file) error) error {
	l.mu.RLock()
	if segment == l.segment && l.writer != nil {
		defer l.mu.RUnlock()
		return do(l.writer)
	}
	l.mu.RUnlock()
	f, err := l.files.open(l.name(segment), false)
	if err != nil {
		return err
	}
	return errors.Join(do(f), f.Close())
}

// drop removes a segment whose blocks are all forgotten.
func (l *blockLog) drop(segment uint32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if segment == l.segment { // of the log of older blocks: that of the last block is never dropped
		if err := l.closeWriter(); err != nil {
			return err
		}
	}
	return l.remove(l.name(segment))
}

func (l *blockLog) remove(name string) error {
	if err := l.files.remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// dropExcept removes the segments that the chain does not use: those that a crash has left
// after the database had forgotten them.
func (l *blockLog) dropExcept(used func(segment uint32) bool) error {
	names, err := l.files.list()
	if err != nil {
		return err
	}
	for _, name := range names {
		var number uint32
		digits, ours := strings.CutPrefix(name, l.prefix())
		if _, err := fmt.Sscanf(digits, "%06d.blocks", &number); err != nil || !ours || l.name(number) != name {
			continue
		}
		if segment := number | uint32(l.kind); segment != l.segment && !used(segment) {
			if err := l.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *blockLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closeWriter()
}

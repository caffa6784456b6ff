package sealedfile

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// MaxRecord bounds one record of a Log, in bytes.
	MaxRecord = 4 << 20
	// headSize is 4 length and 4 CRC-32 of it: a length that is damaged is not taken for a
	// record that was cut.
	headSize = 8
)

// Log is a file of records that grows at its end: 1 version, and for each record 4 length, 4
// CRC-32 (IEEE) of the length, 24 random nonce, and the record, encrypted, with 16 bytes of tag.
// Its place in the file is authenticated with it.
type Log struct {
	file       *os.File
	aead       cipher.AEAD
	associated []byte
	count      uint64
	end        int64
	failed     error
}

// OpenLog opens a log, or makes it, and visits its records. What a crash left of a record at
// the end, which Append has not confirmed, is cut off. One program at a time may have it open.
func OpenLog(path string, key, purpose []byte, visit func(record []byte) error) (*Log, error) {
	return openLog(path, os.O_RDWR|os.O_CREATE, key, purpose, visit)
}

// ReadLog visits the records of a log, and changes nothing: somebody else may be appending.
func ReadLog(path string, key, purpose []byte, visit func(record []byte) error) error {
	l, err := openLog(path, os.O_RDONLY, key, purpose, visit)
	if err != nil {
		return err
	}
	return l.Close()
}

func openLog(path string, flag int, key, purpose []byte, visit func(record []byte) error) (*Log, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	file, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	l := &Log{file: file, aead: aead, associated: associated(purpose)}
	if err := l.load(visit, flag != os.O_RDONLY); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func (l *Log) load(visit func([]byte) error, writable bool) error {
	info, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	if info.Size() == 0 && !writable {
		return nil // it is being made
	}
	if info.Size() == 0 {
		if _, err = l.file.WriteAt([]byte{version1}, 0); err == nil {
			err = errors.Join(l.file.Sync(), SyncFolder(filepath.Dir(l.file.Name())))
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrWrite, err)
		}
		l.end = 1
		return nil
	}
	var version [1]byte
	if _, err := l.file.ReadAt(version[:], 0); err != nil || version[0] != version1 {
		return fmt.Errorf("%w: expected version %#02x, got %#02x", ErrFile, version1, version[0])
	}
	l.end = 1
	for l.end < info.Size() {
		record, size, err := l.read(info.Size() - l.end)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			if !writable {
				return nil
			}
			if err := l.file.Truncate(l.end); err != nil {
				return fmt.Errorf("%w: %w", ErrWrite, err)
			}
			return nil
		}
		if err == nil {
			err = visit(record)
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", l.count, err)
		}
		l.end += size
		l.count++
	}
	return nil
}

// read returns the record at the end that is known so far, io.ErrUnexpectedEOF if the file
// ends before it does.
func (l *Log) read(left int64) (record []byte, size int64, err error) {
	if left < headSize {
		return nil, 0, io.ErrUnexpectedEOF
	}
	var head [headSize]byte
	if _, err := l.file.ReadAt(head[:], l.end); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrFile, err)
	}
	sealed := int64(binary.BigEndian.Uint32(head[:]))
	if head == [headSize]byte{} { // no record's: its CRC-32 would not be 0
		return nil, 0, l.zeros(left)
	}
	if binary.BigEndian.Uint32(head[4:]) != crc32.ChecksumIEEE(head[:4]) || sealed < overhead || sealed > MaxRecord+overhead {
		return nil, 0, fmt.Errorf("%w: expected a record of %d to %d bytes, got %d", ErrFile, overhead, MaxRecord+overhead, sealed)
	}
	if left-headSize < sealed {
		return nil, 0, io.ErrUnexpectedEOF
	}
	encrypted := make([]byte, sealed)
	if _, err := l.file.ReadAt(encrypted, l.end+headSize); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrFile, err)
	}
	record, err = open(l.aead, encrypted, l.placed(l.count))
	return record, headSize + sealed, err
}

// zeros returns io.ErrUnexpectedEOF if the rest of the file is zeros: a power failure can leave
// a file that has grown, and nothing of what was written into it.
func (l *Log) zeros(left int64) error {
	rest := io.NewSectionReader(l.file, l.end, left)
	for buffer := make([]byte, 32<<10); ; {
		n, err := rest.Read(buffer)
		if len(bytes.Trim(buffer[:n], "\x00")) > 0 {
			return fmt.Errorf("%w: expected a record, got zeros", ErrFile)
		}
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrFile, err)
		}
	}
}

func (l *Log) placed(index uint64) []byte {
	return binary.BigEndian.AppendUint64(l.associated[:len(l.associated):len(l.associated)], index)
}

// Append adds records, and returns once they are on disk. After an error nobody knows what is
// on disk: open the log again.
func (l *Log) Append(records ...[]byte) error {
	if l.failed != nil {
		return l.failed
	}
	var encrypted []byte
	for i, record := range records {
		if len(record) > MaxRecord {
			return fmt.Errorf("%w: expected a record of at most %d bytes, got %d", ErrWrite, MaxRecord, len(record))
		}
		length := binary.BigEndian.AppendUint32(nil, uint32(overhead+len(record)))
		encrypted = binary.BigEndian.AppendUint32(append(encrypted, length...), crc32.ChecksumIEEE(length))
		encrypted = seal(encrypted, l.aead, record, l.placed(l.count+uint64(i)))
	}
	_, err := l.file.WriteAt(encrypted, l.end)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		l.failed = fmt.Errorf("%w: %w", ErrWrite, err)
		return l.failed
	}
	l.end += int64(len(encrypted))
	l.count += uint64(len(records))
	return nil
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }

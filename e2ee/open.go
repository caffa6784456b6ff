package e2ee

import (
	"github.com/luxfi/session/pq"

	"github.com/luxfi/session/refusal"
)

// Opened is what was in a message.
type Opened struct {
	// Announcement: it started an epoch.
	Announcement bool
	// Message: it has a content. An announcement may, or come by itself.
	Message bool
	// Sender sent it.
	Sender ID
	// Epoch and Index are its place in what the sender sent.
	Epoch, Index uint32
	// Renewed: the sender's KEM key is a new one.
	Renewed bool
	// Seen is how far the sender had read.
	Seen Seen
	// Type and Content are what was sealed.
	Type    ContentType
	Content []byte
}

// Open opens what another member has sent: a message, an announcement, or one with the other after it. The caller has verified the
// sender's ML-DSA signature of the transaction that carried it, as the chain does: within a
// group, nothing else says which of its members wrote it.
//
// ErrEpochUnknown may pass: open the announcement first. The other errors are final.
func (s *Session) Open(now uint64, sender ID, encoded []byte) (Opened, error) {
	if len(s.peers) == 0 {
		return Opened{}, refusal.Because(ErrWiped, "expected a session that has its keys")
	}
	from := s.peer(sender)
	if from == nil {
		return Opened{}, refusal.Because(ErrSender, "got one of %s", pq.FormatID(sender))
	}
	if len(encoded) == 0 {
		return Opened{}, refusal.Because(ErrMalformed, "it is empty")
	}
	switch kind := encoded[0]; kind {
	case kindAnnouncement:
		return s.openAnnouncement(now, from, encoded)
	case kindMessage:
		return s.openMessage(now, from, encoded)
	case kindChunk:
		return Opened{}, refusal.Because(ErrChunk, "expected a message: give this to the attachment's Download")
	default:
		return Opened{}, refusal.Because(ErrVersion, "expected %#02x or %#02x, got %#02x: a newer program may open it", kindAnnouncement, kindMessage, kind)
	}
}

func (s *Session) openMessage(now uint64, from *peer, encoded []byte) (Opened, error) {
	wire, err := parseMessage(encoded)
	if err != nil {
		return Opened{}, err
	}
	epoch := from.epoch(wire.epoch)
	if epoch == nil {
		if wire.epoch < from.floor {
			return Opened{}, refusal.Because(ErrEpochErased, "expected an epoch from %d on, got %d", from.floor, wire.epoch)
		}
		return Opened{}, refusal.Because(ErrEpochUnknown, "epoch %d of %s", wire.epoch, pq.FormatID(from.id))
	}
	opened, err := s.openIn(now, from, epoch, wire)
	if err != nil {
		return Opened{}, err
	}
	s.forget(now)
	return opened, nil
}

// openIn opens a message in an epoch, whose key it erases.
func (s *Session) openIn(now uint64, from *peer, epoch *receivingEpoch, wire messageWire) (Opened, error) {
	key, err := epoch.messageKey(wire.index)
	if err != nil {
		return Opened{}, err
	}
	defer key.wipe()
	padded, err := openMessage(wire, key.key, associatedData(s.session, from.id, epoch.transcript, wire.header))
	if err != nil {
		return Opened{}, err
	}
	opened, err := unpad(padded)
	if err != nil {
		return Opened{}, err
	}
	opened.Message, opened.Sender, opened.Epoch, opened.Index = true, from.id, wire.epoch, wire.index

	epoch.useMessage(wire.index, key, now)
	return opened, nil
}

package messaging

import (
	"strconv"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
)

// Suite is the KEM of the sessions that this package makes: hybrid, so that a flaw in
// ML-KEM-768 or in X25519 alone opens nothing (what is sealed to a member that has not spoken
// yet rests on ML-KEM-768, see e2ee.SuiteXWing).
const Suite = e2ee.SuiteXWing

// metadataSuite is the key in a session's metadata under which its suite is, as a number. The
// session's ID commits to it, and the suite is in the transcript of every announcement.
const metadataSuite = "e2ee"

// Metadata returns what a session's metadata says of its encryption.
func Metadata() []chain.MetadataEntry {
	return []chain.MetadataEntry{{Key: metadataSuite, Value: strconv.Itoa(int(Suite))}}
}

// suiteOf returns the suite that a session was made with: SuiteMLKEM768 if it does not say.
func suiteOf(made *chain.CreateSession) (e2ee.Suite, error) {
	for _, entry := range made.Metadata {
		if entry.Key != metadataSuite {
			continue
		}
		for _, suite := range []e2ee.Suite{e2ee.SuiteMLKEM768, e2ee.SuiteXWing} {
			if entry.Value == strconv.Itoa(int(suite)) {
				return suite, nil
			}
		}
		return 0, wrapf(e2ee.ErrSuite, "want one that this program knows, got %q", entry.Value)
	}
	return e2ee.SuiteMLKEM768, nil
}

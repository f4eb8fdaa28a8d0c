package storage

import (
	"fmt"
	"hash/crc32"
	"io"
)

const readBytes = 32 << 10

// receive reads the body to its end. The object store itself is left out: only size and checksum are kept.
func (s *Service) receive(session *Session, body io.Reader) (Receipt, error) {
	defer s.sessions.retire(session)
	buffer := make([]byte, readBytes)
	checksum := crc32.NewIEEE()
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			_, _ = checksum.Write(buffer[:n])
			session.add(n)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			s.log.Warn("Upload aborted session=%s", session.id)
			return Receipt{}, fmt.Errorf("upload %s: %w", session.id, err)
		}
	}
	s.log.Info("Upload complete session=%s", session.id)
	return Receipt{Session: session.id, SizeBytes: session.received(), Checksum: checksum.Sum32()}, nil
}

// Package logging writes the lines of the incident's log: time, level, text.
package logging

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Logger writes whole lines; it may be used by many goroutines. A nil Logger is silent.
type Logger struct {
	mu  sync.Mutex
	out io.Writer
}

// New returns a logger to out.
func New(out io.Writer) *Logger { return &Logger{out: out} }

// Info writes a line of ordinary work.
func (l *Logger) Info(format string, args ...any) { l.write("INFO ", format, args) }

// Warn writes a line of something that a person may want to look at.
func (l *Logger) Warn(format string, args ...any) { l.write("WARN ", format, args) }

func (l *Logger) write(level, format string, args []any) {
	if l == nil {
		return
	}
	line := time.Now().UTC().Format(time.RFC3339) + " " + level + " " + fmt.Sprintf(format, args...) + "\n"
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.out, line)
}

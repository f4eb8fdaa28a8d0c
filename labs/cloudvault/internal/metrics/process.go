package metrics

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// startedAt is close enough to the start of the process: packages are initialised before anything else runs.
var startedAt = time.Now()

// writeProcess writes what is known of the process from outside; sizes only where there is a Linux /proc.
func writeProcess(t text) {
	t.gauge("process_start_time_seconds", "Unix time of the start.", float64(startedAt.UnixNano())/1e9)
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return
	}
	pages := bytes.Fields(statm)
	if len(pages) < 2 {
		return
	}
	pageBytes := float64(os.Getpagesize())
	virtual, _ := strconv.ParseFloat(string(pages[0]), 64)
	resident, _ := strconv.ParseFloat(string(pages[1]), 64)
	t.gauge("process_virtual_memory_bytes", "Virtual memory.", virtual*pageBytes)
	t.gauge("process_resident_memory_bytes", "Resident memory.", resident*pageBytes)
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		t.gauge("process_open_fds", "Open file descriptors.", float64(len(files)))
	}
}

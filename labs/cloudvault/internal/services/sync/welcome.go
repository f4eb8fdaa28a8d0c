package sync

import "fmt"

// welcomeFiles are the samples and templates that each folder begins with.
func welcomeFiles(count int) []Change {
	files := make([]Change, count)
	for i := range files {
		files[i] = Change{File: fmt.Sprintf("/templates/%04d.docx", i), SizeBytes: int64(1024 + i)}
	}
	return files
}

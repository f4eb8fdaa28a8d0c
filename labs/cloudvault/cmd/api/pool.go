package main

import "cloudvault/internal/services/storage"

// poolWorkers scan the files that have been stored.
const poolWorkers = 64

// pool starts the workers and returns how to give them a file. They live as long as the process, as they should.
func pool(scanned func()) func(storage.Receipt) {
	jobs := make(chan storage.Receipt, 4*poolWorkers)
	for i := 0; i < poolWorkers; i++ {
		go func() {
			for range jobs {
				scanned()
			}
		}()
	}
	return func(receipt storage.Receipt) {
		select {
		case jobs <- receipt:
		default:
			// The nightly scan finds what there was no room for.
		}
	}
}

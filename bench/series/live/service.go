// As service.js.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

var kept [][]byte

func main() {
	leaks := os.Args[1] == "leak"
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	sessions := map[int][]string{}
	number := 0
	started := time.Now()
	due := started
	for time.Since(started).Seconds() < seconds {
		for call := 0; call < 30; call++ {
			number++
			rows := make([]string, 50)
			for row := range rows {
				rows[row] = "row " + strconv.Itoa(number*row)
			}
			sessions[number] = rows[:10]
			delete(sessions, number-3000)
			if leaks && call == 0 {
				kept = append(kept, make([]byte, 8000))
			}
		}
		time.Sleep(4 * time.Millisecond)
		if time.Now().After(due) {
			due = due.Add(100 * time.Millisecond)
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			text, _ := os.ReadFile("/proc/self/statm")
			pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
			fmt.Println(time.Now().UnixMilli(), stats.HeapAlloc, pages*4096)
		}
	}
}

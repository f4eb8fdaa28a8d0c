package metrics

import (
	"fmt"
	"runtime"
	"runtime/pprof"
)

// writeRuntime writes what the Go client library of Prometheus calls the Go collector.
func writeRuntime(t text) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(t.out, "# HELP go_info The Go version.\n# TYPE go_info gauge\ngo_info{version=%q} 1\n", runtime.Version())
	t.gauge("go_goroutines", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	t.gauge("go_threads", "Threads that were created.", float64(pprof.Lookup("threadcreate").Count()))
	t.counter("go_gc_cycles_total", "Garbage collections that ended.", float64(m.NumGC))

	bytes := func(name, help string, value uint64) { t.gauge("go_memstats_"+name+"_bytes", help, float64(value)) }
	bytes("alloc", "Heap in use by objects.", m.Alloc)
	bytes("sys", "Memory obtained from the system.", m.Sys)
	bytes("heap_alloc", "Heap in use by objects.", m.HeapAlloc)
	bytes("heap_sys", "Heap obtained from the system.", m.HeapSys)
	bytes("heap_idle", "Heap in spans without objects.", m.HeapIdle)
	bytes("heap_inuse", "Heap in spans with objects.", m.HeapInuse)
	bytes("heap_released", "Heap returned to the system.", m.HeapReleased)
	bytes("stack_inuse", "Stacks of goroutines in use.", m.StackInuse)
	bytes("stack_sys", "Stacks obtained from the system.", m.StackSys)
	bytes("mspan_inuse", "Span structures in use.", m.MSpanInuse)
	bytes("mspan_sys", "Span structures obtained from the system.", m.MSpanSys)
	bytes("mcache_inuse", "Cache structures in use.", m.MCacheInuse)
	bytes("mcache_sys", "Cache structures obtained from the system.", m.MCacheSys)
	bytes("buck_hash_sys", "Profiling tables.", m.BuckHashSys)
	bytes("gc_sys", "Metadata of the garbage collector.", m.GCSys)
	bytes("other_sys", "Other memory of the runtime.", m.OtherSys)
	bytes("next_gc", "Heap size at which the next collection begins.", m.NextGC)
	t.gauge("go_memstats_heap_objects", "Objects on the heap.", float64(m.HeapObjects))
	t.gauge("go_memstats_last_gc_time_seconds", "Unix time of the last collection.", float64(m.LastGC)/1e9)
	t.counter("go_memstats_alloc_bytes_total", "Bytes allocated since the start.", float64(m.TotalAlloc))
	t.counter("go_memstats_mallocs_total", "Objects allocated since the start.", float64(m.Mallocs))
	t.counter("go_memstats_frees_total", "Objects freed since the start.", float64(m.Frees))
}

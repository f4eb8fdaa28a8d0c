package metrics

import (
	"fmt"
	"io"
	"strconv"
)

// text writes the Prometheus text format 0.0.4.
type text struct{ out io.Writer }

func (t text) counter(name, help string, value float64) { t.family("counter", name, help, value) }
func (t text) gauge(name, help string, value float64)   { t.family("gauge", name, help, value) }

func (t text) family(kind, name, help string, value float64) {
	fmt.Fprintf(t.out, "# HELP %s %s\n# TYPE %s %s\n%s %s\n", name, help, name, kind, name, number(value))
}

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

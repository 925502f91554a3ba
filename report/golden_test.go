package report_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/report"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestGolden(t *testing.T) {
	formats := []report.Format{
		report.FormatTable, report.FormatWide, report.FormatJSON, report.FormatQuiet, report.FormatCSV, report.FormatMarkdown,
		report.FormatJUnit, report.FormatTAP, report.FormatProm,
	}
	all := conclusions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, format := range formats {
			t.Run(name+"/"+string(format), func(t *testing.T) {
				checkGolden(t, filepath.Join("testdata", name+"."+string(format)), render(t, format, all[name]))
			})
		}
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./report -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), changed on purpose: go test ./report -update\n%s", file, diff)
	}
}

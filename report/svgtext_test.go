package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNamesFitAPicture(t *testing.T) {
	check := func(name string, pixels float64, want string) {
		t.Helper()
		got := within(name, pixels)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%.30q in %v pixels is %q, want %q", name, pixels, got, want)
		}
		if w := measure(got); w > pixels {
			t.Errorf("%q takes %.0f pixels, more than %.0f", got, w, pixels)
		}
	}
	check("v1", 106, "v1")
	check("weather-backend/single", 172, "weather-b…end/single")
	check("weather-backend/single", 106, "weath…single")
	check(strings.Repeat("w", 10_000), 106, "www…www")
	check("v1\x1b[31m", 106, `v1\x1b[31m`)
	check("天気のバックエンド", 106, "天気の…エンド")
	check("", 106, "")
}

func TestTextIsWrapped(t *testing.T) {
	lines := wrap("no proxy answers on 127.0.0.1:15000 or [::1]:15000, and none was named with --envoy", 180, 3)
	if len(lines) != 3 || !strings.HasSuffix(lines[2], " …") {
		t.Errorf("got %q", lines)
	}
	for _, line := range lines {
		if measure(strings.TrimSuffix(line, " …")) > 180 {
			t.Errorf("%q takes %.0f pixels", line, measure(line))
		}
	}
	if lines := wrap("", 180, 3); len(lines) != 0 {
		t.Errorf("of no text: %q", lines)
	}
}

package main

import (
	"bufio"
	"bytes"
	"debug/elf"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDockerfile holds what README and examples promise of the image.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, image, _ := strings.Cut(string(text), "\nFROM scratch\n")
	for _, line := range []string{"ENV PATH=/", "WORKDIR /", "USER 65532:65532", `ENTRYPOINT ["/respy"]`, `CMD ["serve"]`} {
		if !strings.Contains(image, "\n"+line+"\n") {
			t.Errorf("the image has no line %s", line)
		}
	}
	if !regexp.MustCompile(`(?m)^RUN make build\b`).Match(text) || bytes.Contains(text, []byte("go build")) {
		t.Error("the image is not built by make build, which has the flags")
	}
}

// imageRoot is an empty root folder with the program that make build makes, as the image has it.
func imageRoot(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the image is not tested: run the tests as root on Linux")
		}
		t.Skip("it takes root on Linux to run the program in an empty root folder")
	}
	root := t.TempDir()
	for folder := root; folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("make", "-s", "build", "OUT="+filepath.Join(root, "respy")).CombinedOutput(); err != nil {
		t.Fatalf("make build: %v\n%s", err, out)
	}
	return root
}

// inside runs a command line in the folder as the image's user, who may write nowhere.
func inside(root string, args ...string) *exec.Cmd {
	const script = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" &&
exec env -i PATH=/ "$(command -v chroot)" --userspec=65532:65532 --groups= "$0" ./respy "$@"`
	return exec.Command("unshare", append([]string{"--mount", "sh", "-c", script, root}, args...)...)
}

func TestImage(t *testing.T) {
	root := imageRoot(t)
	program, err := elf.Open(filepath.Join(root, "respy"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the program is not static: it has a segment %v", p.Type)
		}
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"version"}, 0, "respy "},
		{[]string{"demo", "--alpha", "1e-9"}, 0, "MATCH"},
		{[]string{"demo", "--fault", "ignored"}, 1, "MISMATCH"},
		{[]string{"-o", "json=/report.json", "--expect", "a=1", "http://127.0.0.1:1"}, 4, "read-only"},
	} {
		out, err := inside(root, test.args...).CombinedOutput()
		if code := exitCodeOf(err); code != test.code || !strings.Contains(string(out), test.want) {
			t.Errorf("respy %v: exit %d (%v), want %d and %q:\n%s", test.args, code, err, test.code, test.want, out)
		}
	}
}

func exitCodeOf(err error) int {
	if exit, failed := err.(*exec.ExitError); failed {
		return exit.ExitCode()
	}
	return 0
}

// TestImageIdles runs the image's default command, without targets, until it is told to end.
func TestImageIdles(t *testing.T) {
	command := inside(imageRoot(t), "serve", "--listen", "127.0.0.1:0")
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Process.Kill()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	address := regexp.MustCompile(`http://[\d.:]+`).FindString(line)
	if address == "" {
		t.Fatalf("serve says %q (%v), want its address", line, err)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); response.StatusCode != http.StatusOK || string(body) != "ok\n" {
		t.Errorf("/healthz answers %s: %q (%v)", response.Status, body, err)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("serve does not end well when it is told to: %v", err)
	}
}

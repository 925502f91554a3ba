package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"respy/diagnose"
	"respy/k8s"
)

const (
	kubeletsLog    = "/dev/termination-log" // where a container's last words are read, unless its manifest says otherwise
	terminationMax = 4096                   // bytes that Kubernetes keeps of them
	agent          = "http://127.0.0.1:15020"
	leavePatience  = 5 * time.Second
)

// leave does what is due when a run in a pod ends, however it ends: it leaves the last words and has the sidecar quit.
// It returns the exit code.
func (c *config) leave(ctx context.Context, conclusion *diagnose.Conclusion, code int, err error, std streams) int {
	switch {
	case err != nil && signalOf(ctx) > 0:
		code = diagnose.ExitSignal + signalOf(ctx)
	case err != nil:
		code = exitTrouble
	}
	if file := c.terminationFile(os.Getpid(), kubeletsLog); file != "" {
		if err := os.WriteFile(file, lastWords(conclusion, code, err), 0o644); err != nil {
			note(std.err, "the termination message cannot be written: %v", err)
			if code == 0 && c.terminationLog != "" {
				code = exitTrouble
			}
		}
	}
	if c.quitProxy {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leavePatience)
		defer cancel()
		if err := quitProxy(ctx, agent, c.ownPod(ctx, std)); err != nil {
			note(std.err, "--quit-proxy: %v", err)
		}
	}
	return code
}

// terminationFile is where the last words go: where the user says; else where the kubelet reads them, if the process is
// the container's own and not one that somebody started beside it.
func (c *config) terminationFile(pid int, kubelets string) string {
	if c.terminationLog != "" {
		return c.terminationLog
	}
	if _, err := os.Stat(kubelets); pid == 1 && err == nil {
		return kubelets
	}
	return ""
}

// message is a run in one line.
type message struct {
	Schema   string           `json:"schema"`
	Target   string           `json:"target,omitempty"`
	Verdict  diagnose.Verdict `json:"verdict,omitempty"`
	Reason   diagnose.Reason  `json:"reason,omitempty"`
	Message  string           `json:"message"`
	ExitCode int              `json:"exitCode"`
	Findings []cause          `json:"findings,omitempty"` // as in the report, without the evidence
}

type cause struct {
	ID      string `json:"id"`
	Summary string `json:"summary"`
	Fix     string `json:"fix"`
}

// lastWords is the outcome as a line of JSON. Where it would be too long to be kept, it lacks the last findings, and then
// the ends of its texts: half of a fix would be none.
func lastWords(conclusion *diagnose.Conclusion, code int, err error) []byte {
	m := message{Schema: diagnose.Schema, ExitCode: code}
	if conclusion != nil {
		m.Target, m.Verdict, m.Reason, m.Message = conclusion.Target, conclusion.Verdict, conclusion.Reason, conclusion.Message
		for _, f := range conclusion.Findings {
			m.Findings = append(m.Findings, cause{f.ID, f.Summary, f.Fix})
		}
	}
	if err != nil {
		m.Message = err.Error()
	}
	for {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(m); err != nil {
			return []byte(fmt.Sprintf("%q\n", err.Error()))
		}
		if line.Len() <= terminationMax {
			return line.Bytes()
		}
		if len(m.Findings) > 1 || len(m.Target)+len(m.Message) < terminationMax/8 && len(m.Findings) > 0 {
			m.Findings = m.Findings[:len(m.Findings)-1]
		} else {
			m.Target, m.Message = halve(m.Target), halve(m.Message)
		}
	}
}

// halve cuts the second half off, not within a letter.
func halve(text string) string {
	end := len(text) / 2
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// ownPod reads the pod that the process runs in, nil when that is not possible.
func (c *config) ownPod(ctx context.Context, std streams) *k8s.Pod {
	d, err := c.openDeclarations(std)
	if err != nil {
		return nil
	}
	pod, _ := d.pod(ctx, nil)
	return pod
}

// quitProxy has a classic sidecar end, without which a Job never completes. Any other one ends by itself, or would be
// started again; and where the pod is not known, it may be one whose proxy others need.
func quitProxy(ctx context.Context, agent string, pod *k8s.Pod) error {
	switch {
	case pod == nil:
		return errors.New("not sent, as the own pod cannot be read to see what sidecar it has: grant get on pods")
	case !pod.ClassicSidecar():
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, agent+"/quitquitquit", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy of the environment
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", agent, response.Status)
	}
	return nil
}

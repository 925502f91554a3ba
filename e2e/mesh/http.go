package mesh

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// fetch returns the body of an answer of status 200.
func fetch(ctx context.Context, c *http.Client, method, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	answer, err := c.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", url, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s: %s", url, answer.Status, bytes.TrimSpace(body))
	}
	return body, nil
}

// Server stands in for the applications of the weather and the colors example. Its environment makes it one of them: NAME and
// VERSION answer as text, COLOR is a page of that colour, BACKEND is asked for what to show. PORT is 5000 unless told.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	server := &http.Server{Addr: ":" + cmp.Or(os.Getenv("PORT"), "5000"), Handler: application(os.Getenv), ReadHeaderTimeout: 5 * time.Second}
	log.Print(server.ListenAndServe())
	os.Exit(1)
}

// application answers as the variables say.
func application(env func(string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch backend := env("BACKEND"); {
		case backend != "":
			show(w, r, "http://"+backend+"/version")
		case env("COLOR") != "":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<html><body style=\"background-color: %s\"></body></html>\n", env("COLOR"))
		default:
			fmt.Fprintf(w, "%s: %s\n", env("NAME"), env("VERSION"))
		}
	})
}

// show answers with what the backend does, on a connection of its own.
func show(w http.ResponseWriter, r *http.Request, url string) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, url, nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	w.WriteHeader(response.StatusCode)
	io.Copy(w, io.LimitReader(response.Body, 1<<20))
}

package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"strconv"

	"function/core"
)

const visits = "{{name}}/visits"

// Greeting is the answer.
type Greeting struct {
	Message string `json:"message"`
	// Visits counts how often anybody was greeted.
	Visits int `json:"visits"`
}

// The platform runs the program once for each request, as CGI: net/http handlers work as they are,
// and what is logged to stderr is the function's log.
func main() {
	http.HandleFunc("GET /{{name}}", greet)
	http.HandleFunc("GET /{{name}}/{who}", greet)
	http.HandleFunc("POST /{{name}}", greet)
	if err := cgi.Serve(nil); err != nil {
		log.Fatal(err)
	}
}

func greet(w http.ResponseWriter, r *http.Request) {
	who := r.PathValue("who")
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.Body, 256))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		who = string(body)
	}
	if who == "" {
		who = "World"
	}
	count, err := countVisit()
	if err != nil {
		log.Print(err)
		http.Error(w, "the visit could not be counted", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(Greeting{Message: "Hello, " + who + "!", Visits: count})
}

// countVisit returns the new count; it is on disk then.
func countVisit() (int, error) {
	stored, err := core.PersistenceGet([]byte(visits))
	if err != nil {
		return 0, err
	}
	// Nothing is stored before the first visit.
	count, _ := strconv.Atoi(string(stored))
	count++
	return count, core.PersistenceSet([]byte(visits), []byte(strconv.Itoa(count)))
}

package main

import (
	"encoding/json"
	"fmt"
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

// handle is the start function: it has the request in the input buffer and writes the answer to the
// output buffer. What it returns, from 100 to 599, is the http status.
//
//go:wasmexport handle
func handle() uint32 {
	if err := greet(); err != nil {
		core.Log(3, fmt.Sprintf("the greeting failed: %v", err))
		return 500
	}
	return 200
}

func greet() error {
	headers, err := core.ReadExchangeBufferHeaders(core.GetInputBufferID())
	if err != nil {
		return err
	}
	// The plug /{{name}}/!who binds `who`, which arrives as a header.
	who := headers["x-moc-path-param-who"]
	if who == "" {
		who = "World"
	}
	count, err := countVisit()
	if err != nil {
		return err
	}
	answer, err := json.Marshal(Greeting{Message: "Hello, " + who + "!", Visits: count})
	if err != nil {
		return err
	}
	output := core.GetOutputBufferID()
	if err := core.WriteExchangeBufferHeader(output, "content-type", "application/json"); err != nil {
		return err
	}
	_, err = core.WriteExchangeBuffer(output, answer)
	return err
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

// Go wants it; a function that is called through its exports never runs it.
func main() {}

// Says hello, counts the words of its input with two goroutines, and reads the file that it is
// given, which may be a URL.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	fmt.Println("Hello from Go!")

	// stdin is the request's body.
	words := make(chan string)
	go func() {
		defer close(words)
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Split(bufio.ScanWords)
		for scanner.Scan() {
			words <- scanner.Text()
		}
	}()
	count := 0
	for range words {
		count++
	}
	fmt.Printf("The input has %d words.\n", count)

	if len(os.Args) > 1 {
		content, err := os.ReadFile(os.Args[1])
		if err != nil {
			// stderr is the function's log.
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Stdout.Write(content)
	}
}

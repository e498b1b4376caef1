// Judges an Ignition config on standard input by Ignition's own rules: a line for each mistake, nothing when it is well.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/coreos/ignition/v2/config"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, report, err := config.Parse(text)
	for _, entry := range report.Entries {
		fmt.Println(entry)
	}
	if err != nil && !report.IsFatal() {
		fmt.Println(err)
	}
}

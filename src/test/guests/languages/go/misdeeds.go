// Fails as Go programs do, as the request's path says.
package main

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"time"
	"unsafe"
)

var lent = map[uint32][]byte{}

//go:wasmexport alloc
func alloc(size uint32) uint32 {
	return lend(make([]byte, max(size, 1)))
}

//go:wasmexport dealloc
func dealloc(ptr, _ uint32) {
	delete(lent, ptr)
}

//go:wasmexport on_request_headers
func onRequestHeaders(ptr, size uint32) uint64 {
	event := lent[ptr][:size]
	is := func(path string) bool { return bytes.Contains(event, []byte(`"`+path+`"`)) }
	switch {
	case is("/panic"):
		panic("no rule for this")
	case is("/exit"):
		os.Exit(3)
	case is("/sleep"):
		time.Sleep(time.Minute)
	case is("/stdin"):
		input, err := io.ReadAll(os.Stdin)
		os.Stdout.WriteString("standard input is at its end\n")
		end := strconv.Itoa(len(input)) + " " + strconv.FormatBool(err == nil)
		result := []byte(`{"decision":"block","body":"stdin ` + end + `"}`)
		return uint64(lend(result))<<32 | uint64(len(result))
	}
	return 0
}

func lend(bytes []byte) uint32 {
	ptr := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes))))
	lent[ptr] = bytes
	return ptr
}

func main() {}

package main

import "unsafe"

// Whatever crosses the border is kept here until the host gives it back, so that the collector
// leaves it where it is.
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
	return answer(ptr, size, onRequest)
}

//go:wasmexport on_response_headers
func onResponseHeaders(ptr, size uint32) uint64 {
	return answer(ptr, size, onResponse)
}

func answer(ptr, size uint32, handler func(event) verdict) uint64 {
	output := decide(lent[ptr][:size], handler)
	return uint64(lend(output))<<32 | uint64(len(output))
}

func lend(bytes []byte) uint32 {
	ptr := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes))))
	lent[ptr] = bytes
	return ptr
}

// A library has no main, but the compiler wants one. The host calls _initialize instead.
func main() {}

package main

// #cgo LDFLAGS: -lopenblas
// #include <cblas.h>
import "C"

import "unsafe"

func coreName() string { return C.GoString(C.openblas_get_corename()) }

func setThreads(n int) { C.openblas_set_num_threads(C.int(n)) }

// sgemm is c = x·w in OpenBLAS, with matrices that lie as s says.
func sgemm(s shape, c, x, w []float32) {
	left, right := C.enum_CBLAS_TRANSPOSE(C.CblasNoTrans), C.enum_CBLAS_TRANSPOSE(C.CblasNoTrans)
	lda, ldb := s.k, s.n
	switch s.form {
	case "NT":
		right, ldb = C.CblasTrans, s.k
	case "TN":
		left, lda = C.CblasTrans, s.m
	}
	C.cblas_sgemm(C.CblasRowMajor, left, right, C.int(s.m), C.int(s.n), C.int(s.k),
		1, at(x), C.int(lda), at(w), C.int(ldb), 0, at(c), C.int(s.n))
}

// sgemv is the same for one row, as OpenBLAS's product of a matrix and a vector.
func sgemv(s shape, c, x, w []float32) {
	order, rows, cols := C.enum_CBLAS_TRANSPOSE(C.CblasTrans), s.k, s.n
	if s.form == "NT" {
		order, rows, cols = C.CblasNoTrans, s.n, s.k
	}
	C.cblas_sgemv(C.CblasRowMajor, order, C.int(rows), C.int(cols), 1, at(w), C.int(cols), at(x), 1, 0, at(c), 1)
}

func at(x []float32) *C.float { return (*C.float)(unsafe.Pointer(&x[0])) }

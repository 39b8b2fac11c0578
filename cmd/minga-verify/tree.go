package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
)

type hash = [32]byte

// leafSize is the number of bytes in every leaf of a blob but the last.
const leafSize = 1024

// blobName is the name of a blob and its size and lines: SHA-256 over 2, the size in 8
// bytes and the top of a binary tree over leaves of 1 KiB, as RFC 6962 builds it.
func blobName(r io.Reader) (name hash, size, lines int64, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	var (
		stack []hash // tops of full subtrees: the one of level l is there where bit l of count is set
		count uint64
		leaf  = make([]byte, 1, 1+leafSize)
		last  byte
	)
	for {
		n, err := io.ReadFull(in, leaf[1:1+leafSize])
		if n == 0 && err != nil && count > 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return name, 0, 0, err
		}
		for _, c := range leaf[1 : 1+n] {
			if c == '\n' {
				lines++
			}
			last = c
		}
		size += int64(n)
		stack = append(stack, sha256.Sum256(leaf[:1+n]))
		count++
		for c := count; c&1 == 0; c >>= 1 {
			stack = append(stack[:len(stack)-2], joined(stack[len(stack)-2], stack[len(stack)-1]))
		}
		if err != nil {
			break
		}
	}
	if size > 0 && last != '\n' {
		lines++
	}
	top := stack[len(stack)-1]
	for i := len(stack) - 2; i >= 0; i-- {
		top = joined(stack[i], top)
	}
	return named(size, top), size, lines, nil
}

// valueName is the name of a blob of at most one leaf.
func valueName(content []byte) hash {
	return named(int64(len(content)), sha256.Sum256(append([]byte{0}, content...)))
}

func named(size int64, top hash) hash {
	b := binary.BigEndian.AppendUint64([]byte{2}, uint64(size))
	return sha256.Sum256(append(b, top[:]...))
}

func joined(left, right hash) hash {
	b := append([]byte{1}, left[:]...)
	return sha256.Sum256(append(b, right[:]...))
}

// leads tells whether a path shows leaf i of n to be under a root, in a tree that splits n
// leaves at the largest power of two below n.
func leads(leaf hash, i, n int, path [][]byte, root []byte) bool {
	top, ok := climb(leaf, i, n, path)
	return ok && string(top[:]) == string(root)
}

func climb(leaf hash, i, n int, path [][]byte) (hash, bool) {
	if i < 0 || i >= n || n == 1 {
		return leaf, i == 0 && n == 1 && len(path) == 0
	}
	if len(path) == 0 || len(path[len(path)-1]) != len(leaf) {
		return leaf, false
	}
	side, rest, k := hash(path[len(path)-1]), path[:len(path)-1], middle(n)
	if i < k {
		below, ok := climb(leaf, i, k, rest)
		return joined(below, side), ok
	}
	below, ok := climb(leaf, i-k, n-k, rest)
	return joined(side, below), ok
}

// pathLength is how many hashes lead from leaf i of n to the root.
func pathLength(i, n int) int {
	if n <= 1 {
		return 0
	}
	if k := middle(n); i < k {
		return 1 + pathLength(i, k)
	} else {
		return 1 + pathLength(i-k, n-k)
	}
}

// middle is the largest power of two below n, for n > 1.
func middle(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

package blob

import "golang.org/x/sys/cpu"

//go:generate go run -C ../tools ./hashgen -out ../blob/leaves_amd64.s -stubs ../blob/leaves_amd64.go -pkg blob

var (
	hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW
	hasSHA    = cpu.X86.HasSSSE3 && saysSHA()
)

// saysSHA asks for what package cpu does not: leaf 7, ebx, bit 29 (Intel's
// Software Developer's Manual, volume 2A).
func saysSHA() bool {
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false
	}
	_, ebx, _, _ := cpuid(7, 0)
	return ebx&(1<<29) != 0
}

// sumSome hashes as many of n messages as this machine does at once, and says
// how many: 0 if it does only one. All that is read is read before the first sum
// is written.
func sumSome(n int, sums, data *byte, blocks, tag uint32) int {
	switch {
	case hasAVX512 && n >= 16:
		sums16(sums, data, blocks, tag)
		return 16
	case hasSHA && n >= 2:
		sums2(sums, data, blocks, tag)
		return 2
	}
	return 0
}

// leafLanes hashes the first whole leaves of data and says how many.
func leafLanes(sums []Hash, data []byte) (done int) {
	n := len(data) / LeafSize
	for some := -1; some != 0 && done < n; done += some {
		some = sumSome(n-done, &sums[done][0], &data[done*LeafSize], LeafSize/64, leafTag)
	}
	return done
}

// nodeLanes replaces the first nodes of level by the hashes of their pairs and
// says how many.
func nodeLanes(level []Hash) (done int) {
	n := len(level) / 2
	for some := -1; some != 0 && done < n; done += some {
		some = sumSome(n-done, &level[done][0], &level[2*done][0], 1, nodeTag)
	}
	return done
}

// hasNaN tells whether one of xs is NaN.
func hasNaN(xs []float32) bool {
	if whole := len(xs) &^ 63; cpu.X86.HasAVX && whole > 0 {
		if unordered(whole, &xs[0]) {
			return true
		}
		xs = xs[whole:]
	}
	return slowHasNaN(xs)
}

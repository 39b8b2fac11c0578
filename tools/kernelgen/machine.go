package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// cpuid asks the processor what it is.
func cpuid() {
	TEXT("cpuid", NOSPLIT, "func(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)")
	Doc("cpuid is the CPUID instruction.")
	Load(Param("leaf"), reg.EAX)
	Load(Param("subleaf"), reg.ECX)
	CPUID()
	Store(reg.EAX, Return("eax"))
	Store(reg.EBX, Return("ebx"))
	Store(reg.ECX, Return("ecx"))
	Store(reg.EDX, Return("edx"))
	RET()
}

// xgetbv asks which registers the operating system saves.
func xgetbv() {
	TEXT("xgetbv", NOSPLIT, "func() (eax uint32)")
	Doc("xgetbv is the low half of extended control register 0.")
	XORL(reg.ECX, reg.ECX)
	XGETBV()
	Store(reg.EAX, Return("eax"))
	RET()
}

// peak is a loop of independent FMA chains, enough to hide the latency.
func peak(s simd, chains int) {
	TEXT("peak"+s.name, NOSPLIT, "func(n int)")
	Doc("peak" + s.name + " does n rounds of " + strconv.Itoa(chains) + " independent vector FMAs.")
	n := Load(Param("n"), GP64())
	x := s.zero()
	acc := make([]reg.VecVirtual, chains)
	for i := range acc {
		acc[i] = s.zero()
	}
	Label("round")
	for i := range acc {
		VFMADD231PS(x, x, acc[i])
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}

package kernel

// The functions of this file are the single steps of the fold rule, wherever a
// step is more than one + − × ÷ or FMA32. The references of the operators call
// them, and so does whoever executes one step alone; the fast loops repeat them
// and are tested against the references.

// Larger is a step of a row's maximum, which begins at −Inf. A NaN is never
// larger, so it is passed over (the sum of exponentials that follows is NaN
// then), and a largest element of −0 is given as +0.
func Larger(largest, x float32) float32 {
	if x > largest {
		largest = x
	}
	return largest + 0
}

// Probability is an element of a softmax, from the inner values of its row.
func Probability(x, largest, sum float32) float32 { return Exp(x-largest) / sum }

// AttentionScale is 1/√hd.
func AttentionScale(hd int) float32 { return 1 / Sqrt(float32(hd)) }

// ScoreGrad is an element of AttentionGrad's dscore.
func ScoreGrad(prob, dprob, dot, scale float32) float32 {
	return float32(float32(prob*float32(dprob-dot)) * scale)
}

// InverseRMS is RMSNorm's rinv for a row's sum of squares.
func InverseRMS(squares float32, d int, eps float32) float32 {
	return 1 / Sqrt(squares/float32(d)+eps)
}

// Normed is an element of RMSNorm's y.
func Normed(x, rinv, gain float32) float32 { return float32(float32(x*rinv) * gain) }

// NormSlope is the c of RMSNormGrad, in an order of factors that stays in range.
func NormSlope(dot, rinv float32, d int) float32 {
	return float32(float32(float32(dot*rinv)*rinv) / float32(d) * rinv)
}

// NormDot is a term of RMSNormGrad's dot.
func NormDot(dy, gain, x float32) float32 { return float32(float32(dy*gain) * x) }

// NormGrad is an element of RMSNormGrad's dx.
func NormGrad(dy, gain, rinv, x, slope float32) float32 {
	return float32(float32(dy*gain)*rinv) - float32(x*slope)
}

// GainGrad is a term of RMSNormGrad's dgain.
func GainGrad(dy, x, rinv float32) float32 { return float32(dy * float32(x*rinv)) }

// RopeAngle is RopeTable's angle of pair i of a head of width hd.
func RopeAngle(position, i, hd int, theta float32) float32 {
	frequency := Exp(-float32(float32(2*i) / float32(hd) * Log(theta)))
	return float32(float32(position) * frequency)
}

// Rotate turns a pair as Rope does.
func Rotate(x0, x1, cos, sin float32) (y0, y1 float32) {
	return float32(x0*cos) - float32(x1*sin), float32(x0*sin) + float32(x1*cos)
}

// SwiGLU is an element of the operator.
func SwiGLU(gate, up float32) float32 {
	return float32(float32(gate*sigmoid(gate)) * up)
}

// SwiGLUGrad is an element of both gradients.
func SwiGLUGrad(dy, gate, up float32) (dgate, dup float32) {
	s := sigmoid(gate)
	dgate = float32(float32(dy*up) * float32(s*(1+float32(gate*(1-s)))))
	return dgate, float32(dy * float32(gate*s))
}

func sigmoid(g float32) float32 { return 1 / (1 + Exp(-g)) }

// Loss is CrossEntropy's of a row, from the logit of its target.
func Loss(logit, largest, sum float32) float32 { return Log(sum) - (logit - largest) }

// LossGrad is an element of CrossEntropyGrad.
func LossGrad(logit, largest, sum float32, isTarget bool, scale float32) float32 {
	p := Probability(logit, largest, sum)
	if isTarget {
		p -= 1
	}
	return float32(p * scale)
}

// Clip is ClipScale for the sum of all sums of squares.
func Clip(squares, limit float32) float32 {
	if s := limit / Sqrt(squares); limit > 0 && s < 1 {
		return s
	}
	return 1
}

// BiasCorrection is 1/(1−βᵗ) with t = step+1.
func BiasCorrection(beta float32, step int) float32 { return 1 / (1 - power(beta, step+1)) }

// power is xⁿ by squaring, from the lowest bit of n on.
func power(x float32, n int) float32 {
	y := float32(1)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y = float32(y * x) // not to be fused with the caller's −
		}
		x = float32(x * x)
	}
	return y
}

// Clipped is a gradient after ClipScale.
func Clipped(g, clip float32) float32 { return float32(g * clip) }

// FirstMoment is AdamW's m after the clipped gradient g.
func FirstMoment(m, g, beta float32) float32 { return float32(beta*m) + float32((1-beta)*g) }

// SecondMoment is AdamW's v after the clipped gradient g.
func SecondMoment(v, g, beta float32) float32 {
	return float32(beta*v) + float32(float32((1-beta)*g)*g)
}

// Direction is where AdamW goes from its moments, before the rate and decay.
func Direction(m, v, correct1, correct2, eps float32) float32 {
	return float32(m*correct1) / (Sqrt(float32(v*correct2)) + eps)
}

// Moved is AdamW's p after a step along u.
func Moved(p, u, rate, decay float32) float32 {
	return p - float32(rate*(u+float32(decay*p)))
}

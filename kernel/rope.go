package kernel

// RopeTable writes the rotations of rotary positions (Su et al., 2021) to cos and
// sin, each (rows, hd/2): row r, pair i is the angle
// (start+r)·theta^(−2i/hd), with the power as Exp(−(2i/hd)·Log(theta)).
func (b *Backend) RopeTable(cos, sin []float32, start, rows, hd int, theta float32) {
	half := hd / 2
	cos, sin = shaped(cos, rows, half), shaped(sin, rows, half)
	b.parallel(rows, rowGrain(costlyGrain, half), func(_, lo, hi int) {
		for i := range half {
			for r := lo; r < hi; r++ {
				angle := RopeAngle(start+r, i, hd, theta)
				cos[r*half+i], sin[r*half+i] = Cos(angle), Sin(angle)
			}
		}
	})
}

// Rope rotates the pairs (2i, 2i+1) of each head of x (batch·t, heads·hd) by the
// angles in the tables' row of its position, 0 ≤ position < t:
//
//	y₂ᵢ = x₂ᵢ·cos − x₂ᵢ₊₁·sin    y₂ᵢ₊₁ = x₂ᵢ·sin + x₂ᵢ₊₁·cos
//
// Pairs are neighbours, as in llama.cpp's llama architecture. y may be x.
func (b *Backend) Rope(y, x, cos, sin []float32, batch, t, heads, hd int) {
	b.rotate(y, x, cos, sin, batch, t, heads, hd, 1)
}

// RopeGrad writes the gradient of Rope to dx: the rotation by the opposite angle.
func (b *Backend) RopeGrad(dx, dy, cos, sin []float32, batch, t, heads, hd int) {
	b.rotate(dx, dy, cos, sin, batch, t, heads, hd, -1)
}

// rotate is Rope with sin multiplied by sign.
func (b *Backend) rotate(y, x, cos, sin []float32, batch, t, heads, hd int, sign float32) {
	half := hd / 2
	y, x = shaped(y, batch, t, heads, hd), shaped(x, batch, t, heads, hd)
	cos, sin = shaped(cos, t, half), shaped(sin, t, half)
	if b.reference {
		for i := 0; i < len(y); i += 2 {
			at := i/(heads*hd)%t*half + i%hd/2
			y[i], y[i+1] = Rotate(x[i], x[i+1], cos[at], sign*sin[at])
		}
		return
	}
	b.parallel(batch*t, rowGrain(cheapGrain, heads*hd), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			at := r % t * half
			b.rotateRow(y[r*heads*hd:(r+1)*heads*hd], x[r*heads*hd:(r+1)*heads*hd], cos[at:at+half], sin[at:at+half], sign)
		}
	})
}

// rotateRow rotates all heads of a row.
func (b *Backend) rotateRow(y, x, cos, sin []float32, sign float32) {
	x, sin = x[:len(y)], sin[:len(cos)]
	for len(y) > 0 {
		n := b.rotateVectors(y, x, cos, sin, sign)
		if n == len(cos) {
			return // with the other heads
		}
		for i := n; i < len(cos); i++ {
			c, s := cos[i], sign*sin[i]
			p, q := (*[2]float32)(x[2*i:]), (*[2]float32)(y[2*i:])
			u, v := p[0], p[1]
			q[0], q[1] = float32(u*c)-float32(v*s), float32(u*s)+float32(v*c)
		}
		y, x = y[2*len(cos):], x[2*len(cos):]
	}
}

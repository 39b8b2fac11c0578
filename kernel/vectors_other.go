//go:build !amd64

package kernel

// There are no generated loops for this machine: the portable ones do all.

func (b *Backend) expSumVectors(l *lanes, y, x []float32, largest float32) int       { return 0 }
func (b *Backend) expScaledVectors(y, x []float32, largest, sum, scale float32) int  { return 0 }
func (b *Backend) divideVectors(y []float32, s float32) int                          { return 0 }
func (b *Backend) maxVectors(l *lanes, x []float32) int                              { return 0 }
func (b *Backend) dotVectors(l *lanes, x, y []float32) int                           { return 0 }
func (b *Backend) dotThreeVectors(l *lanes, x, gain, z []float32) int                { return 0 }
func (b *Backend) swigluVectors(y, gate, up []float32) int                           { return 0 }
func (b *Backend) swigluGradVectors(dgate, dup, dy, gate, up []float32) int          { return 0 }
func (b *Backend) adamwVectors(p, m, v, g []float32, s *adamStep) int                { return 0 }
func (b *Backend) normRowVectors(y, x, gain []float32, s float32) int                { return 0 }
func (b *Backend) normGradRowVectors(dx, dy, gain, x []float32, rinv, c float32) int { return 0 }
func (b *Backend) normGainRowVectors(dgain, dy, x []float32, rinv float32) int       { return 0 }
func (b *Backend) addVectors(y, a, x []float32) int                                  { return 0 }
func (b *Backend) multiplyVectors(y []float32, s float32) int                        { return 0 }
func (b *Backend) softmaxGradVectors(ds, p, dp []float32, dot, scale float32) int    { return 0 }
func (b *Backend) rotateVectors(y, x, cos, sin []float32, sign float32) int          { return 0 }

func (b *Backend) vectors(int) int { return 0 }

// Nothing calls these where vectors is 0.

func (b *Backend) softmaxScoresVectors([]float32, int, float32) (largest, sum float32) { return }
func (b *Backend) scoresGradVectors(ds, p, dp []float32, last int, s float32) float32  { return 0 }

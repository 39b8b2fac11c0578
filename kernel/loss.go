package kernel

// CrossEntropy writes −log softmax(logits)[target] of each row of logits (rows, vocab)
// to loss (rows), with the inner values max and sum (rows each) of softmax:
//
//	loss = Log(sum) − (logits[target] − max)
func (b *Backend) CrossEntropy(loss, max, sum, logits []float32, targets []int32, rows, vocab int) {
	loss, max, sum = shaped(loss, rows), shaped(max, rows), shaped(sum, rows)
	logits, targets = shaped(logits, rows, vocab), shaped(targets, rows)
	if b.reference {
		for r := range rows {
			row := logits[r*vocab : (r+1)*vocab]
			max[r] = rowMax(row)
			sum[r] = sumOf(vocab, func(i int) float32 { return Exp(row[i] - max[r]) })
			loss[r] = Loss(row[targets[r]], max[r], sum[r])
		}
		return
	}
	b.parallel(rows, rowGrain(costlyGrain, vocab), func(worker, lo, hi int) {
		unused := b.buffer(worker, vocab)
		for r := lo; r < hi; r++ {
			row := logits[r*vocab : (r+1)*vocab]
			max[r] = b.rowMax(row)
			sum[r] = b.expSum(unused, row, max[r])
			loss[r] = Loss(row[targets[r]], max[r], sum[r])
		}
	})
}

// CrossEntropyGrad writes the gradient of scale·Σ loss to dlogits (rows, vocab), which
// may be logits, from CrossEntropy's max and sum:
//
//	p = e^(logits−max) / sum    dlogits = p·scale, and (p−1)·scale at the target
func (b *Backend) CrossEntropyGrad(dlogits, logits, max, sum []float32, targets []int32, rows, vocab int,
	scale float32) {
	dlogits, logits = shaped(dlogits, rows, vocab), shaped(logits, rows, vocab)
	max, sum, targets = shaped(max, rows), shaped(sum, rows), shaped(targets, rows)
	if b.reference {
		for r := range rows {
			for i := range vocab {
				dlogits[r*vocab+i] = LossGrad(logits[r*vocab+i], max[r], sum[r], i == int(targets[r]), scale)
			}
		}
		return
	}
	b.parallel(rows, rowGrain(costlyGrain, vocab), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			row := logits[r*vocab : (r+1)*vocab]
			out := dlogits[r*vocab : (r+1)*vocab]
			target := targets[r]
			atTarget := LossGrad(row[target], max[r], sum[r], true, scale)
			b.expScaled(out, row, max[r], sum[r], scale)
			out[target] = atTarget
		}
	})
}

// expScaled writes (e^(x−largest)/sum)·s to y, which may be x.
func (b *Backend) expScaled(y, x []float32, largest, sum, s float32) {
	y = y[:len(x)]
	for i := b.expScaledVectors(y, x, largest, sum, s); i < len(x); i++ {
		y[i] = expScale(expReduce(x[i]-largest)) / sum * s
	}
}

package job

// Proof is how a claim is shown to be true.
type Proof string

// The proofs.
const (
	ProofReferee Proof = "referee" // a dispute comes down to one scalar step, which the chain executes
	ProofQuorum  Proof = "quorum"  // a majority of the checkers decides
	ProofNone    Proof = "none"    // nobody checks: the claim is paid after its window
)

// checkProof wants the terms to have what the proof needs.
func checkProof(t Terms) error {
	switch {
	case t.Proof != ProofReferee && t.Proof != ProofQuorum && t.Proof != ProofNone:
		return ErrTerms.Wrapf("proof %.20q: give %s, %s or %s", t.Proof, ProofReferee, ProofQuorum, ProofNone)
	case (t.Proof == ProofReferee) != (len(t.Task) > 0):
		return ErrTerms.Wrapf("proof %s and a task of %d bytes: proof %s needs a task, others have none", t.Proof,
			len(t.Task), ProofReferee)
	case t.Proof == ProofQuorum && t.Checkers == 0:
		return ErrTerms.Wrapf("proof %s without checkers: ask for 1 checker or more", t.Proof)
	case t.Proof == ProofNone && t.Checkers != 0:
		return ErrTerms.Wrapf("proof %s and %d checkers: nobody checks by this proof, ask for none", t.Proof, t.Checkers)
	}
	return nil
}

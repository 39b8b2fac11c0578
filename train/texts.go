package train

// Texts are what a job trains on of each of its datasets, in the order of the Spec: what is
// left without that which repeats an earlier text, and without a share that is held out to
// validate on. Of the data it needs the datasets and the Spec's own text to validate on, if
// there is one. Errors wrap ErrSpec and ErrData.
func Texts(s *Spec, data []Data) ([][]byte, error) {
	c := &corpus{}
	err := c.split(s, data)
	return c.texts, err
}

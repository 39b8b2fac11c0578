package client

import "testing"

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]string{
		"10MINGA": "10000000", "0.5MINGA": "500000", "0.000001MINGA": "1", "3uminga": "3", "0uminga": "0",
	} {
		got, err := ParseAmount(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "10", "MINGA", "uminga", "-1MINGA", "-1uminga", "1.5uminga", "0.0000001MINGA",
		"1 MINGA",
		"99999999999999999999MINGA", "99999999999999999999999uminga", "1e3MINGA", "10minga"} {
		if got, err := ParseAmount(text); err == nil {
			t.Errorf("%q: got %s, want a refusal", text, got)
		}
	}
}

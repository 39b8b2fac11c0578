package daemon

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Counters of this process, in the default registry.
var (
	worked = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_worker_jobs_total", Help: "Jobs and checks worked on, by role and what became of them.",
	}, []string{"role", "outcome"})
	units = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_worker_units_total", Help: "Units (tokens) of work done, by role.",
	}, []string{"role"})
	asked = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_worker_asked_total",
		Help: "Jobs and checkers' seats asked for, by role and the chain's answer: " +
			"granted, turn (another's), gone (another was faster), unfit, failed.",
	}, []string{"role", "answer"})
	refusals = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_worker_refusals_total",
		Help: "Jobs and checks left alone, by reason (docs/jobs.md); `minga worker status` has each.",
	}, []string{"reason"})
)

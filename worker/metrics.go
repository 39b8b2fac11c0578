package worker

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
	refusals = promauto.NewCounter(prometheus.CounterOpts{
		Name: "minga_worker_refusals_total", Help: "Open jobs not taken because their spec is bad; the log has each reason.",
	})
)
